"""jsonb_to_record and jsonb_to_recordset in FROM: the members that the alias names, each as the type it gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.conversion import cast, coerce
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import Refusal, unsupported
from helios_magic.engine.dialect.pgtypes import UNKNOWN, base, duckdb_type, element, from_tree, is_array
from helios_magic.engine.dialect.scope import Field, Scope
from helios_magic.engine.dialect.typed import Node, base_of, literal, name_of, place_of, quoted, sql

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

NAMES = frozenset({"json_to_record", "jsonb_to_record", "json_to_recordset", "jsonb_to_recordset"})


def record(binder: Binder, item: Node, name: str, arguments: list[Node], scope: Scope) -> tuple[list[Field], Node]:
    """The columns that the alias defines, and the subquery that yields the rows."""
    alias = item.args.get("alias")
    columns = list(alias.args.get("columns") or ()) if alias is not None else []
    if alias is None or not columns or not all(isinstance(column, exp.ColumnDef) for column in columns):
        raise Refusal(
            "42601",
            'a column definition list is required for functions returning "record"',
            place=place_of(item),
            hint=f"FROM {name}(…) AS r(id int, name text).",
        )
    alias.set("columns", None)
    kind = name.split("_")[0]
    if len(arguments) != 1:
        raise Refusal("42883", f"function {name} takes one argument", place=place_of(item))
    given = visit(binder, arguments[0], scope)
    if base_of(given) not in (kind, UNKNOWN):
        raise Refusal("42883", f"function {name}({base_of(given)}) does not exist", place=place_of(item))
    value = coerce(binder, given, kind)
    fields = [Field(name_of(c.this), from_tree(c.args["kind"], binder.enums)) for c in columns]
    values = [_member(binder, field, kind) for field in fields]
    listed = ", ".join(f"{{{i}}} AS {_escaped(quoted(f.printed))}" for i, f in enumerate(fields))
    rows = f"unnest({'pg_raw_elements' if kind == 'json' else 'pg_json_elements'}({{{len(values)}}}))"
    if not name.endswith("set"):
        rows = f"CAST({{{len(values)}}} AS VARCHAR)"
    return fields, sql(f"(SELECT {listed} FROM (SELECT {rows} AS e) AS _r)", *values, value, pg="record")


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _member(binder: Binder, field: Field, kind: str) -> Node:
    """A member as its column's type: json as it is, an array item by item, everything else by its text."""
    raw = sql(f"pg_raw_member(_r.e, {_escaped(literal(field.name))})", pg="text")
    return _converted(binder, raw, field.type, kind)


def _converted(binder: Binder, raw: Node, target: str, kind: str, depth: int = 0) -> Node:
    plain = base(target)
    if plain in ("json", "jsonb"):
        text = "pg_jsonb({0})" if plain == "jsonb" else "{0}"
        return sql(f"CAST({text} AS JSON)", raw, pg=target)
    if is_array(plain):
        if is_array(element(plain)):
            raise unsupported("arrays of arrays in jsonb_to_record")
        name = f"m{depth}"
        inner = _converted(binder, sql(name, pg="text"), element(target), kind, depth + 1)
        carrier = duckdb_type(target, binder.enums)
        return sql(
            f"CAST(CASE WHEN {{0}} <> 'null' THEN list_transform(pg_raw_elements({{0}}), lambda {name}: {{1}}) END"
            f" AS {carrier})",
            raw, inner, pg=target,
        )  # fmt: skip
    return cast(binder, sql("pg_raw_text({0})", raw, pg="text"), target, explicit=False)
