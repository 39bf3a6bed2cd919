"""Every error a caller can meet, on one page.

::

    HeliosError
    ├── ApiError                     HeliosDB answered, and the answer is no (envelope `error`)
    │   ├── AuthenticationError      AUTH_REQUIRED      401
    │   │   └── TokenExpiredError    AUTH_EXPIRED       401
    │   ├── ForbiddenError           FORBIDDEN          403
    │   ├── NotFoundError            NOT_FOUND          404
    │   ├── ValidationError          VALIDATION_ERROR   400 (405, 413, 415 too)
    │   ├── QueryError               QUERY_ERROR        400
    │   │   ├── QueryTimeoutError    … reason "timeout"
    │   │   └── QueryCancelledError  … reason "cancelled"
    │   ├── QuotaExceededError       QUOTA_EXCEEDED     402
    │   ├── ConflictError                               409
    │   │   ├── AlreadyExistsError   ALREADY_EXISTS
    │   │   ├── MergeConflictError   MERGE_CONFLICT
    │   │   ├── NotFastForwardError  NOT_FAST_FORWARD
    │   │   └── HasChildrenError     HAS_CHILDREN
    │   ├── RateLimitedError         RATE_LIMITED       429
    │   ├── NotBuiltError            NOT_IMPLEMENTED    501
    │   └── ServerError              SERVER_ERROR       500, 503
    ├── ConnectionFailedError        nobody answered
    ├── UsageError                   a magic, a setting or an argument that cannot be understood
    └── StoreError                   the store's folder cannot be used
        ├── StoreInUseError
        └── StoreVersionError

The service raises these, the envelope carries them (`to_body`), the client raises them again (`from_body`):
one tree on both sides of the wire.  Codes and statuses: API reference, "Error Codes", and decisions.md,
"Envelope and errors".

A message states the cause in one line; `hint` states the mend.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

#: Draws a `HeliosError` as the lines a traceback would have had.  The display room supplies a richer one.
Renderer = Callable[["HeliosError"], list[str]]


def _plain(error: HeliosError) -> list[str]:
    return [error.message, *([error.hint] if error.hint else [])]


class HeliosError(Exception):
    """The root of the tree; everything that is not one of these is a bug and shows its full traceback.

    `message` is the cause, `hint` the mend (or None), `details` whatever a program may want to read.
    """

    #: How IPython shows these errors; set once by the magics.
    renderer: ClassVar[Renderer] = staticmethod(_plain)

    def __init__(self, message: str, *, hint: str | None = None, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details: dict[str, Any] = dict(details or {})
        if hint is not None:
            self.details["hint"] = hint

    @property
    def hint(self) -> str | None:
        hint = self.details.get("hint")
        return hint if isinstance(hint, str) else None

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}\n{self.hint}"

    def _render_traceback_(self) -> list[str]:
        """IPython's protocol: what is shown in the place of a traceback."""
        return type(self).renderer(self)


