"""The oracle's three-way merge, written from the contract alone ("Branches"): structure, rows, constraints.

What the contract leaves open is marked so: then a conflict that changes nothing is as good as the merge made here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.branching.model import Column, Row, Table, Version, View, converted, plain, violations


class RowConflict(NamedTuple):
    table: str
    kind: str
    key: tuple[tuple[str, Any], ...]
    columns: frozenset[str]
    sides: frozenset[tuple[str, Any, Any, Any]] = frozenset()
    """Column, and its value in base, target and source; None where there is no such row."""


Resolutions = Mapping[tuple[str, tuple[tuple[str, Any], ...], str | None], Any]
"""(Table, key, column or None) to "source", "target" or a value in a list."""


@dataclass
class Expected:
    """What a merge has to come to."""

    version: Version
    schema: list[str] = field(default_factory=list)
    rows: list[RowConflict] = field(default_factory=list)
    constraints: list[tuple[str, str]] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    @property
    def conflicts(self) -> bool:
        return bool(self.schema or self.rows or self.constraints)


class Merge:
    """One merge: `added` tells what a column that one side added holds in rows the other side inserted meanwhile,
    its first value (`start`) or its present default; the contract allows both."""

    def __init__(
        self, base: Version, target: Version, source: Version, strategy: str, resolutions: Resolutions, added: str
    ) -> None:
        self.base, self.target, self.source = base, target, source
        self.strategy, self.resolutions, self.added = strategy, resolutions, added
        self.result = Expected(Version())

    def run(self) -> Expected:
        done = self.result
        for id_ in dict.fromkeys([*self.base.tables, *self.target.tables, *self.source.tables]):
            self._table(self.base.tables.get(id_), self.target.tables.get(id_), self.source.tables.get(id_))
        self._named("views")
        self._named("indexes")
        self._consistent()
        if not done.schema:
            done.constraints = violations(done.version)
        return done

    # Structure

    def _table(self, base: Table | None, target: Table | None, source: Table | None) -> None:
        if target is None or source is None:
            self._one_sided(base, target, source)
            return
        table = deepcopy(target)
        name = self._three("table name", base and base.name, target.name, source.name)
        table.name = name
        if base is None and definition(target) != definition(source):
            self.result.schema.append(f"{name}: made differently on both sides")
            return
        if base is None and any(c.serial for c in table.columns.values()):
            table.counters = 2
        columns: dict[str, Column] = {}
        for id_ in dict.fromkeys([*(base.columns if base else ()), *target.columns, *source.columns]):
            merged = self._column(id_, base, target, source)
            if merged is not None:
                columns[id_] = merged
        table.columns = columns
        if len({c.name for c in columns.values()}) < len(columns):
            self.result.schema.append(f"{name}: two columns of one name")
        table.foreign_keys = [fk for fk in target.foreign_keys if fk in source.foreign_keys and fk.column in columns]
        if base is not None:
            made = [fk for fk in source.foreign_keys if fk not in base.foreign_keys]
            if made:
                raise AssertionError("no operation adds a foreign key")
        table.checks = {c: limit for c, limit in target.checks.items() if c in columns}
        if not columns or not set(table.key) <= set(columns):
            self.result.schema.append(f"{name}: no column is left, or a key's column is gone")
            return
        if not self.result.schema:
            self._rows(table, base, target, source)
        self.result.version.tables[table.id] = table

    def _one_sided(self, base: Table | None, target: Table | None, source: Table | None) -> None:
        kept = target if target is not None else source
        if kept is None:
            return
        if base is not None:  # dropped on one side
            if content(kept) != content(base):
                self.result.schema.append(f"{kept.name}: dropped here, written there")
            elif definition(kept) != definition(base):
                self.result.open.append(f"{kept.name}: dropped here, altered there")
            return
        self.result.version.tables[kept.id] = deepcopy(kept)

    def _column(self, id_: str, base: Table | None, target: Table, source: Table) -> Column | None:
        old = base.columns.get(id_) if base else None
        mine, theirs = target.columns.get(id_), source.columns.get(id_)
        if mine is None or theirs is None:
            kept, kept_in = (mine, target) if mine is not None else (theirs, source)
            if kept is None:
                return None
            if old is None:  # added on one side
                return deepcopy(kept)
            assert base is not None
            self._dropped(old, base, kept, kept_in)
            return None
        label = f"{target.name}.{mine.name}"
        if old is None and facts(mine) != facts(theirs):
            self.result.schema.append(f"{label}: added differently on both sides")
        merged = deepcopy(mine)
        if old is None:
            if plain(mine.start) != plain(theirs.start):
                self.result.open.append(f"{label}: two first values")
            return merged
        merged.name = self._three(f"{label} name", old.name, mine.name, theirs.name)
        merged.type = self._three(f"{label} type", old.type, mine.type, theirs.type)
        merged.nullable = self._three(f"{label} nullable", old.nullable, mine.nullable, theirs.nullable)
        defaults = [converted(c.default, c.type, merged.type) for c in (old, mine, theirs)]
        merged.default = self._three(f"{label} default", *defaults)
        merged.start = converted(mine.start, mine.type, merged.type)
        if merged.type != old.type and mine.type != theirs.type:
            self.result.open.append(f"{label}: another type on one side")
        return merged

    def _dropped(self, old: Column, base: Table, kept: Column, other: Table) -> None:
        label = f"{base.name}.{old.name}"
        if facts(old) != facts(kept) or old.name != kept.name:
            self.result.open.append(f"{label}: dropped here, altered there")
        if not base.key:
            if content(base) != content(other):
                self.result.open.append(f"{label}: dropped here, rows written there")
            return
        there = other.by_key()
        for key, row in base.by_key().items():
            if key in there and plain(there[key][old.id]) != plain(converted(row[old.id], old.type, kept.type)):
                self.result.schema.append(f"{label}: dropped here, edited there")
                return
        if set(there) - set(base.by_key()):
            self.result.open.append(f"{label}: dropped here, inserted there")

    def _three(self, what: str, base: Any, target: Any, source: Any) -> Any:
        if plain(target) == plain(source) or plain(source) == plain(base):
            return target
        if plain(target) == plain(base):
            return source
        self.result.schema.append(f"{what}: {base!r} became {target!r} and {source!r}")
        return target

    def _named(self, what: str) -> None:
        """Views and indexes: whole definitions by name."""
        base, target, source = (getattr(v, what) for v in (self.base, self.target, self.source))
        merged = getattr(self.result.version, what)
        for name in dict.fromkeys([*base, *target, *source]):
            sides = [base.get(name), target.get(name), source.get(name)]
            chosen = self._three(f"{what} {name}", *sides)
            if chosen is not None:
                merged[name] = deepcopy(chosen)

    def _consistent(self) -> None:
        """Nothing may refer to what is gone, and names are used once."""
        version = self.result.version
        for one in [*version.views.values(), *version.indexes.values()]:
            table = version.tables.get(one.table)
            used = one.used if isinstance(one, View) else set(one.columns)
            if table is None or not used <= set(table.columns):
                self.result.schema.append(f"{one.name}: what it refers to is gone")
        for view in version.views.values():
            sides = [v.tables.get(view.table) for v in (self.target, self.source)]
            if all(sides) and naming(sides[0]) != naming(sides[1]):
                self.result.open.append(f"{view.name}: names changed below a view")
        for index in version.indexes.values():
            sides = [v.tables.get(index.table) for v in (self.target, self.source)]
            if all(sides) and definition(sides[0]) != definition(sides[1]):
                self.result.open.append(f"{index.name}: structure changed below an index")
        for table in version.tables.values():
            for foreign in table.foreign_keys:
                if foreign.table not in version.tables:
                    self.result.schema.append(f"{table.name}: the table it refers to is gone")
        names = version.names()
        if len(set(names)) < len(names):
            self.result.schema.append("two things of one name")

    # Rows

    def _project(self, table: Table, side: Table, row: Row) -> Row:
        """A side's row in the merged shape."""
        shaped: Row = {}
        for column in table.columns.values():
            if column.id in side.columns:
                shaped[column.id] = converted(row[column.id], side.columns[column.id].type, column.type)
            else:
                shaped[column.id] = column.start
        return shaped

    def _rows(self, table: Table, base: Table | None, target: Table, source: Table) -> None:
        b = [self._project(table, base, r) for r in base.rows] if base else []
        t = [self._project(table, target, r) for r in target.rows]
        s = [self._project(table, source, r) for r in source.rows]
        self._inserted_meanwhile(table, base, target, source, t, s, b)
        self.unknown_to_source = [c for c in table.columns if c in target.columns and c not in source.columns]
        self.unknown_to_target = [c for c in table.columns if c in source.columns and c not in target.columns]
        table.rows = self._keyed(table, b, t, s) if table.key else self._multiset(table, b, t, s)

    def _inserted_meanwhile(
        self, table: Table, base: Table | None, target: Table, source: Table, t: list[Row], s: list[Row], b: list[Row]
    ) -> None:
        for column in table.columns.values():
            if plain(column.start) == plain(column.default) or (base and column.id in base.columns):
                continue
            for side, rows in ((target, t), (source, s)):
                if column.id not in side.columns:
                    known = {table.key_of(r) for r in b} if table.key else None
                    self.result.open.append(f"{table.name}.{column.name}: first value is not the default")
                    for row in rows:
                        if self.added == "default" and (known is None or table.key_of(row) not in known):
                            row[column.id] = column.default

    def _keyed(self, table: Table, b: list[Row], t: list[Row], s: list[Row]) -> list[Row]:
        sides = [{table.key_of(row): row for row in rows} for rows in (b, t, s)]
        merged = []
        for key in dict.fromkeys([*sides[0], *sides[1], *sides[2]]):
            row = self._row(table, key, *(side.get(key) for side in sides))
            if row is not None:
                merged.append(row)
        return merged

    def _row(self, table: Table, key: Any, b: Row | None, t: Row | None, s: Row | None) -> Row | None:
        if b is None and t is not None and s is not None:
            # What a side never had is in no conflict, and is the other side's to say.
            s = {**s, **{c: t[c] for c in self.unknown_to_source}}
            t = {**t, **{c: s[c] for c in self.unknown_to_target}}
        if same(t, s) or same(s, b):
            return t
        if same(t, b):
            return s
        if t is None or s is None:
            return self._settled(table, key, "delete_modify" if t is None else "modify_delete", b, t, s)
        if b is None:
            return self._settled(table, key, "add_add", None, t, s)
        row, clash = dict(t), []
        for c in table.columns:
            if plain(t[c]) == plain(b[c]):
                row[c] = s[c]
            elif plain(s[c]) not in (plain(b[c]), plain(t[c])):
                clash.append(c)
        return self._cells(table, key, row, (b, t, s), clash) if clash else row

    def _named_key(self, table: Table, key: tuple[Any, ...]) -> tuple[tuple[str, Any], ...]:
        return tuple(sorted((table.columns[c].name, v) for c, v in zip(table.key, key, strict=True)))

    def _cells(self, table: Table, key: Any, row: Row, sides: tuple[Row, Row, Row], clash: list[str]) -> Row:
        b, t, s = sides
        named, left = self._named_key(table, key), []
        for c in clash:
            take = self.resolutions.get((table.name, named, table.columns[c].name), self._strategy())
            if take == "source":
                row[c] = s[c]
            elif isinstance(take, list):
                row[c] = take[0]
            elif take != "target":
                left.append(table.columns[c].name)
        if left:
            told = self._sides(table, left, b, t, s)
            self.result.rows.append(RowConflict(table.name, "modify_modify", named, frozenset(left), told))
        return row

    @staticmethod
    def _sides(table: Table, names: Iterable[str], *rows: Row | None) -> frozenset[tuple[str, Any, Any, Any]]:
        ids = {column.name: column.id for column in table.columns.values()}
        values = ((name, *(None if row is None else plain(row[ids[name]]) for row in rows)) for name in names)
        return frozenset(values)

    def _settled(self, table: Table, key: Any, kind: str, b: Row | None, t: Row | None, s: Row | None) -> Row | None:
        named = self._named_key(table, key)
        take = self.resolutions.get((table.name, named, None), self._strategy())
        if take is None:
            one, other = (t, s) if kind == "add_add" else (b, s if t is None else t)
            assert one is not None
            assert other is not None
            differing = frozenset(table.columns[c].name for c in table.columns if plain(one[c]) != plain(other[c]))
            self.result.rows.append(
                RowConflict(table.name, kind, named, differing, self._sides(table, differing, b, t, s))
            )
        return s if take == "source" else t

    def _strategy(self) -> str | None:
        return {"ours": "target", "theirs": "source"}.get(self.strategy)

    def _multiset(self, table: Table, b: list[Row], t: list[Row], s: list[Row]) -> list[Row]:
        counts = [Counter(tuple(sorted((c, plain(v)) for c, v in row.items())) for row in rows) for rows in (b, t, s)]
        example = {tuple(sorted((c, plain(v)) for c, v in row.items())): row for row in [*b, *t, *s]}
        rows: list[Row] = []
        for image, row in example.items():
            was, here, there = (count[image] for count in counts)
            number = here if here == there or there == was else there
            if was not in (here, there) and here != there:
                take = self._strategy()
                number = there if take == "source" else here
                if take is None:
                    self.result.rows.append(RowConflict(table.name, "cardinality", (), frozenset()))
            rows += [dict(row) for _ in range(number)]
        return rows


def same(one: Row | None, other: Row | None) -> bool:
    if one is None or other is None:
        return one is other
    return all(plain(one[c]) == plain(other[c]) for c in one)


def facts(column: Column) -> tuple[Any, ...]:
    return (column.type, column.nullable, plain(column.default), column.serial)


def definition(table: Table) -> Any:
    """All that CREATE TABLE would say, whatever the order."""
    columns = {column.name: facts(column) for column in table.columns.values()}
    name = {id_: column.name for id_, column in table.columns.items()}
    checks = sorted((name[c], limit) for c, limit in table.checks.items())
    foreign = sorted((name[f.column], f.table, f.on_delete, f.on_update) for f in table.foreign_keys)
    return table.name, columns, [name[c] for c in table.key], checks, foreign


def naming(table: Table) -> Any:
    return table.name, {id_: column.name for id_, column in table.columns.items()}


def content(table: Table) -> Any:
    """Columns by id and the rows in them."""
    return set(table.columns), Counter(tuple(sorted((c, plain(v)) for c, v in row.items())) for row in table.rows)
