"""Representation → `schema`: tables with keys, checks, and the indexes that their keys need, each with its reason."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from helios_magic.designer.representation import Attribute, Entity, Kind, Relationship, Representation
from helios_magic.designer.words import singular
from helios_magic.schema import Check, Column, ForeignKey, Index, Schema, Table, literal, quoted

_TYPES = {
    "text": "text", "long": "text", "email": "text", "phone": "text", "url": "text", "address": "text",
    "choice": "text", "int": "int4", "year": "int4", "number": "float8", "money": "numeric(12,2)",
    "percent": "numeric(5,2)", "date": "date", "time": "time", "moment": "timestamptz", "duration": "int4",
    "bool": "bool", "json": "jsonb",
}  # fmt: skip
_LONGEST = 63
"""PostgreSQL's limit on a name, the shortest of the four."""
_BUSY = 1000
"""Rows a day from which on a table is read by its time."""


@dataclass(frozen=True, slots=True)
class Designed:
    """A design as tables, in the order in which they can be made."""

    schema: Schema
    reasons: dict[str, str]
    """Why each index is there, by its name."""
    late: frozenset[str]
    """Foreign keys, by name, that close a circle and can only be added when all tables are there."""
    junctions: dict[str, Relationship]
    """Each junction, by its name, with the many-to-many relationship that it carries."""


def short(name: str) -> str:
    """A name that every dialect takes: cut, and told apart by a hash, where it is too long."""
    if len(name.encode()) <= _LONGEST:
        return name
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    kept = name.encode()[: _LONGEST - 9].decode(errors="ignore")
    return f"{kept}_{mark}"


def build(design: Representation) -> Designed:
    """The tables of a design; junctions of many-to-many relationships among them."""
    tables = [_table(entity, design) for entity in design.entities]
    names = {table.name for table in tables}
    junctions: dict[str, Relationship] = {}
    for link in design.relationships:
        if link.kind == "many-to-many":
            junction = _junction(link, names)
            names.add(junction.name)
            junctions[junction.name] = link
            tables.append(junction)
    ordered, late = _ordered(tables)
    kinds = {short(entity.name): entity for entity in design.entities}
    reasons: dict[str, str] = {}
    indexed = [_indexed(table, kinds.get(table.name), reasons) for table in ordered]
    return Designed(Schema(tables=tuple(indexed)), reasons, late, junctions)


def _table(entity: Entity, design: Representation) -> Table:
    name = short(entity.name)
    columns = [Column("id", "uuid", nullable=False, default="gen_random_uuid()")]
    keys: list[ForeignKey] = []
    unique: list[tuple[str, ...]] = []
    for link in design.relationships:
        if link.from_ == entity.name and link.kind != "many-to-many":
            column = key_column(link)
            columns.append(Column(column, "uuid", nullable=not link.required))
            keys.append(_key(name, column, link.to, "NO ACTION" if link.required else "SET NULL"))
            if link.kind == "one-to-one":
                unique.append((column,))
    taken = {column.name for column in columns}
    checks: list[Check] = []
    for attribute in entity.attributes:
        column_name = short(attribute.name)
        if column_name in taken:
            continue
        taken.add(column_name)
        columns.append(_column(attribute))
        checks += _checks(name, attribute)
        if attribute.unique:
            unique.append((column_name,))
    if "created_at" not in taken:
        columns.append(Column("created_at", "timestamptz", nullable=False, default="now()"))
    return Table(
        name, tuple(columns), primary_key=("id",), unique=tuple(unique), foreign_keys=tuple(keys), checks=tuple(checks)
    )


def key_column(link: Relationship) -> str:
    """`customer_id`, or `author_id` where the relationship has a role."""
    return short(f"{link.role or singular(link.to)}_id")


def _key(table: str, column: str, to: str, on_delete: str) -> ForeignKey:
    return ForeignKey(short(f"{table}_{column}_fkey"), (column,), short(to), ("id",), on_delete=on_delete)


def _column(attribute: Attribute) -> Column:
    kind = _TYPES[attribute.kind]
    default = attribute.default
    if default == "now":
        default = "now()"
    elif default is not None and kind == "text":
        default = literal(default)
    comment = "in minutes" if attribute.kind == "duration" else None
    return Column(short(attribute.name), kind, nullable=not attribute.required, default=default, comment=comment)


def _checks(table: str, attribute: Attribute) -> list[Check]:
    column = short(attribute.name)
    named = quoted(column)
    conditions = []
    if attribute.choices:
        values = ", ".join(map(literal, attribute.choices))
        conditions.append(f"{named} IN ({values})")
    if attribute.minimum is not None:
        conditions.append(f"{named} >= {attribute.minimum}")
    if attribute.maximum is not None:
        conditions.append(f"{named} <= {attribute.maximum}")
    if not conditions:
        return []
    return [Check(short(f"{table}_{column}_check"), " AND ".join(conditions), (column,))]


