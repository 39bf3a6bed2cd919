"""to_char, to_number, to_date and to_timestamp: values by a template, which is read while a statement is prepared."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from helios_magic.engine.dialect import datetemplates, numbertemplates
from helios_magic.engine.dialect.arraycalls import unknown_function
from helios_magic.engine.dialect.conversion import coerce
from helios_magic.engine.dialect.failures import Refusal, unsupported
from helios_magic.engine.dialect.grammar import Sql
from helios_magic.engine.dialect.pgtypes import NUMBERS, TIMES, duckdb_type
from helios_magic.engine.dialect.typed import Node, base_of, is_string, literal, name_of, place_of, sql

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

#: Patterns of to_char in DuckDB's strftime; longer ones first.  Names of months and days are padded to nine.
_PARTS = {
    "FMMonth": "%B", "FMDay": "%A", "HH24": "%H", "HH12": "%I", "YYYY": "%Y", "Month": None, "Day": None, "Mon": "%b",
    "Dy": "%a", "YY": "%y", "MM": "%m", "DD": "%d", "HH": "%I", "MI": "%M", "SS": "%S", "MS": "%g", "US": "%f",
    "AM": "%p", "PM": "%p", "yyyy": "%Y", "mm": "%m", "dd": "%d", "hh24": "%H", "mi": "%M", "ss": "%S",
}  # fmt: skip
_PIECE = re.compile("|".join(sorted(_PARTS, key=len, reverse=True)) + r'|"(?P<quoted>[^"\\]*)"|(?P<plain>[^A-Za-z"\\])')


def to_char(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """Numbers, moments and intervals by a template: the commonest of dates in DuckDB, all others in Python."""
    if len(arguments) != 2 or base_of(arguments[0]) not in (*NUMBERS, *TIMES, "interval", "time"):
        raise unknown_function(node, arguments)
    value, template = arguments[0], coerce(binder, arguments[1], "text")
    kind = base_of(value)
    if kind in TIMES:
        return _moment(value, template, kind)
    if kind in ("interval", "time"):
        value = sql("CAST({0} AS INTERVAL)", value, pg="interval") if kind == "time" else value
        months = "date_part('year', {0}) * 12 + date_part('month', {0})"
        micros = "date_part('hour', {0}) * 3600000000 + date_part('minute', {0}) * 60000000 + date_part('us', {0})"
        return sql(
            f"pg_to_char_interval({months}, date_part('day', {{0}}), {micros}, {{1}})", value, template, pg="text"
        )
    written = sql("CAST({0} AS VARCHAR)", value, pg="text")
    _check(template, numbertemplates.read, node)
    return sql(f"pg_to_char_number({{0}}, {{1}}, '{kind}')", written, template, pg="text")


def _check(template: Node, read: Callable[[str], object], node: Node) -> None:
    """Read a constant template now, so that a wrong one is refused before anything runs."""
    inner = template.expressions[0] if isinstance(template, Sql) and template.expressions else template
    if is_string(inner):
        try:
            read(str(inner.this))
        except ValueError as error:
            raise Refusal(str(error)[1:6], str(error)[8:], place=place_of(node)) from None


def _moment(value: Node, template: Node, kind: str) -> Node:
    moment = sql("CAST({0} AS TIMESTAMP)", value, pg="timestamp")
    inner = template.expressions[0] if isinstance(template, Sql) and template.expressions else template
    fast = _strftime(str(inner.this)) if is_string(inner) else None
    if fast is not None:
        return sql(f"CASE WHEN isfinite({{0}}) THEN {fast} END", moment, pg="text")
    zone = "UTC" if kind == "timestamptz" else ""
    shown = f"pg_to_char_moment({{0}}, {{1}}, '{zone}')"
    return sql(f"CASE WHEN isfinite({{0}}) THEN {shown} END", moment, template, pg="text")


def _strftime(pattern: str) -> str | None:
    """The template in DuckDB's strftime; None where that has no word for a part of it."""
    pieces: list[str] = []
    written, at = "", 0
    while at < len(pattern):
        piece = _PIECE.match(pattern, at)
        # DDD, SSSS and YYYth are parts of their own in PostgreSQL.
        if piece is None or re.match("DDD|SSSS|\\w+th", pattern[at:], re.IGNORECASE):
            return None
        part = _PARTS.get(piece.group(), "")
        if part is None:
            name = "%B" if piece.group() == "Month" else "%A"
            pieces += [_formatted(written), f"rpad(strftime({{0}}, '{name}'), 9, ' ')"]
            written = ""
        else:
            written += part or (piece["quoted"] if piece["plain"] is None else piece["plain"]).replace("%", "%%")
        at = piece.end()
    return " || ".join(part for part in [*pieces, _formatted(written)] if part) or "''"


def to_number(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """to_number(text, template): as many digits after the point as the template has."""
    if len(arguments) != 2:
        raise unknown_function(node, arguments)
    if not is_string(arguments[1]):
        raise unsupported("to_number by a computed template", place=place_of(node))
    template = coerce(binder, arguments[1], "text")
    _check(template, numbertemplates.read, node)
    scale = numbertemplates.read(str(arguments[1].this)).post
    found = sql("pg_to_number({0}, {1})", coerce(binder, arguments[0], "text"), template, pg="text")
    result = sql(f"CAST({{0}} AS DECIMAL(38,{scale}))", found, pg="numeric")
    result.meta["exact_scale"] = True
    return result


def from_text(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """to_date and to_timestamp by a template; to_timestamp(seconds) is a function of the table."""
    from helios_magic.engine.dialect.calls import known

    name = name_of(node)
    if len(arguments) != 2:
        return known(binder, name, arguments, node)
    text, template = (coerce(binder, argument, "text") for argument in arguments)
    _check(template, datetemplates.read, node)
    kind = "date" if name == "to_date" else "timestamptz"
    found = sql("CAST(pg_from_char({0}, {1}) AS TIMESTAMP)", text, template, pg="timestamp")
    return sql(f"CAST({{0}} AS {duckdb_type(kind)})", found, pg=kind)


def _formatted(pattern: str) -> str:
    if not pattern:
        return ""
    return f"strftime({{0}}, {literal(pattern).replace('{', '{{').replace('}', '}}')})"
