"""Types of tables, in many languages: one `Language` per target, beside its template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from helios_magic.codegen.languages.compiled import CSHARP, GO, JAVA, KOTLIN, RUST, SWIFT
from helios_magic.codegen.languages.emitting import emit
from helios_magic.codegen.languages.language import Language
from helios_magic.codegen.languages.prisma import PRISMA
from helios_magic.codegen.languages.python import DATACLASSES, PYDANTIC, SQLALCHEMY
from helios_magic.codegen.languages.typescript import REFERENCE, SUPABASE
from helios_magic.codegen.selection import unknown
from helios_magic.codegen.shapes import Shape

#: Every language with its styles, the first of which is taken where none is asked for.
LANGUAGES: Mapping[str, Mapping[str, Language]] = {
    "typescript": {"interfaces": REFERENCE, "supabase": SUPABASE},
    "python": {"dataclasses": DATACLASSES, "pydantic": PYDANTIC, "sqlalchemy": SQLALCHEMY},
    "go": {"structs": GO},
    "rust": {"serde": RUST},
    "java": {"records": JAVA},
    "csharp": {"records": CSHARP},
    "kotlin": {"dataclasses": KOTLIN},
    "swift": {"codable": SWIFT},
    "prisma": {"models": PRISMA},
}


def source(shapes: Sequence[Shape], language: str, style: str | None = None) -> str:
    """The types of these tables as one source.  Raises ValidationError for an unknown language or style."""
    return emit(_chosen(language, style), shapes)


def extension(language: str) -> str:
    """What a file of the language ends in: `.ts`."""
    return next(iter(LANGUAGES[language].values())).extension


def _chosen(language: str, style: str | None) -> Language:
    styles = LANGUAGES.get(language)
    if styles is None:
        raise unknown("language", "language", language, LANGUAGES)
    if style is None:
        return next(iter(styles.values()))
    if style not in styles:
        raise unknown("style", f"style of {language}", style, styles)
    return styles[style]