def _junction(link: Relationship, names: set[str]) -> Table:
    """A table that holds a key of each side, both together its primary key."""
    name = wanted = short(link.through or f"{singular(link.from_)}_{link.to}")
    number = 2
    while name in names:
        name, number = short(f"{wanted}_{number}"), number + 1
    one, other = f"{singular(link.from_)}_id", f"{singular(link.to)}_id"
    if one == other:
        other = f"{link.role or 'other'}_{one}"
    one, other = short(one), short(other)
    extra = [attribute for attribute in link.attributes if attribute.name not in {one, other}]
    columns = [Column(one, "uuid", nullable=False), Column(other, "uuid", nullable=False)]
    return Table(
        name,
        (*columns, *map(_column, extra)),
        primary_key=(one, other),
        foreign_keys=(_key(name, one, link.from_, "CASCADE"), _key(name, other, link.to, "CASCADE")),
        checks=tuple(check for attribute in extra for check in _checks(name, attribute)),
    )


def _ordered(tables: list[Table]) -> tuple[list[Table], frozenset[str]]:
    """Parents before children; where that goes in a circle, a key is left for later and may be empty."""
    left = {table.name: table for table in tables}
    waits = {table.name: {key.references for key in table.foreign_keys} - {table.name} for table in tables}
    ordered: list[Table] = []
    late: set[str] = set()
    while left:
        free = [name for name in left if not waits[name] & left.keys()]
        if not free:
            name = min(left, key=lambda each: (_bound(left[each], left), list(left).index(each)))
            left[name] = _loosened(left[name], left, late)
            waits[name] = set()
            free = [name]
        for name in free:
            ordered.append(left.pop(name))
    return ordered, frozenset(late)


def _bound(table: Table, left: dict[str, Table]) -> int:
    """How many keys that must not be empty stand in the way of making this table now."""
    waiting = [key for key in table.foreign_keys if key.references in left and key.references != table.name]
    required = {column.name for column in table.columns if not column.nullable}
    return sum(1 + 100 * bool(required & set(key.columns)) for key in waiting)


def _loosened(table: Table, left: dict[str, Table], late: set[str]) -> Table:
    closing = [key for key in table.foreign_keys if key.references in left and key.references != table.name]
    late.update(key.name for key in closing)
    columns = {column for key in closing for column in key.columns} - set(table.primary_key)
    return replace(
        table,
        columns=tuple(replace(each, nullable=True) if each.name in columns else each for each in table.columns),
    )


def _indexed(table: Table, entity: Entity | None, reasons: dict[str, str]) -> Table:
    """An index for every foreign key that no key of the table already serves, and for the time of busy tables."""
    served = {table.primary_key[0], *(columns[0] for columns in table.unique)}
    indexes = []
    for key in table.foreign_keys:
        column = key.columns[0]
        if column not in served:
            served.add(column)
            index = Index(short(f"{table.name}_{column}_idx"), (column,))
            reasons[index.name] = (
                f"{table.name}.{column} references {key.references}: joins and deletes there look its rows up"
            )
            indexes.append(index)
    moment = next(
        (each.name for each in table.columns if each.type == "timestamptz" and each.name != "created_at"), None
    )
    if entity is not None and entity.rows_per_day >= _BUSY and moment is not None:
        index = Index(short(f"{table.name}_{moment}_idx"), (moment,))
        reasons[index.name] = f"{table.name} grows by {entity.rows_per_day:,} rows a day and is read by its time"
        indexes.append(index)
    return replace(table, indexes=tuple(indexes))


@dataclass(frozen=True, slots=True)
class Link:
    """A relationship between columns, as the contract shows it: `orders.user_id` → `users.id`."""

    from_: str
    to: str
    kind: Kind
    through: str | None
    reason: str | None


def links(design: Representation, designed: Designed) -> list[Link]:
    """Every foreign key, and every many-to-many relationship with the junction that carries it."""
    stated = {
        (short(link.from_), key_column(link)): link for link in design.relationships if link.kind != "many-to-many"
    }
    found = []
    for table in designed.schema.tables:
        for key in table.foreign_keys:
            link = stated.get((table.name, key.columns[0]))
            found.append(
                Link(
                    f"{table.name}.{key.columns[0]}",
                    f"{key.references}.{key.references_columns[0]}",
                    link.kind if link else "many-to-one",
                    None,
                    link.why if link else "one side of a junction",
                )
            )
    for link in design.relationships:
        if link.kind == "many-to-many":
            through = next(name for name, carried in designed.junctions.items() if carried is link)
            found.append(Link(f"{short(link.from_)}.id", f"{short(link.to)}.id", link.kind, through, link.why))
    return found
