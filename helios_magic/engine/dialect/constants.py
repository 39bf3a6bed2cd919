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
    "date": r"\s*\d{4,5}-\d\d?-\d\d?\s*",
    "timestamp": r"\s*\d{4,5}-\d\d?-\d\d?([ T]+\d\d?:\d\d(:\d\d(\.\d+)?)?)?\s*",
    "timestamptz": r"\s*\d{4,5}-\d\d?-\d\d?([ T]+\d\d?:\d\d(:\d\d(\.\d+)?)?)?\s*(Z|UTC|[+-]\d\d?(:?\d\d)?)?\s*",
    "time": r"\s*\d\d?:\d\d(:\d\d(\.\d+)?)?\s*",
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
    if plain == "bool":
        return _boolean(value, text)
    if plain in ("json", "jsonb"):
        from helios_magic.engine.dialect.functions import jsonb_text, valid_json

        written = jsonb_text(text) if plain == "jsonb" else valid_json(text)
        return sql("CAST({0} AS JSON)", exp.Literal.string(written), pg=plain)
    if plain == "bytea":
        return _bytes(value, text)
    if plain == "interval":
        from helios_magic.engine.dialect.intervals import interval

        return interval(text, place_of(value))
    if plain in binder.enums:
        labels = next(enum.labels for enum in binder.schema.enums if enum.name == plain)
        if text not in labels:
            raise Refusal("22P02", f'invalid input value for enum {plain}: "{text}"', place=place_of(value))
        return sql(f"CAST({{0}} AS {kind})", value, pg=plain)
    if plain == "vector":
        return sql(f"CAST({{0}} AS {kind})", value, pg=target)
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
    if plain in (*TIMES, "time") and re.search(r"\d|^\s*(now|today|yesterday|tomorrow|epoch|-?infinity)\s*$", text):
        raise unsupported(
            f'the {plain} literal "{text}"', place=place_of(value), hint="Write it as ISO 8601: 2024-01-31 10:30:00."
        )
    code = "22007" if plain in (*TIMES, "time") else "22P02"
    raise Refusal(code, f'invalid input syntax for type {long_name(plain)}: "{text}"', place=place_of(value))


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
