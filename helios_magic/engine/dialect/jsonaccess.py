"""`->`, `->>`, `#>`, `#>>` and `?`: DuckDB's own functions where they answer as PostgreSQL does, ours elsewhere.

A jsonb value is kept normalised (keys in order, no duplicates), so DuckDB finds in it what PostgreSQL finds.  What
DuckDB would print otherwise (objects, arrays, fractions) is left to our functions, row by row: the macros
`pg_json_at` and `pg_json_text_at` choose by what stands at the path.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import vectors
from helios_magic.engine.dialect.conversion import coerce
from helios_magic.engine.dialect.expressions import rule, visit
from helios_magic.engine.dialect.grammar import Operator
from helios_magic.engine.dialect.jsoncalls import at_path
from helios_magic.engine.dialect.jsonmembers import PLAIN_KEY
from helios_magic.engine.dialect.operators import no_operator
from helios_magic.engine.dialect.pgtypes import INTEGERS, STRINGS, UNKNOWN
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.typed import Node, base_of, constant_int, is_string, literal, sql

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


@rule(Operator, parts=("operator",))
def _json_operator(binder: Binder, node: Node, scope: Scope) -> Node:
    left, right = visit(binder, node.this, scope), visit(binder, node.expression, scope)
    sign = str(node.args["operator"])
    if sign in vectors.DISTANCES:
        return vectors.distance(binder, node, sign, left, right)
    kind = base_of(left)
    if kind == UNKNOWN or kind not in ("json", "jsonb"):
        raise no_operator(node, sign, left, right)
    if sign == "?":
        if kind == "json":
            raise no_operator(node, sign, left, right)
        return has_key(binder, left, right)
    text = sign.endswith(">>")
    steps = _steps(sign, right) if kind == "jsonb" else None
    if steps is not None:
        return _at(left, steps, text=text)
    raw = kind == "json"  # its members stay as they were written
    if sign.startswith("#"):
        if base_of(right) not in ("text[]", "varchar[]", UNKNOWN):
            raise no_operator(node, sign, left, right)
        return at_path(left, coerce(binder, right, "text[]"), text=text)
    if base_of(right) in INTEGERS:
        value = sql(f"{'pg_raw_item' if raw else 'pg_json_item'}({{0}}, CAST({{1}} AS BIGINT))", left, right, pg=kind)
    elif base_of(right) in (*STRINGS, UNKNOWN):
        member = "pg_raw_member" if raw else "pg_json_member"
        value = sql(f"{member}({{0}}, {{1}})", left, coerce(binder, right, "text"), pg=kind)
    else:
        raise no_operator(node, sign, left, right)
    if text:
        return sql("pg_raw_text({0})" if raw else "pg_json_scalar_text({0})", value, pg="text")
    return sql("CAST({0} AS JSON)", value, pg=kind)


def _steps(sign: str, right: Node) -> list[str | int] | None:
    """The constant keys and indexes of a path; None where there is one that DuckDB's paths cannot say."""
    if sign.startswith("#"):
        if not is_string(right) or not re.fullmatch(r"\{\w+(,\w+)*\}", right.name) or "null" in right.name.lower():
            return None
        keys = right.name[1:-1].split(",")
        return list(keys) if all(PLAIN_KEY.fullmatch(key) for key in keys) else None
    index = constant_int(right)
    if index is not None:
        # The first item (and the last) of a scalar is the scalar itself in PostgreSQL.
        return [index] if index > 0 else None
    return [right.name] if is_string(right) and PLAIN_KEY.fullmatch(right.name) else None


def _at(value: Node, steps: list[str | int], *, text: bool) -> Node:
    """The value at a path; `a -> 'b' -> 'c'` is one path of two steps."""
    if "json_steps" in value.meta:
        value, steps = value.expressions[0], [*value.meta["json_steps"], *steps]
    path = "$" + "".join(f"[{step}]" if isinstance(step, int) else f'."{step}"' for step in steps)
    listed = "[" + ", ".join(literal(str(step)) for step in steps) + "]"
    written = [exp.Literal.string(path), sql(listed.replace("{", "{{").replace("}", "}}"), pg="text[]")]
    if text:
        return sql("pg_json_text_at({0}, {1}, {2})", value, *written, pg="text")
    node = sql("pg_json_at({0}, {1}, {2})", value, *written, pg="jsonb")
    node.meta["json_steps"] = steps
    return node


def has_key(binder: Binder, value: Node, key: Node) -> Node:
    """jsonb ? text."""
    if is_string(key) and PLAIN_KEY.fullmatch(key.name):
        path = exp.Literal.string(f'$."{key.name}"')
        return sql("pg_json_has_at({0}, {1}, {2})", value, path, key, pg="bool")
    return sql("pg_json_has({0}, {1})", value, coerce(binder, key, "text"), pg="bool")
