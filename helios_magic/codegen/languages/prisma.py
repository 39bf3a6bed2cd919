"""Prisma's schema language: models with both sides of every relation, native types, and what Prisma cannot map."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from helios_magic.codegen.languages.language import Language, quoted, words
from helios_magic.codegen.naming import snake

if TYPE_CHECKING:
    from helios_magic.codegen.languages.emitting import Member, Model

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NATIVE = {
    "int2": "SmallInt", "float4": "Real", "uuid": "Uuid", "date": "Date", "time": "Time(6)",
    "timestamp": "Timestamp(6)", "timestamptz": "Timestamptz(6)",
}  # fmt: skip
_ACTIONS = {
    "CASCADE": "Cascade", "RESTRICT": "Restrict", "SET NULL": "SetNull", "SET DEFAULT": "SetDefault",
    "NO ACTION": "NoAction",
}  # fmt: skip

PRISMA = Language(
    template="prisma.prisma.jinja",
    extension=".prisma",
    types={
        "bool": "Boolean", "int2": "Int", "int4": "Int", "int8": "BigInt", "numeric": "Decimal", "float4": "Float",
        "float8": "Float", "text": "String", "uuid": "String", "date": "DateTime", "time": "DateTime",
        "timestamp": "DateTime", "timestamptz": "DateTime", "bytea": "Bytes", "json": "Json",
        # What Prisma has no type for, it keeps and does not touch.
        "interval": "Unsupported", "vector": "Unsupported",
    },
    optional="{}?",
    array="{}[]",
    member=snake,
    label=snake,
    reserved=words("prisma", "reserved"),
    builtins=words("prisma", "builtins"),
    keeps_names=lambda name: _NAME.fullmatch(name) is not None,
    ascii_only=True,
)  # fmt: skip


def prisma_type(member: Member) -> str:
    """A field's type; a list is never optional, and one of lists is unknown to Prisma."""
    field = member.field
    if field.kind in ("interval", "vector") or field.depth > 1:
        return f"Unsupported({quoted(field.type)}){'?' if field.nullable else ''}"
    return member.bare if field.depth else member.type


def prisma_attributes(model: Model, member: Member) -> str:
    """What stands behind the type: key, uniqueness, default, native type, the column's own name."""
    field, shape = member.field, model.shape
    found = []
    if shape.key == (field.column,):
        found.append("@id")
    elif (field.column,) in shape.unique:
        found.append("@unique")
    if field.counted and field.kind in ("int2", "int4", "int8"):
        found.append("@default(autoincrement())")
    elif field.default is not None:
        found.append(f"@default(dbgenerated({quoted(field.default)}))")
    if member.renamed:
        found.append(f"@map({quoted(field.column)})")
    if not prisma_type(member).startswith("Unsupported"):
        found += _native(member)
    return "".join(f" {each}" for each in found)


def _native(member: Member) -> list[str]:
    field = member.field
    size = ", ".join(map(str, field.modifiers))
    if field.kind == "numeric" and size:
        return [f"@db.Decimal({size})"]
    if field.kind == "text" and field.modifiers:
        return [f"@db.{'VarChar' if field.type.startswith('varchar') else 'Char'}({size})"]
    if field.kind == "json":
        return [] if field.type.startswith("jsonb") else ["@db.Json"]
    return [f"@db.{_NATIVE[field.kind]}"] if field.kind in _NATIVE else []


def is_found(model: Model) -> bool:
    """Whether Prisma can tell its rows apart: it asks for a key, or for a unique set without NULL."""
    shape = model.shape
    return bool(shape.key) or any(
        all(not shape.field(column).nullable for column in columns) for columns in shape.unique
    )


def action(word: str) -> str:
    """`SET NULL` → `SetNull`"""
    return _ACTIONS[word]
