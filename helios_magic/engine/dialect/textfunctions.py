"""format(), quoting and the other text functions that DuckDB has no equal of, in Python."""

from __future__ import annotations

import re
import unicodedata

from helios_magic.engine.dialect.pgcatalog.names import quote

_SPECIFIER = re.compile(
    r"%(?:(?P<place>\d+)\$)?(?P<left>-?)(?:(?P<width>\d+)|(?P<star>\*(?:(?P<which>\d+)\$)?))?(?P<kind>.)?", re.DOTALL
)
_ESCAPED = re.compile(
    r"\\(?:(\\)|([0-9a-fA-F]{4})|\+([0-9a-fA-F]{6})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.?))", re.DOTALL
)


def quote_literal(text: str) -> str:
    quoted = "'" + text.replace("'", "''").replace("\\", "\\\\") + "'"
    return "E" + quoted if "\\" in text else quoted


def format_text(template: str, values: list[str | None]) -> str:
    """format(): %s, %I and %L, with positions, widths and `*`.  22023 and 22004 as PostgreSQL raises them."""
    following = 0

    def value(place: str | None) -> str | None:
        nonlocal following
        if place is not None and int(place) == 0:
            raise ValueError("[22023] format specifies argument 0, but arguments are numbered from 1")
        following = int(place) if place is not None else following + 1
        if following > len(values):
            raise ValueError("[22023] too few arguments for format()")
        return values[following - 1]

    def width(found: re.Match[str]) -> int:
        if found["star"] is None:
            wide = int(found["width"] or 0)
        else:
            given = value(found["which"])
            wide = int(given) if given is not None else 0
        return -abs(wide) if found["left"] else wide

    def part(found: re.Match[str]) -> str:
        if found["kind"] is None:
            raise ValueError("[22023] unterminated format() type specifier")
        if found[0] == "%%":
            return "%"
        if found["kind"] not in "sIL":
            raise ValueError(f'[22023] unrecognized format() type specifier "{found["kind"]}"')
        wide = width(found)
        given = value(found["place"])
        if found["kind"] == "I" and given is None:
            raise ValueError("[22004] null values cannot be formatted as an SQL identifier")
        if found["kind"] == "L":
            text = "NULL" if given is None else quote_literal(given)
        else:
            text = quote(given or "") if found["kind"] == "I" else given or ""
        return text.ljust(-wide) if wide < 0 else text.rjust(wide)

    return _SPECIFIER.sub(part, template)


def unescaped(text: str, escape: str = "\\") -> str:
    """Unicode escapes of U&'…' and unistr: \\XXXX, \\+XXXXXX (and \\uXXXX, \\UXXXXXXXX)."""

    def part(found: re.Match[str]) -> str:
        if found[1]:
            return escape
        digits = next((digits for digits in found.groups()[1:5] if digits), None)
        if digits is None:
            raise ValueError("[42601] invalid Unicode escape")
        code = int(digits, 16)
        if not 0 < code <= 0x10FFFF:
            raise ValueError("[42601] invalid Unicode escape value")
        return chr(code)

    marked = text if escape == "\\" else text.replace("\\", "\0").replace(escape, "\\")
    plain = _ESCAPED.sub(part, marked)
    if escape != "\\":
        plain = plain.replace("\0", "\\")
    try:
        return plain.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise ValueError("[42601] invalid Unicode surrogate pair") from None


def unistr(text: str) -> str:
    return unescaped(text)


def normalize(text: str, form: str) -> str:
    if form.upper() not in ("NFC", "NFD", "NFKC", "NFKD"):
        raise ValueError(f"[22023] invalid normalization form: {form}")
    return unicodedata.normalize(form.upper(), text)  # type: ignore[arg-type]


def parse_ident(text: str, strict: bool) -> list[str]:
    """A qualified name in its parts, folded as PostgreSQL folds them."""
    parts, at = [], 0

    def refuse() -> ValueError:
        return ValueError(f'[22023] string is not a valid identifier: "{text}"')

    while True:
        found = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^\W\d][\w$]*))\s*').match(text, at)
        if found is None or found[1] == "":
            raise refuse()
        parts.append(found[1].replace('""', '"') if found[1] is not None else found[2].lower())
        at = found.end()
        if at == len(text) or text[at] != ".":
            break
        at += 1
    if strict and at < len(text):
        raise refuse()
    return parts


def overlay(text: str, part: str, start: int, size: int) -> str:
    if start <= 0:
        raise ValueError("[22011] negative substring length not allowed")
    return text[: start - 1] + part + text[max(start - 1 + size, 0) :]


def upper(text: str) -> str:
    """Letter by letter: ß has no capital of one letter."""
    return "".join(mark.upper() if len(mark.upper()) == 1 else mark for mark in text)


def lower(text: str) -> str:
    return "".join(mark.lower() if len(mark.lower()) == 1 else mark for mark in text)


def backwards(text: str) -> str:
    return text[::-1]


def initcap(text: str) -> str:
    return re.sub(r"[^\W_]+", lambda word: upper(word[0][0]) + lower(word[0][1:]), text)


def character(code: int) -> str:
    if code == 0:
        raise ValueError("[54000] null character not permitted")
    if code < 0:
        raise ValueError("[22023] character number must be positive")
    if code > 0x10FFFF:
        raise ValueError(f"[54000] requested character too large for encoding: {code}")
    if 0xD800 <= code < 0xE000:
        raise ValueError(f"[54000] requested character not valid for encoding: {code}")
    return chr(code)


_T, _N = "VARCHAR", "INTEGER"
TEXT_FUNCTIONS = (
    ("pg_quote_ident", quote, (_T,), _T),
    ("pg_quote_literal", quote_literal, (_T,), _T),
    ("pg_format", format_text, (_T, "VARCHAR[]"), _T),
    ("pg_unistr", unistr, (_T,), _T),
    ("pg_normalize", normalize, (_T, _T), _T),
    ("pg_parse_ident", parse_ident, (_T, "BOOLEAN"), "VARCHAR[]"),
    ("pg_overlay", overlay, (_T, _T, _N, _N), _T),
    ("pg_upper_text", upper, (_T,), _T),
    ("pg_lower_text", lower, (_T,), _T),
    ("pg_reverse_text", backwards, (_T,), _T),
    ("pg_initcap", initcap, (_T,), _T),
    ("pg_chr", character, (_N,), _T),
)
