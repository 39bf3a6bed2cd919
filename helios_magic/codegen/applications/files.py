"""Files of an application: templates filled in, and texts that stand as they are."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files as resources
from typing import Any

from helios_magic.codegen.applications.spelling import block_string, cast, constant_name, key_type, sql_name, value_type
from helios_magic.codegen.languages.emitting import templates
from helios_magic.codegen.languages.python import docstring, literal


@dataclass(frozen=True, slots=True)
class File:
    """One file: where it goes, `/` between folders, and what is in it."""

    path: str
    content: str


@dataclass(frozen=True, slots=True)
class Place:
    """The database that an application is made of."""

    database: str
    branch: str


def rendered(path: str, template: str, **names: Any) -> File:
    """A template filled in."""
    environment = templates().overlay()
    environment.filters = environment.filters | {
        "cast": cast, "constant": constant_name, "docstring": docstring, "sql_name": sql_name,
        "literal": literal, "key_type": key_type, "value_type": value_type(names["named"]), "block": block_string,
        **{name: each for name, each in names.items() if callable(each)},
    }  # fmt: skip
    text = environment.get_template(template).render(**names)
    return File(path, text.strip("\n") + "\n")


def copied(path: str, source: str) -> File:
    """A text that is the same for all tables."""
    return File(path, resources("helios_magic.codegen.applications").joinpath("templates", source).read_text("utf-8"))
