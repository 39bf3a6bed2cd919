"""Types meeting each other: the common type of several, casts, and what a literal becomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.constants import CHECKED, check_digits, string_literal
from helios_magic.engine.dialect.failures import Refusal, unsupported
from helios_magic.engine.dialect.pgcatalog import types as catalogue
from helios_magic.engine.dialect.pgtypes import (
    INTEGERS,
    NUMBERS,
    STRINGS,
    UNKNOWN,
    base,
    duckdb_type,
    element,
    is_array,
    long_name,
    modifiers,
)
from helios_magic.engine.dialect.typed import (
    Node,
    base_of,
    is_null,
    is_parameter,
    is_string,
    literal,
    place_of,
    sql,
    type_of,
)

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_OIDS = ("oid", "regclass", "regtype", "regnamespace", "regrole")
_RANK = {name: rank for rank, name in enumerate(NUMBERS)}
#: What each type converts to without being asked (PostgreSQL's implicit casts).
_IMPLICIT = {
    "int2": ("int4", "int8", "numeric", "float4", "float8", *_OIDS),
    "int4": ("int8", "numeric", "float4", "float8", *_OIDS),
    "int8": ("numeric", "float4", "float8", *_OIDS),
    **{kind: tuple(other for other in _OIDS if "oid" in (kind, other)) for kind in _OIDS},
    "char": ("text", "varchar"),
    "numeric": ("float4", "float8"),
    "float4": ("float8",),
    "varchar": ("text", "bpchar", "name"),
    "bpchar": ("text", "varchar"),
    "name": ("text", "varchar"),
    "text": ("varchar", "bpchar", "name"),
    "date": ("timestamp", "timestamptz"),
    "timestamp": ("timestamptz",),
    "time": ("interval",),
}
#: What an assignment (INSERT, UPDATE) converts beside that.
_ASSIGNED = {
    **dict.fromkeys(NUMBERS, NUMBERS),
    "timestamp": ("date", "time"),
    "timestamptz": ("date", "timestamp", "time"),
    "json": ("jsonb",),
    "jsonb": ("json",),
    "interval": ("time",),
}


def implicit(source: str, target: str) -> bool:
    """Whether PostgreSQL converts without being asked."""
    return source in (target, UNKNOWN) or target in _IMPLICIT.get(source, ())


def common_type(types: Sequence[str], where: str) -> str:
    """The one type of CASE branches, UNION columns, VALUES rows; `unknown` if none of them has a type."""
    known = [name for name in types if name != UNKNOWN]
    if not known:
        return UNKNOWN
    if all(name == known[0] for name in known):
        # A bare literal is not cut to the others' length or scale, nor padded to it.
        return base(known[0]) if len(known) < len(types) else known[0]
    plain = [base(name) for name in known]
    result = plain[0]
    for name in plain[1:]:
        if name == result or (implicit(name, result) and not (name in STRINGS and result == "name")):
            continue
        if implicit(result, name):
            result = name
            continue
        raise Refusal("42804", f"{where} types {long_name(result)} and {long_name(name)} cannot be matched")
    # text, varchar and bpchar convert into each other, so that the first of them stays.
    return result


def settle(binder: Binder, value: Node) -> Node:
    """A result column: a literal or NULL of no type is text; a bare parameter keeps the type it is sent with."""
    if type_of(value) != UNKNOWN or is_parameter(value):
        return value
    settled = coerce(binder, value, "text")
    settled.meta["was_unknown"] = value.copy()
    return settled


def coerce(binder: Binder, value: Node, target: str, *, assignment: bool = False) -> Node:
    """The value as `target`, by PostgreSQL's implicit (or assignment) rules.  42804 where there are none."""
    source, wanted = base_of(value), base(target)
    if isinstance(value, exp.Var):  # DEFAULT
        return value
    if source == UNKNOWN:
        return from_unknown(binder, value, target, length_check=assignment)
    if source == wanted:
        return _same_family(binder, value, target, assignment=assignment)
    allowed = implicit(source, wanted) or (assignment and (wanted in _ASSIGNED.get(source, ()) or wanted in STRINGS))
    if is_array(source) and is_array(wanted):
        allowed = implicit(element(source), element(wanted)) or (element(source) == UNKNOWN)
    if "vector" in (source, wanted):
        from helios_magic.engine.dialect import vectors

        allowed = allowed or (assignment and vectors.assignable(source, wanted))
    if not allowed:
        verb = "expression is of type" if assignment else "cannot convert type"
        raise Refusal(
            "42804",
            f"{verb} {long_name(source)} where {long_name(wanted)} is expected",
            place=place_of(value),
            hint=f"Cast it: (…)::{wanted}",
        )
    return cast(binder, value, target, explicit=False)


