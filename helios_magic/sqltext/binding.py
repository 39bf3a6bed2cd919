"""Named placeholders of the magics, `:name` and `{{name}}`, as bound parameters."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from helios_magic.errors import UsageError
from helios_magic.sqltext.scanner import scan


def bind_names(sql: str, names: Mapping[str, Any], params: Sequence[Any] = ()) -> tuple[str, list[Any]]:
    """The text with `$n` for every `:name` and `{{name}}`, and the values of all `$n`.

    `names` is where values are looked up (a notebook's variables); a value is always bound, never pasted.  `params`
    are the values of the `$n` that the text has already; the named ones are counted after them, a name used twice
    is bound once.  Raises `UsageError` with the nearest names for one that is not defined, and `UnclosedError` for a
    quote that is never closed.
    """
    tokens = scan(sql)
    numbered = max((int(token.text[1:]) for token in tokens if token.kind == "parameter"), default=0)
    if numbered > len(params) and any(token.kind == "named" for token in tokens):
        raise UsageError(
            f"the query uses ${numbered}, and {len(params) or 'no'} values were given",
            hint="Give a value for each $n, or use :name for all of them.",
        )
    values = list(params)
    numbers: dict[str, int] = {}
    parts: list[str] = []
    for token in tokens:
        if token.kind != "named":
            parts.append(token.text)
            continue
        name = token.name
        if name not in numbers:
            values.append(_value(name, names))
            numbers[name] = len(values)
        parts.append(f"${numbers[name]}")
    return "".join(parts), values


def _value(name: str, names: Mapping[str, Any]) -> Any:
    try:
        return names[name]
    except KeyError:
        nearest = difflib.get_close_matches(name, [known for known in names if not known.startswith("_")], n=3)
        hint = f"Did you mean {' or '.join(nearest)}?" if nearest else "Define it in a cell before this one."
        raise UsageError(f"no variable is called “{name}”", hint=hint, details={"name": name}) from None
