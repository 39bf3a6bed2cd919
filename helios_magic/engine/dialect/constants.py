"""String literals as the type that their surroundings decide, checked while the statement is prepared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.failures import Refusal, unsupported
from helios_magic.engine.dialect.pgtypes import INTEGERS, TIMES, base, duckdb_type, is_array, long_name
from helios_magic.engine.dialect.typed import Node, literal, place_of, sql

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

CHECKED = {
    "int2": r"\s*[+-]?\d+\s*",
    "int4": r"\s*[+-]?\d+\s*",
    "int8": r"\s*[+-]?\d+\s*",
    "numeric": r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*",
    "float4": r"\s*[+-]?((\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|nan|infinity|inf)\s*",
    "float8": r"\s*[+-]?((\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|nan|infinity|inf)\s*",
    "uuid": r"\s*\{?[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}\}?\s*",
}
_TRUE = ("t", "tr", "tru", "true", "y", "ye", "yes", "on", "1")
_FALSE = ("f", "fa", "fal", "fals", "false", "n", "no", "of", "off", "0")


def string_literal(binder: Binder, value: Node, target: str, kind: str, *, length_check: bool) -> Node:
    text = str(value.this)
    from helios_magic.engine.dialect.conversion import shortened

    plain = base(target)
    if is_array(plain):
        from helios_magic.engine.dialect.arrays import literal_array

        return literal_array(binder, value, text, target)
    if plain in ("text", "name"):
        return sql("{0}", value, pg=target)
    if plain in ("varchar", "bpchar"):
        return shortened(value, target, explicit=not length_check) if "(" in target else sql("{0}", value, pg=target)
    if plain in _READERS:
        return _READERS[plain](value, text)
    if plain in binder.enums:
        labels = next(enum.labels for enum in binder.schema.enums if enum.name == plain)
        if text not in labels:
            raise Refusal("22P02", f'invalid input value for enum {plain}: "{text}"', place=place_of(value))
        return sql(f"CAST({{0}} AS {kind})", value, pg=plain)
    if plain in (*TIMES, "time"):
        return _moment(value, text, target)
    if plain in INTEGERS:
        return _integer(value, text, plain)
    _check_literal(value, text, plain)
    if plain in ("float4", "float8"):
        _check_range(value, text, plain)
    if plain == "numeric":
        check_digits(value, text, target)
    return sql(f"CAST({{0}} AS {kind})", exp.Literal.string(text.strip()), pg=target)


def _integer(value: Node, text: str, plain: str) -> Node:
    """Decimal, hexadecimal, octal or binary, with _ between digits."""
    shown = long_name(plain)
    match = re.fullmatch(r"\s*([+-]?)(0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\d[\d_]*)\s*", text)
    if match is None or "__" in match[2] or match[2].endswith("_"):
        raise Refusal("22P02", f'invalid input syntax for type {shown}: "{text}"', place=place_of(value))
    digits = match[2].replace("_", "").lower()
    radix = {"0x": 16, "0o": 8, "0b": 2}.get(digits[:2], 10)
    number = int(digits if radix == 10 else digits[2:], radix) * (-1 if match[1] == "-" else 1)
    half = 2 ** {"int2": 15, "int4": 31, "int8": 63}[plain]
    if not -half <= number < half:
        raise Refusal("22003", f'value "{text}" is out of range for type {shown}', place=place_of(value))
    return sql(f"CAST('{number}' AS {duckdb_type(plain)})", pg=plain)


def _check_range(value: Node, text: str, plain: str) -> None:
    number = float(text)
    over = abs(number) > 3.4028235677973366e38 if plain == "float4" else number in (float("inf"), float("-inf"))
    if over and "inf" not in text.lower():
        raise Refusal("22003", f'"{text}" is out of range for type {long_name(plain)}', place=place_of(value))


def _check_literal(value: Node, text: str, plain: str) -> None:
    if plain == "numeric" and text.strip().lower().lstrip("+-") in ("nan", "inf", "infinity"):
        raise unsupported("an infinite or undefined numeric", place=place_of(value), hint="Use double precision.")
    pattern = CHECKED.get(plain)
    if pattern is None:
        raise unsupported(f"a literal of type {plain}", place=place_of(value))
    if re.fullmatch(pattern, text, re.IGNORECASE):
        return
    raise Refusal("22P02", f'invalid input syntax for type {long_name(plain)}: "{text}"', place=place_of(value))


_SPECIAL = {"now": "now()", "today": "CAST(now() AS DATE)", "tomorrow": "(CAST(now() AS DATE) + 1)",
            "yesterday": "(CAST(now() AS DATE) - 1)", "epoch": "TIMESTAMP '1970-01-01'",
            "infinity": "CAST('infinity' AS TIMESTAMP)",
            "-infinity": "CAST('-infinity' AS TIMESTAMP)"}  # fmt: skip


def _moment(value: Node, text: str, target: str) -> Node:
    """A date or time, in any style that PostgreSQL reads, printed in the one that DuckDB reads."""
    from helios_magic.engine.dialect import timeliterals

    plain, place = base(target), place_of(value)
    moment = timeliterals.read(text, plain, long_name(plain), place)
    kind = {"date": "DATE", "time": "TIME", "timestamp": "TIMESTAMP", "timestamptz": "TIMESTAMPTZ"}[plain]
    if moment.special == "allballs":
        return sql("CAST('00:00:00' AS TIME)", pg=target)
    if moment.special:
        return sql(f"CAST(CAST({_SPECIAL[moment.special]} AS TIMESTAMP) AS {kind})", pg=target)
    if moment.date is not None and moment.date[0] > 9999:
        raise unsupported("a year after 9999", place=place)
    if plain == "time":
        return sql(f"CAST('{moment.clock()}' AS TIME)", pg=target)
    if plain == "date":
        return sql(f"CAST('{moment.day()}' AS DATE)", pg=target)
    written = f"CAST('{moment.day()} {moment.clock()}' AS TIMESTAMP)"
    if plain == "timestamp":
        return sql(written, pg=target)
    if isinstance(moment.zone, str):
        return sql(f"({written} AT TIME ZONE {literal(moment.zone)})", pg=target)
    minutes = (moment.zone or 0) // 60
    zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    return sql(f"CAST('{moment.day()} {moment.clock()}{zone}' AS TIMESTAMPTZ)", pg=target)


def check_digits(value: Node, text: str, target: str) -> None:
    """A bare NUMERIC holds 28 digits before the point and 10 after it, exactly or not at all."""
    import decimal

    if "(" in target:
        return
    exponent = decimal.Decimal(text.strip()).normalize().as_tuple().exponent
    if isinstance(exponent, int) and exponent < -10:
        raise unsupported(
            "a numeric with more than 10 digits after the point",
            place=place_of(value),
            hint="Give precision and scale: numeric(38,20).",
        )


def _boolean(value: Node, text: str) -> Node:
    word = text.strip().lower()
    if word in _TRUE or word in _FALSE:
        return sql("TRUE" if word in _TRUE else "FALSE", pg="bool")
    raise Refusal("22P02", f'invalid input syntax for type boolean: "{text}"', place=place_of(value))


def _bytes(value: Node, text: str) -> Node:
    from helios_magic.engine.dialect.bytestrings import read

    try:
        return sql(f"unhex('{read(text).hex()}')", pg="bytea")
    except ValueError as error:
        raise Refusal(str(error)[1:6], str(error)[8:], place=place_of(value)) from None


def _interval(value: Node, text: str) -> Node:
    from helios_magic.engine.dialect.intervals import interval

    return interval(text, place_of(value))


def _json(value: Node, text: str) -> Node:
    from helios_magic.engine.dialect.functions import valid_json

    return sql("CAST({0} AS JSON)", exp.Literal.string(valid_json(text)), pg="json")


def _jsonb(value: Node, text: str) -> Node:
    from helios_magic.engine.dialect.functions import jsonb_text

    return sql("CAST({0} AS JSON)", exp.Literal.string(jsonb_text(text)), pg="jsonb")


_READERS = {"bool": _boolean, "bytea": _bytes, "interval": _interval, "json": _json, "jsonb": _jsonb}
