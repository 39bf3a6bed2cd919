"""A change as rows: which rows of a table a statement changes, with their values before and after.

DuckDB's RETURNING knows neither the other tables of UPDATE … FROM nor the old values, its MERGE and its ON CONFLICT
know less than PostgreSQL's.  Such a statement is computed first, into a temporary table, from the rows as they are;
then it is applied by plain DELETE, UPDATE and INSERT, and what it returns is read from the temporary table.

The table has `_row` (the changed row's rowid), `_act` (INSERT, UPDATE, DELETE or NOTHING), `_at` (the order), `o0`,
`o1`, … (the columns before), `n0`, … (after), and `s0`, … (what the other sources of the statement say).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from helios_magic.engine.dialect import rowbyrow
from helios_magic.engine.dialect.pgtypes import base, duckdb_type
from helios_magic.engine.dialect.prepared import Change, TableName
from helios_magic.engine.dialect.scope import Field, Scope, Source
from helios_magic.engine.dialect.typed import Node, identifier, literal, quoted, typed
from helios_magic.engine.dialect.writing import create, temporary
from helios_magic.engine.sequences import drawn_from
from helios_magic.schema import Column, Table

if TYPE_CHECKING:
    from sqlglot import exp

    from helios_magic.engine.dialect.queries import Binder


def carrier(binder: Binder, column: Column) -> str:
    """The DuckDB type that a column's values have on their way."""
    plain = base(column.type)
    return duckdb_type(column.type if plain in ("numeric", "vector") else plain, binder.enums)


def default_text(binder: Binder, column: Column) -> str:
    """A column's default as DuckDB text of its type; what it draws from is noted."""
    binder.drawn |= {s.counter for s in drawn_from(column.default)}
    return f"CAST({column.default or 'NULL'} AS {carrier(binder, column)})"


def raising(condition: str, sqlstate: str, message: str) -> str:
    """A WHEN of a CASE that raises where a condition holds."""
    return f"WHEN {condition} THEN CAST(error({literal(f'[{sqlstate}] {message}')}) AS BOOLEAN)"


