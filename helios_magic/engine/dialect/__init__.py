"""PostgreSQL read, checked and rewritten as DuckDB."""

from __future__ import annotations

from helios_magic.engine.dialect.pipeline import prepare
from helios_magic.engine.dialect.prepared import Prepared, TableName

__all__ = ["Prepared", "TableName", "prepare"]
