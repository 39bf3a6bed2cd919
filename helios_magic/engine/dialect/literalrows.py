"""An INSERT of many rows of literals, read without the parser and handed to DuckDB column by column.

Parsing costs about 30 µs for every value of a VALUES list, here and in DuckDB: seconds for a megabyte.  As one JSON
text, cast by columns, the same rows take a tenth of it.  What is neither a plain literal nor an expression that
stands in every row (rowexpressions.py) goes the usual way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from sqlglot import exp

from helios_magic.engine.dialect.conversion import coerce
from helios_magic.engine.dialect.failures import Refusal, query_error
from helios_magic.engine.dialect.grammar import Check, Sql
from helios_magic.engine.dialect.pgtypes import NUMBERS, STRINGS, base
from helios_magic.engine.dialect.rowexpressions import RowExpression, UnlikeError, row_expression
from helios_magic.engine.dialect.typed import Node, sql, typed
from helios_magic.errors import QueryError
from helios_magic.schema import Column

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

#: Characters from which on a statement is worth the look.
_LONG = 16_384
_NAME = r'(?:[^\W\d][\w$]*+|"(?:[^"]|"")++")'
_HEAD = re.compile(
    rf"\s*+insert\s++into\s++{_NAME}(?:\s*+\.\s*+{_NAME})?+(?:\s++as\s++{_NAME})?+"
    rf"(?:\s*+\(\s*+{_NAME}(?:\s*+,\s*+{_NAME})*+\s*+\))?+\s*+(?<![\w$])values\s*+(?=\()",
    re.IGNORECASE,
)
_ITEM = re.compile(
    r"""\s*+(?:(?P<string>'[^']*+(?:''[^']*+)*+')|(?P<whole>-?\d++)(?![\w.])|(?P<decimal>-?\d++\.\d++)(?![\w.])
    |(?P<null>null)|(?P<bool>true|false))\s*+[,)]""",
    re.IGNORECASE | re.VERBOSE,
)
_NEXT_ROW = re.compile(r"\s*+,\s*+\(")
#: What DuckDB's doubles take from a decimal without rounding twice.
_EXACT_DIGITS = 15

Item = tuple[str, str]
"""A literal: `string`, `whole`, `decimal`, `null` or `bool`, and its value as text.  Or an `expression`."""
_EXPRESSION: Item = ("expression", "")
Bind = Callable[[Node, Column], Node]
"""A literal as the value of a column, by the rules of an assignment."""


class OtherwiseError(Exception):
    """These rows have to go the usual way."""


class RowError(Exception):
    """A literal that its column does not take; `row` is where the row stands among the rows."""

    def __init__(self, row: int) -> None:
        self.row = row


@dataclass(frozen=True, slots=True)
class LiteralRows:
    """The rows of `query`, and `short`, which is the query with its first two rows only.

    `places` are the offsets of the rows' brackets, and of what follows the last row.
    """

    query: str
    rows: Sequence[tuple[Item, ...]]
    places: Sequence[int]
    short: str
    expressions: Mapping[int, RowExpression]
    """By the place of their column in the rows."""

    def only(self, row: int) -> str:
        """The query with one row."""
        return self.query[: self.places[0]] + self._written(row, row + 1) + self.query[self.places[-1] :]

    def placed(self, error: QueryError, row: int = 0, *, rows: int = 2) -> QueryError:
        """An error of `short`, or of `only(row)`, as one of the query."""
        position = error.details.get("position")
        offset = None if position is None else self._moved(int(position) - 1, row, rows)
        return query_error(self.query, str(error.details["sqlstate"]), error.message, offset=offset, hint=error.hint)

    def _moved(self, offset: int, row: int, rows: int) -> int:
        first = self.places[0]
        length = len(self._written(row, row + rows))
        if offset < first:
            return offset
        if offset < first + length:
            return offset - first + self.places[row]
        return offset - first - length + self.places[-1]

    def _written(self, begin: int, end: int) -> str:
        return _written(self.query, self.places, begin, end)


def _written(query: str, places: Sequence[int], begin: int, end: int) -> str:
    return query[places[begin] : places[end]].rstrip().removesuffix(",")


def literal_rows(query: str, check: Check) -> LiteralRows | None:
    """The rows of a long INSERT … VALUES of literals and of expressions alike in all rows; None for another text."""
    head = _HEAD.match(query) if len(query) >= _LONG else None
    if head is None:
        return None
    rows: list[tuple[Item, ...]] = []
    expressions: dict[int, RowExpression] = {}
    places = [head.end()]
    at = head.end() + 1
    while True:
        row: list[Item] = []
        closing = ","
        while closing == ",":
            item, end = _item(query, at, expressions.get(len(row)))
            if item is None and not rows:
                found = row_expression(query, at)
                if found is not None:
                    expressions[len(row)] = found
                    item, end = _item(query, at, found)
            if item is None:
                return None
            row.append(item)
            at = end
            closing = query[at - 1]
        rows.append(tuple(row))
        if len(row) != len(rows[0]):
            return None
        if not len(rows) & 1023:
            check()
        following = _NEXT_ROW.match(query, at)
        if following is None:
            break
        places.append(following.end() - 1)
        at = following.end()
    if len(rows) < 3:
        return None
    places.append(at)
    short = query[: head.end()] + _written(query, places, 0, 2) + query[at:]
    return LiteralRows(query, rows, places, short, expressions)


def _item(query: str, at: int, expression: RowExpression | None) -> tuple[Item | None, int]:
    """The value that begins there, and the place behind what ends it."""
    if expression is not None:
        end = expression.take(query, at)
        return (None, at) if end is None else (_EXPRESSION, end)
    found = _ITEM.match(query, at)
    if found is None:
        return None, at
    kind, written = str(found.lastgroup), found[found.lastgroup or 0]
    return (kind, written[1:-1].replace("''", "'") if kind == "string" else written), found.end()


def body(found: LiteralRows, columns: Sequence[Column], first: Sequence[Node], bind: Bind, binder: Binder) -> Node:
    """The rows as a query of the columns' types; `first` is the first row as it was parsed.

    Raises `RowError`, or `OtherwiseError` where rows differ in kind.
    """
    carried: dict[str, list[str | None]] = {}
    values: list[Node] = []
    for at, column in enumerate(columns):
        binder.check()
        name = f"c{at}"
        expression = found.expressions.get(at)
        if expression is not None:
            varying = expression.columns(name)
            values.append(_expression(expression, first[at], name, varying, column, bind))
            carried |= varying
            continue
        items = [row[at] for row in found.rows]
        texts, value = _column(items, column, typed(exp.column(name), "text"), bind, binder)
        carried[name] = texts
        values.append(value)
    if not carried:
        raise OtherwiseError
    try:
        packed = msgspec.json.encode(carried).decode()
    except UnicodeEncodeError:
        raise OtherwiseError from None
    shape = ", ".join(f'"{name}": ["VARCHAR"]' for name in carried)
    listed = ", ".join(f"unnest(_rows.{name}) AS {name}" for name in carried)
    slots = ", ".join(f"{{{at}}}" for at in range(len(values)))
    return sql(
        f"SELECT {slots} FROM (SELECT {listed} FROM (SELECT from_json({{{len(values)}}}, '{{{{{shape}}}}}') AS _rows))",
        *values,
        exp.Literal.string(packed),
        pg="record",
    )


def _expression(
    expression: RowExpression,
    first: Node,
    name: str,
    varying: dict[str, list[str | None]],
    column: Column,
    bind: Bind,
) -> Node:
    try:
        return bind(expression.over_columns(first, name, varying), column)
    except UnlikeError:
        raise OtherwiseError from None
    except Refusal:
        raise RowError(0) from None


def _column(
    items: Sequence[Item], column: Column, read: Node, bind: Bind, binder: Binder
) -> tuple[list[str | None], Node]:
    """The texts of one column, and what makes values of them."""
    kinds = {kind for kind, _ in items} - {"null"}
    texts = [None if kind == "null" else text for kind, text in items]
    if not kinds:
        return texts, bind(exp.Null(), column)
    if kinds == {"string"}:
        return _strings(items, column, read, bind)
    if kinds == {"bool"}:
        value = sql("CAST({0} AS BOOLEAN)", read, pg="bool")
    elif kinds <= {"whole", "decimal"} and base(column.type) in (*NUMBERS, *(STRINGS if kinds == {"whole"} else ())):
        value = _number([text for text in texts if text is not None], column, read)
    else:
        raise OtherwiseError
    try:
        return texts, coerce(binder, value, column.type, assignment=True)
    except Refusal:
        raise RowError(next(row for row, (kind, _) in enumerate(items) if kind != "null")) from None


def _number(texts: Sequence[str], column: Column, read: Node) -> Node:
    """Numbers of one type that holds them all: as a literal of its own each would have the narrowest."""
    digits = [text.lstrip("-").partition(".") for text in texts]
    scale = max(len(fraction) for _, _, fraction in digits)
    whole = max(len(before.lstrip("0")) for before, _, _ in digits)
    if scale == 0 and whole <= 9:
        return sql("CAST({0} AS INTEGER)", read, pg="int4")
    if scale == 0 and whole <= 18:
        return sql("CAST({0} AS BIGINT)", read, pg="int8")
    if whole + scale > (_EXACT_DIGITS if base(column.type) in ("float4", "float8") else 38):
        raise OtherwiseError
    if column.type == "numeric" and scale > 10:
        raise OtherwiseError
    value = sql(f"CAST({{0}} AS DECIMAL({max(whole + scale, 1)},{scale}))", read, pg="numeric")
    value.meta.update(exact_scale=True, digits=scale, scale=scale)
    return value


def _strings(items: Sequence[Item], column: Column, read: Node, bind: Bind) -> tuple[list[str | None], Node]:
    """What the rules make of each literal must be the same but for its text."""
    templates: tuple[str, ...] | None = None
    texts: list[str | None] = []
    known: dict[str, str] = {}
    alike = base(column.type) in STRINGS
    for row, (kind, text) in enumerate(items):
        if kind == "null" or text in known or (alike and templates is not None):
            texts.append(None if kind == "null" else known.get(text, text))
            continue
        try:
            bound = bind(exp.Literal.string(text), column)
        except Refusal:
            raise RowError(row) from None
        made, known[text] = _taken_apart(bound)
        if templates not in (None, made):
            raise OtherwiseError
        templates = made
        texts.append(known[text])
    value = read
    for template in reversed(templates or ()):
        value = sql(template, value, pg=column.type)
    return texts, value


def _taken_apart(node: Node) -> tuple[tuple[str, ...], str]:
    """The templates around one text, from the outside in, and the text."""
    templates: list[str] = []
    while isinstance(node, Sql) and len(node.expressions) == 1:
        templates.append(str(node.args["template"]))
        node = node.expressions[0]
    if not isinstance(node, exp.Literal) or not node.is_string:
        raise OtherwiseError
    return tuple(templates), str(node.this)
