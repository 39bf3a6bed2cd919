"""Functions whose constant pattern is read while the statement is prepared: to_char, regexp_match; and concat_ws."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from helios_magic.engine.dialect.failures import unsupported
from helios_magic.engine.dialect.pgtypes import TIMES, long_name
from helios_magic.engine.dialect.typed import Node, base_of, is_string, literal, place_of, sql

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
