"""An expression that stands in every row of a long INSERT, the same but for its literals: read and resolved once.

In the statement it is an expression over columns that carry the literals.  Only where a literal of text means what a
text column does, and a whole number what an integer column does; all else goes the usual way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from helios_magic.engine.dialect.typed import Node, sql, typed

_STRING = r"'[^']*+(?:''[^']*+)*+'"
_PIECE = re.compile(
    rf"\s*+(?:(?P<string>{_STRING})|(?P<number>\d++(?:\.\d++)?+)(?![\w.])|(?P<word>[^\W\d]\w*+)(?!')"
    r"|(?P<sign>\|\||::|[+*]|/(?!\*)|-(?!-))|(?P<mark>[()\[\],]))"
)
_HOLES = {"string": rf"({_STRING})", "number": r"(?<![\w.])(\d++(?:\.\d++)?+)(?![\w.])"}
#: What draws by rows, what has no value, and what reads rows of its own.
_NOT_ONCE = frozenset({"default", "nextval", "select"})
#: Casts that make of a text column's value what they make of a literal.
_CASTS = frozenset(
    {"TEXT", "VARCHAR", "SMALLINT", "INT", "BIGINT", "DECIMAL", "DOUBLE", "BOOLEAN", "DATE", "TIME", "TIMESTAMP",
     "TIMESTAMPTZ", "UUID", "JSON", "JSONB"}
)  # fmt: skip
_TEXTS = frozenset({"TEXT", "VARCHAR"})
#: Nodes whose parts stand in the order in which they were written.
_IN_ORDER = (exp.Binary, exp.Paren, exp.Neg, exp.Anonymous, exp.Cast, exp.DataType, exp.DataTypeParam, exp.Literal)
_MOST_DIGITS = 9
"""Of an int4 literal, whatever they are."""


class UnlikeError(Exception):
    """The expressions are no single one over columns."""


@dataclass(slots=True)
class RowExpression:
    """The expression's text as a pattern, which ends behind what ends the value, and each row's literals."""

    pattern: re.Pattern[str]
    literals: list[tuple[str, ...]] = field(default_factory=list)

    def take(self, query: str, at: int) -> int | None:
        """Where the value at `at` ends, its literals taken; None where it is another expression."""
        found = self.pattern.match(query, at)
        if found is None:
            return None
        self.literals.append(found.groups())
        return found.end()

    def columns(self, name: str) -> dict[str, list[str | None]]:
        """The literals that are not the same in all rows, by columns; the columns' names begin with `name`."""
        first = self.literals[0]
        listed = list(zip(*self.literals, strict=True))
        return {
            f"{name}_{at}": [_unquoted(written) for written in column]
            for at, column in enumerate(listed)
            if any(written != first[at] for written in column)
        }

    def over_columns(self, node: Node, name: str, carried: dict[str, list[str | None]]) -> Node:
        """The first row's expression with columns for what differs.  Raises `UnlikeError`."""
        if not carried:
            return node
        if not all(isinstance(part, _IN_ORDER) for part in node.walk()):
            raise UnlikeError
        literals = list(node.find_all(exp.Literal, bfs=False))
        if [literal.this for literal in literals] != [_unquoted(written) for written in self.literals[0]]:
            raise UnlikeError
        for at, literal in enumerate(literals):
            values = carried.get(f"{name}_{at}")
            if values is not None:
                column = _column(literal, f"{name}_{at}", values)
                if literal is node:
                    raise UnlikeError
                literal.replace(column)
        return node


def row_expression(query: str, at: int) -> RowExpression | None:
    """The expression that begins there; None where it is none that can stand for others."""
    parts: list[str] = []
    depth, before = 0, "sign"
    while True:
        piece = _PIECE.match(query, at)
        if piece is None:
            return None
        kind = str(piece.lastgroup)
        written = piece[kind]
        if kind == "mark":
            if not depth and written in ",)":
                break
            depth += (written in "([") - (written in ")]")
        if kind == before and kind in ("string", "sign") and parts:
            return None
        if kind == "word" and written.lower() in _NOT_ONCE:
            return None
        parts.append(_HOLES.get(kind) or _exactly(kind, written))
        at, before = piece.end(), kind
    return RowExpression(re.compile(r"\s*+" + r"\s*+".join([*parts, "[,)]"]))) if parts else None


def _exactly(kind: str, written: str) -> str:
    if kind == "word":
        return rf"(?<!\w){re.escape(written)}(?![\w'])"
    # What follows must not make another operator of it, or a comment.
    return re.escape(written) + (r"(?![-+*/|:<>=~!@#%^&`?])" if kind == "sign" else "")


def _unquoted(written: str) -> str:
    return written[1:-1].replace("''", "'") if written[0] == "'" else written


def _column(literal: exp.Literal, name: str, values: Sequence[str | None]) -> Node:
    """The column that carries the literal's values, of the type that it has where it stands.  Raises `UnlikeError`."""
    above = literal.parent
    while isinstance(above, exp.Paren):
        above = above.parent
    column = typed(exp.column(name), "text")
    if not literal.is_string:
        small = all(value is not None and value.isdigit() and len(value) <= _MOST_DIGITS for value in values)
        if not small or isinstance(above, exp.DataTypeParam | exp.DataType):
            raise UnlikeError
        return sql("CAST({0} AS INTEGER)", column, pg="int4")
    if isinstance(above, exp.Cast) and above.to.this.value in _CASTS:
        return column
    if isinstance(above, exp.DPipe) and _joins_text(above):
        return column
    raise UnlikeError


def _joins_text(node: exp.Expr) -> bool:
    """Whether all that `||` joins is text or a literal: beside another type a literal would be of that type."""
    if isinstance(node, exp.DPipe):
        return _joins_text(node.left) and _joins_text(node.right)
    if isinstance(node, exp.Paren):
        return _joins_text(node.this)
    if isinstance(node, exp.Cast):
        return node.to.this.value in _TEXTS
    return isinstance(node, exp.Literal | exp.Column) or node.meta.get("pg") in ("text", "int4")
