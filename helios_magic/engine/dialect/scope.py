"""Names in reach of an expression: the columns of FROM, of the queries around it, and WITH."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from helios_magic.engine.dialect.failures import UNDEFINED_COLUMN, UNDEFINED_TABLE, Refusal, nearest
from helios_magic.schema import Table


@dataclass(slots=True)
class Field:
    """A column in reach; `printed` is its name in the DuckDB text, `type` PostgreSQL's."""

    name: str
    type: str
    printed: str = ""
    exact_scale: bool = False
    """A numeric whose scale in DuckDB is PostgreSQL's."""

    def __post_init__(self) -> None:
        self.printed = self.printed or self.name


class Stored(list[Field]):
    """The columns of a WITH name whose rows are kept in a temporary table."""

    def __init__(self, fields: list[Field], table: str) -> None:
        super().__init__(fields)
        self.table = table


@dataclass(slots=True)
class Source:
    """One item of FROM."""

    alias: str
    fields: list[Field]
    table: Table | None = None
    printed: str = ""
    hidden: set[str] = field(default_factory=set)
    """Columns that a USING or NATURAL join has merged into those of an earlier item."""
    scalar: bool = False
    """A function of one column: its alias names the value as well as the row."""

    def __post_init__(self) -> None:
        self.printed = self.printed or self.alias

    def find(self, name: str) -> Field | None:
        return next((f for f in self.fields if f.name == name), None)


@dataclass(slots=True)
class Scope:
    """What a query can name.  `outer` is the query around it; `ctes` the WITH names in reach."""

    outer: Scope | None = None
    ctes: dict[str, list[Field]] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)
    merged: dict[str, tuple[exp.Expression, str]] = field(default_factory=dict)
    """Columns of a USING join, by name: the value that stands for both sides, and its type."""
    merged_at: dict[str, int] = field(default_factory=dict)
    """Per merged column the first source of its join tree."""
    aggregates: bool = True
    windows: dict[str, exp.Expression] = field(default_factory=dict)
    clause: str = ""
    """The clause that is being resolved, where it has no room for aggregates or window functions."""

    def cte(self, name: str) -> list[Field] | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.ctes:
                return scope.ctes[name]
            scope = scope.outer
        return None

    def around(self) -> Iterator[Scope]:
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.outer

    def source(self, alias: str) -> Source | None:
        for scope in self.around():
            for source in scope.sources:
                if source.alias == alias:
                    return source
        return None

    def column(
        self, name: str, table: str | None, place: int | None
    ) -> tuple[Source, Field] | tuple[None, tuple[exp.Expression, str]]:
        """The column a name means.  Raises `Refusal` 42703, 42702 or 42P01, each with a hint where one is near."""
        if table is not None:
            return self._qualified(name, table, place)
        for scope in self.around():
            found = [(s, f) for s in scope.sources for f in s.fields if f.name == name and name not in s.hidden]
            if name in scope.merged and not found:
                return None, scope.merged[name]
            if name in scope.merged:
                raise Refusal("42702", f'column reference "{name}" is ambiguous', place=place)
            if len(found) > 1:
                raise Refusal(
                    "42702",
                    f'column reference "{name}" is ambiguous',
                    place=place,
                    hint=f"Say which: {found[0][0].alias}.{name} or {found[1][0].alias}.{name}?",
                )
            if found:
                return found[0]
        raise Refusal(UNDEFINED_COLUMN, f'column "{name}" does not exist', place=place, hint=self._near(name))

    def _qualified(self, name: str, table: str, place: int | None) -> tuple[Source, Field]:
        source = self.source(table)
        if source is None:
            aliases = [s.alias for scope in self.around() for s in scope.sources]
            hidden = [s.alias for scope in self.around() for s in scope.sources if s.table and s.table.name == table]
            if hidden:
                raise Refusal(
                    UNDEFINED_TABLE,
                    f'invalid reference to FROM-clause entry for table "{table}"',
                    place=place,
                    hint=f'Perhaps you meant to reference the table alias "{hidden[0]}".',
                )
            renamed = [s for scope in self.around() for s in scope.sources if s.table and s.table.name == table]
            if renamed:
                raise Refusal(
                    UNDEFINED_TABLE,
                    f'invalid reference to FROM-clause entry for table "{table}"',
                    place=place,
                    hint=f'Perhaps you meant to reference the table alias "{renamed[0].alias}".',
                )
            raise Refusal(
                UNDEFINED_TABLE,
                f'missing FROM-clause entry for table "{table}"',
                place=place,
                hint=nearest(table, aliases),
            )
        found = source.find(name)
        if found is None:
            raise Refusal(
                UNDEFINED_COLUMN,
                f"column {table}.{name} does not exist",
                place=place,
                hint=nearest(name, [f.name for f in source.fields]),
            )
        return source, found

    def _near(self, name: str) -> str | None:
        return nearest(name, [f.name for scope in self.around() for s in scope.sources for f in s.fields])
