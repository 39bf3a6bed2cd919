"""API reference, "Vector/AI Endpoints"; decisions.md, "Vectors"."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from helios_magic.models.base import JsonObject, Request, Response
from helios_magic.models.sql import BranchName

MOST_TEXTS = 2048
DEFAULT_MODEL = "openai/text-embedding-3-small"


class EmbedRequest(Request):
    """`POST /vectors/embed`"""

    texts: Annotated[list[str], Meta(min_length=1, max_length=MOST_TEXTS)]
    model: str = DEFAULT_MODEL


class Embeddings(Response):
    embeddings: list[list[float]]
    model: str
    dimensions: int


class VectorSearchRequest(Request):
    """`POST /vectors/search`: a text `query` or a `vector`, one of the two."""

    table: str
    embedding_column: str
    query: str | UnsetType = UNSET
    vector: list[float] | UnsetType = UNSET
    limit: Annotated[int, Meta(ge=1, le=1000)] = 10
    threshold: float | None = None
    metric: Literal["cosine", "l2", "inner_product"] = "cosine"
    filter: JsonObject | None = None
    columns: list[str] | None = None
    mode: Literal["vector", "hybrid"] = "vector"
    branch: BranchName = "main"


class VectorSearchResult(Response):
    """Each result is the row's own columns and `similarity`, best first."""

    results: list[JsonObject]
