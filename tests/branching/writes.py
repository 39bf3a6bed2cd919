"""INSERT, UPDATE, DELETE and TRUNCATE as values, with PostgreSQL's rules for keys and references."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.branching.model import Refused, Row, Table, Version, literal, must_hold, repeated
from tests.branching.operations import Op, Where


@dataclass(frozen=True)
class Insert(Op):
    """INSERT … VALUES.  `conflict`: None, or (nothing | update, the key's columns, columns that are set)."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    conflict: tuple[str, tuple[str, ...], tuple[str, ...]] | None = None
    returning: str | None = None

    @property
    def sql(self) -> str:  # type: ignore[override]
        values = ", ".join(f"({', '.join(map(literal, row))})" for row in self.rows)
        text = f"INSERT INTO {self.table} ({', '.join(self.columns)}) VALUES {values}"
        if self.conflict is not None:
            what, key, changed = self.conflict
            text += " ON CONFLICT" + (f" ({', '.join(key)})" if key else "")
            sets = ", ".join(f"{c} = EXCLUDED.{c}" for c in changed)
            text += " DO NOTHING" if what == "nothing" else f" DO UPDATE SET {sets}"
        return text + (f" RETURNING {self.returning}" if self.returning else "")

    def apply(self, version: Version, numbers: list[int]) -> bool:
        table = version.table(self.table)
        ids = [table.column(name).id for name in self.columns]
        if self.returning is not None:
            table.column(self.returning)
        changed = False
        for at, values in enumerate(self.rows):
            row = {c.id: c.default for c in table.columns.values()}
            row.update(zip(ids, values, strict=True))
            for column in table.columns.values():
                if column.serial and column.id not in ids:
                    row[column.id] = numbers[at]
            changed = self._put(version, table, row) or changed
            if self.conflict is not None and any(repeated(table.rows, u) for u in version.uniques(table)):
                raise Refused("23505")  # row by row: a later row may not mend it
        must_hold(version)
        return changed

    def _put(self, version: Version, table: Table, row: Row) -> bool:
        if self.conflict is None:
            table.rows.append(row)
            return True
        if any(not c.nullable and row[c.id] is None for c in table.columns.values()):
            raise Refused("23502")
        what, key, changed = self.conflict
        uniques = [tuple(table.column(c).id for c in key)] if key else version.uniques(table)
        for columns in uniques:
            value = tuple(row[c] for c in columns)
            found = [r for r in table.rows if None not in value and tuple(r[c] for c in columns) == value]
            if found and what == "nothing":
                return False
            if found:
                for name in changed:
                    found[0][table.column(name).id] = row[table.column(name).id]
                return True
        table.rows.append(row)
        return True


@dataclass(frozen=True)
class InsertSelect(Op):
    """Copies rows, their first column moved by `offset`."""

    table: str
    columns: tuple[str, ...]
    source: str
    taken: tuple[str, ...]
    offset: int
    where: Where | None = None

    @property
    def sql(self) -> str:  # type: ignore[override]
        first, *rest = self.taken
        selected = ", ".join([f"{first} + {self.offset}", *rest])
        where = self.where.sql if self.where else ""
        return f"INSERT INTO {self.table} ({', '.join(self.columns)}) SELECT {selected} FROM {self.source}{where}"

    def apply(self, version: Version, numbers: list[int]) -> bool:
        table, source = version.table(self.table), version.table(self.source)
        ids = [table.column(name).id for name in self.columns]
        taken = [source.column(name).id for name in self.taken]
        holds = self.where.holds(source) if self.where else lambda _: True
        rows = [row for row in source.rows if holds(row)]
        for one in rows:
            values = [one[c] for c in taken]
            values[0] = None if values[0] is None else values[0] + self.offset
            row = {c.id: c.default for c in table.columns.values()}
            row.update(zip(ids, values, strict=True))
            table.rows.append(row)
        must_hold(version)
        return bool(rows)


@dataclass(frozen=True)
class Update(Op):
    table: str
    sets: tuple[tuple[str, Any], ...]
    where: Where | None = None

    @property
    def sql(self) -> str:  # type: ignore[override]
        sets = ", ".join(f"{column} = {literal(value)}" for column, value in self.sets)
        return f"UPDATE {self.table} SET {sets}{self.where.sql if self.where else ''}"

    def apply(self, version: Version, numbers: list[int]) -> bool:
        table = version.table(self.table)
        sets = {table.column(column).id: value for column, value in self.sets}
        holds = self.where.holds(table) if self.where else lambda _: True
        rows = [row for row in table.rows if holds(row)]
        for row in rows:
            old = row[table.key[0]] if table.key else None
            row.update(sets)
            if table.key and row[table.key[0]] != old:
                _key_moved(version, table, old, row[table.key[0]])
        must_hold(version)
        return bool(rows)


def _key_moved(version: Version, table: Table, old: Any, new: Any) -> None:
    """ON UPDATE: a foreign key refers to the only column of a primary key."""
    for child, foreign in version.referring(table):
        for row in child.rows:
            if row[foreign.column] == old and foreign.on_update == "CASCADE":
                row[foreign.column] = new


@dataclass(frozen=True)
class Delete(Op):
    table: str
    where: Where | None = None

    @property
    def sql(self) -> str:  # type: ignore[override]
        return f"DELETE FROM {self.table}{self.where.sql if self.where else ''}"

    def apply(self, version: Version, numbers: list[int]) -> bool:
        table = version.table(self.table)
        holds = self.where.holds(table) if self.where else lambda _: True
        gone = [row for row in table.rows if holds(row)]
        remove(version, table, gone)
        must_hold(version)
        return bool(gone)


def remove(version: Version, table: Table, gone: list[Row]) -> None:
    """Delete rows and do what ON DELETE says to those that refer to them."""
    if not gone:
        return
    names = {id(row) for row in gone}
    table.rows = [row for row in table.rows if id(row) not in names]
    for child, foreign in version.referring(table):
        values = {row[table.key[0]] for row in gone}
        hit = [row for row in child.rows if row[foreign.column] is not None and row[foreign.column] in values]
        if not hit:
            continue
        if foreign.on_delete == "CASCADE":
            remove(version, child, hit)
        elif foreign.on_delete == "SET NULL":
            for row in hit:
                row[foreign.column] = None
        else:
            raise Refused("23503", "23001")


@dataclass(frozen=True)
class Truncate(Op):
    table: str

    @property
    def sql(self) -> str:  # type: ignore[override]
        return f"TRUNCATE {self.table}"

    def apply(self, version: Version, numbers: list[int]) -> bool:
        table = version.table(self.table)
        if any(t is not table for t, _ in version.referring(table)):
            raise Refused("0A000")
        changed = bool(table.rows)
        table.rows = []
        return changed
