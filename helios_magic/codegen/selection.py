"""The tables that were asked for; anything unknown is refused with what is known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from helios_magic.codegen.shapes import Shape, shapes
from helios_magic.errors import ValidationError
from helios_magic.schema import Schema

_MOST_LISTED = 20


def select(schema: Schema, names: Sequence[str]) -> tuple[Shape, ...]:
    """Each table once, in the order of its first mention.  Raises ValidationError for an unknown one."""
    known = {table.label: table for table in schema.tables} | {table.full_name: table for table in schema.tables}
    for name in names:
        if name not in known:
            raise unknown("tables", "table or view", name, sorted({table.label for table in schema.tables}))
    return shapes(schema, list({known[name].label: known[name] for name in names}.values()))


def unknown(field: str, what: str, got: str, choices: Iterable[str]) -> ValidationError:
    """The refusal of a word that is none of `choices`, with the nearest one."""
    known = list(choices)
    near = difflib.get_close_matches(got.lower(), {each.lower(): each for each in known}, n=1)
    nearest = next((each for each in known if near and each.lower() == near[0]), None)
    listed = ", ".join(known[:_MOST_LISTED]) + (", …" if len(known) > _MOST_LISTED else "")
    mend = f"Did you mean {nearest}? " if nearest else ""
    return ValidationError(
        f"there is no {what} “{got}”",
        hint=f"{mend}Known: {listed}." if known else f"There is no {what} here yet.",
        details={"field": field, "expected": f"one of {listed}" if known else f"a {what}", "got": got, "known": known},
    )
