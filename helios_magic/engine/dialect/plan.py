"""What resolving makes of a statement, before it is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.prepared import Kind

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


@dataclass(slots=True)
class Plan:
    """The steps, as trees or as DuckDB text, and what the caller must know of the result."""

    kind: Kind
    command: str
    steps: Sequence[exp.Expression | str]
    binder: Binder
    returns_rows: bool = False
    columns: Sequence[str | None] | None = None
    types: Sequence[str | None] | None = None
    after_writes: Sequence[str] = ()
