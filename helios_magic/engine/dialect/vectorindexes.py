"""Indexes on vectors: pgvector's methods, their operator classes and parameters.

An index is a request: which rows are nearest is found by lists that the engine keeps in memory, made and measured by
itself, so the parameters are checked and remembered, and change nothing.
"""

from __future__ import annotations

import re

from helios_magic.engine.dialect.failures import Refusal
from helios_magic.engine.dialect.pgtypes import base, long_name, modifiers

#: Per method: the default class, the most dimensions, and its parameters with their bounds.
_METHODS: dict[str, tuple[str | None, int, dict[str, tuple[int, int]]]] = {
    "hnsw": (None, 2000, {"m": (2, 100), "ef_construction": (4, 1000)}),
    "ivfflat": ("vector_l2_ops", 2000, {"lists": (1, 32768)}),
}
_CLASSES = {
    "hnsw": ("vector_l2_ops", "vector_ip_ops", "vector_cosine_ops", "vector_l1_ops"),
    "ivfflat": ("vector_l2_ops", "vector_ip_ops", "vector_cosine_ops"),
}


def is_method(method: str) -> bool:
    return method in _METHODS


def check_key(method: str, kind: str, given: str | None, place: int) -> str:
    """What is kept of a key's operator class: nothing for the default one."""
    default, most, _ = _METHODS[method]
    if given is None and (default is None or base(kind) != "vector"):
        raise Refusal(
            "42704",
            f'data type {long_name(kind)} has no default operator class for access method "{method}"',
            place=place,
            hint="You must specify an operator class for the index or define a default operator class for the "
            "data type.",
        )
    if given is not None and given not in _CLASSES[method]:
        message = f'operator class "{given}" does not exist for access method "{method}"'
        raise Refusal("42704", message, place=place)
    if base(kind) != "vector":
        message = f'operator class "{given}" does not accept data type {long_name(kind)}'
        raise Refusal("42804", message, place=place)
    if "(" not in kind:
        raise Refusal("22023", "column does not have dimensions", place=place)
    if modifiers(kind)[0] > most:
        message = f"column cannot have more than {most} dimensions for {method} index"
        raise Refusal("54000", message, place=place)
    return "" if given in (None, default) else f" {given}"


def check_parameters(method: str, written: str, place: int) -> str:
    """`WITH (m = 16)` as PostgreSQL shows it."""
    _, _, known = _METHODS[method]
    shown = []
    for part in written.strip().removeprefix("(").removesuffix(")").split(","):
        match = re.fullmatch(r"\s*(\w+)\s*=\s*'?([^']*?)'?\s*", part)
        if match is None:
            raise Refusal("42601", f'syntax error at or near "{part.strip()}"', place=place)
        name, value = match[1].lower(), match[2]
        if name not in known:
            raise Refusal("22023", f'unrecognized parameter "{name}"', place=place)
        low, high = known[name]
        if not value.lstrip("-").isdigit():
            raise Refusal("22023", f'invalid value for integer option "{name}": {value}', place=place)
        if not low <= int(value) <= high:
            raise Refusal(
                "22023",
                f'value {value} out of bounds for option "{name}"',
                place=place,
                hint=f'Valid values are between "{low}" and "{high}".',
            )
        shown.append(f"{name}='{value}'")
    return f" WITH ({', '.join(shown)})"
