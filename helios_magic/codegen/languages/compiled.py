"""Go, Rust, Java, C#, Kotlin and Swift: types as their own libraries have them.

Intervals are text everywhere: none of these has one of months, days and time apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from helios_magic.codegen.languages.language import Language, quoted, quoted_for_kotlin, quoted_for_rust, words
from helios_magic.codegen.naming import camel, constant, pascal, snake

#: What encoding/json takes as the name in a tag.
_GO_NAME = re.compile(r"[\w!#$%&()*+./:;<=>?@\[\]^{|}~ -]+")
_INITIALISMS = words("go", "initialisms")


def _exported(parts: Iterable[str]) -> str:
    """`user_id` → `UserID`, as Go's linters ask."""
    return pascal(part.upper() if part.lower() in _INITIALISMS else part for part in parts)


def go_tag(column: str) -> str:
    """The tags by which encoding/json and database libraries find a column; JSON's cannot name every one."""
    if not _GO_NAME.fullmatch(column):
        return f"{quoted(f'db:{quoted(column)}')} // encoding/json has no way to name {quoted(column)}"
    json_name = "-," if column == "-" else column
    return f"`json:{quoted(json_name)} db:{quoted(column)}`"


GO = Language(
    template="go.go.jinja",
    extension=".go",
    types={
        "bool": "bool", "int2": "int16", "int4": "int32", "int8": "int64", "float4": "float32", "float8": "float64",
        # Its digits, as they came: the standard library has no decimal.
        "numeric": "json.Number",
        "text": "string", "uuid": "string", "date": "string", "time": "string", "timestamp": "string",
        "timestamptz": "time.Time", "interval": "string", "bytea": "[]byte", "json": "json.RawMessage",
        "vector": "[]float32",
    },
    optional="*{}",
    array="[]{}",
    member=_exported,
    type_name=_exported,
    label=_exported,
    imports={"json.": "encoding/json", "time.": "time"},
    ascii_only=True,
)  # fmt: skip

RUST = Language(
    template="rust.rs.jinja",
    extension=".rs",
    types={
        "bool": "bool", "int2": "i16", "int4": "i32", "int8": "i64", "float4": "f32", "float8": "f64",
        "numeric": "Decimal", "text": "String", "uuid": "Uuid", "date": "NaiveDate", "time": "NaiveTime",
        "timestamp": "NaiveDateTime", "timestamptz": "DateTime<Utc>", "interval": "String", "bytea": "Vec<u8>",
        "json": "serde_json::Value", "vector": "Vec<f32>",
    },
    optional="Option<{}>",
    array="Vec<{}>",
    member=snake,
    reserved=words("rust", "reserved"),
    builtins=words("rust", "builtins"),
    keeps_names=lambda name: name.isascii() and name.isidentifier() and name == name.lower() and name.strip("_") != "",
    quote=quoted_for_rust,
)  # fmt: skip

JAVA = Language(
    template="java.java.jinja",
    extension=".java",
    types={
        # Boxed, all of them: a member of two slots would let a record have half as many.
        "bool": "Boolean", "int2": "Short", "int4": "Integer", "int8": "Long", "float4": "Float", "float8": "Double",
        "numeric": "BigDecimal", "text": "String", "uuid": "UUID", "date": "LocalDate", "time": "LocalTime",
        "timestamp": "LocalDateTime", "timestamptz": "OffsetDateTime", "interval": "String", "bytea": "byte[]",
        "json": "String", "vector": "float[]",
    },
    optional="{}",
    array="List<{}>",
    member=camel,
    label=constant,
    reserved=words("java", "reserved"),
    builtins=words("java", "builtins"),
    imports={
        "BigDecimal": "java.math.BigDecimal", "LocalDate": "java.time.LocalDate", "LocalTime": "java.time.LocalTime",
        "LocalDateTime": "java.time.LocalDateTime", "OffsetDateTime": "java.time.OffsetDateTime",
        "List<": "java.util.List", "UUID": "java.util.UUID",
    },
    widest=254,
)  # fmt: skip

CSHARP = Language(
    template="csharp.cs.jinja",
    extension=".cs",
    types={
        "bool": "bool", "int2": "short", "int4": "int", "int8": "long", "float4": "float", "float8": "double",
        "numeric": "decimal", "text": "string", "uuid": "Guid", "date": "DateOnly", "time": "TimeOnly",
        "timestamp": "DateTime", "timestamptz": "DateTimeOffset", "interval": "string", "bytea": "byte[]",
        "json": "JsonElement", "vector": "float[]",
    },
    optional="{}?",
    array="List<{}>",
    member=pascal,
    reserved=words("csharp", "reserved"),
    builtins=words("csharp", "builtins"),
    own_name_is_taken=True,
)  # fmt: skip

KOTLIN = Language(
    template="kotlin.kt.jinja",
    extension=".kt",
    types={**JAVA.types, "int4": "Int", "bytea": "ByteArray", "vector": "FloatArray"},
    optional="{}?",
    array="List<{}>",
    member=camel,
    label=constant,
    reserved=words("kotlin", "reserved"),
    escape="`{}`",
    builtins=words("kotlin", "builtins"),
    quote=quoted_for_kotlin,
    imports={**JAVA.imports, "List<": ""},
    # A Long takes two of the 255 slots that a constructor has, and defaults take some.
    widest=110,
)  # fmt: skip

SWIFT = Language(
    template="swift.swift.jinja",
    extension=".swift",
    types={
        "bool": "Bool", "int2": "Int16", "int4": "Int32", "int8": "Int64", "float4": "Float", "float8": "Double",
        "numeric": "Decimal", "text": "String", "uuid": "UUID", "date": "String", "time": "String",
        "timestamp": "String", "timestamptz": "Date", "interval": "String", "bytea": "Data", "json": "JSONValue",
        "vector": "[Float]",
    },
    optional="{}?",
    array="[{}]",
    member=camel,
    label=camel,
    reserved=words("swift", "reserved"),
    escape="`{}`",
    builtins=words("swift", "builtins"),
    quote=quoted_for_rust,
)  # fmt: skip
