"""Functions in FROM: a short list, each as a subquery with PostgreSQL's column names and types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import jsonrecords
from helios_magic.engine.dialect.failures import UNDEFINED_FUNCTION, Refusal, unsupported
from helios_magic.engine.dialect.pgtypes import duckdb_type
from helios_magic.engine.dialect.scope import Field, Scope, Source
from helios_magic.engine.dialect.setreturning import SET_RETURNING, elements, is_numeric_series, series_bounds
from helios_magic.engine.dialect.typed import Node, name_of, place_of, quoted, sql

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


def table_function(binder: Binder, item: Node, scope: Scope) -> Node:
    """`FROM f(…) AS alias(columns)` as `FROM (SELECT unnest(…) AS column …) AS alias`."""
    from helios_magic.engine.dialect.expressions import visit
    from helios_magic.engine.dialect.queries import print_apart
    from helios_magic.engine.dialect.sources import _add, _rename

    alias = item.args.get("alias")
    name, arguments = _called(item)
    if name in jsonrecords.NAMES:
        given = alias is not None and alias.this is not None
        fields, body = jsonrecords.record(binder, item, name, arguments, scope)
        printed = _add(scope, Source(name_of(alias) if given else name, fields))
        return sql(f"{{0}} AS {quoted(printed).replace('{', '{{').replace('}', '}}')}", body, pg="record")
    if "populate_record" in name:
        raise unsupported(f"function {name}", place=place_of(item), hint="Use jsonb_to_record(…) AS r(id int, …).")
    if name not in SET_RETURNING:
        raise Refusal(
            UNDEFINED_FUNCTION,
            f"function {name} is not one that FROM can read",
            place=place_of(item),
            hint=f"In FROM: {', '.join(sorted(SET_RETURNING))}.",
        )
    if name == "generate_series":
        arguments = [visit(binder, argument, scope) for argument in arguments]
    series = name == "generate_series" and not is_numeric_series(arguments)
    values = _streamed(binder, arguments) if series else elements(binder, name, arguments, scope)
    given = alias is not None and alias.this is not None
    shown = name_of(alias) if given else name
    fields = [Field(column, kind) for column, kind, _ in values]
    scalar = len(fields) == 1
    if (
        scalar
        and given
        and name
        not in ("jsonb_array_elements", "json_array_elements", "jsonb_array_elements_text", "json_array_elements_text")
    ):
        fields[0].name = fields[0].printed = shown
    parts = [value for _, _, value in values]
    offset = item.args.get("offset")
    if offset or item.args.get("ordinality"):
        fields.append(Field(name_of(offset) if isinstance(offset, exp.Identifier) else "ordinality", "int8"))
        columns = alias.args.get("columns") if alias is not None else None
        if columns and isinstance(offset, exp.Identifier) and len(columns) < len(fields):
            columns.append(offset)
        parts.append(_place(values, series=series))
    if alias is not None:
        _rename(fields, alias, shown)
    print_apart(fields)
    template = ", ".join(
        f"{{{i}}} AS {quoted(f.printed).replace('{', '{{').replace('}', '}}')}" for i, f in enumerate(fields)
    )
    printed = _add(scope, Source(shown, fields, scalar=scalar))
    if series:
        template += f" FROM {{{len(parts)}}} WITH ORDINALITY AS _s(x, n)"
        parts.append(values[0][2].meta["stream"])
    body = sql(f"(SELECT {template})", *parts, pg="record")
    return sql(f"{{0}} AS {quoted(printed).replace('{', '{{').replace('}', '}}')}", body, pg="record")


def _called(item: Node) -> tuple[str, list[Node]]:
    if isinstance(item, exp.Unnest):
        return "unnest", item.expressions
    call = item.this
    if call is None:
        raise unsupported("ROWS FROM", place=place_of(item))
    if not isinstance(call, exp.Anonymous):
        raise unsupported(f"{call.key.upper()} in FROM", place=place_of(item))
    return name_of(call), call.expressions


def _streamed(binder: Binder, arguments: list[Node]) -> list[tuple[str, str, Node]]:
    """generate_series as DuckDB's own table function, which makes its rows as they are asked for."""
    wide, bounds = series_bounds(binder, arguments)
    slots = ", ".join(f"{{{i}}}" for i in range(len(bounds)))
    value = sql(f"CAST(_s.x AS {duckdb_type(wide)})", pg=wide)
    value.meta["stream"] = sql(f"generate_series({slots})", *bounds, pg="record")
    return [("generate_series", wide, value)]


def _place(values: list[tuple[str, str, Node]], *, series: bool) -> Node:
    """WITH ORDINALITY: the number of the row, from 1."""
    if series:
        return sql("_s.n", pg="int8")
    lists = [value.expressions[0].copy() for _, _, value in values]
    longest = "greatest(" + ", ".join(f"len({{{i}}})" for i in range(len(lists))) + ")"
    return sql(f"unnest(range(1, {longest} + 1))", *lists, pg="int8")
