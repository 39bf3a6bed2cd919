"""Random steps, most of them sensible for the state that the oracle is in, some of them failing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

from tests.branching import steps
from tests.branching.model import Column, Table, Version
from tests.branching.operations import Alter, CreateIndex, CreateTable, CreateView, Drop, DropTable, Op, Spec, Where
from tests.branching.oracle import Oracle
from tests.branching.writes import Delete, Insert, InsertSelect, Truncate, Update

TYPES = ("integer", "integer", "text", "text", "bigint", "numeric(8,2)", "boolean", "date", "double precision")
VALUES: dict[str, tuple[Any, ...]] = {
    "integer": (0, 1, 2, 3, 4, -1), "bigint": (0, 1, 2, 3, 4, 5_000_000_000),
    "text": ("a", "b", "", "é", "0", "it's"), "boolean": (True, False),
    "numeric(8,2)": (Decimal("0.50"), Decimal("1.25"), Decimal("-3.00")),
    "numeric(12,2)": (Decimal("0.50"), Decimal("1.25"), Decimal("1234567890.00")),
    "date": (dt.date(2024, 2, 29), dt.date(1969, 12, 31), dt.date(2025, 1, 1)),
    "double precision": (0.0, 1.5, float("nan"), -2.25),
}  # fmt: skip
NAMES = ("a", "b", "c", "d", "e", "f")


class Generator:
    """Draws steps from a seed."""

    def __init__(self, seed: int, *, serial: bool = True) -> None:
        self.serial = serial
        self.random = Random(seed)
        self.names = 0
        self.turns = 0
        self.structure = (0.4, 1.0, 0.05)[seed % 3]
        """How often the structure changes: the less, the more rows meet in merges."""

    def step(self, oracle: Oracle) -> steps.Step:
        self.turns += 1
        if self.turns < 8:  # something that branches can have in common
            return self._run(oracle, "main")
        branches = list(oracle.branches)
        choices: list[tuple[float, Callable[[], steps.Step]]] = [
            (66, lambda: self._run(oracle)),
            (7 if len(branches) < 6 else 1, lambda: self._fork(branches)),
            (18 if len(branches) > 1 else 0, lambda: self._merge(branches)),
            (3 if len(branches) > 3 else 1, lambda: steps.Delete(self.random.choice(branches))),
            (4, lambda: steps.Diff(self.random.choice(branches), self.random.choice(branches))),
            (3, steps.Reopen),
            (4, steps.Collect),
            (0.4, steps.Rest),
        ]
        weights, made = zip(*choices, strict=True)
        return self.random.choices(made, weights)[0]()

    def _fork(self, branches: list[str]) -> steps.Step:
        self.names += 1
        name = self.random.choice(branches) if self.random.random() < 0.05 else f"b{self.names}"
        return steps.Fork(
            name, self.random.choice([*branches, *branches, "nowhere"] if self.chance(0.05) else branches)
        )

    def _merge(self, branches: list[str]) -> steps.Step:
        source, target = self.random.choice(branches), self.random.choice([*branches, "main", "main"])
        if source == target and not self.chance(0.05):
            source, target = self.random.sample(branches, 2)
        strategy = self.random.choices(("three-way", "fast-forward", "ours", "theirs"), (10, 2, 3, 3))[0]
        dry = self.chance(0.15)
        settle = self.random.randrange(1, 1000) if strategy == "three-way" and not dry and self.chance(0.5) else 0
        return steps.Merge(source, target, strategy, dry, settle)

    def _run(self, oracle: Oracle, branch: str | None = None) -> steps.Step:
        branch = branch or self.random.choice(list(oracle.branches))
        version = oracle.version(branch)
        number = 1 if self.chance(0.85) else self.random.randrange(2, 5)
        ops = tuple(self._op(version) for _ in range(number))
        whole = self.chance(0.7)
        return steps.Run(branch, ops, transaction=whole)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def _op(self, version: Version) -> Op:
        tables = list(version.tables.values())
        if len(tables) < 2 or self.chance(self.structure * (0.05 if len(tables) < 5 else 0.01)):
            return self._create(version)
        table = self.random.choice(tables)
        if self.turns < 8:
            return self._insert(version, table)
        made: list[tuple[float, Callable[[Version, Table], Op]]] = [
            (24, self._insert), (32, self._update), (12, self._delete), (3, self._copy), (0.7, self._truncate),
        ]  # fmt: skip
        changes: list[tuple[float, Callable[[Version, Table], Op]]] = [
            (4, self._add), (3, self._drop_column), (3, self._rename_column), (2, self._rename), (2, self._retype),
            (2, self._default), (2, self._nullable), (3, self._index), (2, self._drop_index), (2, self._view),
            (1, self._drop_view), (1, self._drop),
        ]  # fmt: skip
        made += [(weight * self.structure, make) for weight, make in changes]
        weights, makers = zip(*made, strict=True)
        return self.random.choices(makers, weights)[0](version, table)

    # Values

    def value(self, column: Column | Spec, nulls: float = 0.2) -> Any:
        if self.chance(nulls if column.nullable else 0.02):
            return None
        return self.random.choice(VALUES[column.type])

    def key(self, column: Column) -> Any:
        if column.type == "text":
            return self.random.choice("klmnopqr")
        return self.random.randrange(1, 15)

    def _column(self, table: Table, *, key: bool = False, serial: bool = False) -> Column:
        found = [c for c in table.columns.values() if (key or c.id not in table.key) and (serial or not c.serial)]
        return self.random.choice(found or list(table.columns.values()))

    def _where(self, table: Table) -> Where:
        column = self._column(table, key=True, serial=True)
        if table.key and self.chance(0.5):
            column = table.columns[table.key[0]]
        if column.nullable and self.chance(0.1):
            return Where(column.name, "IS NULL")
        present = [row[column.id] for row in table.rows if row[column.id] is not None]
        value = self.random.choice(present) if present and self.chance(0.8) else self.value(column, 0)
        if value is None or value != value:
            return Where(column.name, "IS NULL")
        ordered = column.type in ("integer", "bigint") and self.chance(0.2)
        return Where(column.name, self.random.choice("<>") if ordered else "=", value)

    # Writes

    def _row(self, table: Table, columns: list[Column]) -> tuple[Any, ...]:
        parents = {fk.column for fk in table.foreign_keys}
        values = []
        for column in columns:
            if column.id in table.key or column.id in parents:
                values.append(None if column.nullable and self.chance(0.2) else self.key(column))
            else:
                values.append(self.value(column))
        return tuple(values)

    def _insert(self, version: Version, table: Table) -> Op:
        serial = [c for c in table.columns.values() if c.serial]
        columns = [c for c in table.columns.values() if not c.serial]
        columns = [c for c in columns if c.id in table.key or not self.chance(0.1)]
        if not columns:
            return self._delete(version, table)
        rows = [self._row(table, columns) for _ in range(self.random.choice((1, 1, 2, 3, 6)))]
        if not table.key and self.chance(0.3):
            rows += rows[:1]
        conflict = None
        if table.key and not serial and any(self._sound(table, columns, row) for row in rows) and self.chance(0.3):
            rows = [row for row in rows if self._sound(table, columns, row)]
            key = tuple(table.columns[c].name for c in table.key)
            at = [columns.index(table.columns[c]) for c in table.key]
            rows = list({tuple(row[i] for i in at): row for row in rows}.values())
            others = [c.name for c in columns if c.id not in table.key]
            if others and self.chance(0.6):
                conflict = ("update", key, tuple(self.random.sample(others, self.random.randrange(1, len(others) + 1))))
            else:
                conflict = ("nothing", key if self.chance(0.8) else (), ())
        names = tuple(c.name for c in columns)
        return Insert(table.name, names, tuple(rows), conflict, serial[0].name if serial else None)

    @staticmethod
    def _sound(table: Table, columns: list[Column], row: tuple[Any, ...]) -> bool:
        """Whether a row breaks neither NOT NULL nor CHECK: with ON CONFLICT the engine looks at what it stores only."""
        whole = {c.id: c.default for c in table.columns.values()} | dict(zip((c.id for c in columns), row, strict=True))
        filled = all(c.nullable or whole[c.id] is not None for c in table.columns.values())
        return filled and all(whole[c] is None or whole[c] < limit for c, limit in table.checks.items())

    def _update(self, version: Version, table: Table) -> Op:
        column = self._column(table)
        if table.key and self.chance(0.12):
            column = table.columns[table.key[0]]
            if column.serial or not table.rows:
                return self._delete(version, table)
            old = self.random.choice(table.rows)[column.id]
            single = len(table.key) == 1
            where = Where(column.name, "=", old) if single else self._where(table)
            return Update(table.name, ((column.name, self.key(column)),), where)
        sets = {column.name: self._set(table, column)}
        if self.chance(0.3):
            other = self._column(table)
            sets[other.name] = self._set(table, other)
        return Update(table.name, tuple(sets.items()), None if self.chance(0.05) else self._where(table))

    def _set(self, table: Table, column: Column) -> Any:
        if any(fk.column == column.id for fk in table.foreign_keys) or column.id in table.key or column.serial:
            return self.key(column)
        return self.value(column)

    def _delete(self, version: Version, table: Table) -> Op:
        return Delete(table.name, None if self.chance(0.03) else self._where(table))

    def _copy(self, version: Version, table: Table) -> Op:
        source = self.random.choice(list(version.tables.values()))
        wanted = [c for c in table.columns.values() if not c.serial]
        taken = []
        for column in wanted:
            same = [c for c in source.columns.values() if c.type == column.type and c.id not in taken]
            if not same:
                break
            taken.append(self.random.choice(same).id)
        if not taken or wanted[0].type not in ("integer", "bigint") or any(c.serial for c in table.columns.values()):
            return self._insert(version, table)
        names = tuple(c.name for c in wanted[: len(taken)])
        where = self._where(source)
        return InsertSelect(
            table.name, names, source.name, tuple(source.columns[c].name for c in taken),
            self.random.randrange(5, 30), where,
        )  # fmt: skip

    def _truncate(self, version: Version, table: Table) -> Op:
        return Truncate(table.name)

    # Structure

    def _create(self, version: Version) -> Op:
        name = f"t{self.random.randrange(8)}"
        columns = [self._spec(n) for n in self.random.sample(NAMES, self.random.randrange(1, 4))]
        kind = self.random.choices(("single", "composite", "text", "none", "serial"), (6, 3, 2, 3, 3 * self.serial))[0]
        unique = (columns[0].name,) if self.chance(0.25) and columns[0].type != "double precision" else ()
        check = next(((c.name, 4) for c in columns if c.type == "integer"), None) if self.chance(0.25) else None
        foreign = None
        parents = [t for t in version.tables.values() if len(t.key) == 1 and t.columns[t.key[0]].type == "integer"]
        if parents and self.chance(0.4):
            parent = self.random.choice(parents)
            deletes = self.random.choice(("CASCADE", "SET NULL", "RESTRICT", "NO ACTION"))
            updates = self.random.choice(("CASCADE", "NO ACTION"))
            columns.append(Spec("pid", "integer"))
            foreign = ("pid", parent.name, parent.columns[parent.key[0]].name, deletes, updates)
        keys = {
            "single": [Spec("id", "integer")], "composite": [Spec("id", "integer"), Spec("k", "text")],
            "text": [Spec("k", "text")], "none": [], "serial": [Spec("id", "integer", serial=True)],
        }[kind]  # fmt: skip
        key = tuple(spec.name for spec in keys)
        return CreateTable(name, (*keys, *columns), key, unique, check, foreign)

    def _spec(self, name: str) -> Spec:
        type_ = self.random.choice(TYPES)
        default = self.random.choice(VALUES[type_]) if self.chance(0.3) else None
        if isinstance(default, float) and default != default:
            default = None
        return Spec(name, type_, self.chance(0.8), default)

    def _add(self, version: Version, table: Table) -> Op:
        return Alter(table.name, "add", value=self._spec(self.random.choice(NAMES)))

    def _drop_column(self, version: Version, table: Table) -> Op:
        column = self._column(table)
        if column.id in table.key:  # there is no other; its key would go with it, which is no merge's concern
            return self._add(version, table)
        return Alter(table.name, "drop", column.name)

    def _rename_column(self, version: Version, table: Table) -> Op:
        column = self._column(table, key=True).name
        return Alter(table.name, "rename column", column, self.random.choice([n for n in NAMES if n != column]))

    def _rename(self, version: Version, table: Table) -> Op:
        return Alter(table.name, "rename", value=f"t{self.random.randrange(8)}")

    def _retype(self, version: Version, table: Table) -> Op:
        column = self._column(table)
        wider = {"integer": ("bigint", "text"), "numeric(8,2)": ("numeric(12,2)",)}.get(column.type, ("bigint",))
        if column.type not in ("integer", "numeric(8,2)"):
            return self._update(version, table)
        return Alter(table.name, "type", column.name, self.random.choice(wider))

    def _default(self, version: Version, table: Table) -> Op:
        column = self._column(table)
        if column.serial or column.type == "double precision":
            return self._update(version, table)
        return Alter(table.name, "default", column.name, self.random.choice((None, *VALUES[column.type])))

    def _nullable(self, version: Version, table: Table) -> Op:
        return Alter(table.name, self.random.choice(("null", "not null")), self._column(table).name)

    def _index(self, version: Version, table: Table) -> Op:
        columns = {self._column(table, key=True).name, self._column(table).name}
        return CreateIndex(f"i{self.random.randrange(6)}", table.name, tuple(sorted(columns)), self.chance(0.4))

    def _drop_index(self, version: Version, table: Table) -> Op:
        return Drop("INDEX", self.random.choice([*version.indexes, "i0"]))

    def _view(self, version: Version, table: Table) -> Op:
        columns = self.random.sample([c.name for c in table.columns.values()], min(2, len(table.columns)))
        numbers = [c.name for c in table.columns.values() if c.type in ("integer", "bigint")]
        where = (self.random.choice(numbers), 1) if numbers and self.chance(0.5) else None
        return CreateView(f"v{self.random.randrange(4)}", table.name, tuple(columns), where)

    def _drop_view(self, version: Version, table: Table) -> Op:
        return Drop("VIEW", self.random.choice([*version.views, "v0"]))

    def _drop(self, version: Version, table: Table) -> Op:
        return DropTable(table.name, self.chance(0.4))
