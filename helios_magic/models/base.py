"""What every model of the contract is made of."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import msgspec

#: A JSON object whose inside is not ours to describe.
JsonObject = dict[str, Any]
#: A moment, UTC; on the wire `2025-12-16T00:00:00Z`.
Timestamp = Annotated[dt.datetime, msgspec.Meta(tz=True, description="A moment in UTC, ISO 8601 with `Z`.")]


class Request(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A request body.  Unknown fields are refused: a misspelt option must not be silently ignored."""


class Response(msgspec.Struct, kw_only=True):
    """The `data` of an answer.  A client skips fields it does not know: a later server may send more."""
