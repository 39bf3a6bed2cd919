"""FOR UPDATE and its like: a statement is a transaction of its own here, so the rows are locked as it is."""

from __future__ import annotations

from sqlglot import exp

from helios_magic.engine.dialect.aggregates import NAMES
from helios_magic.engine.dialect.failures import UNDEFINED_TABLE, UNSUPPORTED, Refusal
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.typed import Node, name_of, place_of


def check_locks(node: Node, scope: Scope) -> None:
    """Refuse (0A000, 42P01) what PostgreSQL cannot lock; a lock that can be had changes nothing here."""
    locks = node.args.get("locks")
    if not locks:
        return
    word = _word(locks[0])
    for part, what in (("distinct", "DISTINCT clause"), ("group", "GROUP BY clause"), ("having", "HAVING clause")):
        if node.args.get(part):
            raise Refusal(UNSUPPORTED, f"{word} is not allowed with {what}", place=place_of(node))
    if isinstance(node.parent, exp.SetOperation):
        raise Refusal(UNSUPPORTED, f"{word} is not allowed with UNION/INTERSECT/EXCEPT")
    for part in node.expressions:
        for call in part.walk(prune=lambda inner: isinstance(inner, exp.Query)):
            if isinstance(call, exp.Window):
                raise Refusal(UNSUPPORTED, f"{word} is not allowed with window functions", place=place_of(call))
            if isinstance(call, exp.Anonymous) and name_of(call) in NAMES:
                raise Refusal(UNSUPPORTED, f"{word} is not allowed with aggregate functions", place=place_of(call))
    for lock in locks:
        for table in lock.expressions:
            name = name_of(table.this if isinstance(table, exp.Table) else table)
            if not any(source.alias == name for source in scope.sources):
                message = f'relation "{name}" in {_word(lock)} clause not found in FROM clause'
                raise Refusal(UNDEFINED_TABLE, message, place=place_of(table))


def _word(lock: exp.Lock) -> str:
    key = "KEY " if lock.args.get("key") else ""
    if lock.args.get("update"):
        return f"FOR {'NO ' if key else ''}{key}UPDATE"
    return f"FOR {key}SHARE"
