"""The envelope around every answer (API reference, "Response Format")."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from helios_magic.models.base import JsonObject, Timestamp

#: The codes of the reference, then ours (decisions.md, "Envelope and errors"); `errors.py` has an exception for each.
ErrorCode = Literal[
    "AUTH_REQUIRED",
    "AUTH_EXPIRED",
    "FORBIDDEN",
    "NOT_FOUND",
    "VALIDATION_ERROR",
    "RATE_LIMITED",
    "QUERY_ERROR",
    "QUOTA_EXCEEDED",
    "SERVER_ERROR",
    "ALREADY_EXISTS",
    "MERGE_CONFLICT",
    "NOT_FAST_FORWARD",
    "HAS_CHILDREN",
    "NOT_IMPLEMENTED",
]


class Meta(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is said of the request itself.  `duration_ms` is the service's own time, the network excluded."""

    request_id: str
    duration_ms: float
    timestamp: Timestamp
    rows_examined: int | None = None
    """Rows read by the plan's scans; for `/sql` and `/sql/explain`."""
    generator: str | None = None
    """What made a schema (`catalogue`, `llm:<model>`); for `/schema/generate`."""
    model_failed: str | None = None
    """Why the catalogue made it where a model was to (added)."""
    embedded_by: str | None = None
    """The model that truly ran; for `/vectors/embed`."""
    emulated: bool | None = None
    """Whether it stood in for the one that was asked for."""
    semantic: bool | None = None
    """Whether texts of the same meaning are near; false for hashing, which only knows the words."""
    embedding_space: str | None = None
    embedding_space_recorded: bool | None = None
    """Whether a searched column is known to be of it; false: the model that fits its length was taken to be its own."""
    """The model and the dimensions of the vectors: what may be compared with them."""
    truncated_texts: int | None = None
    """How many texts were longer than the model reads; absent where the model does not tell."""
    index: str | None = None
    """How a search was answered; for `/vectors/search`."""
    best_similarity: float | None = None
    """The nearest row's, where none reached the threshold."""


class ErrorBody(msgspec.Struct, kw_only=True):
    """An error: a code of the contract, the cause in one line, and details for programs."""

    code: ErrorCode
    message: str
    details: JsonObject


class Success(msgspec.Struct, kw_only=True):
    """`{"success": true, "data": …, "meta": …}`"""

    success: Literal[True] = True
    data: Any
    meta: Meta


class Failure(msgspec.Struct, kw_only=True):
    """`{"success": false, "error": …, "meta": …}`"""

    success: Literal[False] = False
    error: ErrorBody
    meta: Meta