def _same_family(binder: Binder, value: Node, target: str, *, assignment: bool) -> Node:
    if assignment and "(" in target and type_of(value) != target:
        return cast(binder, value, target, explicit=False)
    if assignment and target == "numeric" and not isinstance(value, exp.Column):
        return cast(binder, value, target, explicit=False)
    return value


def from_unknown(binder: Binder, value: Node, target: str, *, length_check: bool = False) -> Node:
    """A string literal, NULL or parameter as the type its surroundings decide."""
    plain = base(target)
    if catalogue.involves(plain):
        return catalogue.cast(binder, value, target)
    if plain == "vector":
        return _vector(binder, value, target)
    kind = duckdb_type(target if plain == "numeric" else plain, binder.enums)
    if is_null(value):
        return sql(f"CAST(NULL AS {kind})", pg=target)
    if is_parameter(value):
        return _precise(_parameter(binder, value, target), target)
    if is_string(value):
        return _precise(string_literal(binder, value, target, kind, length_check=length_check), target)
    # A CASE or COALESCE of nothing but literals: text that is converted at run time.
    return cast(binder, sql("{0}", value, pg="text"), target, explicit=False)


def _vector(binder: Binder, value: Node, target: str) -> Node:
    from helios_magic.engine.dialect import vectors

    if is_parameter(value):
        return vectors.parameter(value, target)
    return vectors.from_unknown(value, target) or cast(binder, sql("{0}", value, pg="text"), target, explicit=False)


def _parameter(binder: Binder, value: Node, target: str, level: int = 0) -> Node:
    """A parameter arrives as the caller's type; what would lose a part of it is an error, as in PostgreSQL."""
    plain = base(target)
    kind = duckdb_type(target if plain == "numeric" else plain, binder.enums)
    if is_array(plain) and ("(" in target or plain.startswith("bytea")):
        # Member by member: a cast of the list knows neither lengths nor how PostgreSQL writes bytes.
        name = f"pg_member{level}"
        member = _precise(_parameter(binder, sql(name, pg=UNKNOWN), element(target), level + 1), element(target))
        return sql(
            f"CAST(list_transform({{0}}, lambda {name}: {{1}}) AS {duckdb_type(target, binder.enums)})",
            value,
            member,
            pg=target,
        )
    if plain in INTEGERS:
        return sql(f"CAST(pg_whole({{0}}) AS {kind})", value, pg=target)
    if plain == "numeric":
        return sql("pg_exact({0})" if "(" not in target else f"CAST({{0}} AS {kind})", value, pg=target)
    if plain == "jsonb":
        return sql("CAST(pg_jsonb(CAST({0} AS VARCHAR)) AS JSON)", value, pg=target)
    if plain == "json":
        return sql("CAST(CAST({0} AS VARCHAR) AS JSON)", value, pg=target)
    if plain in ("varchar", "bpchar") and "(" in target:
        return shortened(sql("CAST({0} AS VARCHAR)", value, pg=plain), target, explicit=False)
    if plain == "bytea":
        return sql("pg_bytea({0})", value, pg=target)
    return sql(f"CAST({{0}} AS {kind})", value, pg=target)


def shortened(value: Node, target: str, *, explicit: bool) -> Node:
    """varchar(n) and char(n): an explicit cast cuts, an assignment refuses (22001)."""
    size = modifiers(target)[0]
    plain = base(target)
    if plain == "bpchar":
        # char(n) is kept with its blanks, as it is printed; text of it and comparisons leave them out.
        value = sql("rtrim({0}, ' ')", value, pg=plain)
    fitting = "left({0}, SIZE)" if explicit else f"pg_fitting({{0}}, SIZE, {literal(long_name(plain))})"
    if plain == "bpchar":
        fitting = f"rpad({fitting}, SIZE, ' ')"
    return sql(fitting.replace("SIZE", str(size)), value, pg=target)


