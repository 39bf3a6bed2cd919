"""Statements that are read by our own grammar, and are not about tables: which rule reads which."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from helios_magic.engine.dialect import (
    altersequence,
    commenting,
    drops,
    enums,
    indexes,
    materialized,
    schemas,
    views,
)
from helios_magic.engine.dialect.failures import unsupported
from helios_magic.engine.dialect.fragments import Reader
from helios_magic.engine.dialect.plan import Plan
from helios_magic.sqltext import Token

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_Rule = Callable[["Binder", Reader], Plan]
_FIRST = frozenset({"create", "alter", "drop", "comment", "refresh"})


def _alter_view(binder: Binder, words: Reader) -> Plan:
    words.take("alter", "view")
    return views.alter_view(binder, words)


#: By the first two words.
_RULES: dict[tuple[str, str], _Rule] = {
    ("create", "index"): indexes.create_index,
    ("create", "unique"): indexes.create_index,
    ("create", "materialized"): materialized.create,
    ("create", "type"): enums.create_type,
    ("create", "schema"): schemas.create_schema,
    ("alter", "index"): indexes.alter_index,
    ("alter", "view"): _alter_view,
    ("alter", "materialized"): materialized.alter,
    ("alter", "type"): enums.alter_type,
    ("alter", "schema"): schemas.alter_schema,
    ("alter", "sequence"): altersequence.alter,
    ("comment", "on"): commenting.comment,
    ("refresh", "materialized"): materialized.refresh,
}
_REFUSED = {"domain": "a domain", "trigger": "a trigger", "function": "a function of your own", "rule": "a rule"}
_INSTEAD = {"domain": "Give the column the base type, and the table a CHECK."}


def resolve(binder: Binder, text: str, tokens: Sequence[Token]) -> Plan | None:
    """The plan of a utility statement, None for every other; `tokens` tell which, `text` has plain quotes."""
    first = next((token.name for token in tokens if token.code), "")
    if first not in _FIRST:
        return None
    words = Reader(text)
    if first == "drop":
        return drops.drop(binder, words)
    if views.is_create_view(words):
        return views.create_view(binder, words)
    second = next((token.name for token in words.rest()[1:2]), "")
    rule = _RULES.get((first, second))
    if rule is not None:
        return rule(binder, words)
    if first == "create" and second in _REFUSED:
        raise unsupported(_REFUSED[second], place=words.place, hint=_INSTEAD.get(second))
    return None
