"""jsonb_set, jsonb_insert, #-, jsonb_strip_nulls, jsonb_pretty and their kin, and json's raw members, in Python."""

from __future__ import annotations

import json
import re
from typing import Any

from helios_magic.engine.dialect.functions import _dump, _load, _Number, _object

_INTEGER = re.compile(r"\s*[+-]?\d+\s*")


def _index(step: str, level: int) -> int:
    if not _INTEGER.fullmatch(step):
        raise ValueError(f'[22P02] path element at position {level + 1} is not an integer: "{step}"')
    return int(step)


def _step(path: list[str | None], level: int) -> str:
    step = path[level]
    if step is None:
        raise ValueError(f"[22004] path element at position {level + 1} is null")
    return step


def _container(text: str, verb: str) -> Any:
    value = _load(text)
    if not isinstance(value, dict | list):
        raise ValueError(f"[22023] cannot {verb} path in scalar")  # noqa: TRY004 - SQLSTATE in its message
    return value


def set_path(text: str, path: list[str | None], new: str, create: bool) -> str:
    """jsonb_set."""
    value = _container(text, "set")
    if path:
        _set(value, path, 0, _load(new), create=create)
    return _dump(value)


def _set(value: Any, path: list[str | None], level: int, new: Any, *, create: bool) -> None:
    last = level == len(path) - 1
    step = _step(path, level)
    if isinstance(value, dict):
        if last and (create or step in value):
            value[step] = new
        elif not last and step in value:
            _set(value[step], path, level + 1, new, create=create)
    elif isinstance(value, list):
        at = _index(step, level)
        found = -len(value) <= at < len(value)
        if found and last:
            value[at] = new
        elif found:
            _set(value[at], path, level + 1, new, create=create)
        elif last and create:
            value.insert(0 if at < 0 else len(value), new)


def put(text: str, path: list[str | None], new: str) -> str:
    """What `SET j['a'][1] = …` makes of a jsonb: what is missing on the way is made, gaps in arrays are null."""
    value = _load(text)
    here, value_at_last = value, _load(new)
    if not isinstance(value, dict | list):
        raise ValueError("[22023] cannot replace existing key")  # noqa: TRY004 - SQLSTATE in its message
    for level in range(len(path)):
        if path[level] is None:
            raise ValueError("[22004] jsonb subscript in assignment must not be null")
        key: Any = _place(here, path, level) if isinstance(here, list) else _step(path, level)
        missing = here[key] is _GAP if isinstance(here, list) else key not in here
        if level == len(path) - 1:
            here[key] = value_at_last
        elif missing:
            here[key] = [] if _INTEGER.fullmatch(_step(path, level + 1)) else {}
        elif not isinstance(here[key], dict | list):
            raise ValueError("[22023] cannot replace existing key")
        here = here[key]
    return _dump(value)


_GAP = object()
"""Where a new item of an array is to stand."""


def _place(items: list[Any], path: list[str | None], level: int) -> int:
    """Where an item of an array stands, counted from its beginning; a new one has room made for it."""
    at = _index(_step(path, level), level)
    if at < -len(items):
        raise ValueError(f"[22023] path element at position {level + 1} is out of range: {at}")
    at = at + len(items) if at < 0 else at
    if at >= len(items):
        items.extend([None] * (at - len(items)) + [_GAP])
    return at


def insert(text: str, path: list[str | None], new: str, after: bool) -> str:
    """jsonb_insert."""
    value = _container(text, "set")
    if path:
        _insert(value, path, 0, _load(new), after=after)
    return _dump(value)


def _insert(value: Any, path: list[str | None], level: int, new: Any, *, after: bool) -> None:
    last = level == len(path) - 1
    step = _step(path, level)
    if isinstance(value, dict):
        if last and step in value:
            raise ValueError("[22023] cannot replace existing key")
        if last:
            value[step] = new
        elif step in value:
            _insert(value[step], path, level + 1, new, after=after)
    elif isinstance(value, list):
        at = _index(step, level)
        found = -len(value) <= at < len(value)
        if not last:
            if found:
                _insert(value[at], path, level + 1, new, after=after)
            return
        place = (at + len(value) if at < 0 else at) + after if found else 0 if at < 0 else len(value)
        value.insert(place, new)


