"""`SELECT … FROM t [WHERE …] ORDER BY v <=> $1 LIMIT k` answered from the vectors in memory.

The statement runs as it stands, on the k nearest rows that pass its WHERE.  Where there are not k of them, or the
table is small, it runs on all rows: rows without a vector come last there, and DuckDB is as fast.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from helios_magic.engine.dialect.grammar import Operator, parse
from helios_magic.engine.dialect.typed import name_of
from helios_magic.engine.dialect.vectors import read
from helios_magic.engine.face import Outcome, Search, Statement
from helios_magic.engine.vectors.columns import checked_query, vector_column
from helios_magic.errors import ApiError
from helios_magic.nearest import Metric
from helios_magic.nearest.rows import EXACT_UP_TO
from helios_magic.schema import Column, Schema
from helios_magic.sqltext import Token, scan

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from sqlglot import exp

    from helios_magic.engine.execute import Work
    from helios_magic.engine.plans import Planned

_ROW = "rowid"
_MOST = 1000
_METRICS: dict[str, Metric] = {"<=>": "cosine", "<->": "l2", "<#>": "inner_product"}
_SIGN = re.compile(r"<(?:=|-|#)>")
_VOLATILE = frozenset({"random", "random_normal", "nextval", "setval", "clock_timestamp", "gen_random_uuid"})
_PARTS = frozenset({"expressions", "from_", "where", "order", "limit"})

#: Plans a query of ours against a structure.
Plan = Callable[[str, Schema], "Planned"]


@dataclass(frozen=True, slots=True)
class Ordered:
    """What such a statement asks for; `operand` and `limit` are a value, or the number of a parameter."""

    table: str
    column: str
    metric: Metric
    operand: str | int
    limit: int
    limit_parameter: int | None
    query: str
    """The statement with one condition more: that the row is one of a list, the last parameter."""
    passing: str | None
    """What finds the rows that its WHERE lets pass."""


def ordered(query: str) -> Ordered | None:
    """What a statement asks for, if it is of this form."""
    if _SIGN.search(query) is None:
        return None
    from sqlglot import exp

    (tree,) = parse(query)[:1] or (None,)
    if not isinstance(tree, exp.Select) or {part for part, value in tree.args.items() if value} - _PARTS:
        return None
    source, keys, limit = tree.args.get("from_"), tree.args.get("order"), tree.args.get("limit")
    if source is None or keys is None or limit is None or len(keys.expressions) != 1:
        return None
    table, key = source.this, keys.expressions[0]
    if not isinstance(table, exp.Table) or table.args.get("joins") or key.args.get("desc"):
        return None
    distance = key.this
    sign = str(distance.args.get("operator")) if isinstance(distance, Operator) else ""
    if sign not in _METRICS or not isinstance(distance.this, exp.Column):
        return None
    operand, count = _operand(distance.expression), _operand(limit.expression)
    if operand is None or count is None or not _row_by_row(tree):
        return None
    if isinstance(count, str) and not count.isdigit():
        return None
    spliced = _spliced(query)
    if spliced is None:
        return None
    name = ".".join(name_of(part) for part in (table.args.get("db"), table.this) if part is not None)
    fixed, parameter = (int(count), None) if isinstance(count, str) else (0, count)
    return Ordered(name, name_of(distance.this), _METRICS[sign], operand, fixed, parameter, *spliced)


def answer(work: Work, asked: Ordered, statement: Statement, plan: Plan) -> Outcome | None:
    """The outcome by way of the kept vectors; None where the statement is to run as it stands."""
    schema, keeping, versions = work.schema()[1], work.keeping, work.file.vectors
    limit = asked.limit if asked.limit_parameter is None else statement.params[asked.limit_parameter - 1]
    if not isinstance(limit, int) or not 0 < limit <= _MOST:
        return None
    query = _query(work, asked, statement.params)
    if query is None:
        return None
    table, column, dimensions = vector_column(schema, asked.table, asked.column)
    if table.kind != "table" or table.column(_ROW) is not None or not keeping.is_worth(work, table):
        return None
    numbered = replace(table, columns=(*table.columns, Column(_ROW, "int8")))
    known = replace(schema, tables=tuple(numbered if each is table else each for each in schema.tables))
    moves = versions.moves
    rows = keeping.current(work, table, column, dimensions)
    if rows is None or len(rows) <= EXACT_UP_TO:
        return None
    allowed = None
    if asked.passing is not None:
        allowed = _numbers(work, asked.passing, known, statement.params, plan)
    found = rows.search(query, asked.metric, limit, allowed)
    if len(found.ids) < limit:
        return None
    used = _highest(asked.query) - 1
    values = [*statement.params[:used], *([None] * (used - len(statement.params))), found.ids.tolist()]
    outcome = work.run_as_it_stands(Statement(asked.query, values), plan(asked.query, known))
    if versions.moves != moves or moves % 2 or outcome.table is None:
        return None
    # A star has brought the numbers along.
    return replace(outcome, table=outcome.table.drop_columns([n for n in outcome.table.column_names if n == _ROW]))


def _row_by_row(tree: exp.Expression) -> bool:
    """Whether each row of the result is made of one row, the same whenever it is asked."""
    from sqlglot import exp

    from helios_magic.engine.dialect import aggregates
    from helios_magic.engine.dialect.setreturning import SET_RETURNING

    if any(True for _ in tree.find_all(exp.Query, exp.Window) if _ is not tree):
        return False
    called = {name_of(call) for call in tree.find_all(exp.Anonymous)}
    return not called & {*aggregates.NAMES, *SET_RETURNING, *_VOLATILE}


def _operand(node: exp.Expression | None) -> str | int | None:
    """A literal's text or a parameter's number, through casts."""
    from sqlglot import exp

    while isinstance(node, exp.Cast | exp.Paren):
        node = node.this
    if isinstance(node, exp.Parameter) and node.name.isdigit():
        return int(node.name)
    return str(node.this) if isinstance(node, exp.Literal) else None


def _query(work: Work, asked: Ordered, params: Sequence[Any]) -> NDArray[np.float32] | None:
    """The operand as a vector of the column's length; None for one that the statement itself is to refuse."""
    value = asked.operand if isinstance(asked.operand, str) else params[asked.operand - 1]
    try:
        numbers = read(value) if isinstance(value, str) else list(value)
        _, _, dimensions = vector_column(work.schema()[1], asked.table, asked.column)
        return checked_query(Search(asked.table, asked.column, numbers, asked.metric), dimensions)
    except (ValueError, TypeError, ApiError):
        return None


