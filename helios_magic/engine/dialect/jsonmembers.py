"""`jsonb @> '{"key": "word", "flag": true}'`: the commonest containment, member by member in DuckDB."""

from __future__ import annotations

import json
import re

from sqlglot import exp

from helios_magic.engine.dialect.typed import Node, is_string, sql

#: A key that a path can name without a doubt: no quotes, no backslashes, nothing that could be an index.
PLAIN_KEY = re.compile(r"(?!-?\d+$)[^\"\\\x00-\x1f]+")


def plain_members(node: Node) -> dict[str, str | bool] | None:
    """The members of a literal object that has nothing but strings and booleans; None for everything else."""
    if not is_string(node):
        return None
    try:
        value = json.loads(node.name)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not value:
        return None
    plain = all(PLAIN_KEY.fullmatch(key) and isinstance(member, str | bool) for key, member in value.items())
    return value if plain else None


def has_members(value: Node, members: dict[str, str | bool]) -> Node:
    """Whether an object has these members."""
    parts: list[str] = []
    literals: list[Node] = []
    for key, member in members.items():
        kind, text = ("BOOLEAN", str(member).lower()) if isinstance(member, bool) else ("VARCHAR", member)
        path, wanted = len(literals) + 1, len(literals) + 2
        literals += [exp.Literal.string(f'$."{key}"'), exp.Literal.string(text)]
        parts.append(
            f"json_type({{0}}, {{{path}}}) = '{kind}' AND json_extract_string({{0}}, {{{path}}}) = {{{wanted}}}"
        )
    found = " AND ".join(parts)
    return sql(f"CASE WHEN {{0}} IS NOT NULL THEN coalesce({found}, false) END", value, *literals, pg="bool")