def without_path(text: str, path: list[str | None]) -> str:
    """jsonb #- path."""
    value = _container(text, "delete")
    here = value
    for level in range(len(path)):
        step = _step(path, level)
        last = level == len(path) - 1
        if isinstance(here, dict) and step in here:
            key: Any = step
        elif isinstance(here, list) and -len(here) <= _index(step, level) < len(here):
            key = int(step)
        else:
            break
        if last:
            del here[key]
        else:
            here = here[key]
    return _dump(value)


def strip_nulls(text: str, in_arrays: bool) -> str:
    def stripped(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: stripped(member) for key, member in value.items() if member is not None}
        if isinstance(value, list):
            return [stripped(member) for member in value if member is not None or not in_arrays]
        return value

    return _dump(stripped(_load(text)))


def pretty(text: str) -> str:
    """jsonb_pretty: four blanks a level, also inside what is empty."""

    def shown(value: Any, depth: int) -> str:
        inside, outside = " " * 4 * (depth + 1), " " * 4 * depth
        if isinstance(value, dict):
            members = [
                f"{inside}{json.dumps(key, ensure_ascii=False)}: {shown(member, depth + 1)}"
                for key, member in _object(_dump(value))
            ]
            return "{\n" + ",\n".join(members) + ("\n" if members else "") + outside + "}"
        if isinstance(value, list):
            members = [inside + shown(member, depth + 1) for member in value]
            return "[\n" + ",\n".join(members) + ("\n" if members else "") + outside + "]"
        return _dump(value)

    return shown(_load(text), 0)


def _pairs(keys: list[str | None], values: list[str | None]) -> str:
    parts = []
    for key, value in zip(keys, values, strict=True):
        if key is None:
            raise ValueError("[22004] null value not allowed for object key")
        parts.append(f"{json.dumps(key, ensure_ascii=False)} : {json.dumps(value, ensure_ascii=False)}")
    return "{" + ", ".join(parts) + "}"


def object_from(members: list[str | None]) -> str:
    """json_object(text[]): keys and values by turns."""
    if len(members) % 2:
        raise ValueError("[2202E] array must have even number of elements")
    return _pairs(members[::2], members[1::2])


def object_of(keys: list[str | None], values: list[str | None]) -> str:
    """json_object(keys, values)."""
    if len(keys) != len(values):
        raise ValueError("[2202E] mismatched array dimensions")
    return _pairs(keys, values)


def sort_key(text: str) -> bytes:
    """Bytes that compare as jsonb does: null, strings, numbers, booleans, arrays, objects; longer ones later."""
    value = _load(text)
    return b"" if value == [] else b"\x01" + _ordered(value)


def _ordered(value: Any) -> bytes:
    if isinstance(value, _Number):
        return b"\x02" + _ordered_number(value)
    if isinstance(value, str):
        return b"\x01" + value.encode() + b"\0"
    if isinstance(value, bool):
        return b"\x03" + bytes([value])
    if value is None:
        return b"\x00"
    if isinstance(value, list):
        return b"\x04" + len(value).to_bytes(4, "big") + b"".join(_ordered(member) for member in value)
    members = _object(_dump(value))
    inside = b"".join(key.encode() + b"\0" + _ordered(member) for key, member in members)
    return b"\x05" + len(members).to_bytes(4, "big") + inside


def _ordered_number(number: str) -> bytes:
    from decimal import Decimal

    value = Decimal(number)
    if not value:
        return b"\x80"
    digits = "".join(map(str, value.as_tuple().digits)).rstrip("0").lstrip("0")
    code = (value.adjusted() + 0x4000_0000).to_bytes(4, "big") + digits.encode() + b"\0"
    return b"\x81" + code if value > 0 else b"\x7f" + bytes(255 - byte for byte in code)


def _past_blanks(text: str, at: int) -> int:
    while text[at : at + 1] in (" ", "\t", "\n", "\r"):
        at += 1
    return at


