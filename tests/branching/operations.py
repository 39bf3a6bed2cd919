"""Statements as values: each knows its SQL, and what it does to the oracle's database."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.branching.model import (
    Column,
    ForeignKey,
    Index,
    Refused,
    Row,
    Table,
    Version,
    View,
    converted,
    literal,
    must_hold,
)

fresh: Iterator[int] = itertools.count(1)


class Spec(NamedTuple):
    """A column as CREATE TABLE and ADD COLUMN write it."""

    name: str
    type: str
    nullable: bool = True
    default: Any = None
    serial: bool = False

    @property
    def sql(self) -> str:
        if self.serial:
            return f"{self.name} serial"
        default = "" if self.default is None else f" DEFAULT {literal(self.default)}"
        return f"{self.name} {self.type}{default}{'' if self.nullable else ' NOT NULL'}"

    def made(self) -> Column:
        return Column(f"c{next(fresh)}", self.name, self.type, self.nullable, self.default, self.serial, self.default)


class Where(NamedTuple):
    column: str
    op: str
    value: Any = None

    @property
    def sql(self) -> str:
        return f" WHERE {self.column} {self.op}" + ("" if self.op == "IS NULL" else f" {literal(self.value)}")

    def holds(self, table: Table) -> Callable[[Row], bool]:
        id_ = table.column(self.column).id
        tests: dict[str, Callable[[Any], bool]] = {
            "IS NULL": lambda v: v is None,
            "=": lambda v: v is not None and v == self.value,
            "<": lambda v: v is not None and v < self.value,
            ">": lambda v: v is not None and v > self.value,
        }
        return lambda row: tests[self.op](row[id_])


class Op:
    """A statement.  `apply` changes a version that is thrown away when it raises `Refused`; `numbers` are what the
    engine drew for a serial column.  It answers whether anything can have changed."""

    sql: str
    structural = False

    def apply(self, version: Version, numbers: list[int]) -> bool:
        raise NotImplementedError


def free(version: Version, name: str) -> None:
    if name in version.names():
        raise Refused("42P07")


@dataclass(frozen=True)
class CreateTable(Op):
    name: str
    columns: tuple[Spec, ...]
    key: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    check: tuple[str, int] | None = None
    foreign: tuple[str, str, str, str, str] | None = None
    """Column, table, its column, ON DELETE, ON UPDATE."""
    structural = True

    @property
    def sql(self) -> str:  # type: ignore[override]
        parts = [column.sql for column in self.columns]
        if self.key:
            parts.append(f"PRIMARY KEY ({', '.join(self.key)})")
        if self.unique:
            parts.append(f"UNIQUE ({', '.join(self.unique)})")
        if self.check:
            parts.append(f"CHECK ({self.check[0]} < {self.check[1]})")
        if self.foreign:
            column, table, other, on_delete, on_update = self.foreign
            parts.append(
                f"FOREIGN KEY ({column}) REFERENCES {table} ({other}) ON DELETE {on_delete} ON UPDATE {on_update}"
            )
        return f"CREATE TABLE {self.name} ({', '.join(parts)})"

    def apply(self, version: Version, numbers: list[int]) -> bool:
        free(version, self.name)
        made = [spec.made() for spec in self.columns]
        table = Table(f"t{next(fresh)}", self.name, {c.id: c for c in made})
        table.key = tuple(table.column(c).id for c in self.key)
        for column in made:
            if column.id in table.key or column.serial:
                column.nullable = False
        if self.unique:
            name = f"{self.name}_{'_'.join(self.unique)}_key"
            free(version, name)
            columns = tuple(table.column(c).id for c in self.unique)
            version.indexes[name] = Index(name, table.id, columns, unique=True, constraint=True)
        if self.check:
            table.checks[table.column(self.check[0]).id] = self.check[1]
        if self.foreign:
            column, parent, other, on_delete, on_update = self.foreign
            target = version.table(parent)
            if target.key != (target.column(other).id,):
                raise Refused("42830")
            table.foreign_keys.append(ForeignKey(table.column(column).id, target.id, on_delete, on_update))
        version.tables[table.id] = table
        return True


@dataclass(frozen=True)
class DropTable(Op):
    name: str
    cascade: bool = False
    structural = True

    @property
    def sql(self) -> str:  # type: ignore[override]
        return f"DROP TABLE {self.name}{' CASCADE' if self.cascade else ''}"

    def apply(self, version: Version, numbers: list[int]) -> bool:
        table = version.table(self.name)
        views = [v.name for v in version.views.values() if v.table == table.id]
        referring = [(t, fk) for t, fk in version.referring(table) if t is not table]
        if (views or referring) and not self.cascade:
            raise Refused("2BP01")
        for view in views:
            del version.views[view]
        for other, foreign in referring:
            other.foreign_keys.remove(foreign)
        for index in [i.name for i in version.indexes.values() if i.table == table.id]:
            del version.indexes[index]
        del version.tables[table.id]
        return True


@dataclass(frozen=True)
class Alter(Op):
    """ALTER TABLE; `what` is one of rename, add, drop, rename column, type, default, not null, null."""

    table: str
    what: str
    column: str = ""
    value: Any = None
    structural = True

    @property
    def sql(self) -> str:  # type: ignore[override]
        action = {
            "rename": lambda: f"RENAME TO {self.value}",
            "add": lambda: f"ADD COLUMN {self.value.sql}",
            "drop": lambda: f"DROP COLUMN {self.column}",
            "rename column": lambda: f"RENAME COLUMN {self.column} TO {self.value}",
            "type": lambda: f"ALTER COLUMN {self.column} TYPE {self.value}",
            "default": lambda: (
                f"ALTER COLUMN {self.column} "
                + ("DROP DEFAULT" if self.value is None else f"SET DEFAULT {literal(self.value)}")
            ),
            "not null": lambda: f"ALTER COLUMN {self.column} SET NOT NULL",
            "null": lambda: f"ALTER COLUMN {self.column} DROP NOT NULL",
        }[self.what]()
        return f"ALTER TABLE {self.table} {action}"

    def apply(self, version: Version, numbers: list[int]) -> bool:
        table = version.table(self.table)
        if self.what == "rename":
            free(version, self.value)
            table.name = self.value
        elif self.what == "add":
            if any(c.name == self.value.name for c in table.columns.values()):
                raise Refused("42701")
            column = self.value.made()
            table.columns[column.id] = column
            for row in table.rows:
                row[column.id] = column.default
        else:
            self._alter(version, table, table.column(self.column))
        must_hold(version)
        return True

    def _alter(self, version: Version, table: Table, column: Column) -> None:
        if self.what == "rename column":
            if any(c.name == self.value for c in table.columns.values()):
                raise Refused("42701")
            column.name = self.value
        elif self.what == "type":
            viewed = any(v.table == table.id and column.id in v.used for v in version.views.values())
            # Integers stay comparable with wider ones.
            foreign = any(fk.column == column.id for fk in table.foreign_keys)
            referred = column.id in table.key and version.referring(table)
            tied = foreign or referred or column.serial or column.id in table.checks
            if viewed or (tied and self.value == "text"):
                raise Refused("0A000", "42804", "42883")
            for row in table.rows:
                row[column.id] = converted(row[column.id], column.type, self.value)
            for each in ("default", "start"):
                setattr(column, each, converted(getattr(column, each), column.type, self.value))
            column.type = self.value
        elif self.what == "default":
            column.default = self.value
        elif self.what in ("null", "not null"):
            if self.what == "null" and column.id in table.key:
                raise Refused("42P16")
            column.nullable = self.what == "null"
        else:
            self._drop(version, table, column)

    def _drop(self, version: Version, table: Table, column: Column) -> None:
        for view in version.views.values():
            if view.table == table.id and column.id in view.used:
                raise Refused("2BP01")
        if len(table.columns) == 1:
            raise Refused()  # a table without columns is PostgreSQL's alone
        for index in [i.name for i in version.indexes.values() if i.table == table.id and column.id in i.columns]:
            del version.indexes[index]
        table.checks.pop(column.id, None)
        table.foreign_keys = [fk for fk in table.foreign_keys if fk.column != column.id]
        del table.columns[column.id]
        for row in table.rows:
            del row[column.id]


@dataclass(frozen=True)
class CreateIndex(Op):
    name: str
    table: str
    columns: tuple[str, ...]
    unique: bool
    structural = True

    @property
    def sql(self) -> str:  # type: ignore[override]
        return f"CREATE {'UNIQUE ' if self.unique else ''}INDEX {self.name} ON {self.table} ({', '.join(self.columns)})"

    def apply(self, version: Version, numbers: list[int]) -> bool:
        table = version.table(self.table)
        free(version, self.name)
        columns = tuple(table.column(c).id for c in self.columns)
        version.indexes[self.name] = Index(self.name, table.id, columns, self.unique)
        must_hold(version)
        return True


@dataclass(frozen=True)
class CreateView(Op):
    name: str
    table: str
    columns: tuple[str, ...]
    where: tuple[str, int] | None = None
    structural = True

    @property
    def sql(self) -> str:  # type: ignore[override]
        where = f" WHERE {self.where[0]} > {self.where[1]}" if self.where else ""
        return f"CREATE VIEW {self.name} AS SELECT {', '.join(self.columns)} FROM {self.table}{where}"

    def apply(self, version: Version, numbers: list[int]) -> bool:
        free(version, self.name)
        table = version.table(self.table)
        columns = tuple(table.column(c).id for c in self.columns)
        where = (table.column(self.where[0]).id, self.where[1]) if self.where else None
        version.views[self.name] = View(self.name, table.id, columns, where)
        return True


@dataclass(frozen=True)
class Drop(Op):
    """DROP INDEX or DROP VIEW."""

    kind: str
    name: str
    structural = True

    @property
    def sql(self) -> str:  # type: ignore[override]
        return f"DROP {self.kind} {self.name}"

    def apply(self, version: Version, numbers: list[int]) -> bool:
        if self.kind == "VIEW":
            if version.views.pop(self.name, None) is None:
                raise Refused()
        elif self.name not in version.indexes or version.indexes.pop(self.name).constraint:
            raise Refused()
        return True
