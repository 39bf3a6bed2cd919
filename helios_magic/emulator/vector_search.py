"""API reference, `POST /vectors/search`; decisions.md, "Vectors"."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from helios_magic.emulator import rows
from helios_magic.emulator.request import Answer, Answerer, Request, Rooms
from helios_magic.engine.face import Limits, Search
from helios_magic.errors import ValidationError
from helios_magic.models.embedding import HASHING
from helios_magic.models.spaces import Space
from helios_magic.models.vectors import VectorSearchRequest, VectorSearchResult

_DECIMALS = 7
"""A float4 has no more."""
_SIMILARITY = "similarity"


def search(rooms: Rooms, request: Request) -> Answer:
    """Rows nearest to a text or a vector, best first; `meta` says how they were found."""
    body: VectorSearchRequest = request.body
    limits = Limits(cancellation=request.call.cancellation)
    vector, space, recorded = _vector(rooms, request, body)
    found = rooms.engine.search(
        request.database.id,
        body.branch,
        Search(
            body.table,
            body.embedding_column,
            vector,
            body.metric,
            body.limit,
            body.threshold,
            body.filter,
            body.columns,
            str(body.query) if body.mode == "hybrid" else None,
        ),
        limits,
    )
    if _SIMILARITY in found.rows.column_names:
        raise ValidationError(
            f"“{body.table}” has a column “{_SIMILARITY}” of its own, which the answer's would hide",
            hint="Name the columns to be answered, without that one.",
            details={"field": "columns", "expected": f"columns other than {_SIMILARITY}", "got": _SIMILARITY},
        )
    # Without columns a table has no rows either: none was named, or the vector is the only one there is.
    results = rows.to_objects(found.rows) if found.rows.column_names else [{} for _ in found.similarities]
    for row, similarity in zip(results, found.similarities, strict=True):
        row[_SIMILARITY] = round(similarity, _DECIMALS)
    meta: dict[str, Any] = {"index": found.index}
    if found.best is not None:
        meta["best_similarity"] = round(found.best, _DECIMALS)
    if space is not None:
        meta |= {"embedding_space": str(space), "embedded_by": space.model, "semantic": space.model != HASHING}
        # Without a record the model is only taken to be the column's: another one's vectors compare to nothing.
        meta["embedding_space_recorded"] = recorded
    return Answer(VectorSearchResult(results=results), meta=meta)


def _vector(rooms: Rooms, request: Request, body: VectorSearchRequest) -> tuple[Any, Space | None, bool]:
    """The vector to search by, its space where a text was embedded, and whether that is the column's by record."""
    if (body.query is UNSET) == (body.vector is UNSET):
        got = "neither" if body.query is UNSET else "both"
        raise ValidationError(
            f"a search needs “query”, a text, or “vector”, a list of numbers: one of the two, not {got}",
            details={"field": "query", "expected": "query or vector", "got": got},
        )
    if body.mode == "hybrid" and body.query is UNSET:
        raise ValidationError(
            "a hybrid search looks for words, too, so it needs “query”, a text",
            hint="Send the text, or search with mode vector.",
            details={"field": "query", "expected": "a text", "got": "a vector"},
        )
    if body.vector is not UNSET:
        return body.vector, None, False
    text = str(body.query)
    if not text.strip():
        raise ValidationError(
            "the query is empty",
            hint="Ask with at least one word.",
            details={"field": "query", "expected": "a text", "got": "an empty one"},
        )
    place = (request.database.id, body.branch, body.table, body.embedding_column)
    recorded = rooms.engine.space(*place)
    space = recorded or rooms.models.default(rooms.engine.dimensions(*place))
    return rooms.models.embedder(space)([text])[0], space, recorded is not None


ENDPOINTS: dict[str, Answerer] = {"search": search}
