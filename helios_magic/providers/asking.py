"""Asking a service that speaks OpenAI's protocol: `POST {base URL}/{path}`, and why there is no answer.

What is asked goes there and nowhere else; the key is in no error and no representation.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Literal

import httpx
import msgspec

from helios_magic.settings import Secret

_CONNECT = 10.0
_SHOWN = 200


class NoAnswerError(Exception):
    """What the service did instead, as in “it did not answer in time”, and the setting to look at, if one is."""

    def __init__(self, what: str, *, setting: Literal["url", "key"] | None = None, status: int | None = None) -> None:
        super().__init__(what)
        self.what, self.setting, self.status = what, setting, status


@contextlib.contextmanager
def asking(
    url: str, path: str, key: Secret | None, *, patience: float = 60.0, largest: int
) -> Iterator[Callable[[Any], bytes]]:
    """A function from a body to the answer's bytes, at most `largest`, over one connection.

    `patience` is in seconds without a sign of life.  The function raises NoAnswerError.
    """
    headers = {} if key is None else {"Authorization": f"Bearer {key.reveal()}"}
    timeout = httpx.Timeout(patience, connect=min(_CONNECT, patience))
    with httpx.Client(timeout=timeout, headers=headers) as client:

        def ask(body: Any) -> bytes:
            status, read = _post(client, f"{url.rstrip('/')}/{path}", body, largest)
            if status in (401, 403):
                # What it says may quote a part of the key.
                raise NoAnswerError(f"refused the key ({status})", setting="key", status=status)
            if status != 200:
                said = _said(read)
                if key is not None:
                    said = said.replace(key.reveal(), "…")
                raise NoAnswerError(f"answered {status}{f': {said[:_SHOWN]}' if said else ''}", status=status)
            return read

        yield ask


def _post(client: httpx.Client, url: str, body: Any, largest: int) -> tuple[int, bytes]:
    try:
        with client.stream("POST", url, json=body) as answer:
            read = bytearray()
            for part in answer.iter_bytes():
                read += part
                if len(read) > largest:
                    raise NoAnswerError(f"answered more than {largest // 1_000_000} MB")
            return answer.status_code, bytes(read)
    except httpx.TimeoutException:
        raise NoAnswerError("did not answer in time") from None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise NoAnswerError(f"cannot be reached ({type(error).__name__})", setting="url") from None


def _said(read: bytes) -> str:
    """What the service said of its refusal, on one line."""
    try:
        body = msgspec.json.decode(read)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return ""
    error = body.get("error", body) if isinstance(body, dict) else body
    said = error.get("message", "") if isinstance(error, dict) else error
    return " ".join(str(said).split())
