"""The structure of a branch as it was read, and reading again only what the steps of a statement may have changed.

Reading the whole catalogue takes DuckDB longer than most statements that change it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from helios_magic.engine import catalog
from helios_magic.schema import Schema

_OWN_TABLE = re.compile(r'\b_helios"?\."?(\w+)')
_STATEMENT = re.compile(
    r"\s*(?:(?P<rows>INSERT|UPDATE|DELETE)\b|(?P<index>CREATE (?:UNIQUE )?INDEX|DROP INDEX)\b"
    r"|(?P<comment>COMMENT ON)\b|(?P<table>(?:CREATE (?:OR REPLACE )?|ALTER |DROP )(?:TABLE|VIEW))\b)"
)
_CHANGED = {
    "rows": frozenset[str](),
    "index": frozenset[str](),
    "comment": frozenset({"duckdb_columns", "duckdb_tables"}),
    "table": frozenset({"duckdb_columns", "duckdb_tables", "duckdb_constraints"}),
}
"""What a statement of each kind changes in DuckDB's catalogue; one of no known kind may change all of it."""


@dataclass(frozen=True, slots=True)
class Structure:
    """A branch's structure, and the rows of its catalogue that say so."""

    schema: Schema
    rows: catalog.Rows

    @classmethod
    def read(cls, ask: catalog.Ask, database: str | None) -> Structure:
        """The whole of it, as `ask` sees it now."""
        rows = catalog.rows_of(ask, catalog.PARTS)
        return cls(catalog.assembled(rows, database), rows)

    def after(self, steps: Iterable[str], ask: catalog.Ask) -> Structure:
        """What it is after these steps have run: all that changes it is in their text."""
        changed = frozenset[str]().union(*map(changed_parts, steps))
        rows = {**self.rows, **catalog.rows_of(ask, sorted(changed))}
        return Structure(catalog.assembled(rows, self.schema.database), rows)


def changed_parts(step: str) -> frozenset[str]:
    """The parts of the catalogue (`catalog.PARTS`) that a step may change."""
    named = catalog.OWN.keys() & set(_OWN_TABLE.findall(step))
    kind = _STATEMENT.match(step)
    native = _CHANGED[kind.lastgroup] if kind is not None and kind.lastgroup else frozenset(catalog.NATIVE)
    return native | named
