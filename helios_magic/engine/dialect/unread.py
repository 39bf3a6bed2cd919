"""Clauses of PostgreSQL's grammar that this dialect does not read: refused by their names, not as mistakes."""

from __future__ import annotations

from collections.abc import Sequence

from helios_magic.sqltext import Token

_JSON = frozenset({"json_object", "json_array", "json_objectagg", "json_arrayagg", "json_value", "json_query",
                   "json_exists", "json_serialize", "json_scalar", "json_table", "json", "xmltable", "xmlelement",
                   "xmlforest", "xmlparse", "xmlserialize", "xmlroot", "xmlpi", "xmlexists"})  # fmt: skip

#: Types that are not kept here, and that are no names to the parser: `box '…'` would be a mistake.
_TYPES = frozenset({"box", "circle", "lseg", "macaddr", "macaddr8", "path", "pg_lsn", "pg_snapshot", "polygon",
                    "tsquery", "tsvector", "txid_snapshot", "line"})  # fmt: skip


def unread(code: Sequence[Token], near: Token) -> str | None:
    """The name of the clause that begins, or goes on, at the token where reading stopped; None for a mistake."""
    at = next((index for index, token in enumerate(code) if token.start == near.start), len(code))
    before = code[:at]
    words = [token.name for token in before if token.kind == "word"]
    call = _call(before)
    if call in _JSON:
        return f"the syntax of {call.upper()} with clauses"
    if near.kind == "string" and before and before[-1].name in _TYPES:
        return f"type {before[-1].name}"
    if call == "substring" and words[-1] == "similar":
        return "SUBSTRING … SIMILAR"
    return None


def _call(before: Sequence[Token]) -> str | None:
    """The function whose brackets are open."""
    depth = 0
    for index in range(len(before) - 1, 0, -1):
        depth += (before[index].text == ")") - (before[index].text == "(")
        if depth < 0:
            return before[index - 1].name if before[index - 1].kind == "word" else None
    return None