def cast(binder: Binder, value: Node, target: str, *, explicit: bool = True) -> Node:
    """CAST by PostgreSQL's rules; what they cannot do is 42846, what we cannot do like them is 0A000."""
    source, plain = base_of(value), base(target)
    if catalogue.involves(source, plain):
        return catalogue.cast(binder, value, target)
    if source == UNKNOWN:
        return from_unknown(binder, value, target)
    if "vector" in (source, plain) and plain not in STRINGS:
        return _vector_cast(binder, value, source, target)
    if plain in STRINGS:
        as_text = to_text(value)
        as_text = (
            shortened(as_text, target, explicit=explicit)
            if plain in ("varchar", "bpchar") and "(" in target
            else as_text
        )
        return sql("{0}", as_text, pg=target)
    if source in STRINGS:
        return _precise(_from_text(binder, value, target), target)
    if source == plain and "(" not in target:
        return value if plain != "numeric" or explicit else _exactly(value, target)
    return _precise(_between(binder, value, source, target), target)


def _vector_cast(binder: Binder, value: Node, source: str, target: str) -> Node:
    from helios_magic.engine.dialect import vectors

    made = vectors.cast(binder, value, source, target)
    if made is None:
        raise _no_cast(value, source, base(target))
    return made


def _precise(value: Node, target: str) -> Node:
    """timestamp(3) and its like are rounded."""
    if "(" not in target or base(target) not in ("timestamp", "timestamptz", "time"):
        return value
    from helios_magic.engine.dialect.temporal import rounded

    return rounded(value, target)


_TEXTS = {
    "bpchar": "rtrim({0}, ' ')", "jsonb": "pg_jsonb(CAST({0} AS VARCHAR))", "float8": "pg_float8({0})",
    "interval": "pg_interval_text({0})", "float4": "pg_float4({0})", "timestamptz": "pg_timestamptz_text({0})",
    "bytea": "('\\x' || lower(hex({0})))",
}  # fmt: skip


def to_text(value: Node) -> Node:
    """The value as PostgreSQL would print it."""
    catalogue.refuse_text(value)
    source = base_of(value)
    if (source in STRINGS and source != "bpchar") or source == UNKNOWN:
        return value
    if source in (*INTEGERS, "bool", "date", "time", "timestamp", "uuid", "json") or source.startswith("regtype"):
        return sql("CAST({0} AS VARCHAR)", value, pg="text")
    if source in _TEXTS:
        return sql(_TEXTS[source], value, pg="text")
    if source == "numeric":
        return numeric_text(value, "the text of a computed numeric")
    if source == "vector":
        from helios_magic.engine.dialect import vectors

        return vectors.to_text(value)
    if is_array(source):
        from helios_magic.engine.dialect.arraycalls import shown_array

        return shown_array(value)
    if "enum" in value.meta or (
        source not in CHECKED and not is_array(source) and source not in ("interval", "float4", "record")
    ):
        return sql("CAST({0} AS VARCHAR)", value, pg="text")
    raise unsupported(f"{long_name(source)} as text", place=place_of(value))


def numeric_text(value: Node, what: str) -> Node:
    """A numeric as PostgreSQL writes it; `what` is refused where its digits are not known."""
    if "written" in value.meta:
        written: Node = value.meta["written"]()
        return written
    if not exact_scale(value):
        raise unsupported(what, place=place_of(value), hint="Give it a scale: (…)::numeric(20,4).")
    return sql("CAST({0} AS VARCHAR)", value, pg="text")


def exact_scale(value: Node) -> bool:
    """Whether DuckDB's scale of a numeric is PostgreSQL's, so that both print the same digits."""
    return bool(value.meta.get("exact_scale")) or "(" in type_of(value)


def _from_text(binder: Binder, value: Node, target: str) -> Node:
    plain = base(target)
    kind = duckdb_type(target if plain == "numeric" else plain, binder.enums)
    if plain in INTEGERS:
        return sql(f"CAST(pg_text_whole({{0}}, {literal(long_name(plain))}) AS {kind})", value, pg=target)
    if plain == "numeric":
        return sql(f"CAST({{0}} AS {kind})" if "(" in target else "pg_exact({0})", value, pg=target)
    if plain == "jsonb":
        return sql("CAST(pg_jsonb({0}) AS JSON)", value, pg=target)
    if plain == "bool":
        return sql("pg_text_bool({0})", value, pg=target)
    if plain == "bytea":
        return sql("pg_bytea({0})", value, pg=target)
    if (
        plain in ("json", "float8", "float4", "uuid", "date", "timestamp", "timestamptz", "time")
        or plain in binder.enums
    ):
        return sql(f"CAST({{0}} AS {kind})", value, pg=target)
    raise unsupported(f"casting text to {long_name(plain)}", place=place_of(value))


