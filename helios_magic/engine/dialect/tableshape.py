"""A table as a statement makes or changes it: columns, keys and checks, and the DuckDB text that creates it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import bookkeeping
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import Refusal, unsupported
from helios_magic.engine.dialect.grammar import READING, Sql, text
from helios_magic.engine.dialect.membership import spelled_out
from helios_magic.engine.dialect.pgtypes import base, duckdb_type, is_array, modifiers
from helios_magic.engine.dialect.scope import Field, Scope, Source
from helios_magic.engine.dialect.sources import is_taken
from helios_magic.engine.dialect.typed import Node, literal, quoted
from helios_magic.schema import ForeignKey, Index, Sequence, Table

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_LONGEST_NAME = 63


@dataclass(slots=True)
class ColumnShape:
    """A column; `default` and `generated` are DuckDB's text.

    `origin` is its name in the table that is there, None for a new one, and `filled` what the rows that are there
    get, in terms of that table.
    """

    name: str
    type: str
    default: str | None = None
    nullable: bool = True
    generated: str | None = None
    identity: str | None = None
    comment: str | None = None
    origin: str | None = None
    filled: str | None = None
    required: str | None = None
    """The name that its NOT NULL was given."""


@dataclass(slots=True)
class KeyShape:
    """A PRIMARY KEY (`p`) or UNIQUE (`u`) constraint."""

    name: str
    kind: str
    columns: tuple[str, ...]


@dataclass(slots=True)
class CheckShape:
    """A CHECK; `shown` is its condition in PostgreSQL's words, `columns` what it names."""

    name: str
    shown: str
    columns: tuple[str, ...]


@dataclass(slots=True)
class TableShape:
    """A table while it is made or changed."""

    schema: str
    name: str
    columns: list[ColumnShape] = field(default_factory=list)
    keys: list[KeyShape] = field(default_factory=list)
    checks: list[CheckShape] = field(default_factory=list)
    foreign: list[ForeignKey] = field(default_factory=list)
    """The foreign keys it had, and those that were added."""
    indexes: list[Index] = field(default_factory=list)
    """Those that CREATE INDEX made."""
    sequences: list[tuple[Sequence, str | None, str | None, str | None]] = field(default_factory=list)
    """New sequences, each with the schema, table and column that own it."""
    comment: str | None = None

    @property
    def place(self) -> str:
        return f"{quoted(self.schema)}.{quoted(self.name)}"

    @property
    def primary(self) -> tuple[str, ...]:
        return next((key.columns for key in self.keys if key.kind == "p"), ())

    @property
    def fields(self) -> list[Field]:
        return [Field(column.name, column.type) for column in self.columns]

    @property
    def stored(self) -> list[ColumnShape]:
        return [column for column in self.columns if column.generated is None]

    def column(self, name: str) -> ColumnShape | None:
        return next((column for column in self.columns if column.name == name), None)

    def scope(self) -> Scope:
        """What a check or a generated column can name."""
        return Scope(sources=[Source(self.name, self.fields)])

    @property
    def constraint_names(self) -> set[str]:
        names = {key.name for key in self.keys} | {check.name for check in self.checks}
        required = {column.required for column in self.columns if column.required is not None}
        return names | {key.name for key in self.foreign} | required


def of_table(table: Table) -> TableShape:
    """The shape of a table that is there."""
    shape = TableShape(table.schema, table.name, comment=table.comment)
    for c in table.columns:
        shape.columns.append(
            ColumnShape(
                c.name, c.type, c.default, c.nullable, c.generated, c.identity, c.comment, c.name, required=c.required
            )
        )  # fmt: skip
    for index in table.indexes:
        if index.definition is not None:
            shape.indexes.append(index)
        else:
            shape.keys.append(KeyShape(index.name, "p" if index.primary else "u", index.columns))
    shape.checks = [CheckShape(check.name, check.condition, check.columns) for check in table.checks]
    shape.foreign = list(table.foreign_keys)
    return shape


def create(binder: Binder, shape: TableShape) -> str:
    """CREATE TABLE as DuckDB runs it."""
    columns = [_column(binder, column) for column in shape.columns]
    checks = [check for column in shape.columns for check in _own_checks(column)]
    checks += [check_words(binder, shape, check) for check in shape.checks]
    return f"CREATE TABLE {shape.place} ({', '.join([*columns, *checks, *map(key_words, shape.keys)])})"


def column_kind(binder: Binder, kind: str) -> str:
    """The DuckDB type of a column; a length is a check of its own."""
    plain = base(kind)
    sized = plain in ("numeric", "vector") or (is_array(kind) and "numeric" in kind)
    return duckdb_type(kind if sized else plain, binder.enums)


def _column(binder: Binder, column: ColumnShape) -> str:
    words = [quoted(column.name), column_kind(binder, column.type)]
    if column.generated is not None:
        words.append(f"GENERATED ALWAYS AS ({column.generated})")
        return " ".join(words)
    if not column.nullable:
        words.append("NOT NULL")
    if column.default is not None:
        words.append(f"DEFAULT {column.default}")
    if has_length(column.type):
        words.append(f"CHECK (length({quoted(column.name)}) <= {modifiers(column.type)[0]})")
    return " ".join(words)


def has_length(kind: str) -> bool:
    return base(kind) in ("varchar", "bpchar") and "(" in kind


def _own_checks(column: ColumnShape) -> list[str]:
    """A generated column is computed when it is read: what its expression refuses is to be refused at the write."""
    if column.generated is None:
        return []
    return [f"CHECK ((({column.generated}) IS NULL) IS NOT NULL)"]


