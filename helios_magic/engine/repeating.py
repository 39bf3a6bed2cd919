"""Statements that come again: DuckDB keeps its plan of them with the cursor.

DuckDB plans a statement anew each time; where ten rows are read that takes as long as reading them.  A plan that is
kept is made again by DuckDB itself where the catalogue has changed.  Only "first rows" are kept: an optimizer may build
on what it knows of the rows, and these run without it.
"""

from __future__ import annotations

import itertools
import weakref
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

    from helios_magic.engine.plans import Planned

_MOST_KEPT = 32
"""Plans that a cursor keeps; the one used longest ago makes room."""
_RUNS_BEFORE = 2
"""A statement that came as often before is worth a plan that is kept."""
_numbers = itertools.count(1)


class Repeats:
    """What the cursors of one file keep.  A cursor has one user at a time; several threads may use several."""

    def __init__(self) -> None:
        self._kept: weakref.WeakKeyDictionary[duckdb.DuckDBPyConnection, OrderedDict[str, tuple[str, duckdb.Statement]]]
        self._kept = weakref.WeakKeyDictionary()

    def statement(self, cursor: duckdb.DuckDBPyConnection, planned: Planned) -> duckdb.Statement | str:
        """What runs the last step of the plan, which has no parameters; from its third run on a kept plan of DuckDB."""
        planned.runs += 1
        text = planned.prepared.steps[-1]
        kept = self._kept.get(cursor)
        if kept is not None and text in kept:
            kept.move_to_end(text)
            return kept[text][1]
        step = planned.last_step(cursor)
        if planned.runs <= _RUNS_BEFORE or isinstance(step, str):
            return step
        if kept is None:
            kept = self._kept[cursor] = OrderedDict()
        if len(kept) >= _MOST_KEPT:
            _, (oldest, _) = kept.popitem(last=False)
            cursor.execute(f"DEALLOCATE {oldest}")
        name = f"helios_kept_{next(_numbers)}"
        cursor.execute(f"PREPARE {name} AS {text}")
        (again,) = cursor.extract_statements(f"EXECUTE {name}")
        kept[text] = (name, again)
        return again