def _exactly(value: Node, target: str) -> Node:
    if isinstance(value, exp.Literal):
        check_digits(value, value.name, target)
    return sql("pg_exact({0})", value, pg=target)


def _between(binder: Binder, value: Node, source: str, target: str) -> Node:
    plain = base(target)
    allowed = _CASTS.get(source, ())
    if is_array(source) and is_array(plain):
        inner = element(source)
        if inner != UNKNOWN and (
            (inner in STRINGS) is not (element(plain) in STRINGS) or element(plain) in _CASTS.get(inner, ())
        ):
            member = cast(binder, sql("m", pg=inner), element(target))
            kind = duckdb_type(target, binder.enums)
            return sql(f"CAST(list_transform({{0}}, lambda m: {{1}}) AS {kind})", value, member, pg=target)
        if inner == element(plain) or inner == UNKNOWN or element(plain) in allowed or implicit(inner, element(plain)):
            return sql(f"CAST({{0}} AS {duckdb_type(target, binder.enums)})", value, pg=target)
    if plain not in allowed and plain != source:
        raise _no_cast(value, source, plain)
    if plain == "numeric" and "(" not in target:
        if source in INTEGERS:
            digits = 38 if source == "int8" else 18
            whole = sql(f"CAST({{0}} AS DECIMAL({digits},0))", value, pg="numeric")
            whole.meta["exact_scale"] = True
            return whole
        if source in ("float4", "float8"):
            digits = 6 if source == "float4" else 15
            return sql(f"pg_float_numeric({{0}}, {digits})", value, pg="numeric")
    if plain == "numeric" and source in ("float4", "float8"):
        return sql(f"CAST(pg_float_numeric({{0}}, 15) AS {duckdb_type(target)})", value, pg=target)
    if source in ("json", "jsonb"):
        return _from_json(value, source, target)
    if (source, plain) in _THROUGH:
        return sql(_THROUGH[source, plain], value, pg=target)
    node = sql(f"CAST({{0}} AS {duckdb_type(target, binder.enums)})", value, pg=target)
    if plain == "numeric":
        node.meta["exact_scale"] = True
    return node


def _no_cast(value: Node, source: str, target: str) -> Refusal:
    message = f"cannot cast type {long_name(source)} to {long_name(target)}"
    return Refusal("42846", message, place=place_of(value), sign=("::", None))


def _from_json(value: Node, source: str, target: str) -> Node:
    plain = base(target)
    if plain == "jsonb":
        return sql("CAST(pg_jsonb(CAST({0} AS VARCHAR)) AS JSON)", value, pg=target)
    if plain == "json":
        return sql("CAST(pg_jsonb(CAST({0} AS VARCHAR)) AS JSON)", value, pg=target)
    if plain == "bool":
        return sql("pg_json_bool({0})", value, pg=target)
    inner = sql(f"pg_json_number({{0}}, {literal(long_name(plain))})", value, pg="text")
    return sql(
        f"CAST({{0}} AS {duckdb_type(target)})", sql("CAST({0} AS DECIMAL(38,10))", inner, pg="numeric"), pg=target
    )


_THROUGH = {
    ("timestamptz", "time"): "CAST(CAST({0} AS TIMESTAMP) AS TIME)",
    ("time", "interval"): "to_microseconds(pg_day_micro({0}))",
    ("interval", "time"): "(CAST('00:00:00' AS TIME) + to_microseconds(pg_iv_micro({0})))",
}
_CASTS = {
    **{name: tuple(n for n in NUMBERS if n != name) for name in NUMBERS},
    "int4": ("int2", "int8", "numeric", "float4", "float8", "bool"),
    "bool": ("int4",),
    "date": ("timestamp", "timestamptz"),
    "timestamp": ("date", "time", "timestamptz"),
    "timestamptz": ("date", "time", "timestamp"),
    "time": ("interval",),
    "interval": ("time",),
    "json": ("jsonb",),
    "jsonb": ("json", "bool", "int2", "int4", "int8", "numeric", "float8"),
}
