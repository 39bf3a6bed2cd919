"""What one target is: how it spells types, names and texts.  Everything else is in its template."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal

from helios_magic.codegen.naming import pascal

Spelling = Callable[[Iterable[str]], str]


def quoted(text: str) -> str:
    """A text in double quotes, escaped as JSON is: TypeScript, Python, Go, Java, C# and Prisma read it so.

    What cannot be seen is escaped too, so that no name ends a line or a comment.
    """
    return _seen(json.dumps(text, ensure_ascii=False), "\\u{:04x}")


def quoted_for_rust(text: str) -> str:
    """The same where escapes are `\\u{…}`: Rust, Swift."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + _seen(escaped, "\\u{{{:x}}}") + '"'


def quoted_for_kotlin(text: str) -> str:
    """The same where a dollar sign begins a template."""
    return quoted(text).replace("$", "\\$")


def _seen(text: str, escape: str) -> str:
    return "".join(sign if sign.isprintable() else escape.format(ord(sign)) for sign in text)


def words(language: str, kind: Literal["reserved", "builtins", "initialisms"]) -> frozenset[str]:
    """The words of `words.toml`."""
    return frozenset(_words().get(language, {}).get(kind, "").split())


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("helios_magic.codegen.languages").joinpath("words.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Language:
    """One target in one style.

    `types` maps a kind of column to its type, `optional` and `array` wrap one; `imports` maps a part of a type to the
    line that it needs.  `reserved` are the words of the language, `builtins` the types that no table may hide.
    """

    template: str
    extension: str
    types: Mapping[str, str]
    optional: str
    array: str
    member: Spelling
    type_name: Spelling = pascal
    label: Spelling = pascal
    reserved: frozenset[str] = frozenset()
    builtins: frozenset[str] = frozenset()
    escape: str = "{}_"
    keeps_names: Callable[[str], bool] = field(default=lambda name: False)
    """Whether a column's own name serves as it is."""
    own_name_is_taken: bool = False
    """Whether a member must not be called as its type is."""
    quote: Callable[[str], str] = quoted
    imports: Mapping[str, str] = field(default_factory=dict)
    ascii_only: bool = False
    widest: int | None = None
    """How many members a type may have that is made all at once."""
