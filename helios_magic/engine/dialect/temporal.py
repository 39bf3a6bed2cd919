"""Dates, times and intervals: their arithmetic, fields, zones, and functions with a form of their own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.conversion import coerce
from helios_magic.engine.dialect.expressions import rule, visit
from helios_magic.engine.dialect.failures import UNDEFINED_FUNCTION, UNSUPPORTED, Refusal, unsupported
from helios_magic.engine.dialect.pgtypes import INTEGERS, NUMBERS, TIMES, UNKNOWN, long_name
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.timeliterals import ABBREVIATIONS
from helios_magic.engine.dialect.typed import Node, base_of, is_string, literal, name_of, place_of, sql

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

#: PostgreSQL's names of the fields, with their plurals and abbreviations.
FIELDS: dict[str, str] = {}
for _names in (
    "microseconds microsecond us usec usecs usecond useconds microsecon", "milliseconds millisecond ms msec msecs",
    "second seconds sec secs s", "minute minutes min mins m", "hour hours hr hrs h", "day days d",
    "week weeks w", "month months mon mons", "quarter qtr", "year years yr yrs y", "decade decades dec decs",
    "century centuries cent c", "millennium millennia mil mils", "epoch", "dow", "doy", "isodow", "isoyear",
    "julian jd j", "timezone", "timezone_hour timezone_h", "timezone_minute timezone_m",
):  # fmt: skip
    FIELDS |= dict.fromkeys(_names.split(), _names.split()[0])
_YEAR = "date_part('year', {0})"
_WHOLE = {
    name: f"date_part('{name}', {{0}})"
    for name in ("year", "month", "day", "hour", "minute", "quarter", "week", "dow", "isodow", "doy", "isoyear")
} | {
    "century": f"(({_YEAR} + 99) // 100)", "millennium": f"(({_YEAR} + 999) // 1000)", "decade": f"({_YEAR} // 10)",
    "microseconds": "date_part('microsecond', {0})", "timezone": "({0} IS NULL)", "timezone_hour": "",
}  # fmt: skip
_MONTHS = "(date_part('year', {0}) * 12 + date_part('month', {0}))"
_OF_INTERVAL = {
    "year": "date_part('year', {0})", "month": "date_part('month', {0})", "day": "date_part('day', {0})",
    "hour": "date_part('hour', {0})", "minute": "date_part('minute', {0})", "week": "(date_part('day', {0}) // 7)",
    "microseconds": "date_part('microsecond', {0})", "decade": f"({_MONTHS} // 120)",
    "century": f"({_MONTHS} // 1200)", "millennium": f"({_MONTHS} // 12000)",
    "quarter": f"CASE WHEN {_MONTHS} >= 0 THEN date_part('month', {{0}}) // 3 + 1"
               " ELSE date_part('month', {0}) // 3 - 1 END",
}  # fmt: skip


def time_arithmetic(binder: Binder, node: Node, sign: str, left: Node, right: Node) -> Node | None:
    """`left sign right` where one of them is a date, a time or an interval; None where there is no such operator."""
    one, other = base_of(left), base_of(right)
    if one == UNKNOWN:
        _not_unique(node, sign, left, right, other)
        one = "interval" if sign == "+" and other != "date" else "float8" if sign in "*/" else other
        left = coerce(binder, left, one)
    if other == UNKNOWN:
        _not_unique(node, sign, left, right, one)
        other = "interval" if (sign == "+" and one != "date") or one == "interval" else one
        other = ("float8" if sign in "*/" else "interval") if one == "interval" else other
        right = coerce(binder, right, other)
    if sign == "+" and (one, other) != ("interval", "interval"):
        # Every sum may be written the other way round: the day or the time stands first here.
        weight = {**dict.fromkeys(TIMES, 0), "time": 1, "interval": 2}
        if weight.get(one, 3) > weight.get(other, 3):
            left, right, one, other = right, left, other, one
    if sign in "+-":
        return _shifted(binder, sign, left, right)
    return _scaled(binder, sign, left, right)


def _not_unique(node: Node, sign: str, left: Node, right: Node, known: str) -> None:
    """date + 'text' may be a time or an interval."""
    if known == "date" and sign == "+" and (is_string(left) or is_string(right)):
        shown = f"{long_name(base_of(left))} + {long_name(base_of(right))}"
        raise Refusal(
            "42725",
            f"operator is not unique: {shown}",
            place=place_of(node),
            hint="Could not choose a best candidate operator. You might need to add explicit type casts.",
        )


def _shifted(binder: Binder, sign: str, left: Node, right: Node) -> Node | None:
    one, other = base_of(left), base_of(right)
    if one == "date" and other in ("int2", "int4"):
        return sql(f"CAST(({{0}} {sign} CAST({{1}} AS INTEGER)) AS DATE)", left, right, pg="date")
    if one == "date" and other == "date" and sign == "-":
        return sql("CAST(({0} - {1}) AS INTEGER)", left, right, pg="int4")
    if one == "date" and other == "time" and sign == "+":
        return sql("({0} + {1})", left, right, pg="timestamp")
    if one in TIMES and other in TIMES and sign == "-":
        kind = "timestamptz" if "timestamptz" in (one, other) else "timestamp"
        return sql("({0} - {1})", coerce(binder, left, kind), coerce(binder, right, kind), pg="interval")
    if one in TIMES and other in ("interval", "time") and (other == "interval" or one != "date"):
        kind = "timestamp" if one == "date" else one
        return sql(f"({{0}} {sign} {{1}})", coerce(binder, left, kind), coerce(binder, right, "interval"), pg=kind)
    if one == "time" and other == "time" and sign == "-":
        return sql("to_microseconds(pg_day_micro({0}) - pg_day_micro({1}))", left, right, pg="interval")
    if one == "time" and other == "interval":
        return sql(f"({{0}} {sign} {{1}})", left, right, pg="time")
    if {one, other} <= {"interval", "time"}:
        return sql(
            f"({{0}} {sign} {{1}})", coerce(binder, left, "interval"), coerce(binder, right, "interval"), pg="interval"
        )
    return None


def _scaled(binder: Binder, sign: str, left: Node, right: Node) -> Node | None:
    one, other = base_of(left), base_of(right)
    if sign == "*" and one in NUMBERS and other == "interval":
        left, right, one, other = right, left, other, one
    if one != "interval" or other not in NUMBERS or sign not in "*/":
        return None
    if sign == "*" and other in INTEGERS:
        return sql("({0} * CAST({1} AS BIGINT))", left, right, pg="interval")
    macro = "pg_interval_times" if sign == "*" else "pg_interval_by"
    return sql(f"{macro}({{0}}, CAST({{1}} AS DOUBLE))", left, right, pg="interval")


def no_call(name: str, arguments: list[Node], node: Node) -> Refusal:
    shown = ", ".join(long_name(base_of(a)) for a in arguments)
    hint = "No function matches the given name and argument types. You might need to add explicit type casts."
    return Refusal(UNDEFINED_FUNCTION, f"function {name}({shown}) does not exist", place=place_of(node), hint=hint)


@rule(exp.Extract)
def _extract(binder: Binder, node: Node, scope: Scope) -> Node:
    value = visit(binder, node.expression, scope)
    if base_of(value) not in (*TIMES, "time", "interval"):
        raise no_call("pg_catalog.extract", [sql("''", pg=UNKNOWN), value], node)
    return field(node.this.name.lower(), value, node)


def date_part(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """date_part('field', value): extract as a double."""
    if len(arguments) != 2 or base_of(arguments[1]) not in (*TIMES, "time", "interval"):
        raise no_call("date_part", arguments, node)
    if not is_string(arguments[0]):
        raise unsupported("date_part of a computed field", place=place_of(node))
    return sql("CAST({0} AS DOUBLE)", field(arguments[0].name.lower(), arguments[1], node), pg="float8")


def field(spelled: str, value: Node, node: Node) -> Node:
    """One field of a date, time or interval, as numeric."""
    kind = base_of(value)
    name = FIELDS.get(spelled)
    if name is None:
        raise Refusal("22023", f'unit "{spelled}" not recognized for type {long_name(kind)}', place=None)
    found = _fraction(name, kind) or _whole(name, kind)
    if not found:
        raise Refusal(UNSUPPORTED, f'unit "{spelled}" not supported for type {long_name(kind)}', place=None)
    result = sql(found, value, pg="numeric")
    result.meta["exact_scale"] = not (name == "julian" and kind != "date")
    return result


def _decimal(micro: str, scale: int) -> str:
    """Microseconds as seconds (scale 6) or milliseconds (scale 3), exactly."""
    return f"CAST(CAST({micro} AS DECIMAL(20,0)) * CAST('1e-{scale}' AS DECIMAL(7,{scale})) AS DECIMAL(38,{scale}))"


def _fraction(name: str, kind: str) -> str:
    if name == "epoch":
        if kind == "interval":
            # A year has 365.25 days, a month 30.
            seconds = f"({_MONTHS} // 12 * 31557600 + date_part('month', {{0}}) * 2592000 + pg_iv_days({{0}}) * 86400)"
            return _decimal(f"({seconds} * 1000000 + pg_iv_micro({{0}}))", 6)
        return _decimal("pg_day_micro({0})" if kind == "time" else "epoch_us(CAST({0} AS TIMESTAMP))", 6)
    if name == "julian" and kind in TIMES:
        if kind == "date":
            return "CAST(epoch({0}) // 86400 + 2440588 AS DECIMAL(18,0))"
        stamp = "CAST({0} AS TIMESTAMP)"
        day = f"CAST(floor(epoch_us({stamp}) / 86400000000) + 2440588 AS DECIMAL(17,0))"
        return f"{day} + pg_div(CAST(pg_day_micro({stamp}) AS DECIMAL(18,0)), CAST(86400000000 AS DECIMAL(18,0)))"
    if name in ("second", "milliseconds") and kind != "date":
        return _decimal("date_part('microsecond', {0})", 6 if name == "second" else 3)
    return ""


def _whole(name: str, kind: str) -> str:
    template = ""
    if kind == "interval":
        template = _OF_INTERVAL.get(name, "")
    elif name.startswith("timezone"):
        template = "CASE WHEN {0} IS NOT NULL THEN 0 END" if kind == "timestamptz" else ""
    elif kind == "time":
        template = _WHOLE[name] if name in ("hour", "minute", "microseconds") else ""
    elif not (kind == "date" and name in ("hour", "minute", "microseconds")):
        template = _WHOLE.get(name, "")
    return f"CAST({template} AS DECIMAL(18,0))" if template else ""


def date_trunc(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """date_trunc('unit', value [, zone])."""
    kind = base_of(arguments[1]) if len(arguments) > 1 else ""
    if kind == UNKNOWN:
        shown = ", ".join(long_name(base_of(a)) for a in arguments)
        hint = "Could not choose a best candidate function. You might need to add explicit type casts."
        raise Refusal("42725", f"function date_trunc({shown}) is not unique", place=place_of(node), hint=hint)
    zoned = len(arguments) == 3 and kind in ("timestamptz", "date", "timestamp")
    if not (len(arguments) == 2 or zoned) or kind not in (*TIMES, "interval"):
        raise no_call("date_trunc", arguments, node)
    result = "timestamptz" if kind == "date" or zoned else kind
    value = coerce(binder, arguments[1], result)
    spelled = arguments[0].name.lower() if is_string(arguments[0]) else None
    unit = arguments[0]
    if spelled is not None:
        found = FIELDS.get(spelled)
        if found is None or found in ("epoch", "dow", "doy", "isodow", "isoyear", "julian") or "zone" in found:
            word = "recognized" if found is None else "supported"
            code = "22023" if found is None else UNSUPPORTED
            raise Refusal(code, f'unit "{spelled}" not {word} for type {long_name(result)}', place=None)
        if kind == "interval" and found == "week":
            raise Refusal(
                UNSUPPORTED, 'unit "week" not supported for type interval', hint="Months usually have fractional weeks."
            )
        unit = sql(literal(found), pg="text")
    else:
        unit = sql("lower({0})", coerce(binder, unit, "text"), pg="text")
    if kind == "interval":
        return sql("pg_interval_trunc({0}, {1})", unit, value, pg="interval")
    if zoned:
        zone = coerce(binder, arguments[2], "text")
        return sql("(pg_date_trunc({0}, {1} AT TIME ZONE {2}) AT TIME ZONE {2})", unit, value, zone, pg=result)
    plain = (
        "date_trunc" if spelled is not None and FIELDS[spelled] not in ("century", "millennium") else "pg_date_trunc"
    )
    if kind == "timestamp":
        return sql(f"{plain}({{0}}, {{1}})", unit, value, pg=result)
    stamp = f"{plain}({{0}}, CAST({{1}} AS TIMESTAMP))"
    return sql(f"CAST({stamp} AS TIMESTAMPTZ)", unit, value, pg=result)


def age(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """age(later, earlier) in years, months and days; of one argument, from today's midnight."""
    kinds = [base_of(a) for a in arguments]
    if not 1 <= len(arguments) <= 2 or not all(kind in (*TIMES, UNKNOWN) for kind in kinds):
        raise no_call("age", arguments, node)
    stamps = [sql("CAST({0} AS TIMESTAMP)", coerce(binder, a, "timestamptz"), pg="timestamp") for a in arguments]
    if len(stamps) == 1:
        stamps.insert(0, sql("CAST(CAST(now() AS DATE) AS TIMESTAMP)", pg="timestamp"))
    return sql("pg_age({0}, {1})", *stamps, pg="interval")


