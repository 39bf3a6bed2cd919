"""CREATE TABLE: columns, keys, checks and what our catalogue keeps of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from helios_magic.engine.dialect import bookkeeping, sequences
from helios_magic.engine.dialect.conversion import coerce
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import SYNTAX, Refusal, nearest, unsupported
from helios_magic.engine.dialect.grammar import READING, text
from helios_magic.engine.dialect.pgtypes import INTEGERS, base, duckdb_type, from_tree, is_array, modifiers
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.prepared import TableName
from helios_magic.engine.dialect.scope import Field, Scope, Source
from helios_magic.engine.dialect.sources import is_taken
from helios_magic.engine.dialect.typed import Node, literal, name_of, place_of, quoted
from helios_magic.engine.sequences import drawing, drawn_from
from helios_magic.schema import Sequence

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_SERIAL = {exp.DType.SERIAL: "int4", exp.DType.BIGSERIAL: "int8", exp.DType.SMALLSERIAL: "int2"}
_SERIAL_NAMES = {"serial4": "int4", "serial8": "int8", "serial2": "int2"}


@dataclass(slots=True)
class Definition:
    """A table while it is read from its DDL."""

    schema: str
    name: str
    columns: list[Field] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    sequences: list[tuple[Sequence, str | None, str | None, str | None]] = field(default_factory=list)
    rows: list[tuple[object, ...]] = field(default_factory=list)
    constraints: list[tuple[object, ...]] = field(default_factory=list)
    foreign: list[tuple[object, ...]] = field(default_factory=list)
    primary: tuple[str, ...] = ()
    unique: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def place(self) -> str:
        return f"{quoted(self.schema)}.{quoted(self.name)}"

    def constraint_name(self, name: str) -> str:
        taken = {str(row[2]) for row in self.constraints} | {str(row[0]) for row in self.foreign}
        wanted, count = name, 0
        while wanted in taken:
            count += 1
            wanted = f"{name}{count}"
        return wanted


def create_table(binder: Binder, node: exp.Create) -> Plan:
    """CREATE TABLE with columns, or AS a query."""
    if node.args.get("properties"):
        raise unsupported(
            "CREATE TABLE with " + str(node.args["properties"].expressions[0].key).upper(), place=place_of(node)
        )
    target = node.this.this if isinstance(node.this, exp.Schema) else node.this
    schema, name = new_name(binder, target)
    if is_taken(binder, schema, name):
        if node.args.get("exists"):
            return Plan("ddl", "CREATE TABLE", ["SELECT 1"], binder)
        raise Refusal("42P07", f'relation "{name}" already exists', place=place_of(target))
    definition = Definition(schema, name)
    if node.args.get("expression") is not None:
        return _as_query(binder, node, definition)
    if not isinstance(node.this, exp.Schema):
        raise Refusal(SYNTAX, "a table needs columns", place=place_of(target))
    read_parts(binder, definition, node.this.expressions)
    steps = [
        f"CREATE TABLE {definition.place} ({', '.join(definition.parts)})",
        *bookkeeping.record("tables", [(schema, name)]),
        *recorded(definition),
    ]
    return Plan("ddl", "CREATE TABLE", steps, binder)


def recorded(definition: Definition) -> list[str]:
    return [
        *bookkeeping.record("columns", definition.rows),
        *bookkeeping.record("constraints", definition.constraints),
        *bookkeeping.record("foreign_keys", definition.foreign),
        *sequences.recorded(definition.sequences),
    ]


def new_name(binder: Binder, target: exp.Expression) -> tuple[str, str]:
    schema, name = name_of(target.args.get("db")) or "public", name_of(target.this)
    if target.args.get("catalog") is not None:
        raise unsupported("a name in three parts", place=place_of(target))
    if schema not in binder.schema.schemas or schema.startswith("_"):
        raise Refusal(
            "3F000",
            f'schema "{schema}" does not exist',
            place=place_of(target),
            hint=nearest(schema, binder.schema.schemas),
        )
    return schema, name


def _as_query(binder: Binder, node: exp.Create, definition: Definition) -> Plan:
    body, fields = binder.query(node.args["expression"])
    given = (
        [name_of(part.this if isinstance(part, exp.ColumnDef) else part) for part in node.this.expressions]
        if isinstance(node.this, exp.Schema)
        else []
    )
    names = [*given, *(f.name for f in fields[len(given) :])]
    if len({n.lower() for n in names}) < len(names):
        raise Refusal(
            "42701", "a column is specified more than once", hint="Give each column of the query a name of its own."
        )
    definition.rows = [
        (definition.schema, definition.name, n, None if f.type in ("numeric", "unknown") else f.type, None, None)
        for n, f in zip(names, fields, strict=True)
    ]
    listed = ", ".join(quoted(n) for n in names)
    inner = text(body)
    steps = [f"CREATE TABLE {definition.place} AS SELECT * FROM ({inner}) AS _q({listed})"]
    steps += [*bookkeeping.record("tables", [(definition.schema, definition.name)]), *recorded(definition)]
    return Plan("ddl", "CREATE TABLE", steps, binder)


def read_parts(binder: Binder, definition: Definition, parts: list[Node]) -> None:
    """Columns first, since checks and keys may name columns that come after them."""
    columns = [part for part in parts if isinstance(part, exp.ColumnDef)]
    for column in columns:
        _name_column(binder, definition, column)
    for column in columns:
        _column(binder, definition, column)
    for part in parts:
        if isinstance(part, exp.ColumnDef):
            continue
        if isinstance(part, exp.Constraint):
            for inner in part.expressions:
                table_constraint(binder, definition, inner, name_of(part.this))
        else:
            table_constraint(binder, definition, part, None)


def _name_column(binder: Binder, definition: Definition, part: exp.ColumnDef) -> None:
    name = name_of(part.this)
    for other in definition.columns:
        if other.name == name:
            raise Refusal("42701", f'column "{name}" specified more than once', place=place_of(part.this))
        if other.name.lower() == name.lower():
            raise unsupported(
                f'two columns that differ only by case ("{other.name}", "{name}")', place=place_of(part.this)
            )
    if part.args.get("kind") is None:
        raise Refusal(SYNTAX, f'column "{name}" needs a type', place=place_of(part.this))
    definition.columns.append(Field(name, from_tree(part.args["kind"], binder.enums)))


def _column(binder: Binder, definition: Definition, part: exp.ColumnDef) -> None:
    column = next(c for c in definition.columns if c.name == name_of(part.this))
    kind = part.args["kind"]
    serial = _SERIAL.get(kind.this) if isinstance(kind, exp.DataType) else None
    words = [
        quoted(column.name),
        duckdb_type(
            column.type
            if base(column.type) in ("numeric", "vector") or (is_array(column.type) and "numeric" in column.type)
            else base(column.type),
            binder.enums,
        ),
    ]
    identity = generated = default = None
    options: dict[str, object] = {}
    for constraint in part.args.get("constraints") or ():
        name = name_of(constraint.this) if isinstance(constraint.this, exp.Identifier) else None
        rule = constraint.kind if isinstance(constraint, exp.ColumnConstraint) else constraint
        if isinstance(rule, exp.NotNullColumnConstraint):
            words += [] if rule.args.get("allow_null") else ["NOT NULL"]
        elif isinstance(rule, exp.DefaultColumnConstraint):
            default = text(coerce(binder, visit(binder, rule.this, Scope()), column.type, assignment=True))
        elif isinstance(rule, exp.GeneratedAsIdentityColumnConstraint):
            options = sequences.identity_options(rule)
            identity = "ALWAYS" if rule.this else "BY DEFAULT"
        elif isinstance(rule, exp.ComputedColumnConstraint):
            value = coerce(binder, visit(binder, rule.this, _own_scope(definition)), column.type, assignment=True)
            generated = _unqualified(value)
            if drawn_from(generated):
                raise Refusal("42P17", "generation expression is not immutable", place=place_of(part))
        else:
            _column_rule(binder, definition, column.name, rule, name)
    if serial or identity:
        if base(column.type) not in INTEGERS:
            raise Refusal("22023", "identity column type must be smallint, integer, or bigint", place=place_of(part))
        at = (definition.schema, definition.name)
        taken = {made.name for made, *_ in definition.sequences}
        sequence = sequences.for_column(binder, at, column.name, {**options, "type": base(column.type)}, taken)
        definition.sequences.append((sequence, *at, column.name))
        default = drawing(sequence)
        words.append("NOT NULL")
    if generated is not None:
        words.append(f"GENERATED ALWAYS AS ({generated})")
    elif default is not None:
        words.append(f"DEFAULT {default}")
    if base(column.type) in ("varchar", "bpchar") and "(" in column.type:
        words.append(f"CHECK (length({quoted(column.name)}) <= {modifiers(column.type)[0]})")
    definition.parts.append(" ".join(dict.fromkeys(words)))
    definition.rows.append((definition.schema, definition.name, column.name, column.type, identity, None))


def _own_scope(definition: Definition) -> Scope:
    return Scope(sources=[Source(definition.name, definition.columns)])


def _unqualified(value: Node) -> str:
    for column in [value, *value.find_all(exp.Column)]:
        if isinstance(column, exp.Column):
            column.set("table", None)
    if any(True for _ in value.find_all(exp.Query)):
        raise unsupported("a subquery in a constraint")
    return text(value)


def _column_rule(binder: Binder, definition: Definition, column: str, rule: Any, name: str | None) -> None:
    if isinstance(rule, exp.PrimaryKeyColumnConstraint):
        add_key(definition, "p", (column,), name)
    elif isinstance(rule, exp.UniqueColumnConstraint):
        if rule.args.get("nulls"):
            raise unsupported("UNIQUE NULLS NOT DISTINCT", place=place_of(rule))
        add_key(definition, "u", (column,), name)
    elif isinstance(rule, exp.CheckColumnConstraint):
        _check(binder, definition, rule.this, name, column)
    elif isinstance(rule, exp.Reference):
        foreign_key(binder, definition, (column,), rule, name)
    elif isinstance(rule, exp.CollateColumnConstraint):
        if name_of(rule.this).lower() not in ("c", "posix", "default"):
            raise unsupported("this collation", place=place_of(rule))
    else:
        raise unsupported(f"the column constraint {rule.key}", place=place_of(rule))


def table_constraint(binder: Binder, definition: Definition, part: Node, name: str | None) -> None:
    if isinstance(part, exp.PrimaryKey):
        add_key(definition, "p", _names(part.expressions), name)
    elif isinstance(part, exp.UniqueColumnConstraint):
        if part.args.get("nulls"):
            raise unsupported("UNIQUE NULLS NOT DISTINCT", place=place_of(part))
        inner = part.this
        add_key(definition, "u", _names(inner.expressions if isinstance(inner, exp.Schema) else [inner]), name)
    elif isinstance(part, (exp.CheckColumnConstraint, exp.Check)):
        _check(binder, definition, part.this, name, None)
    elif isinstance(part, exp.ForeignKey):
        options = part.args.get("reference")
        if not isinstance(options, exp.Reference):
            raise Refusal(SYNTAX, "FOREIGN KEY needs REFERENCES", place=place_of(part))
        foreign_key(binder, definition, _names(part.expressions), options, name)
    else:
        raise unsupported(f"{part.key.upper()} in CREATE TABLE", place=place_of(part))


def _names(nodes: list[Node]) -> tuple[str, ...]:
    return tuple(name_of(node.this if isinstance(node, (exp.Ordered, exp.Column)) else node) for node in nodes)


def _must_exist(definition: Definition, columns: tuple[str, ...]) -> None:
    known = [c.name for c in definition.columns]
    for column in columns:
        if column not in known:
            raise Refusal("42703", f'column "{column}" named in key does not exist', hint=nearest(column, known))


def add_key(definition: Definition, kind: str, columns: tuple[str, ...], name: str | None) -> None:
    """PRIMARY KEY or UNIQUE, under PostgreSQL's name for it."""
    _must_exist(definition, columns)
    if kind == "p":
        if definition.primary:
            raise Refusal("42P16", f'multiple primary keys for table "{definition.name}" are not allowed')
        definition.primary = columns
    else:
        definition.unique.append(columns)
    default = f"{definition.name}_pkey" if kind == "p" else f"{definition.name}_{'_'.join(columns)}_key"
    listed = ", ".join(quoted(c) for c in columns)
    definition.parts.append(f"{'PRIMARY KEY' if kind == 'p' else 'UNIQUE'} ({listed})")
    definition.constraints.append(
        (definition.schema, definition.name, name or definition.constraint_name(default), kind, list(columns), None)
    )