def raw_members(text: str) -> list[tuple[str | None, str]]:
    """The members of a json object or array as they are written; empty for a scalar."""
    decoder = json.JSONDecoder()
    at = _past_blanks(text, 0)
    if text[at : at + 1] not in ("{", "["):
        return []
    keyed = text[at] == "{"
    members: list[tuple[str | None, str]] = []
    at += 1
    while True:
        at = _past_blanks(text, at)
        if text[at] in "}]":
            return members
        key = None
        if keyed:
            key, at = decoder.raw_decode(text, at)
            at = _past_blanks(text, _past_blanks(text, at) + 1)
        _, end = decoder.raw_decode(text, at)
        members.append((key, text[at:end]))
        at = _past_blanks(text, end)
        at += text[at] == ","


def raw_step(text: str, step: str) -> str | None:
    """The member of a json value that a step of a path names, as it is written."""
    members = raw_members(text)
    if members and members[0][0] is not None:
        return next((raw for key, raw in reversed(members) if key == step), None)
    at = int(step) if _INTEGER.fullmatch(step) else len(members)
    return members[at][1] if -len(members) <= at < len(members) else None


def raw_member(text: str, key: str) -> str | None:
    members = raw_members(text)
    return next((raw for name, raw in reversed(members) if name == key), None)


def raw_item(text: str, index: int) -> str | None:
    if not text.lstrip().startswith("["):
        return None
    members = raw_members(text)
    return members[index][1] if -len(members) <= index < len(members) else None


def raw_path(text: str, path: list[str | None]) -> str | None:
    here: str | None = text
    for step in path:
        if here is None or step is None:
            return None
        here = raw_step(here, step)
    return here


def raw_text(text: str) -> str | None:
    """What ->> gives of a json value: strings bare, null as NULL, everything else as it is written."""
    start = text[:1]
    return None if text == "null" else str(json.loads(text)) if start == '"' else text


def raw_stripped(text: str) -> str:
    """json_strip_nulls: the members that are not null, without blanks."""
    members = raw_members(text)
    start = text.lstrip()[:1]
    if start == "[":
        return "[" + ",".join(raw_stripped(raw) for _, raw in members) + "]"
    if start != "{":
        return text.strip()
    kept = [f"{json.dumps(key, ensure_ascii=False)}:{raw_stripped(raw)}" for key, raw in members if raw != "null"]
    return "{" + ",".join(kept) + "}"


def raw_keys(text: str) -> list[str]:
    _must_be(text, "{", "call json_object_keys on an array", "call json_object_keys on a scalar")
    return [str(key) for key, _ in raw_members(text)]


def raw_values(text: str) -> list[str]:
    _must_be(text, "{", "deconstruct an array as an object", "deconstruct a scalar")
    return [raw for _, raw in raw_members(text)]


def raw_elements(text: str) -> list[str]:
    _must_be(text, "[", "call json_array_elements on a non-array", "call json_array_elements on a scalar")
    return [raw for _, raw in raw_members(text)]


def _must_be(text: str, start: str, other: str, scalar: str) -> None:
    given = text.lstrip()[:1]
    if given != start:
        raise ValueError(f"[22023] cannot {other if given in '[{' else scalar}")


_T, _P = "VARCHAR", "VARCHAR[]"
JSON_FUNCTIONS = (
    ("pg_json_set", set_path, (_T, _P, _T, "BOOLEAN"), _T),
    ("pg_json_put", put, (_T, _P, _T), _T),
    ("pg_json_insert", insert, (_T, _P, _T, "BOOLEAN"), _T),
    ("pg_json_without_path", without_path, (_T, _P), _T),
    ("pg_json_strip_nulls", strip_nulls, (_T, "BOOLEAN"), _T),
    ("pg_json_pretty", pretty, (_T,), _T),
    ("pg_json_object", object_from, (_P,), _T),
    ("pg_json_object_of", object_of, (_P, _P), _T),
    ("pg_json_order", sort_key, (_T,), "BLOB"),
    ("pg_raw_member", raw_member, (_T, _T), _T),
    ("pg_raw_item", raw_item, (_T, "BIGINT"), _T),
    ("pg_raw_path", raw_path, (_T, _P), _T),
    ("pg_raw_text", raw_text, (_T,), _T),
    ("pg_raw_stripped", raw_stripped, (_T,), _T),
    ("pg_raw_keys", raw_keys, (_T,), _P),
    ("pg_raw_values", raw_values, (_T,), _P),
    ("pg_raw_elements", raw_elements, (_T,), _P),
)
