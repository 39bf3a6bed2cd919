"""Rows nearest to a vector: the condition first, then the vectors that are kept in memory, then the rows themselves.

Nothing is locked: where a commit came between two of these steps, all of them are taken again; where that does not
end, or where the vectors do not fit into memory, DuckDB looks at every row.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from helios_magic.engine import results, rowwise
from helios_magic.engine.face import Nearest, Search, Statement
from helios_magic.engine.names import place, quoted
from helios_magic.engine.rules import nearest
from helios_magic.engine.vectors.columns import checked_query, vector_column
from helios_magic.engine.vectors.keeping import Keeping
from helios_magic.engine.vectors.words import fused, with_words
from helios_magic.errors import NotFoundError, ValidationError
from helios_magic.models.conditions import to_sql
from helios_magic.nearest import Found, Rows
from helios_magic.schema import Column, Table

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from helios_magic.engine.execute import Work

_TRIES, _PAUSE = 4, 0.002
_HYBRID = 100
"""How many rows of each ranking a hybrid search looks at."""
_ROW = "rowid"
_OPERATORS = {"cosine": "<=>", "l2": "<->", "inner_product": "<#>"}
_SCORED = "_similarity"


def search(work: Work, keeping: Keeping, order: Search) -> Nearest:
    """Answer `Engine.search`."""
    table, column, dimensions = vector_column(work.schema()[1], order.table, order.column)
    query = checked_query(order, dimensions)
    picked = _picked(table, column, order.columns)
    params: list[Any] = []
    condition = to_sql(order.condition, params) if order.condition is not None else None
    if table.kind == "table" and table.column(_ROW) is None:
        versions = work.file.vectors
        for _ in range(_TRIES):
            moves = versions.moves
            rows = keeping.current(work, table, column, dimensions)
            if rows is not None and moves % 2 == 0:
                allowed = None if condition is None else _allowed(work, table, condition, params)
                found = _found(work, table, rows, query, order, allowed)
                similarities = _similarities(found.scores, order)
                passes = similarities >= (-math.inf if order.threshold is None else order.threshold)
                read = _read(work, table, picked, found.ids[passes])
                if versions.moves == moves:
                    best = float(similarities.max()) if len(similarities) and not passes.any() else None
                    return Nearest(read, tuple(similarities[passes].tolist()), found.how, best)
            time.sleep(_PAUSE)
            work.guard.check()
    if order.words is not None:
        raise ValidationError(
            f"a hybrid search of “{order.table}” needs its vectors in memory, where they do not fit now",
            hint="Search with mode vector.",
            details={"field": "mode", "expected": "vector", "got": "hybrid"},
        )
    return _by_scan(work, table, column, picked, query, order, condition, params)


def _found(
    work: Work, table: Table, rows: Rows, query: NDArray[np.float32], order: Search, allowed: NDArray[np.int64] | None
) -> Found:
    """The nearest rows; with words the best of both rankings, each with its own score."""
    import numpy as np

    if order.words is None:
        return rows.search(query, order.metric, order.limit, allowed)
    wanted = max(_HYBRID, order.limit)
    near = rows.search(query, order.metric, wanted, allowed)
    worded = with_words(work, table, order.words, wanted if allowed is None else len(rows) + wanted)
    if allowed is not None:
        worded = worded[np.isin(worded, allowed)][:wanted]
    # A row without a vector has no similarity to be answered with.
    scored = rows.search(query, order.metric, len(near.ids) + len(worded), np.union1d(near.ids, worded))
    scores = dict(zip(scored.ids.tolist(), scored.scores.tolist(), strict=True))
    best = [row for row in fused(near.ids, worded) if row in scores][: order.limit]
    kept = np.array([scores[row] for row in best], dtype=np.float32)
    return Found(np.array(best, dtype=np.int64), kept, f"hybrid ({near.how}, bm25)")


def _picked(table: Table, vectors: Column, wanted: Sequence[str] | None) -> list[Column]:
    """The columns of the answer: those named, or all but the vectors."""
    if wanted is None:
        return [column for column in table.columns if column.name != vectors.name]
    picked = []
    for name in dict.fromkeys(wanted):
        column = table.column(name)
        if column is None:
            known = [each.name for each in table.columns]
            raise NotFoundError(
                f"the table “{table.label}” has no column “{name}”",
                hint=nearest(name, known) or f"Its columns are {', '.join(known)}.",
                details={"resource": "column", "table": table.label, "column": name},
            )
        picked.append(column)
    return picked


def _allowed(work: Work, table: Table, condition: str, params: list[Any]) -> NDArray[np.int64]:
    """The row numbers that pass the condition, ascending."""
    import numpy as np

    schema = work.schema()[1]
    numbered = replace(table, columns=(*table.columns, Column(_ROW, "int8")))
    known = replace(schema, tables=tuple(numbered if each is table else each for each in schema.tables))
    query = f"SELECT {_ROW} FROM {place(table)} WHERE {condition}"
    outcome = work.run_as_it_stands(Statement(query, params), work.plan_known(query, known))
    if outcome.table is None:
        raise AssertionError("a SELECT has rows")
    return np.sort(outcome.table.column(0).to_numpy())


def _read(work: Work, table: Table, columns: list[Column], ids: NDArray[np.int64]) -> pa.Table:
    """The columns of these rows, in this order."""
    import numpy as np

    names, types = [_ROW, *(c.name for c in columns)], ["int8", *(c.type for c in columns)]
    listed = ", ".join(map(quoted, names))
    wanted = ", ".join(map(str, ids.tolist())) or "-1"
    query = f"SELECT {listed} FROM {place(table)} WHERE {_ROW} IN ({wanted})"
    with work.guard.running(work.cursor):
        if len(ids) <= rowwise.MOST_ROWS and rowwise.are_faithful(types):
            work.cursor.execute(query)
            found = rowwise.fetch(work.cursor, names, types)
        else:
            found = results.fetch(work.cursor.sql(query), names, types, work.answer_bytes)
    if len(found) != len(ids):
        # A commit came between; the caller looks again.
        return found.slice(0, 0).drop_columns([_ROW])
    ranks = np.argsort(np.argsort(ids))
    return found.take(np.argsort(found.column(0).to_numpy())[ranks]).drop_columns([_ROW])


def _similarities(scores: NDArray[np.float32], order: Search) -> NDArray[np.float64]:
    """What the answer says: float4's rounding is not shown as if it were precision."""
    import numpy as np

    exact = scores.astype(np.float64)
    return 1 / (1 - exact) if order.metric == "l2" else exact


