"""TypeScript: the reference's interfaces, and the types that supabase-js is given."""

from __future__ import annotations

import re
from dataclasses import replace

from helios_magic.codegen.languages.language import Language, quoted, words
from helios_magic.codegen.naming import snake

_PROPERTY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_NUMBERS = dict.fromkeys(("int2", "int4", "int8", "numeric", "float4", "float8"), "number")
_TEXTS = dict.fromkeys(("text", "uuid", "date", "time", "interval", "bytea"), "string")
#: Digits that a double would lose travel as text (decisions.md, "SQL").
_WIDE = {"wide int8": "number | string", "wide numeric": "number | string"}

#: As the reference shows it: moments are `Date`, which JSON has not; who reads JSON makes them of the text.
REFERENCE = Language(
    template="typescript.ts.jinja",
    extension=".ts",
    types={**_NUMBERS, **_TEXTS, **_WIDE, "bool": "boolean", "timestamp": "Date", "timestamptz": "Date",
           "json": "unknown", "vector": "number[]"},
    optional="{} | null",
    array="{}[]",
    member=snake,
    # A property may have any name, in quotes.
    keeps_names=lambda name: True,
    builtins=words("typescript", "builtins"),
)  # fmt: skip

#: What travels as JSON, in the nesting that `createClient<Database>` reads.
SUPABASE = replace(
    REFERENCE,
    template="supabase.ts.jinja",
    types={**REFERENCE.types, "timestamp": "string", "timestamptz": "string", "json": "Json"},
)


def property_name(name: str) -> str:
    """A property as it is written: in quotes where it is no identifier."""
    return name if _PROPERTY.fullmatch(name) else quoted(name)
