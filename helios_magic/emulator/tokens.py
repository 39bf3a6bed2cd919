"""Bearer tokens: made, read from a header, judged."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping

from helios_magic.errors import AuthenticationError, TokenExpiredError
from helios_magic.store import Store, Token

LIFETIME = dt.timedelta(days=7)
#: How long after its end a token can still be refreshed.
REFRESHABLE = dt.timedelta(days=7)
#: How long a replaced token goes on, so that requests under way do not fail.
GRACE = dt.timedelta(seconds=30)
#: How long a dead token is remembered, to be told apart from one that never was.
REMEMBERED = dt.timedelta(days=30)

_SIGN_IN = "Send `Authorization: Bearer <token>`; POST /v1/auth/login answers one."


def new_token() -> str:
    return f"hdb_live_{secrets.token_urlsafe(32)}"


def bearer(headers: Mapping[str, str]) -> str:
    """The token a request brings.  Raises `AuthenticationError` when it brings none."""
    header = headers.get("authorization", "")
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        problem = "the Authorization header is not a bearer token" if header else "this request has no token"
        raise AuthenticationError(problem, hint=_SIGN_IN)
    return token.strip()


def known(store: Store, token: str) -> Token:
    """What the store knows of a token, alive or not.  Raises `AuthenticationError` for an unknown or revoked one."""
    found = store.accounts.token(token)
    if found is None:
        raise AuthenticationError("this token is not known here, or was revoked", hint=_SIGN_IN)
    return found


def authenticate(store: Store, headers: Mapping[str, str]) -> Token:
    """The living token of a request.  Raises `AuthenticationError` or `TokenExpiredError`."""
    token = known(store, bearer(headers))
    now = store.clock()
    if token.replaced_at is not None and now > token.replaced_at + GRACE:
        raise TokenExpiredError("this token was replaced by a refresh", hint="Use the newer one, or log in again.")
    if token.expires_at is not None and now >= token.expires_at:
        raise TokenExpiredError(
            f"this token ended at {token.expires_at:%Y-%m-%d %H:%M} UTC",
            hint="POST /v1/auth/refresh within 7 days of its end, or log in again.",
        )
    return token
