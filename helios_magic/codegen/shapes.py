"""What every target needs to know of a table: the one representation that they all emit from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from helios_magic.codegen.naming import Names, singular, snake, words
from helios_magic.schema import Column, Enum, ForeignKey, Schema, Table, label

#: What a column holds, whatever PostgreSQL calls it.
KINDS = (
    "bool", "int2", "int4", "int8", "numeric", "float4", "float8", "text", "uuid", "date", "time", "timestamp",
    "timestamptz", "interval", "bytea", "json", "vector", "enum",
)  # fmt: skip
_ALIASES = {"jsonb": "json", "oid": "int8"}
_TYPE = re.compile(r"(?P<base>[^(\[]+)(?:\((?P<modifiers>[\d, ]+)\))?(?P<array>(?:\[\])*)$")
#: How many decimal digits a double keeps, whichever they are.
_DIGITS_OF_A_DOUBLE = 15


@dataclass(frozen=True, slots=True)
class Field:
    """One column.  `kind` is one of `KINDS`, `depth` how deep an array of it."""

    column: str
    type: str
    """PostgreSQL's name, as the schema has it."""
    kind: str
    depth: int
    nullable: bool
    modifiers: tuple[int, ...] = ()
    enum: Enum | None = None
    default: str | None = None
    counted: bool = False
    """Its default draws from a sequence."""
    computed: bool = False
    """The database alone writes it: a generated column, or an identity ALWAYS."""
    key: bool = False
    unique: bool = False
    comment: str | None = None

    @property
    def may_be_left_out(self) -> bool:
        """Whether an insert may say nothing of it."""
        return self.nullable or self.default is not None or self.counted

    @property
    def fits_a_double(self) -> bool:
        """Whether every value survives a double, and so travels as a JSON number (decisions.md, "SQL")."""
        if self.kind == "numeric":
            return bool(self.modifiers) and self.modifiers[0] <= _DIGITS_OF_A_DOUBLE
        return self.kind != "int8"


@dataclass(frozen=True, slots=True)
class Relation:
    """A way from one asked table to another: along a foreign key, or (`many` or `backwards`) against it."""

    name: str
    target: str
    """The other table's label."""
    columns: tuple[str, ...]
    target_columns: tuple[str, ...]
    many: bool
    backwards: bool
    nullable: bool
    back: str
    """What the way back is called."""
    key: ForeignKey


@dataclass(frozen=True, slots=True)
class Shape:
    """One table or view, with its ways to the others that were asked for."""

    name: str
    schema: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...]
    foreign_keys: tuple[ForeignKey, ...]
    checks: tuple[str, ...]
    """The conditions of its CHECKs, as SQL."""
    view: bool
    comment: str | None = None
    relations: tuple[Relation, ...] = field(default=())

    @property
    def label(self) -> str:
        return label(self.schema, self.name)

    def points_alone(self, key: ForeignKey) -> bool:
        """Whether a foreign key's columns are unique: then each row over there has at most one here."""
        return frozenset(key.columns) in {frozenset(each) for each in (self.key, *self.unique)}

    def shares_columns(self, key: ForeignKey) -> bool:
        """Whether another foreign key has one of this one's columns."""
        return any(key is not other and {*key.columns} & {*other.columns} for other in self.foreign_keys)

    def field(self, column: str) -> Field:
        return next(each for each in self.fields if each.column == column)


def shapes(schema: Schema, tables: Sequence[Table]) -> tuple[Shape, ...]:
    """The tables, in the order in which they were asked for."""
    enums = {enum.name: enum for enum in schema.enums}
    related = _relations(tables)
    return tuple(
        Shape(
            name=table.name,
            schema=table.schema,
            fields=tuple(_field(table, column, enums) for column in table.columns),
            key=table.primary_key,
            unique=table.unique,
            foreign_keys=table.foreign_keys,
            checks=tuple(check.condition for check in table.checks),
            view=table.kind != "table",
            comment=table.comment,
            relations=tuple(related[table.label]),
        )
        for table in tables
    )


def _field(table: Table, column: Column, enums: Mapping[str, Enum]) -> Field:
    kind, modifiers, depth = _kind(column.type, enums)
    return Field(
        column=column.name,
        type=column.type,
        kind=kind,
        depth=depth,
        nullable=column.nullable and column.name not in table.primary_key,
        modifiers=modifiers,
        enum=enums.get(column.type.rstrip("[]")),
        default=column.default,
        counted=column.identity is not None or "nextval(" in (column.default or ""),
        computed=column.generated is not None or column.identity == "ALWAYS",
        key=column.name in table.primary_key,
        unique=(column.name,) in table.unique or table.primary_key == (column.name,),
        comment=column.comment,
    )


def _kind(name: str, enums: Mapping[str, Enum]) -> tuple[str, tuple[int, ...], int]:
    """`numeric(10,2)[]` → numeric, (10, 2), 1; what is not known travels as text."""
    if name.rstrip("[]") in enums:
        return "enum", (), name.count("[]")
    match = _TYPE.match(name)
    if match is None:
        return "text", (), 0
    base = _ALIASES.get(match["base"].strip(), match["base"].strip())
    modifiers = tuple(int(part) for part in (match["modifiers"] or "").split(",") if part.strip())
    return base if base in KINDS else "text", modifiers, len(match["array"]) // 2


def _relations(tables: Sequence[Table]) -> dict[str, list[Relation]]:
    asked = {table.label: table for table in tables}
    taken = {table.label: Names([column.name for column in table.columns]) for table in tables}
    found: dict[str, list[Relation]] = {table.label: [] for table in tables}
    for table in tables:
        pointing = [key.references for key in table.foreign_keys]
        for key in table.foreign_keys:
            if key.references not in asked:
                continue
            target = asked[key.references]
            several = pointing.count(key.references) > 1 or target is table
            there = taken[table.label].take(_along(key, target))
            alone = frozenset(key.columns) in {frozenset(each) for each in (table.primary_key, *table.unique)}
            back = taken[target.label].take(_against(table, there, one=alone, several=several))
            loose = any(column.nullable for column in table.columns if column.name in key.columns)
            found[table.label].append(
                Relation(there, target.label, key.columns, key.references_columns, False, False, loose, back, key)
            )
            found[target.label].append(
                Relation(back, table.label, key.references_columns, key.columns, not alone, True, True, there, key)
            )
    return found


def _along(key: ForeignKey, target: Table) -> str:
    """`user_id` → `user`; a column that says nothing of the kind is called by its table."""
    column = key.columns[-1]
    if len(key.columns) == 1:
        for ending in ("_id", "Id", "_uuid", "_key", "_code"):
            if column.endswith(ending) and len(column) > len(ending):
                return snake(words(column.removesuffix(ending)))
    *first, last = words(target.name)
    return snake([*first, singular(last)])


def _against(table: Table, there: str, *, one: bool, several: bool) -> str:
    *first, last = words(table.name)
    name = snake([*first, singular(last) if one else last])
    return f"{name}_by_{there}" if several else name