_INTERVAL_PARTS = ("years", "months", "weeks", "days", "hours", "mins", "secs")


def make_interval(binder: Binder, node: Node, scope: Scope) -> Node:
    """make_interval(years, months, weeks, days, hours, mins, secs), by place or by name."""
    given: dict[str, Node] = {}
    for position, argument in enumerate(node.expressions):
        named = isinstance(argument, exp.Kwarg)
        name = name_of(argument.this) if named else _INTERVAL_PARTS[position] if position < 7 else ""
        if name not in _INTERVAL_PARTS or name in given:
            raise Refusal(UNDEFINED_FUNCTION, "function make_interval with these arguments does not exist",
                          place=place_of(node))  # fmt: skip
        value = visit(binder, argument.expression if named else argument, scope)
        given[name] = coerce(binder, value, "float8" if name == "secs" else "int4")
    parts = [given.get(name, sql("0", pg="int4")) for name in _INTERVAL_PARTS]
    return sql(
        "(to_months(CAST({0} * 12 + {1} AS INTEGER)) + to_days(CAST({2} * 7 + {3} AS INTEGER)) + to_microseconds("
        "CAST({4} AS BIGINT) * 3600000000 + CAST({5} AS BIGINT) * 60000000 + CAST(round({6} * 1000000) AS BIGINT)))",
        *parts,
        pg="interval",
    )


