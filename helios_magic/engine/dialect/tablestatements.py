"""CREATE TABLE and ALTER TABLE: the statements that are read by our own grammar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from helios_magic.engine.dialect.alter import alter_table, is_alter_table
from helios_magic.engine.dialect.createtable import create_table, is_create_table
from helios_magic.engine.dialect.fragments import Reader
from helios_magic.engine.dialect.plan import Plan
from helios_magic.sqltext import Token

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


def resolve(binder: Binder, text: str, tokens: Sequence[Token]) -> Plan | None:
    """The plan of a statement about a table, None for every other; `tokens` tell which, `text` has plain quotes."""
    first = next((token.name for token in tokens if token.code), "")
    if first not in ("create", "alter"):
        return None
    words = Reader(text)
    if is_create_table(words):
        return create_table(binder, words)
    return alter_table(binder, words) if is_alter_table(words) else None