def _by_scan(
    work: Work,
    table: Table,
    column: Column,
    picked: list[Column],
    query: NDArray[np.float32],
    order: Search,
    condition: str | None,
    params: list[Any],
) -> Nearest:
    """The same by a statement that looks at every row."""
    import numpy as np

    values = [*params, query.tolist()]
    operator, name = _OPERATORS[order.metric], quoted(column.name)
    distance = f"({name} {operator} ${len(values)}::vector({len(query)}))"
    passing = f"{name} IS NOT NULL" + (f" AND ({condition})" if condition else "")
    if order.metric == "cosine":
        passing += f" AND vector_norm({name}) > 0"
    listed = ", ".join([*(quoted(each.name) for each in picked), f"{distance} AS {_SCORED}"])
    text = f"SELECT {listed} FROM {place(table)} WHERE {passing} ORDER BY {distance} LIMIT {order.limit}"
    statement = Statement(text, values)
    outcome = work.run_as_it_stands(statement, work.plan(statement))
    if outcome.table is None:
        raise AssertionError("a SELECT has rows")
    distances = outcome.table.column(_SCORED).to_numpy().astype(np.float64)
    scores = 1 - distances if order.metric == "cosine" else -distances
    similarities = _similarities(scores, order)
    kept = similarities if order.threshold is None else similarities[similarities >= order.threshold]
    best = float(similarities[0]) if len(similarities) and not len(kept) else None
    rows = outcome.table.drop_columns([_SCORED]).slice(0, len(kept))
    return Nearest(rows, tuple(map(float, kept)), "exact (scan)", None if best is None or math.isnan(best) else best)
