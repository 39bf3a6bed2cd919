"""Whether a statement can change what a branch holds, told by reading it."""

from __future__ import annotations

from helios_magic.sqltext.scanner import Token, scan
from helios_magic.sqltext.statements import statement_kind

#: EXPLAIN ANALYZE runs the statement and rolls it back.
_READS = {"", "select", "show", "show branches", "explain", "describe", "set", "reset"}
_VERBS = {"insert", "update", "delete", "merge"}


def writes(sql: str) -> bool:
    """Whether a statement may leave something behind; what is not known to be a reader counts as one that does.

    A SELECT writes with INTO, and where a WITH holds an INSERT, UPDATE, DELETE or MERGE.  Raises `UnclosedError` for a
    quote that is never closed.
    """
    if statement_kind(sql) not in _READS:
        return True
    words = [token for token in scan(sql) if token.code]
    if not words or words[0].text.lower() not in ("select", "with", "("):
        return False
    return _has_into(words) or any(_begins_a_write(words, at) for at in range(1, len(words)))


def _has_into(words: list[Token]) -> bool:
    depth = 0
    for token in words:
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and token.kind == "word" and token.text.lower() == "into":
            return True
    return False


def _begins_a_write(words: list[Token], at: int) -> bool:
    """A verb at the beginning of a bracket, or after the brackets of a WITH inside one."""
    word = words[at]
    return word.kind == "word" and word.text.lower() in _VERBS and words[at - 1].text in ("(", ")")
