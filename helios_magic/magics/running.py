"""`sql`, `batch` and `explain`: text in, exactly one request out, its answer shown."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from helios_magic.display import change
from helios_magic.display.change import BatchLine, Change
from helios_magic.display.footer import Where
from helios_magic.display.quantities import counted
from helios_magic.display.result import ResultTable
from helios_magic.errors import HeliosError, MergeConflictError, UsageError
from helios_magic.magics import requests
from helios_magic.magics.asking import protect_main
from helios_magic.magics.failures import interruptible
from helios_magic.magics.statements import Source, one, point_at, point_at_name, several
from helios_magic.magics.variables import Bound, Values, bind, given
from helios_magic.magics.workbench import Workbench
from helios_magic.sqltext import Piece

if TYPE_CHECKING:
    import pyarrow as pa

    from helios_magic.session import BatchOutcome, Result


@dataclass(frozen=True, slots=True)
class Prepared:
    """One statement of the user's text, bound, and where it will run."""

    source: Source
    piece: Piece
    bound: Bound
    where: Where


class Outcome:
    """The value of a statement that wrote and returned no rows; shown as what it changed."""

    def __init__(self, command: str, shown: Change) -> None:
        self._shown = shown
        self.command = command
        self.affected_rows = shown.changed

    def __repr__(self) -> str:
        return change.text(self._shown)

    def _repr_html_(self) -> str:
        return change.html(self._shown)


def run_sql(request: requests.Sql, workbench: Workbench) -> Any:
    """Run one statement; its frame is the value, or is kept in a variable."""
    prepared = _prepare(request, workbench, "%%helios sql" if request.lines_before else "%helios sql")
    timeout = _timeout(request, workbench)
    protect_main(workbench, [prepared.piece.text], request.branch, yes=request.yes)
    try:
        with _stoppable(workbench, prepared.where, prepared.piece.text):
            answer = workbench.session.run(
                prepared.bound.text, prepared.bound.values, branch=request.branch, timeout=timeout
            )
    except HeliosError as error:
        if isinstance(error, MergeConflictError):
            from helios_magic.magics.branching import show_conflicts

            show_conflicts(error, workbench)
        point_at(error, prepared.source, prepared.piece, prepared.bound, prepared.where)
        raise
    value = _value(request, prepared, answer, workbench)
    if request.name is not None:
        workbench.keep(request.name, value)
        return value if request.show else None
    return value


def run_batch(request: requests.Batch, workbench: Workbench) -> None:
    """Run several statements in one request and show a line for each."""
    session = workbench.session
    where = workbench.where(request.branch)
    source = _source(request, workbench)
    pieces = several(source, "%%helios batch", where)
    values = given(request.params, workbench.variables)
    bound = [_bind(source, piece, values, workbench, where) for piece in pieces]
    statements = [(each.text, _own_values(each)) for each in bound]
    timeout = _timeout(request, workbench)
    protect_main(workbench, [piece.text for piece in pieces], request.branch, yes=request.yes)
    try:
        with _stoppable(workbench, where):
            outcome = session.batch(statements, transaction=request.transaction, branch=request.branch, timeout=timeout)
    except HeliosError as error:
        index = error.details.get("statement_index")
        if isinstance(index, int) and 0 <= index < len(pieces):
            point_at(error, source, pieces[index], bound[index], where)
            if request.transaction or index:
                error.details["hint"] = _kept(error.hint, 0 if request.transaction else index)
        else:
            point_at(error, source, pieces[0], None, where)
        raise
    _show_batch(pieces, outcome, request.transaction, where, workbench)


def run_explain(request: requests.Explain, workbench: Workbench) -> None:
    """Show a statement's plan."""
    from helios_magic.display import plan

    prepared = _prepare(request, workbench, "%%helios explain" if request.lines_before else "%helios explain")
    timeout = _timeout(request, workbench)
    try:
        with _stoppable(workbench, prepared.where, "SELECT"):
            explanation = workbench.session.explain(
                prepared.bound.text,
                prepared.bound.values,
                analyze=request.analyze,
                branch=request.branch,
                timeout=timeout,
            )
    except HeliosError as error:
        point_at(error, prepared.source, prepared.piece, prepared.bound, prepared.where)
        raise
    workbench.show(plan.html(explanation, prepared.where), plan.text(explanation, prepared.where))


def _prepare(request: requests.Query, workbench: Workbench, magic: str) -> Prepared:
    source = _source(request, workbench)
    where = workbench.where(request.branch)
    piece = one(source, magic, where)
    values = given(request.params, workbench.variables)
    return Prepared(source, piece, _bind(source, piece, values, workbench, where), where)


