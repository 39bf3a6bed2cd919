"""The objects of one branch with their oids: tables, indexes, sequences, types, constraints.

An oid follows from what an object is (its identity where it has one, else kind, schema and name), so it is the same
in every reading of a structure, and survives most changes of it.
"""

from __future__ import annotations

import zlib
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from helios_magic.engine.dialect.pgcatalog import system
from helios_magic.engine.dialect.pgcatalog.indexes import Key, index_keys, predicate
from helios_magic.engine.dialect.pgtypes import base, element, is_array, modifiers
from helios_magic.schema import Check, Column, ForeignKey, Index, Schema, Sequence, Table

_FIRST = 16384
_SPAN = 2**31 - _FIRST
_KEPT = 16


@dataclass(frozen=True, slots=True)
class Relation:
    """A row of pg_class that the user made."""

    oid: int
    kind: str
    """`r`, `v`, `m`, `i` or `S`."""
    schema: str
    name: str
    table: Table | None = None
    index: Index | None = None
    sequence: Sequence | None = None
    keys: tuple[Key, ...] = ()
    predicate: str | None = None


@dataclass(frozen=True, slots=True)
class Constraint:
    """A row of pg_constraint: `p`, `u`, `f`, `c` or `n`."""

    oid: int
    kind: str
    name: str
    table: Relation
    columns: tuple[str, ...] = ()
    index: Relation | None = None
    foreign: ForeignKey | None = None
    target: Relation | None = None
    check: Check | None = None


