"""The other DDL: indexes, sequences, types, schemas, TRUNCATE, COMMENT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import bookkeeping, sequences, sources, truncating
from helios_magic.engine.dialect.createtable import new_name
from helios_magic.engine.dialect.drops import drop
from helios_magic.engine.dialect.failures import SYNTAX, Refusal, unsupported
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.sources import is_taken
from helios_magic.engine.dialect.typed import literal, name_of, place_of, quoted
from helios_magic.engine.dialect.views import create_view
from helios_magic.sqltext import Token

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

#: Extensions whose functions are part of the product; CREATE EXTENSION changes nothing.
_EXTENSIONS = frozenset({"pgcrypto", "uuid-ossp", "plpgsql"})


def resolve(binder: Binder, tree: exp.Expression, tokens: list[Token]) -> Plan:
    """One DDL statement; what is not known is 0A000."""
    if isinstance(tree, exp.Create):
        return sequences.create(binder, tokens) if _is_sequence(tree) else _create(binder, tree)
    if isinstance(tree, exp.Drop):
        return drop(binder, tree)
    if isinstance(tree, exp.Alter):
        raise unsupported(f"ALTER {str(tree.args.get('kind') or '').upper()}", place=place_of(tree))
    if isinstance(tree, exp.TruncateTable):
        return truncating.truncate(binder, tree)
    if isinstance(tree, exp.Comment):
        return _comment(binder, tree)
    first = tokens[0]
    if isinstance(tree, exp.Column | exp.Alias | exp.Literal):
        raise Refusal(SYNTAX, f'syntax error at or near "{first.text}"', place=first.start)
    raise unsupported(first.text.upper(), place=first.start)


def _create(binder: Binder, node: exp.Create) -> Plan:
    kind = str(node.kind or "").upper()
    if node.args.get("clone") or node.args.get("begin"):
        raise unsupported(f"this CREATE {kind}", place=place_of(node))
    if kind == "VIEW":
        return create_view(binder, node)
    if kind == "INDEX":
        return _index(binder, node)
    if kind == "TYPE":
        return _enum(binder, node)
    if kind == "SCHEMA":
        name = name_of(node.this.args.get("db"))
        if name.startswith(("_", "pg_")) or name in ("main", "information_schema", "system", "temp"):
            raise Refusal("42939", f'unacceptable schema name "{name}"', place=place_of(node.this))
        _free(binder, name in binder.schema.schemas, f'schema "{name}" already exists', node, "42P06")
        return Plan("ddl", "CREATE SCHEMA", [f"CREATE SCHEMA IF NOT EXISTS {quoted(name)}"], binder)
    raise unsupported(f"CREATE {kind}", place=place_of(node))


def _is_sequence(node: exp.Create) -> bool:
    return str(node.kind or "").upper() == "SEQUENCE"


def _free(binder: Binder, taken: bool, message: str, node: exp.Create, sqlstate: str = "42P07") -> None:
    if taken and not node.args.get("exists") and not node.args.get("replace"):
        raise Refusal(sqlstate, message, place=place_of(node.this))


def extension(binder: Binder, words: list[Token]) -> Plan:
    """CREATE EXTENSION of what is there anyway; every other CREATE that is not read is refused."""
    names = [token.name for token in words]
    if len(names) < 3 or names[1] != "extension":
        raise unsupported(f"CREATE {words[1].text.upper() if len(words) > 1 else ''}".strip(), place=words[0].start)
    name = names[5] if names[2:5] == ["if", "not", "exists"] and len(names) > 5 else names[2]
    if name not in _EXTENSIONS:
        raise unsupported(f'extension "{name}"', place=words[0].start)
    return Plan("ddl", "CREATE EXTENSION", ["SELECT 1"], binder)


def _index(binder: Binder, node: exp.Create) -> Plan:
    index = node.this
    target = index.args.get("table")
    table = sources.find_table(
        binder, name_of(target.this), name_of(target.args.get("db")) or "public", place_of(target)
    )
    params = index.args.get("params")
    using = name_of(params.args.get("using")) if params and params.args.get("using") else "btree"
    unique = bool(node.args.get("unique"))
    keys = params.args.get("columns") or [] if params else []
    if params and params.args.get("where") is not None:
        raise unsupported("a partial index", place=place_of(index))
    if using not in ("btree", "hash"):
        raise unsupported(f"an index USING {using}", place=place_of(index))
    inner = [key.this if isinstance(key, exp.Ordered) else key for key in keys]
    plain = all(isinstance(key, (exp.Column, exp.Identifier)) for key in inner)
    if not plain:
        raise unsupported("an index on an expression", place=place_of(index))
    from helios_magic.engine.dialect.assignments import find_column

    columns = [find_column(table, key).name for key in inner]
    name = name_of(index.this) or _free_index_name(binder, table.schema, f"{table.name}_{'_'.join(columns)}_idx")
    taken = is_taken(binder, table.schema, name)
    if taken and node.args.get("exists"):
        return Plan("ddl", "CREATE INDEX", ["SELECT 1"], binder)
    _free(binder, taken, f'relation "{name}" already exists', node)
    listed = ", ".join(quoted(c) for c in columns)
    word = "UNIQUE INDEX" if unique else "INDEX"
    definition = f"CREATE {word} {name} ON {table.schema}.{table.name} USING {using} ({', '.join(columns)})"
    steps = []
    if unique:
        steps.append(f"CREATE UNIQUE INDEX {quoted(name)} ON {quoted(table.schema)}.{quoted(table.name)} ({listed})")
    # A plain index is only remembered: DuckDB scans columns faster than it would walk it, so no plan ever names it,
    # and a real one would only hold the table's structure fast.
    steps += bookkeeping.record("indexes", [(table.schema, table.name, name, columns, unique, definition)])
    return Plan("ddl", "CREATE INDEX", steps, binder)


def _free_index_name(binder: Binder, schema: str, name: str) -> str:
    wanted, count = name, 0
    while is_taken(binder, schema, wanted):
        count += 1
        wanted = f"{name}{count}"
    return wanted


def _enum(binder: Binder, node: exp.Create) -> Plan:
    schema, name = new_name(binder, node.this)
    kind = node.args.get("expression")
    if not isinstance(kind, exp.DataType) or kind.this != exp.DType.ENUM or schema != "public":
        raise unsupported("a type other than an enum in schema public", place=place_of(node))
    _free(binder, name in binder.enums, f'type "{name}" already exists', node, "42710")
    labels = ", ".join(literal(label.name) for label in kind.expressions)
    return Plan("ddl", "CREATE TYPE", [f"CREATE TYPE {quoted(schema)}.{quoted(name)} AS ENUM ({labels})"], binder)


def _comment(binder: Binder, node: exp.Comment) -> Plan:
    kind = str(node.args.get("kind") or "").upper()
    said = node.args.get("expression")
    written = literal(said.name) if isinstance(said, exp.Literal) else "NULL"
    target = node.this
    if kind in ("TABLE", "VIEW"):
        table = sources.find_table(
            binder, name_of(target.this), name_of(target.args.get("db")) or "public", place_of(target)
        )
        return Plan(
            "ddl",
            "COMMENT",
            [f"COMMENT ON {table.kind.upper()} {quoted(table.schema)}.{quoted(table.name)} IS {written}"],
            binder,
        )
    if kind == "COLUMN" and isinstance(target, exp.Column):
        from helios_magic.engine.dialect.assignments import find_column

        table = sources.find_table(
            binder, name_of(target.args.get("table")), name_of(target.args.get("db")) or "public", place_of(target)
        )
        column = find_column(table, target)
        return Plan(
            "ddl",
            "COMMENT",
            [f"COMMENT ON COLUMN {quoted(table.schema)}.{quoted(table.name)}.{quoted(column.name)} IS {written}"],
            binder,
        )
    raise unsupported(f"COMMENT ON {kind}", place=place_of(node))
