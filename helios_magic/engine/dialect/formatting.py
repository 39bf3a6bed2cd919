"""Functions whose constant pattern is read while the statement is prepared: to_char, regexp_match; and concat_ws."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from helios_magic.engine.dialect.conversion import coerce, to_text
from helios_magic.engine.dialect.failures import UNDEFINED_FUNCTION, Refusal, unsupported
from helios_magic.engine.dialect.pgtypes import TIMES, UNKNOWN, is_array, long_name
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
    """Dates and times by the common patterns; every other is 0A000."""
    if len(arguments) != 2 or base_of(arguments[0]) not in TIMES:
        kind = long_name(base_of(arguments[0])) if arguments else ""
        raise unsupported(f"to_char of {kind}", place=place_of(node))
    if not is_string(arguments[1]):
        raise unsupported("to_char with a computed pattern", place=place_of(node))
    moment = sql("CAST({0} AS TIMESTAMP)", arguments[0], pg="timestamp")
    pieces: list[str] = []
    written, at, pattern = "", 0, arguments[1].name
    while at < len(pattern):
        piece = _PIECE.match(pattern, at)
        # DDD and SSSS are parts of their own in PostgreSQL.
        if piece is None or re.match("DDD|SSSS", pattern[at:], re.IGNORECASE):
            raise unsupported(f'the pattern "{pattern[at:]}" of to_char', place=place_of(node))
        part = _PARTS.get(piece.group(), "")
        if part is None:
            pieces += [
                _formatted(written),
                f"rpad(strftime({{0}}, '{'%B' if piece.group() == 'Month' else '%A'}'), 9, ' ')",
            ]
            written = ""
        else:
            written += part or (piece["quoted"] if piece["plain"] is None else piece["plain"]).replace("%", "%%")
        at = piece.end()
    joined = " || ".join(part for part in [*pieces, _formatted(written)] if part) or "''"
    return sql(f"CASE WHEN isfinite({{0}}) THEN {joined} END", moment, pg="text")


def _formatted(pattern: str) -> str:
    if not pattern:
        return ""
    return f"strftime({{0}}, {literal(pattern).replace('{', '{{').replace('}', '}}')})"


def concat_ws(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """The values that are not NULL with the separator between them."""
    if len(arguments) < 2:
        raise Refusal(UNDEFINED_FUNCTION, "concat_ws needs a separator and a value", place=place_of(node))
    values = [coerce(binder, arguments[0], "text"), *(printed(binder, value) for value in arguments[1:])]
    slots = ", ".join(f"{{{i}}}" for i in range(len(values)))
    return sql(f"concat_ws({slots})", *values, pg="text")


def printed(binder: Binder, value: Node) -> Node:
    """The value as concat prints it: t and f, and char(n) with its blanks."""
    kind = base_of(value)
    if kind == UNKNOWN:
        return coerce(binder, value, "text")
    if kind == "bool":
        return sql("CASE WHEN {0} THEN 't' WHEN NOT {0} THEN 'f' END", value, pg="text")
    return value if kind == "bpchar" else to_text(value)


def regexp_match(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """The groups of the first match, or the whole of it; NULL where there is none."""
    if len(arguments) != 2 or not is_string(arguments[1]) or is_array(base_of(arguments[0])):
        raise unsupported(f"this {name_of(node)}", place=place_of(node), hint="Write the pattern as a literal.")
    pattern = arguments[1].name
    try:
        groups = re.compile(pattern).groups
    except re.error:
        raise unsupported(f'the pattern "{pattern}"', place=place_of(node)) from None
    if groups and re.search(r"[|?*]|\{0?,|\{0\}", re.sub(r"\\.|\[[^\]]*\]|\(\?:|[*+]\?|\.\*|\][*?]", "", pattern)):
        raise unsupported("a pattern with groups that may be left out", place=place_of(node))
    value = coerce(binder, arguments[0], "text")
    listed = ", ".join(f"regexp_extract({{0}}, {{1}}, {group}, 's')" for group in range(1, groups + 1)) or (
        "regexp_extract({0}, {1}, 0, 's')"
    )
    return sql(f"CASE WHEN regexp_matches({{0}}, {{1}}, 's') THEN [{listed}] END", value, arguments[1], pg="text[]")
