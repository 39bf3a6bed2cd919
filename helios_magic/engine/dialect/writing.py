"""What the parts of one statement that writes know of each other: what they change, and the rows as they were."""

from __future__ import annotations

from dataclasses import dataclass, field

from helios_magic.engine.dialect.prepared import Change
from helios_magic.engine.dialect.typed import quoted
from helios_magic.schema import Schema, Table

Name = tuple[str, str]
"""Schema and table."""


@dataclass(slots=True)
class Writing:
    """The temporary tables and changes of one statement.

    PostgreSQL shows all parts of a statement the rows from before it; DuckDB shows later steps what earlier ones did.
    So a table in `frozen` is read from a copy, which the first of `steps` makes.
    """

    changes: list[Change] = field(default_factory=list)
    frozen: set[Name] = field(default_factory=set)
    steps: list[str] = field(default_factory=list)
    tracked: frozenset[Name] = frozenset()
    """Tables that several parts write: each must tell which rows it wrote."""
    shared: bool = False
    """Whether the statement runs part by part: what one of them changes is told by its rows."""
    touched: dict[Name, list[str]] = field(default_factory=dict)
    """Per tracked table the change sets of earlier parts."""
    _snapshots: dict[Name, str] = field(default_factory=dict)
    _count: int = 0

    def temporary(self, what: str) -> str:
        """A name for a temporary table of this statement."""
        self._count += 1
        return f"_helios_{what}_{self._count}"

    def kept(self, schema: Schema, table: Table) -> str | None:
        """The temporary table to read instead of a table or view, where it changes under the statement."""
        if not self.frozen or not self._changes(schema, table, set()):
            return None
        name = (table.schema, table.name)
        if name not in self._snapshots:
            self._snapshots[name] = self.temporary("before")
            self.steps.append(
                create(self._snapshots[name], f"SELECT * FROM {quoted(table.schema)}.{quoted(table.name)}")
            )
        return self._snapshots[name]

    def _changes(self, schema: Schema, table: Table, seen: set[Name]) -> bool:
        name = (table.schema, table.name)
        if name in self.frozen:
            return True
        if name in seen:
            return False
        seen.add(name)
        read = (schema.table(label.partition(".")[2], label.partition(".")[0]) for label in table.reads)
        return any(self._changes(schema, below, seen) for below in read if below is not None)


def create(name: str, query: str) -> str:
    """The step that keeps a query's rows."""
    return f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS {query}"


def temporary(name: str) -> str:
    """A temporary table in FROM."""
    return f"temp.main.{quoted(name)}"