@dataclass(slots=True)
class Objects:
    """All of them, for one structure."""

    schema: Schema
    relations: list[Relation] = field(default_factory=list)
    constraints: list[Constraint] = field(default_factory=list)
    namespaces: dict[str, int] = field(default_factory=dict)
    enums: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Per enum the oids of its type and of the type's array."""
    _taken: set[int] = field(default_factory=set)
    _by_name: dict[tuple[str, str], Relation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        fixed = {
            "pg_catalog": system.PG_CATALOG,
            "public": system.PUBLIC,
            "information_schema": system.INFORMATION_SCHEMA,
        }
        names = ["pg_catalog", *self.schema.schemas, "information_schema"]
        self.namespaces = {name: fixed.get(name) or self.oid(f"namespace {name}") for name in names}
        for enum in self.schema.enums:
            label = f"{enum.schema}.{enum.name}"
            self.enums[enum.name] = self.oid(f"type {label}"), self.oid(f"array {label}")
        for table in self.schema.tables:
            self._add_table(table)
        for sequence in self.schema.sequences:
            oid = self.oid(f"sequence {sequence.counter or sequence.schema + '.' + sequence.name}")
            self.relations.append(Relation(oid, "S", sequence.schema, sequence.name, sequence=sequence))
        self._by_name = {(r.schema, r.name): r for r in self.relations}
        for relation in self.relations:
            if relation.kind == "r":
                self.constraints += self._constraints(relation)

    def oid(self, what: str) -> int:
        """A free oid for what is described so."""
        oid = _FIRST + zlib.crc32(what.encode()) % _SPAN
        while oid in self._taken:
            oid = oid + 1 if oid < 2**31 - 1 else _FIRST
        self._taken.add(oid)
        return oid

    def relation(self, schema: str, name: str) -> Relation | None:
        return self._by_name.get((schema, name))

    def tables(self, kinds: str = "rvm") -> Iterator[tuple[Relation, Table]]:
        """Tables, views and materialised views, with their structure."""
        for relation in self.relations:
            if relation.table is not None and relation.kind in kinds:
                yield relation, relation.table

    def indexes(self) -> Iterator[tuple[Relation, Index, Table]]:
        for relation in self.relations:
            if relation.index is not None and relation.table is not None:
                yield relation, relation.index, relation.table

    def type_oid(self, name: str) -> int:
        """The oid of a type; 0 where PostgreSQL has no such type."""
        plain = base(name)
        array = is_array(plain)
        inner = element(plain) if array and plain.endswith("[]") else plain
        if inner in self.enums:
            return self.enums[inner][array]
        known = system.types().get(inner)
        if known is None:
            return VECTOR[array] if inner == "vector" else 0
        return known.array if array and plain.endswith("[]") else known.oid

    def _add_table(self, table: Table) -> None:
        kind = {"table": "r", "view": "v"}.get(table.kind, "m")
        label = table.id or f"{table.schema}.{table.name}"
        self.relations.append(Relation(self.oid(f"table {label}"), kind, table.schema, table.name, table))
        for index in table.indexes:
            made = Relation(
                self.oid(f"index {label} {index.name}"), "i", table.schema, index.name, table, index,
                keys=index_keys(index), predicate=predicate(index),
            )  # fmt: skip
            self.relations.append(made)

    def _constraints(self, relation: Relation) -> Iterator[Constraint]:
        table = relation.table
        if table is None:
            return
        label = table.id or f"{table.schema}.{table.name}"

        def oid(name: str) -> int:
            return self.oid(f"constraint {label} {name}")

        for check in table.checks:
            if not is_length(check, table):
                yield Constraint(oid(check.name), "c", check.name, relation, named_in(check, table), check=check)
        for column in table.columns:
            if not column.nullable or column.name in table.primary_key:
                name = column.required or f"{table.name}_{column.name}_not_null"
                yield Constraint(oid(name), "n", name, relation, (column.name,))
        for index in table.indexes:
            if index.primary or (index.columns in table.unique and index.unique and index.definition is None):
                own = self._by_name[table.schema, index.name]
                kind = "p" if index.primary else "u"
                yield Constraint(oid(index.name), kind, index.name, relation, index.columns, own)
        for key in table.foreign_keys:
            yield self._foreign(oid(key.name), relation, key)

    def _foreign(self, oid: int, relation: Relation, key: ForeignKey) -> Constraint:
        schema, _, name = key.references.rpartition(".")
        target = self.relation(schema or "public", name) or self.relation("public", key.references)
        index = None
        if target is not None and target.table is not None:
            found = [i for i in target.table.indexes if i.unique and set(i.columns) == set(key.references_columns)]
            index = self.relation(target.schema, found[0].name) if found else None
        return Constraint(oid, "f", key.name, relation, key.columns, index, key, target)


#: The type of the extension vector, and its array.
VECTOR = (16000, 16001)
VECTOR_EXTENSION = 16002


def is_length(check: Check, table: Table) -> bool:
    """Whether a check is how a length is kept here; PostgreSQL has none for varchar(n)."""
    import re

    found = re.fullmatch(r"\(?length\((?:rtrim\()?\"?(\w[^\"()]*)\"?(?:, ' '\))?\) <= (\d+)\)?", check.condition)
    column = table.column(found[1]) if found else None
    return column is not None and base(column.type) in ("varchar", "bpchar") and modifiers(column.type) != ()


def named_in(check: Check, table: Table) -> tuple[str, ...]:
    """The columns that a check reads, in the order of their first use."""
    from helios_magic.engine.dialect.pgcatalog.deparse import columns_read

    return tuple(name for name in columns_read(check.condition) if table.column(name) is not None)


def typmod(kind: str) -> int:
    """pg_attribute.atttypmod of a type's modifiers."""
    sizes = modifiers(kind)
    plain = base(kind).removesuffix("[]")
    if not sizes:
        return -1
    if plain in ("varchar", "bpchar"):
        return sizes[0] + 4
    if plain == "numeric":
        return (sizes[0] << 16 | (sizes[1] if len(sizes) > 1 else 0)) + 4
    return sizes[0]


def derived(what: str, oid: int, number: int) -> int:
    """The oid of a part of an object: a column's default, an enum's label."""
    return _FIRST + zlib.crc32(f"{what} {oid} {number}".encode()) % _SPAN


def default_of(column: Column) -> str | None:
    """What pg_attrdef has of a column, as the engine keeps it: its default, or what generates it."""
    return column.generated or (column.default if column.identity is None else None)


_objects: OrderedDict[int, Objects] = OrderedDict()


def objects(schema: Schema) -> Objects:
    """The objects of a structure; the last few are kept."""
    found = _objects.get(id(schema))
    if found is not None and found.schema is schema:
        return found
    made = Objects(schema)
    _objects[id(schema)] = made
    while len(_objects) > _KEPT:
        _objects.popitem(last=False)
    return made
