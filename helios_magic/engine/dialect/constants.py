"""String literals as the type that their surroundings decide, checked while the statement is prepared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.failures import Refusal, unsupported
from helios_magic.engine.dialect.pgtypes import TIMES, base, is_array, long_name
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
    if plain == "vector":
        return sql(f"CAST({{0}} AS {kind})", value, pg=target)
    if plain in (*TIMES, "time"):
        return _moment(value, text, target)
    _check_literal(value, text, plain)
    if plain == "numeric":
        check_digits(value, text, target)
    return sql(f"CAST({{0}} AS {kind})", exp.Literal.string(text.strip()), pg=target)


def _check_literal(value: Node, text: str, plain: str) -> None:
    pattern = CHECKED.get(plain)
    if pattern is None:
        raise unsupported(f"a literal of type {plain}", place=place_of(value))
    if re.fullmatch(pattern, text, re.IGNORECASE):
        return
    raise Refusal("22P02", f'invalid input syntax for type {long_name(plain)}: "{text}"', place=place_of(value))


_SPECIAL = {"now": "now()", "today": "CAST(now() AS DATE)", "tomorrow": "(CAST(now() AS DATE) + 1)",
            "yesterday": "(CAST(now() AS DATE) - 1)", "epoch": "TIMESTAMP '1970-01-01'"}  # fmt: skip


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
    if not text.startswith("\\x"):
        if "\\" in text or not text.isascii():
            raise unsupported("a bytea literal in escape form", place=place_of(value), hint="Write it as '\\x…'.")
        return sql(f"CAST({literal(text)} AS BLOB)".replace("{", "{{").replace("}", "}}"), pg="bytea")
    try:
        bytes.fromhex(text[2:])
    except ValueError:
        raise Refusal("22P02", "invalid hexadecimal data in a bytea literal", place=place_of(value)) from None
    return sql(f"unhex('{text[2:]}')", pg="bytea")


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
