"""How an application's Python spells tables, columns and what they hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from helios_magic.codegen.languages.emitting import Member, Named
from helios_magic.codegen.languages.language import quoted, words
from helios_magic.codegen.languages.python import PYDANTIC
from helios_magic.codegen.naming import constant
from helios_magic.codegen.naming import words as words_of
from helios_magic.codegen.shapes import Field, Shape

#: Pydantic's names, beside those of the application itself.
MODELS = replace(
    PYDANTIC,
    reserved=PYDANTIC.reserved | words("application", "reserved"),
    builtins=PYDANTIC.builtins | words("application", "builtins"),
)
#: What is made of a table's type.
ENDINGS = ("Create", "Update", "Expanded", "Query")

_VALUES = {
    "bool": "Boolean", "int2": "Int2", "int4": "Int4", "int8": "Int8", "numeric": "numeric()", "float4": "Float",
    "float8": "Float", "text": "Text", "uuid": "Uuid", "date": "Date", "time": "Time", "timestamp": "Timestamp",
    "timestamptz": "TimestampTz", "interval": "Interval", "bytea": "Bytes", "json": "Any", "vector": "list[Float]",
}  # fmt: skip
_IN_ADDRESSES = {"Int2": "Int2Value", "Int4": "Int4Value", "Int8": "Int8Value", "Boolean": "bool", "Float": "float"}
_SIZED = {"numeric": "numeric", "vector": "vector", "text": "varchar"}


def quoted_identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def sql_name(shape: Shape) -> str:
    """`"sales"."users"`; `public` is not told."""
    name = quoted_identifier(shape.name)
    return name if shape.schema == "public" else f"{quoted_identifier(shape.schema)}.{name}"


def cast(field: Field) -> str:
    """The type that a bound value is cast to: without its length, which would cut it silently."""
    if field.enum is not None:
        base = quoted_identifier(field.enum.name)
    else:
        base = "text" if field.kind == "text" else field.type.split("(")[0].rstrip("[]")
    return base + "[]" * field.depth


def block_string(text: str) -> str:
    """A text inside GraphQL's triple quotes, on one line."""
    return quoted(text)[1:-1].replace('\\"', "”")


def constant_name(type_name: str) -> str:
    """`OrderItem` → `ORDER_ITEM`"""
    return constant(words_of(type_name))


def key_type(value: str) -> str:
    """What checks a value in an address, where all is text: `Int4Value` takes digits."""
    return _IN_ADDRESSES.get(value, value)


def value_type(named: Named) -> Callable[[Member], str]:
    """What checks a column's values: `Int4`, `numeric(10, 2)`, `list[Text | None]`, an enum's name."""

    def spelled(member: Member) -> str:
        field = member.field
        if field.enum is not None:
            kind = named.enums[field.enum.name].name
        elif field.kind in _SIZED and field.modifiers:
            kind = f"{_SIZED[field.kind]}({', '.join(map(str, field.modifiers))})"
        else:
            kind = _VALUES[field.kind]
        for _ in range(field.depth):
            kind = f"list[{kind} | None]"
        return kind

    return spelled
