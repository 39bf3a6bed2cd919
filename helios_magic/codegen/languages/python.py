"""Python: dataclasses, pydantic models, and SQLAlchemy 2's declarative classes."""

from __future__ import annotations

import keyword
import re
from dataclasses import replace

from helios_magic.codegen.languages.language import Language, quoted, words
from helios_magic.codegen.naming import constant, snake
from helios_magic.codegen.shapes import Field

#: Python's own words; those of `words.toml` are names that the annotations use, which a member would hide.
_KEYWORDS = frozenset(keyword.kwlist)

DATACLASSES = Language(
    template="dataclasses.py.jinja",
    extension=".py",
    types={
        **dict.fromkeys(("int2", "int4", "int8"), "int"),
        **dict.fromkeys(("float4", "float8"), "float"),
        "bool": "bool", "numeric": "Decimal", "text": "str", "uuid": "UUID", "date": "dt.date", "time": "dt.time",
        "timestamp": "dt.datetime", "timestamptz": "dt.datetime", "interval": "str", "bytea": "bytes", "json": "Any",
        "vector": "list[float]",
    },
    optional="{} | None",
    array="list[{}]",
    member=snake,
    label=constant,
    reserved=_KEYWORDS | words("dataclasses", "reserved"),
    builtins=words("dataclasses", "builtins"),
    # A leading underscore means something else in each of the three.
    keeps_names=lambda name: name.isidentifier() and not name.startswith("_"),
    imports={"dt.": "import datetime as dt", "Decimal": "from decimal import Decimal", "UUID": "from uuid import UUID"},
)  # fmt: skip

PYDANTIC = replace(
    DATACLASSES,
    template="pydantic.py.jinja",
    types={**DATACLASSES.types, "timestamp": "NaiveDatetime", "timestamptz": "AwareDatetime"},
    reserved=DATACLASSES.reserved | words("pydantic", "reserved"),
    builtins=words("dataclasses", "builtins") | words("pydantic", "builtins"),
    keeps_names=lambda name: DATACLASSES.keeps_names(name) and not name.startswith("model_"),
    member=lambda parts: snake(["column", *parts] if next(iter(parts)) == "model" else parts),
)  # fmt: skip

SQLALCHEMY = replace(
    DATACLASSES,
    template="sqlalchemy.py.jinja",
    reserved=DATACLASSES.reserved | words("sqlalchemy", "reserved"),
    builtins=words("dataclasses", "builtins") | words("sqlalchemy", "builtins"),
)  # fmt: skip

_COLUMN_TYPES = {
    "bool": "Boolean", "int2": "SmallInteger", "int4": "Integer", "int8": "BigInteger", "numeric": "Numeric",
    "float4": "REAL", "float8": "Double", "uuid": "Uuid", "date": "Date", "time": "Time", "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMP(timezone=True)", "interval": "INTERVAL", "bytea": "LargeBinary",
}  # fmt: skip


def column_type(field: Field, enum_name: str = "") -> str:
    """A column's type as SQLAlchemy has it: `Numeric(10, 2)`."""
    size = f"({', '.join(map(str, field.modifiers))})" if field.modifiers else ""
    if field.enum is not None:
        kind = f"Enum({enum_name}, name={quoted(field.enum.name)}, values_callable=lambda kind: [*kind])"
    elif field.kind == "text":
        kind = f"String{size}" if size else "Text"
    elif field.kind == "json":
        kind = "JSONB" if field.type.startswith("jsonb") else "JSON"
    elif field.kind == "vector":
        kind = f"Vector{size or '()'}"
    else:
        kind = _COLUMN_TYPES[field.kind] + (size if field.kind == "numeric" else "")
    return f"ARRAY({kind}{f', dimensions={field.depth}' if field.depth > 1 else ''})" if field.depth else kind


def calls(source: str, names: str) -> list[str]:
    """Which of the names a source uses, so that it imports no others."""
    return [name for name in names.split() if re.search(rf"(?<![\w.\"']){name}\b(?=[(\[,\])])", source)]


def literal(value: object) -> str:
    """A value as it stands in a source: texts in double quotes, a tuple with its comma."""
    if isinstance(value, (tuple, list)):
        inside = ", ".join(literal(each) for each in value)
        return f"({inside}{',' if len(value) == 1 else ''})" if isinstance(value, tuple) else f"[{inside}]"
    return quoted(value) if isinstance(value, str) else repr(value)


def docstring(text: str) -> str:
    """A text inside a docstring."""
    return quoted(text)[1:-1].replace('\\"', "”")
