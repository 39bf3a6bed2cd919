"""API reference, "SQL Endpoints"; decisions.md, "SQL"."""

from __future__ import annotations

from helios_magic.emulator import conflicts, plainrows, rows
from helios_magic.emulator.request import Answer, Answerer, Request, Rooms
from helios_magic.engine.face import BatchStopped, Limits, MergeStopped, Outcome, Statement, Step
from helios_magic.errors import ApiError
from helios_magic.models.pgtypes import pg_type
from helios_magic.models.sql import (
    BatchRequest,
    BatchResult,
    ExplainRequest,
    Explanation,
    PlanNode,
    SqlRequest,
    SqlResult,
)

#: Bytes of rows, as Arrow, that an answer in JSON may have.
MAX_JSON_ANSWER = 128 * 2**20


def sql(rooms: Rooms, request: Request) -> Answer:
    body: SqlRequest = request.body
    limits = _limits(body.timeout, request)
    try:
        statement = Statement(body.query, body.params, as_values=not request.call.wants_arrow)
        outcome = rooms.engine.execute(request.database.id, body.branch, statement, limits)
    except MergeStopped as stopped:
        raise conflicts.refusal(stopped.order, stopped.merged) from None
    if outcome.table is not None and request.call.wants_arrow:
        return Answer(
            _result(outcome, with_rows=False),
            rows_examined=outcome.rows_examined,
            table=outcome.table,
            complete=lambda: _result(outcome),
        )
    return Answer(_result(outcome), rows_examined=outcome.rows_examined, undisturbed=outcome.undisturbed)


def batch(rooms: Rooms, request: Request) -> Answer:
    body: BatchRequest = request.body
    statements = [Statement(statement.query, statement.params) for statement in body.statements]
    limits = _limits(body.timeout, request)
    try:
        outcomes = rooms.engine.batch(
            request.database.id, body.branch, statements, limits, transaction=body.transaction
        )
    except BatchStopped as stopped:
        error = stopped.error
        if isinstance(error, MergeStopped):
            error = conflicts.refusal(error.order, error.merged)
            error.details["statement_index"] = len(stopped.outcomes)
        if isinstance(error, ApiError):
            error.details["results"] = [_result(outcome) for outcome in stopped.outcomes]
        raise error from None
    examined = [outcome.rows_examined for outcome in outcomes if outcome.rows_examined is not None]
    return Answer(
        BatchResult(results=[_result(outcome) for outcome in outcomes], transaction=body.transaction, committed=True),
        rows_examined=sum(examined) if examined else None,
    )


def explain(rooms: Rooms, request: Request) -> Answer:
    body: ExplainRequest = request.body
    limits = Limits(body.timeout, request.call.cancellation)
    plan = rooms.engine.explain(
        request.database.id, body.branch, Statement(body.query, body.params), limits, analyze=body.analyze
    )
    explanation = Explanation(
        plan=_node(plan.root),
        plan_text=plan.text,
        analyze=plan.analyze,
        execution_time_ms=plan.execution_ms,
        rows_examined=plan.rows_examined,
    )
    return Answer(explanation, rows_examined=plan.rows_examined)


def _limits(timeout_ms: int, request: Request) -> Limits:
    """Rows that become JSON take many times the memory that they take as Arrow."""
    as_arrow = request.endpoint.arrow_answer and request.call.wants_arrow
    return Limits(timeout_ms, request.call.cancellation, None if as_arrow else MAX_JSON_ANSWER)


def _result(outcome: Outcome, *, with_rows: bool = True) -> SqlResult:
    result = SqlResult(command=outcome.command)
    values = outcome.values
    if values is not None:
        result.columns, result.types, result.row_count = values.columns, values.types, len(values.rows)
        result.rows = plainrows.to_lists(values)
        return result
    table = outcome.table
    types = [] if table is None else [pg_type(field) for field in table.schema]
    if outcome.affected_rows is None and table is not None:
        result.columns, result.types, result.row_count = table.column_names, types, table.num_rows
        if with_rows:
            result.rows = rows.to_json(table)
        return result
    result.affected_rows = outcome.affected_rows or 0
    if table is not None:
        result.returning_types = dict(zip(table.column_names, types, strict=True))
    if with_rows and _reports_rows(outcome.command):
        result.returning = [] if table is None else rows.to_objects(table)
    if table is not None and len(set(table.column_names)) < table.num_columns:
        # An object has one value for a name: what it cannot say stands beside it as lists.
        result.columns, result.types, result.row_count = table.column_names, types, table.num_rows
        if with_rows:
            result.rows = rows.to_json(table)
    return result


def _reports_rows(command: str) -> bool:
    return command in {"INSERT", "UPDATE", "DELETE", "MERGE"}


def _node(step: Step) -> PlanNode:
    return PlanNode(
        node_type=step.node_type,
        details=step.details,
        estimated_rows=step.estimated_rows,
        actual_rows=step.actual_rows,
        actual_ms=step.actual_ms,
        children=[_node(child) for child in step.children],
    )


ENDPOINTS: dict[str, Answerer] = {"sql": sql, "batch": batch, "explain": explain}
