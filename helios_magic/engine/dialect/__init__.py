"""PostgreSQL read, checked and rewritten as DuckDB."""

from __future__ import annotations

from helios_magic.engine.dialect.compiled import refuse_compiled

refuse_compiled()

from helios_magic.engine.dialect.pipeline import prepare  # noqa: E402 - a compiled sqlglot fails when that is loaded
from helios_magic.engine.dialect.prepared import Prepared, TableName  # noqa: E402

__all__ = ["Prepared", "TableName", "prepare"]
