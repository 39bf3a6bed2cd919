"""The engine: the only room that knows DuckDB."""

from __future__ import annotations

from helios_magic.engine.engine import DuckDBEngine, open_engine

__all__ = ["DuckDBEngine", "open_engine"]