@dataclass(slots=True)
class ChangeSet:
    """The change of one table by one statement."""

    binder: Binder
    table: Table
    alias: str
    name: str = ""
    foreign: list[str] = field(default_factory=list)
    """What `s0`, … are, as DuckDB text where the rows are computed."""

    def __post_init__(self) -> None:
        self.name = self.binder.writing.temporary("change")

    @property
    def place(self) -> str:
        return f"{quoted(self.table.schema)}.{quoted(self.table.name)}"

    def keep(self, source: Scope) -> Scope:
        """The sources beside the target, as RETURNING sees them once the rows are kept."""
        kept = Scope(ctes=source.ctes, outer=source.outer, merged_at=source.merged_at)
        for other in source.sources:
            if other.table is self.table and other.alias == self.alias:
                continue
            fields = []
            for column in other.fields:
                fields.append(Field(column.name, column.type, f"s{len(self.foreign)}"))
                self.foreign.append(f"{quoted(other.printed)}.{quoted(column.printed)}")
            kept.sources.append(Source(other.alias, fields, other.table, "_c", set(other.hidden), scalar=other.scalar))
        for name, (value, kind) in source.merged.items():
            from helios_magic.engine.dialect.grammar import text

            kept.merged[name] = (self._column(f"s{len(self.foreign)}", kind), kind)
            self.foreign.append(text(value.copy()))
        return kept

    def _column(self, name: str, kind: str) -> exp.Expression:
        from sqlglot import exp

        return typed(exp.Column(this=identifier(name), table=identifier("_c")), kind)

    def target(self, prefix: str, alias: str, *, hidden: bool = False) -> Source:
        """The target's columns before (`o`), after (`n`) or as RETURNING means them (`r`)."""
        fields = [Field(c.name, c.type, f"{prefix}{i}") for i, c in enumerate(self.table.columns)]
        return Source(alias, fields, self.table, "_c", {c.name for c in self.table.columns} if hidden else set())

    def foreign_columns(self) -> list[str]:
        return [f"{value} AS s{i}" for i, value in enumerate(self.foreign)]

    def old_columns(self, alias: str, *, null_of: str | None = None) -> list[str]:
        """`o0`, …; NULL where the condition `null_of` holds."""
        listed = []
        for i, column in enumerate(self.table.columns):
            value = f"{quoted(alias)}.{quoted(column.name)}"
            listed.append(
                f"{value} AS o{i}" if null_of is None else f"CASE WHEN {null_of} THEN NULL ELSE {value} END AS o{i}"
            )
        return listed

    def with_generated(self, query: str) -> str:
        """The query with `n…` of generated columns made of the others."""
        generated = [(i, c) for i, c in enumerate(self.table.columns) if c.generated is not None]
        if not generated:
            return query
        plain = ", ".join(
            f"_i.n{i} AS {quoted(c.name)}" for i, c in enumerate(self.table.columns) if c.generated is None
        )
        made = ", ".join(
            f"CASE WHEN _i._act = 'DELETE' THEN NULL ELSE (SELECT CAST({c.generated} AS {carrier(self.binder, c)}) "
            f"FROM (SELECT {plain})) END AS n{i}"
            for i, c in generated
        )
        return f"SELECT _i.*, {made} FROM ({query}) AS _i"

    def steps(
        self,
        query: str,
        acts: Iterable[str],
        assigned: Sequence[str],
        inserted: Sequence[Column],
        *,
        in_order: bool = True,
    ) -> list[str]:
        """Compute, then apply; `in_order` where `_at` is the order in which PostgreSQL takes the rows."""
        self.binder.writing.touched.setdefault((self.table.schema, self.table.name), []).append(self.name)
        rows, made = temporary(self.name), [create(self.name, self.with_generated(query))]
        number = {column.name: i for i, column in enumerate(self.table.columns)}
        if "DELETE" in acts:
            made.append(f"DELETE FROM {self.place} WHERE rowid IN (SELECT _row FROM {rows} WHERE _act = 'DELETE')")
            self._note("delete")
        if "UPDATE" in acts and assigned:
            values = ", ".join(f"{quoted(name)} = _c.n{number[name]}" for name in assigned)
            if in_order:
                made += rowbyrow.among_rows(self.binder, self.table, rows, assigned)
            made.append(
                f"UPDATE {self.place} AS _t SET {values} FROM {rows} AS _c "
                f"WHERE _t.rowid = _c._row AND _c._act = 'UPDATE'"
            )
            self._note("update", assigned)
        if "INSERT" in acts:
            listed = ", ".join(quoted(c.name) for c in inserted)
            values = ", ".join(f"n{number[c.name]}" for c in inserted)
            made.append(
                f"INSERT INTO {self.place} ({listed}) SELECT {values} FROM {rows} WHERE _act = 'INSERT' ORDER BY _at"
            )
            self._note("insert")
        return made

    def _note(self, kind: str, columns: Sequence[str] = ()) -> None:
        name = TableName(self.table.schema, self.table.name)
        self.binder.writing.changes.append(Change(kind, name, tuple(columns), self.name))  # type: ignore[arg-type]

    def returned(self, values: Sequence[Node]) -> str:
        """What RETURNING answers, from the rows kept."""
        from helios_magic.engine.dialect.grammar import text

        current = ", ".join(
            f"CASE WHEN _act = 'DELETE' THEN o{i} ELSE n{i} END AS r{i}" for i in range(len(self.table.columns))
        )
        listed = ", ".join(text(value) for value in values)
        return (
            f"SELECT {listed} FROM (SELECT *, {current} FROM {temporary(self.name)}) AS _c "
            f"WHERE _c._act <> 'NOTHING' ORDER BY _c._at"
        )

    def counted(self) -> str:
        """How many rows were changed."""
        return f"SELECT count(*) FROM {temporary(self.name)} WHERE _act <> 'NOTHING'"

    def untouched(self, alias: str) -> str | None:
        """A condition for rows that no earlier part of the statement wrote: PostgreSQL passes over those."""
        earlier = self.binder.writing.touched.get((self.table.schema, self.table.name), ())
        key = self.table.primary_key
        number = {column.name: i for i, column in enumerate(self.table.columns)}
        parts = []
        for name in earlier:
            same = " AND ".join(f"_e.n{number[c]} = {quoted(alias)}.{quoted(c)}" for c in key)
            parts.append(f"NOT EXISTS (SELECT 1 FROM {temporary(name)} AS _e WHERE _e._act <> 'NOTHING' AND {same})")
        return " AND ".join(parts) or None