def _source(request: requests.Query, workbench: Workbench) -> Source:
    return Source(request.text, None if request.lines_before is None else workbench.lines_before(request.text))


def _bind(source: Source, piece: Piece, values: Values, workbench: Workbench, where: Where) -> Bound:
    try:
        return bind(piece.text, values, workbench.variables)
    except UsageError as error:
        point_at_name(error, source, piece, where)
        raise


def _own_values(bound: Bound) -> Sequence[Any]:
    """Of the values of a batch, those that this statement names: $1 up to its highest."""
    from helios_magic.sqltext import scan

    numbers = [int(token.text[1:]) for token in scan(bound.text) if token.kind == "parameter"]
    return bound.values[: max(numbers, default=0)]


def _timeout(request: requests.Query, workbench: Workbench) -> float | None:
    return cast("float | None", workbench.preferences.timeout) if request.timeout is None else request.timeout


_MAYBE_DONE = "It may have finished just before: look at the rows before you run it again."
_MAYBE_GOES_ON = "The server may go on until the time limit."


def _stoppable(workbench: Workbench, where: Where, statement: str | None = None) -> AbstractContextManager[None]:
    """`statement` is one that may only read; None stands for what writes."""
    after = "" if statement is not None and _reads(statement) else _MAYBE_DONE
    if workbench.session.target.startswith(("http://", "https://")):
        after = _MAYBE_GOES_ON
    return interruptible(workbench.shell, where, after)


def _reads(statement: str) -> bool:
    return statement.lstrip("( \n\t")[:6].upper() in ("SELECT", "VALUES", "TABLE ")


def _value(request: requests.Sql, prepared: Prepared, answer: Result, workbench: Workbench) -> Any:
    where = Where(prepared.where.branch, prepared.where.database, answer.duration_ms)
    if answer.table is None:
        command = answer.command or ""
        shown = change.of_statement(command, answer.affected_rows, prepared.piece.text, where)
        if not workbench.preferences.feedback and request.name is None and request.lines_before is not None:
            return None
        return Outcome(command, shown)
    limit = workbench.preferences.autolimit if request.limit is None else request.limit
    rows, found = answer.table, None
    if limit and rows.num_rows > limit:
        found, rows = rows.num_rows, _sliced(rows, limit)
    frame = _frame(answer, rows, request.out or _out(workbench))
    command = answer.command or ""
    wrote = answer.affected_rows is not None
    table = ResultTable(
        names=(),
        types=(),
        columns=(),
        total=rows.num_rows,
        where=where,
        found=found,
        name=request.name,
        affected=change.written(command, answer.affected_rows or 0) if wrote else None,
    )
    workbench.frames.remember(frame, rows, table)
    return frame


def _sliced(rows: pa.Table, limit: int) -> pa.Table:
    """A slice that does not keep the rest of the result alive, where that is more than what is kept."""
    part = rows.slice(0, limit)
    return part.take(list(range(limit))) if limit <= 100_000 and limit * 4 < rows.num_rows else part


def _out(workbench: Workbench) -> requests.Out:
    if workbench.preferences.autopolars:
        return "polars"
    return "pandas" if workbench.preferences.autopandas else "arrow"


def _frame(answer: Result, rows: pa.Table, out: requests.Out) -> Any:
    kept = answer if rows is answer.table else replace(answer, table=rows)
    if out == "polars":
        return kept.to_polars()
    return kept.to_pandas() if out == "pandas" else kept.to_arrow()


def _show_batch(
    pieces: Sequence[Piece], outcome: BatchOutcome, transaction: bool, where: Where, workbench: Workbench
) -> None:
    lines = [BatchLine(piece.text, _did(result, piece)) for piece, result in zip(pieces, outcome.results, strict=False)]
    # The answer times the batch as a whole.
    where = replace(where, duration_ms=next((result.duration_ms for result in outcome.results), None))
    closing = "all committed, in one transaction" if transaction else "each committed on its own"
    if not outcome.committed:
        closing = "nothing committed"
    if workbench.preferences.feedback:
        workbench.show(change.batch_html(lines, closing, where), change.batch_text(lines, closing, where))


def _did(result: Result, piece: Piece) -> str:
    if result.table is not None and result.affected_rows is None:
        return counted(result.row_count, "row")
    return change.of_statement(result.command or "", result.affected_rows, piece.text, Where("main")).sentence


def _kept(hint: str | None, done: int) -> str:
    """What of a batch is left: nothing of a transaction, without one the statements before the error."""
    left = "Nothing of the batch was written."
    if done:
        left = f"The {counted(done, 'statement')} before it stay{'s' if done == 1 else ''} done."
    return f"{hint}\n{left}" if hint else left