class ApiError(HeliosError):
    """HeliosDB's own refusal: `code`, `status`, and the `request_id` of the answer it came with."""

    code: ClassVar[str] = "SERVER_ERROR"
    default_status: ClassVar[int] = 500

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        details: Mapping[str, Any] | None = None,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, hint=hint, details=details)
        self.status = status or self.default_status
        #: Headers that belong to the refusal itself: `Allow`, `Retry-After`, `WWW-Authenticate`.
        self.headers: dict[str, str] = dict(headers or {})
        self.request_id: str | None = None

    def to_body(self) -> dict[str, Any]:
        """The envelope's `error` object: code, message, details."""
        return {"code": self.code, "message": self.message, "details": self.details}

    @staticmethod
    def from_body(
        status: int,
        body: Mapping[str, Any],
        *,
        request_id: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> ApiError:
        """The exception that an envelope's `error` object stands for; an unknown code becomes a `ServerError`."""
        details = body.get("details")
        details = dict(details) if isinstance(details, Mapping) else {}
        kind = _BY_CODE.get(str(body.get("code")), ServerError)
        if kind is QueryError:
            kind = _BY_REASON.get(str(details.get("reason")), QueryError)
        message = str(body.get("message") or f"the server answered {status} without a message")
        error = kind(message, details=details, status=status, headers=headers)
        error.request_id = request_id
        return error


class AuthenticationError(ApiError):
    """No token, or one that is not known."""

    code = "AUTH_REQUIRED"
    default_status = 401

    def __init__(self, message: str, **fields: Any) -> None:
        fields["headers"] = {"WWW-Authenticate": "Bearer", **(fields.get("headers") or {})}
        super().__init__(message, **fields)


class TokenExpiredError(AuthenticationError):
    """The token was good once; a refresh or a login makes another."""

    code = "AUTH_EXPIRED"


class ForbiddenError(ApiError):
    """The account is known, and may not do this."""

    code = "FORBIDDEN"
    default_status = 403


class NotFoundError(ApiError):
    """No such resource for this account."""

    code = "NOT_FOUND"
    default_status = 404


class ValidationError(ApiError):
    """The request itself is wrong; `details` names field, expected and got."""

    code = "VALIDATION_ERROR"
    default_status = 400


class QueryError(ApiError):
    """The SQL could not be run; `details` has sqlstate, position, line, column and, where there is one, hint."""

    code = "QUERY_ERROR"
    default_status = 400

    @property
    def sqlstate(self) -> str | None:
        state = self.details.get("sqlstate")
        return state if isinstance(state, str) else None

    @property
    def position(self) -> int | None:
        """1-based character in the query as it was sent."""
        position = self.details.get("position")
        return position if isinstance(position, int) else None


class QueryTimeoutError(QueryError):
    """The statement ran longer than its `timeout` and was stopped."""


class QueryCancelledError(QueryError):
    """The statement was stopped because its caller asked for it."""


class QuotaExceededError(ApiError):
    """The plan's limit is reached; `details` has resource, limit and current."""

    code = "QUOTA_EXCEEDED"
    default_status = 402


class ConflictError(ApiError):
    """The request is fine, and what is there already stands against it."""

    code = "ALREADY_EXISTS"
    default_status = 409


class AlreadyExistsError(ConflictError):
    """The name is taken."""


class MergeConflictError(ConflictError):
    """Both branches changed the same thing; `details` has the conflicts."""

    code = "MERGE_CONFLICT"


class NotFastForwardError(ConflictError):
    """The target branch has moved on since the source was made from it."""

    code = "NOT_FAST_FORWARD"


class HasChildrenError(ConflictError):
    """The branch has branches of its own; `details` names them."""

    code = "HAS_CHILDREN"


class RateLimitedError(ApiError):
    """Too many requests this minute; `retry_after` says when to come back."""

    code = "RATE_LIMITED"
    default_status = 429

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait, where the server said so."""
        for name, value in self.headers.items():
            if name.lower() == "retry-after" and value.isdigit():
                return float(value)
        return None


class NotBuiltError(ApiError):
    """The endpoint belongs to the contract and is not built here yet."""

    code = "NOT_IMPLEMENTED"
    default_status = 501


class ServerError(ApiError):
    """The server could not do its work; `details.reason` says why where it is known."""

    code = "SERVER_ERROR"
    default_status = 500


class ConnectionFailedError(HeliosError):
    """Nobody answered: refused, unreachable, or silent past the time allowed."""


class UsageError(HeliosError):
    """A magic, a setting or an argument that cannot be understood; the message names it and the known ones."""


class StoreError(HeliosError):
    """The store's folder cannot be used."""


class StoreInUseError(StoreError):
    """Another process owns the store; the message names it."""


class StoreVersionError(StoreError):
    """The store was written by a later version; the message names the one that reads it."""


_BY_CODE: dict[str, type[ApiError]] = {
    kind.code: kind
    for kind in (
        AuthenticationError,
        TokenExpiredError,
        ForbiddenError,
        NotFoundError,
        ValidationError,
        QueryError,
        QuotaExceededError,
        AlreadyExistsError,
        MergeConflictError,
        NotFastForwardError,
        HasChildrenError,
        RateLimitedError,
        NotBuiltError,
        ServerError,
    )
}
_BY_REASON: dict[str, type[QueryError]] = {"timeout": QueryTimeoutError, "cancelled": QueryCancelledError}