def _check(binder: Binder, definition: Definition, condition: Node, name: str | None, column: str | None) -> None:
    from helios_magic.engine.dialect.queries import boolean

    shown = READING.generate(condition)
    bound = boolean(binder, visit(binder, condition, _own_scope(definition)), "CHECK")
    used = list(dict.fromkeys(c.name for c in [bound, *bound.find_all(exp.Column)] if isinstance(c, exp.Column)))
    single = column or (used[0] if len(used) == 1 else None)
    default = f"{definition.name}_{single}_check" if single else f"{definition.name}_check"
    full = name or definition.constraint_name(default)
    message = literal(f'[23514] new row for relation "{definition.name}" violates check constraint "{full}"')
    definition.parts.append(
        f"CHECK (CASE WHEN ({_unqualified(bound)}) IS NOT FALSE THEN TRUE ELSE CAST(error({message}) AS BOOLEAN) END)"
    )
    definition.constraints.append((definition.schema, definition.name, full, "c", used, shown))


def foreign_key(
    binder: Binder, definition: Definition, columns: tuple[str, ...], reference: exp.Reference, name: str | None
) -> None:
    """A row for our catalogue; the engine checks it.  The target must be there and unique (42830)."""
    _must_exist(definition, columns)
    inner = reference.this
    target = inner.this if isinstance(inner, exp.Schema) else inner
    schema, parent = name_of(target.args.get("db")) or "public", name_of(target.this)
    wanted = _names(inner.expressions) if isinstance(inner, exp.Schema) else ()
    if (schema, parent) == (definition.schema, definition.name):
        primary, unique, known = definition.primary, definition.unique, {c.name: c.type for c in definition.columns}
    else:
        table = binder.schema.table(parent, schema)
        if table is None:
            raise Refusal(
                "42P01",
                f'relation "{parent}" does not exist',
                place=place_of(target),
                hint=nearest(parent, [t.name for t in binder.schema.tables]),
            )
        binder.reads.add(TableName(schema, parent))
        primary, unique = table.primary_key, [*table.unique, *(i.columns for i in table.indexes if i.unique)]
        known = {c.name: c.type for c in table.columns}
    wanted = wanted or primary
    if not wanted:
        raise Refusal("42704", f'there is no primary key for referenced table "{parent}"', place=place_of(target))
    for column in wanted:
        if column not in known:
            raise Refusal(
                "42703",
                f'column "{column}" referenced in foreign key constraint does not exist',
                hint=nearest(column, known),
            )
    if len(wanted) != len(columns):
        raise Refusal(
            "42830", "number of referencing and referenced columns for foreign key disagree", place=place_of(target)
        )
    if not any(set(key) == set(wanted) for key in [primary, *unique]):
        raise Refusal(
            "42830",
            f'there is no unique constraint matching given keys for referenced table "{parent}"',
            place=place_of(target),
        )
    options = " ".join(
        str(option if isinstance(option, str) else option.name) for option in reference.args.get("options") or ()
    ).upper()
    if "MATCH FULL" in options or "MATCH PARTIAL" in options:
        raise unsupported("MATCH FULL", place=place_of(target))
    full = name or definition.constraint_name(f"{definition.name}_{'_'.join(columns)}_fkey")
    deferrable = "DEFERRABLE" in options and "NOT DEFERRABLE" not in options
    deferred = "INITIALLY DEFERRED" in options
    definition.foreign.append(
        (
            full,
            definition.schema,
            definition.name,
            list(columns),
            schema,
            parent,
            list(wanted),
            _action(options, "DELETE"),
            _action(options, "UPDATE"),
            deferrable,
            deferred,
        )
    )


def _action(options: str, event: str) -> str:
    for action in ("CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT"):
        if f"ON {event} {action}" in options:
            return action
    return "NO ACTION"