def _numbers(work: Work, query: str, known: Schema, params: Sequence[Any], plan: Plan) -> NDArray[np.int64]:
    import numpy as np

    outcome = work.run_as_it_stands(Statement(query, params[: _highest(query)]), plan(query, known))
    if outcome.table is None:
        raise AssertionError("a SELECT has rows")
    return np.sort(outcome.table.column(0).to_numpy())


def _spliced(query: str) -> tuple[str, str | None] | None:
    """The statement with one condition more, and the query of the rows that pass its own."""
    tokens = [token for token in scan(query) if token.code]
    places = {word: token.start for word, token in _clauses(tokens)}
    if not places.keys() >= {"from", "order"}:
        return None
    head, tail = query[: places["order"]], query[places["order"] :]
    condition = f"{_ROW} = ANY(${_highest(query) + 1}::int8[])"
    if "where" not in places:
        return f"{head} WHERE {condition} {tail}", None
    end = places["where"] + len("where")
    passing = f"SELECT {_ROW} {query[places['from'] : places['order']]}"
    return f"{query[:end]} ({query[end : places['order']]}) AND {condition} {tail}", passing


def _clauses(tokens: Sequence[Token]) -> list[tuple[str, Token]]:
    """The words outside of brackets that begin a clause."""
    depth, found = 0, []
    for token in tokens:
        depth += (token.text in "([") - (token.text in ")]") if len(token.text) == 1 else 0
        if depth == 0 and token.kind == "word" and token.name in ("from", "where", "order"):
            found.append((token.name, token))
    return found


def _highest(query: str) -> int:
    """The highest `$n`."""
    numbers = [int(token.text[1:]) for token in scan(query) if token.text[:1] == "$" and token.text[1:].isdigit()]
    return max(numbers, default=0)