def key_words(key: KeyShape) -> str:
    return f"{'PRIMARY KEY' if key.kind == 'p' else 'UNIQUE'} ({', '.join(map(quoted, key.columns))})"


def check_words(binder: Binder, shape: TableShape, check: CheckShape) -> str:
    """The condition as DuckDB checks it, with the words of its refusal."""
    message = literal(f'[23514] new row for relation "{shape.name}" violates check constraint "{check.name}"')
    return (
        f"CHECK (CASE WHEN ({condition(binder, shape, check)}) IS NOT FALSE THEN TRUE "
        f"ELSE CAST(error({message}) AS BOOLEAN) END)"
    )


def condition(binder: Binder, shape: TableShape, check: CheckShape) -> str:
    return unqualified(bound_condition(binder, shape, shown_tree(check.shown)), shape)


def bound_condition(binder: Binder, shape: TableShape, tree: Node) -> Node:
    from helios_magic.engine.dialect.queries import boolean

    return boolean(binder, visit(binder, spelled_out(tree), shape.scope()), "CHECK")


def shown_tree(shown: str) -> Node:
    """A condition that our catalogue keeps, read again."""
    select = READING.parse(f"SELECT {shown}")[0]
    if not isinstance(select, exp.Select):
        raise unsupported("changing a table with this CHECK constraint")
    return select.expressions[0].pop()  # type: ignore[no-any-return]


def unqualified(value: Node, shape: TableShape | None = None) -> str:
    """The text of a table's own expression: columns without the table, generated ones by what they are made of."""
    if any(True for _ in value.find_all(exp.Query)):
        raise unsupported("a subquery in a constraint")
    made = {} if shape is None else {c.name: c.generated for c in shape.columns if c.generated is not None}
    for column in list(value.find_all(exp.Column)):
        column.set("table", None)
        expression = made.get(column.name)
        if expression is not None:
            instead = Sql(template="(" + expression.replace("{", "{{").replace("}", "}}") + ")", expressions=[])
            if column is value:
                value = instead
            else:
                column.replace(instead)
    return text(value)


def constraint_name(binder: Binder, shape: TableShape, columns: Iterable[str], label: str) -> str:
    """PostgreSQL's name for a constraint without one, free among all of the schema's."""
    taken = {
        name
        for table in binder.schema.tables
        if table.schema == shape.schema
        for name in (
            *(c.name for c in table.checks), *(f.name for f in table.foreign_keys), *(i.name for i in table.indexes)
        )
    }  # fmt: skip
    taken |= shape.constraint_names | {i.name for i in shape.indexes} | {made.name for made, *_ in shape.sequences}
    relation = label in ("pkey", "key", "idx")
    count = 0
    while True:  # as often as there are such names
        wanted = object_name(shape.name, "_".join(columns), f"{label}{count or ''}")
        if wanted not in taken and not (relation and is_taken(binder, shape.schema, wanted)):
            return wanted
        count += 1


def object_name(table: str, columns: str, label: str) -> str:
    """`table_columns_label` within 63 bytes: the longer of the two is cut (PostgreSQL's makeObjectName)."""
    one, other = table.encode(), columns.encode()
    room = _LONGEST_NAME - len(label.encode()) - 1 - (1 if columns else 0)
    while len(one) + len(other) > room:
        if len(one) > len(other):
            one = one[:-1]
        else:
            other = other[:-1]
    parts = [part.decode(errors="ignore") for part in (one, other) if part]
    return "_".join([*parts, label])


def required(shape: TableShape, name: str) -> ColumnShape | None:
    """The column whose NOT NULL has this name."""
    for column in shape.columns:
        if not column.nullable and name == (column.required or object_name(shape.name, column.name, "not_null")):
            return column
    return None


def refuse_taken(shape: TableShape, name: str | None, place: int | None) -> None:
    if name is not None and name in shape.constraint_names:
        raise Refusal("42710", f'constraint "{name}" for relation "{shape.name}" already exists', place=place)


def constraint_rows(shape: TableShape) -> list[tuple[object, ...]]:
    """What our catalogue keeps of keys and checks, and of NOT NULLs that have a name of their own."""
    at = (shape.schema, shape.name)
    return [
        *((*at, key.name, key.kind, list(key.columns), None) for key in shape.keys),
        *((*at, check.name, "c", list(check.columns), check.shown) for check in shape.checks),
        *((*at, column.required, "n", [column.name], None) for column in shape.columns if column.required is not None),
    ]


def foreign_row(shape: TableShape, key: ForeignKey) -> tuple[object, ...]:
    schema, _, table = key.references.rpartition(".")
    return (
        key.name, shape.schema, shape.name, list(key.columns), schema or "public", table,
        list(key.references_columns), key.on_delete, key.on_update, key.deferrable, key.deferred,
    )  # fmt: skip


def column_row(shape: TableShape, column: ColumnShape) -> tuple[object, ...]:
    return (shape.schema, shape.name, column.name, column.type, column.identity, None)


def recorded(shape: TableShape) -> list[str]:
    """What our catalogue is told of a new table."""
    from helios_magic.engine.dialect import sequences

    return [
        *bookkeeping.record("tables", [(shape.schema, shape.name)]),
        *bookkeeping.record("columns", [column_row(shape, column) for column in shape.columns]),
        *bookkeeping.record("constraints", constraint_rows(shape)),
        *bookkeeping.record("foreign_keys", [foreign_row(shape, key) for key in shape.foreign]),
        *sequences.recorded(shape.sequences),
    ]