@rule(exp.Overlaps)
def _overlaps(binder: Binder, node: Node, scope: Scope) -> Node:
    from helios_magic.engine.dialect.operators import cast_whole

    whole = cast_whole(node)
    if whole is not node:
        return visit(binder, whole, scope)
    if not all(isinstance(side, exp.Tuple) and len(side.expressions) == 2 for side in (node.this, node.expression)):
        raise Refusal("42601", "wrong number of parameters on side of OVERLAPS expression", place=place_of(node))
    ends: list[Node] = []
    for side in (node.this, node.expression):
        start, end = (visit(binder, part, scope) for part in side.expressions)
        ends += [start, end]
    kinds = {base_of(end) for end in ends} - {UNKNOWN, "interval"}
    if not kinds or not (kinds <= set(TIMES) or kinds == {"time"}):
        raise no_call("pg_catalog.overlaps", ends, node)
    kind = "time" if kinds == {"time"} else "timestamptz" if "timestamptz" in kinds else "timestamp"
    for position in (1, 3):
        if base_of(ends[position]) == "interval":
            start = coerce(binder, ends[position - 1], kind)
            ends[position] = sql("({0} + {1})", start.copy(), ends[position], pg=kind)
    return sql("pg_overlaps({0}, {1}, {2}, {3})", *(coerce(binder, end, kind) for end in ends), pg="bool")


