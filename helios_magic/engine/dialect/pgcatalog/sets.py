"""Functions of the catalogues that return rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helios_magic.engine.dialect.typed import Node, sql

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_Column = tuple[str, str, Node]
NAMES = frozenset({"pg_partition_ancestors", "pg_partition_tree", "pg_available_extensions"})


def elements(binder: Binder, name: str, values: list[Node]) -> list[_Column]:
    """The columns: name, type and the expression that yields the values."""
    if name == "pg_available_extensions":
        listed = {"name": "vector", "default_version": "0.8.0", "installed_version": "0.8.0", "comment": "vectors"}
        kinds = {"name": "name"}
        made = []
        for column, text in listed.items():
            kind = kinds.get(column, "text")
            made.append((column, kind, sql("unnest({0})", sql(f"['{text}']", pg=f"{kind}[]"), pg=kind)))
        return made
    # No table is partitioned here.
    nothing = sql("CAST([] AS BIGINT[])", pg="regclass[]")
    return [("relid", "regclass", sql("unnest({0})", nothing, pg="regclass"))]
