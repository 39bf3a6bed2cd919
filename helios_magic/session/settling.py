"""`--settle 'products(214).price=source'` as the API's resolution, matched with the conflicts that there are.

An address is the table, the key's values in brackets (in the key's order, or `a=1, b=2`) and, for one column, its
name; after `=` stand `source`, `target`, the name of either branch, or a value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from math import isfinite
from typing import Any

from helios_magic.errors import UsageError
from helios_magic.models.branches import Conflict, MergeResult, Resolution, Value

_PLAIN = re.compile(r"[^\s\"',()=][^\"',()=]*(?<!\s)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_PART = re.compile(r"\s*(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|[^,\"']+)+")
_SPLIT = re.compile(
    r"(?P<table>[^(]+)\((?P<key>(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|[^\"')])*)\)"
    r"(?:\.(?P<column>[^=]+?))?\s*=(?P<choice>.*)",
    re.DOTALL,
)
_HOW = "Write TABLE(KEY).COLUMN=source, …=target or …=VALUE, for instance products(214).price=source"


def address(conflict: Conflict, column: str | None = None) -> str:
    """`products(214).price`; without a column the whole row, `products(214)`."""
    key = ", ".join(_written(value) for value in conflict.key.values())
    return f"{conflict.table}({key})" + (f".{column}" if column else "")


def addresses(conflict: Conflict) -> list[str]:
    """What can be settled in a conflict: each cell where both sides changed the row, else the whole row."""
    columns = conflict.columns if conflict.kind == "modify_modify" else []
    return [address(conflict, column) for column in columns] or [address(conflict)]


def resolutions(texts: Sequence[str], preview: MergeResult) -> list[Resolution]:
    """Each text as a resolution of a conflict that the preview of the merge (`dry_run`) lists.

    Raises UsageError for a text that is no address, and for one where there is no conflict; it names those there are.
    """
    return [_resolution(text, preview) for text in texts]


def _resolution(text: str, preview: MergeResult) -> Resolution:
    match = _SPLIT.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"“{text}” does not settle a conflict.", hint=_HOW)
    table, column, parts = match["table"].strip(), match["column"], list(_parts(match["key"]))
    for conflict in preview.conflicts:
        if conflict.table == table and _is_key(parts, conflict.key) and _has(conflict, column):
            take = _take(match["choice"].strip(), conflict, column, preview)
            return Resolution(table=table, key=conflict.key, take=take, column=column)
    raise _no_conflict(match.string[: match.start("choice") - 1].strip(), preview)


def _has(conflict: Conflict, column: str | None) -> bool:
    return column is None or not conflict.columns or column in conflict.columns


def _parts(key: str) -> Iterator[tuple[str | None, str]]:
    """The key's values as they are written, each with its column where the text names it."""
    for match in _PART.finditer(key):
        part = match[0].strip()
        name, equals, value = part.partition("=")
        named = bool(equals) and not name.startswith(("'", '"'))
        yield (name.strip(), value.strip()) if named else (None, part)


def _is_key(parts: Sequence[tuple[str | None, str]], key: Mapping[str, Any]) -> bool:
    if len(parts) != len(key):
        return False
    if all(name is not None for name, _ in parts):
        return all(name in key and _same(text, key[name]) for name, text in parts if name is not None)
    # An equals sign may belong to a value.
    return all(
        _same(text if name is None else f"{name}={text}", value)
        for (name, text), value in zip(parts, key.values(), strict=True)
    )


def _same(text: str, value: Any) -> bool:
    quoted = _unquoted(text)
    if quoted is not None:
        return bool(quoted == value)
    return text in (value if isinstance(value, str) else None, json.dumps(value, ensure_ascii=False))


def _take(text: str, conflict: Conflict, column: str | None, preview: MergeResult) -> Any:
    if text in ("source", preview.source):
        return "source"
    if text in ("target", preview.target):
        return "target"
    return Value(value=_value(text, conflict, column))


def _value(text: str, conflict: Conflict, column: str | None) -> Any:
    """What a user wrote as a value: JSON, an SQL string, NULL, or bare text."""
    quoted = _unquoted(text)
    if quoted is not None:
        return quoted
    if text.lower() == "null":
        return None
    sides = [side for side in (conflict.base, conflict.target, conflict.source) if side is not None]
    if column is not None and any(isinstance(side.get(column), str) for side in sides):
        # Text, and every type that JSON writes as text.
        return text
    try:
        return json.loads(text, parse_float=_decimal)
    except ValueError:
        return text


def _decimal(text: str) -> float | str:
    """A number where a double holds it, as the API writes decimals; else its digits."""
    number = float(text)
    return number if isfinite(number) and Decimal(repr(number)) == Decimal(text) else text


def _unquoted(text: str) -> str | None:
    if len(text) >= 2 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if len(text) >= 2 and text[0] == text[-1] == '"':
        try:
            value = json.loads(text)
        except ValueError:
            return None
        return value if isinstance(value, str) else None
    return None


def _written(value: Any) -> str:
    """Bare where reading it gives the same value back, else JSON."""
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    bare = _PLAIN.fullmatch(value) and not _NUMBER.fullmatch(value) and value not in ("null", "true", "false")
    return value if bare else json.dumps(value, ensure_ascii=False)


def _no_conflict(what: str, preview: MergeResult) -> UsageError:
    import difflib

    known = [each for conflict in preview.conflicts for each in addresses(conflict)]
    if not known:
        merged = f"{preview.source} into {preview.target}"
        return UsageError(f"There is no conflict at {what}: {merged} has none.", hint="Merge without --settle.")
    near = difflib.get_close_matches(what, known, n=1, cutoff=0.6)
    listed = ", ".join(known[:5]) + (f" and {len(known) - 5} more" if len(known) > 5 else "")
    return UsageError(
        f"There is no conflict at {what}.", hint=f"Did you mean {near[0]}?" if near else f"Conflicts are at {listed}."
    )