@rule(exp.AtTimeZone, parts=("zone",))
def _at_time_zone(binder: Binder, node: Node, scope: Scope) -> Node:
    return in_zone(binder, node, visit(binder, node.this, scope), visit(binder, node.args["zone"], scope))


def timezone(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """timezone(zone, value), what AT TIME ZONE is short for."""
    if len(arguments) != 2:
        raise no_call("timezone", arguments, node)
    return in_zone(binder, node, arguments[1], arguments[0])


def in_zone(binder: Binder, node: Node, value: Node, zone: Node) -> Node:
    """A timestamp of a zone as an instant, an instant as that zone's timestamp."""
    kind = base_of(value)
    if kind in (UNKNOWN, "date"):
        value, kind = coerce(binder, value, "timestamptz"), "timestamptz"
    if kind not in ("timestamp", "timestamptz"):
        raise no_call("pg_catalog.timezone", [zone, value], node)
    result = "timestamp" if kind == "timestamptz" else "timestamptz"
    shift = zone if base_of(zone) == "interval" else None
    if is_string(zone):
        seconds = _seconds(zone.name)
        shift = sql(f"to_seconds({seconds})", pg="interval") if seconds is not None else None
    if shift is not None:
        sign = "+" if kind == "timestamptz" else "-"
        return sql(f"CAST(CAST({{0}} AS TIMESTAMP) {sign} {{1}} AS {result.upper()})", value, shift, pg=result)
    return sql("({0} AT TIME ZONE {1})", value, coerce(binder, zone, "text"), pg=result)


def _seconds(zone: str) -> int | None:
    """Seconds east of Greenwich of an abbreviation or of POSIX's `-05:30`, which counts to the west."""
    name = zone.strip().lower()
    if name in ABBREVIATIONS:
        return int(ABBREVIATIONS[name] * 3600)
    match = re.fullmatch(r"(?:utc|gmt|<[^>]*>)?([+-])(\d{1,2})(?::?(\d{2}))?", name)
    if match is None:
        return None
    return (1 if match[1] == "-" else -1) * (int(match[2]) * 3600 + int(match[3] or 0) * 60)


@rule(exp.CurrentTime)
def _current_time(binder: Binder, node: Node, scope: Scope) -> Node:
    raise unsupported("type time with time zone (current_time)", place=place_of(node), hint="Use localtime.")


def rounded(value: Node, target: str) -> Node:
    """timestamp(p), timestamptz(p) and time(p): rounded to p digits of a second."""
    digits = int(target[target.index("(") + 1 : target.index(")")])
    kind = base_of(value)
    unit = 10 ** (6 - digits)
    if kind == "time":
        text = f"CAST(pg_precision(CAST('1970-01-01' AS DATE) + {{0}}, {unit}) AS TIME)"
        return sql(text, value, pg=target)
    text = f"pg_precision(CAST({{0}} AS TIMESTAMP), {unit})"
    return sql(f"CAST({text} AS TIMESTAMPTZ)" if kind == "timestamptz" else text, value, pg=target)


def _clock(template: str, kind: str):  # type: ignore[no-untyped-def]
    def build(binder: Binder, node: Node, arguments: list[Node]) -> Node:
        if len(arguments) != 1 or not isinstance(arguments[0], exp.Literal):
            raise no_call(name_of(node), arguments, node)
        return rounded(sql(template, pg=kind), f"{kind}({min(int(arguments[0].name), 6)})")

    return build


SPECIAL = {
    "date_part": date_part, "date_trunc": date_trunc, "age": age, "timezone": timezone,
    "current_timestamp": _clock("now()", "timestamptz"),
    "localtimestamp": _clock("CAST(now() AS TIMESTAMP)", "timestamp"),
    "localtime": _clock("CAST(CAST(now() AS TIMESTAMP) AS TIME)", "time"),
}  # fmt: skip
