"""Where moments and identifiers come from; tests hand in their own."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable

#: Now, in UTC.
Clock = Callable[[], dt.datetime]
#: A fresh identifier for a prefix: `ids("usr")` → `usr_` and lower-case letters and digits.
Ids = Callable[[str], str]

_ALPHABET = b"0123456789abcdefghijklmnopqrstuvwxyz"
#: A character for every byte; four of them come up an eighth more often than the others.
_CHARACTERS = bytes(_ALPHABET[byte % len(_ALPHABET)] for byte in range(256))


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def random_id(prefix: str) -> str:
    """`<prefix>_` and 16 random characters of [0-9a-z], more than 82 bits."""
    return f"{prefix}_{secrets.token_bytes(16).translate(_CHARACTERS).decode('ascii')}"


def to_text(moment: dt.datetime) -> str:
    """How records keep a moment: UTC, fixed width, so that text order is time order."""
    return moment.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def from_text(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
