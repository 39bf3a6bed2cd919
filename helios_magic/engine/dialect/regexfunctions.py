"""The regexp functions in Python, by PostgreSQL's rules of matching: registered like those of `functions`."""

from __future__ import annotations

import functools
import re

from helios_magic.engine.dialect.regexmatching import Match, matcher

_REFERENCE = re.compile(r"\\([1-9&\\])")


def _flags(flags: str, function: str) -> str:
    if "g" in flags:
        raise ValueError(f'[22023] {function}() does not support the "global" option')
    return flags


def _least(name: str, value: int, least: int = 1) -> None:
    if value < least:
        raise ValueError(f'[22023] invalid value for parameter "{name}": {value}')


def like(text: str, pattern: str, flags: str) -> bool:
    return matcher(pattern, _flags(flags, "regexp_like")).matches(text)


def _taken(text: str, found: Match) -> list[str | None]:
    """The groups of a match, or the whole of it where the pattern has none."""
    spans = found.groups or ((found.start, found.end),)
    return [None if span is None else text[span[0] : span[1]] for span in spans]


def match(text: str, pattern: str, flags: str) -> list[str | None] | None:
    found = matcher(pattern, _flags(flags, "regexp_match")).find(text)
    return None if found is None else _taken(text, found)


def matches(text: str, pattern: str, flags: str) -> list[list[str | None]]:
    known = matcher(pattern, flags.replace("g", ""))
    if "g" in flags:
        return [_taken(text, found) for found in known.all(text)]
    first = known.find(text)
    return [] if first is None else [_taken(text, first)]


def replace(text: str, pattern: str, replacement: str, start: int, which: int, flags: str) -> str:
    """`which` is the match to replace, counted from 1; 0 for all."""
    _least("start", start)
    _least("n", which, 0)
    known = matcher(pattern, flags.replace("g", ""))
    parts, at = [], 0
    for number, found in enumerate(known.all(text, start - 1), 1):
        if which and number < which:
            continue
        parts += [text[at : found.start], _replacement(text, found, replacement)]
        at = found.end
        if which:
            break
    return "".join(parts) + text[at:]


def _replacement(text: str, found: Match, replacement: str) -> str:
    def part(reference: re.Match[str]) -> str:
        sign = reference[1]
        if sign == "\\":
            return "\\"
        if sign == "&":
            return text[found.start : found.end]
        number = int(sign)
        span = found.groups[number - 1] if number <= len(found.groups) else None
        return "" if span is None else text[span[0] : span[1]]

    return _REFERENCE.sub(part, replacement)


def split(text: str, pattern: str, flags: str) -> list[str]:
    known = matcher(pattern, _flags(flags, "regexp_split_to_array"))
    parts, at, before = [], 0, 0
    for found in known.all(text):
        if found.start < len(text) and found.end > before:
            parts.append(text[at : found.start])
            at = found.end
        before = found.end
    return [*parts, text[at:]]


def count(text: str, pattern: str, start: int, flags: str) -> int:
    _least("start", start)
    return sum(1 for _ in matcher(pattern, _flags(flags, "regexp_count")).all(text, start - 1))


def _nth(text: str, pattern: str, start: int, which: int, group: int, flags: str) -> tuple[int, int] | None:
    _least("start", start)
    _least("n", which)
    _least("subexpr", group, 0)
    for number, found in enumerate(matcher(pattern, flags).all(text, start - 1), 1):
        if number == which:
            if group == 0:
                return found.start, found.end
            return found.groups[group - 1] if group <= len(found.groups) else None
    return None


def instr(text: str, pattern: str, start: int, which: int, after: int, flags: str, group: int) -> int:
    if after not in (0, 1):
        raise ValueError(f'[22023] invalid value for parameter "endoption": {after}')
    span = _nth(text, pattern, start, which, group, _flags(flags, "regexp_instr"))
    return 0 if span is None else span[after] + 1


def substr(text: str, pattern: str, start: int, which: int, flags: str, group: int) -> str | None:
    span = _nth(text, pattern, start, which, group, _flags(flags, "regexp_substr"))
    return None if span is None else text[span[0] : span[1]]


def substring(text: str, pattern: str) -> str | None:
    found = matcher(pattern).find(text)
    return None if found is None else _taken(text, found)[0]


@functools.lru_cache(256)
def similar(pattern: str, escape: str) -> str:
    """A pattern of SIMILAR TO as a regular expression.  `[22025]`, `[2200C]` for a wrong escape."""
    if len(escape) > 1:
        raise ValueError("[22025] invalid escape string")
    parts = ["^(?:"]
    inside = escaped = False
    separators = 0
    for mark in pattern:
        if escaped:
            if mark == '"' and not inside:
                # The part between the two separators is the one that substring takes.
                separators += 1
                if separators > 2:
                    raise ValueError("[2200C] SQL regular expression may not contain more than two escape-double-quote"
                                     " separators")  # fmt: skip
                parts.append("){1,1}?(" if separators == 1 else "){1,1}(?:")
            else:
                parts.append("\\" + mark if not mark.isalnum() else mark if inside else f"[{mark}]")
            escaped = False
        elif escape and mark == escape:
            escaped = True
        elif inside:
            inside = mark != "]"
            parts.append("\\\\" if mark == "\\" else mark)
        elif mark == "[":
            inside = True
            parts.append(mark)
        else:
            parts.append(
                {"%": ".*", "_": ".", "(": "(?:", ".": "\\.", "^": "\\^", "$": "\\$", "\\": "\\\\"}.get(mark, mark)
            )
    whole = "".join(parts)
    if separators == 1:
        whole = whole.replace("){1,1}?(", ")(", 1)
    return whole + ")$"


def similar_to(text: str, pattern: str, escape: str) -> bool:
    return matcher(similar(pattern, escape)).matches(text)


def similar_substring(text: str, pattern: str, escape: str) -> str | None:
    return substring(text, similar(pattern, escape))


_T, _N = "VARCHAR", "INTEGER"
REGEX_FUNCTIONS = (
    ("pg_regexp_like", like, (_T, _T, _T), "BOOLEAN"),
    ("pg_regexp_match", match, (_T, _T, _T), "VARCHAR[]"),
    ("pg_regexp_matches", matches, (_T, _T, _T), "VARCHAR[][]"),
    ("pg_regexp_replace", replace, (_T, _T, _T, _N, _N, _T), _T),
    ("pg_regexp_parts", split, (_T, _T, _T), "VARCHAR[]"),
    ("pg_regexp_count", count, (_T, _T, _N, _T), _N),
    ("pg_regexp_instr", instr, (_T, _T, _N, _N, _N, _T, _N), _N),
    ("pg_regexp_substr", substr, (_T, _T, _N, _N, _T, _N), _T),
    ("pg_regexp_substring", substring, (_T, _T), _T),
    ("pg_similar_to", similar_to, (_T, _T, _T), "BOOLEAN"),
    ("pg_similar_substring", similar_substring, (_T, _T, _T), _T),
)
