"""A statement's plan as a tree of steps in plain words, with what each step really did under `analyze`."""

from __future__ import annotations

import re
import time
from typing import Any

import msgspec

from helios_magic.engine import binding, foreign_keys, profile
from helios_magic.engine.execute import Work, chosen
from helios_magic.engine.face import Plan, Statement, Step
from helios_magic.engine.failures import scrub
from helios_magic.engine.plans import Planned
from helios_magic.engine.profile import Operator

_WORDS = {
    "SEQ_SCAN": "Seq Scan",
    "TABLE_SCAN": "Seq Scan",
    "COLUMN_DATA_SCAN": "Values Scan",
    "DUMMY_SCAN": "Result",
    "EMPTY_RESULT": "Empty Result",
    "HASH_GROUP_BY": "Hash Aggregate",
    "PERFECT_HASH_GROUP_BY": "Hash Aggregate",
    "UNGROUPED_AGGREGATE": "Aggregate",
    "SIMPLE_AGGREGATE": "Aggregate",
    "ORDER_BY": "Sort",
    "TOP_N": "Top-N Sort",
    "CTE_SCAN": "CTE Scan",
    "RECURSIVE_CTE": "Recursive Union",
    "WINDOW": "WindowAgg",
    "STREAMING_WINDOW": "WindowAgg",
    "STREAMING_LIMIT": "Limit",
    "UNNEST": "Unnest",
    "INOUT_FUNCTION": "Function Scan",
}
_WRAPPERS = frozenset({"RESULT_COLLECTOR", "EXPLAIN_ANALYZE", "EXPLAIN", "QUERY"})
_SQUEEZING = re.compile(r"__internal_(?:de)?compress_\w+\((#?\"?[\w.]+\"?)(?:, [^()]*)?\)")
_ESTIMATE = "Estimated Cardinality"


class _Planned(msgspec.Struct):
    """An operator of a plan that did not run."""

    name: str
    extra_info: dict[str, Any] = {}
    children: list[_Planned] = []


def explain(work: Work, statement: Statement, planned: Planned, *, analyze: bool) -> Plan:
    """The plan of a statement.  With `analyze` it runs, in the transaction of `work`, which the caller undoes."""
    prepared = planned.prepared
    binding.check_count(statement.params, prepared.parameters)
    values = binding.bind(statement.params)
    try:
        if prepared.kind == "ddl" or (prepared.kind == "show" and not analyze):
            return _without_plan(work, statement, planned, analyze=analyze)
        return _analyze(work, planned, values) if analyze else _estimate(work, planned, values)
    except Exception as error:
        raise work.failed(error, statement.query, prepared) from None


def _estimate(work: Work, planned: Planned, values: list[Any]) -> Plan:
    prepared = planned.prepared
    # A statement in several steps needs the earlier ones before its last can be planned; the caller undoes them.
    for text, used in zip(prepared.steps[:-1], prepared.step_parameters[:-1], strict=True):
        work.step(text, chosen(values, used))
    used = prepared.step_parameters[-1]
    rows = work.ask(f"EXPLAIN (FORMAT json) {prepared.steps[-1]}", chosen(values, used))
    roots = [_step_of_plan(node) for node in msgspec.json.decode(rows[0][1], type=list[_Planned])]
    root = roots[0] if len(roots) == 1 else Step("Sequence", {}, children=tuple(roots))
    return Plan(root, render(root), analyze=False)


def _analyze(work: Work, planned: Planned, values: list[Any]) -> Plan:
    prepared, touched = planned.prepared, planned.touched
    named = {str(number): value for number, value in enumerate(values, 1)}
    if touched is not None:
        foreign_keys.before(work, touched, prepared.kind, prepared.writes, named)
    started = time.perf_counter()
    for text, used in zip(prepared.steps[:-1], prepared.step_parameters[:-1], strict=True):
        work.step(text, chosen(values, used))
    used = prepared.step_parameters[-1]
    rows = work.ask(f"EXPLAIN (ANALYZE, FORMAT json) {prepared.steps[-1]}", chosen(values, used))
    took = (time.perf_counter() - started) * 1000
    if touched is not None:
        foreign_keys.after(work, touched, prepared.kind, checked=False)
    operators = profile.decode(rows[0][1])
    root = _unwrapped(operators)
    examined = sum(profile.scanned(operator) for operator in operators)
    return Plan(root, render(root), analyze=True, execution_ms=took, rows_examined=examined)


def _without_plan(work: Work, statement: Statement, planned: Planned, *, analyze: bool) -> Plan:
    """DDL and SHOW have no plan in PostgreSQL either; under analyze they run."""
    root = Step(planned.prepared.command.title(), {})
    if not analyze:
        return Plan(root, render(root), analyze=False)
    started = time.perf_counter()
    work.run(statement, planned)
    took = (time.perf_counter() - started) * 1000
    return Plan(root, render(root), analyze=True, execution_ms=took, rows_examined=0)


def _unwrapped(operators: list[Operator]) -> Step:
    while len(operators) == 1 and operators[0].type in _WRAPPERS:
        operators = operators[0].children
    steps = tuple(_step_of_run(operator) for operator in operators)
    return steps[0] if len(steps) == 1 else Step("Result", {}, children=steps)


def _step_of_run(operator: Operator) -> Step:
    estimate, details = _details(operator.extra_info)
    if operator.rows_scanned:
        details["rows_scanned"] = operator.rows_scanned
    return Step(
        _word(operator.type, operator.extra_info),
        details,
        estimate,
        operator.intermediate_rows,
        operator.timing * 1000,
        tuple(_step_of_run(child) for child in operator.children),
    )


def _step_of_plan(node: _Planned) -> Step:
    estimate, details = _details(node.extra_info)
    children = tuple(_step_of_plan(child) for child in node.children)
    return Step(_word(node.name.strip(), node.extra_info), details, estimate, children=children)


def _word(operator: str, info: dict[str, Any]) -> str:
    if info.get("Type") == "Index Scan":
        return "Index Scan"
    name = operator.strip().removesuffix("_OPERATOR")
    return _WORDS.get(name, name.replace("_", " ").title())


def _details(info: dict[str, Any]) -> tuple[int | None, dict[str, Any]]:
    """DuckDB's notes on an operator as `snake_case` names and plain values; the estimate apart."""
    estimate = info.get(_ESTIMATE)
    details = {
        name.lower().replace(" ", "_"): _readable(value)
        for name, value in info.items()
        if name not in (_ESTIMATE, "Type") and value not in ("", [])
    }
    return (int(estimate) if isinstance(estimate, str) and estimate.isdigit() else None), details


def _readable(value: Any) -> Any:
    if isinstance(value, list):
        return [_readable(item) for item in value]
    if not isinstance(value, str):
        return value
    text = value
    while _SQUEEZING.search(text):
        text = _SQUEEZING.sub(r"\1", text)
    return scrub(text)


def render(step: Step, depth: int = 0) -> str:
    """The tree as lines, as PostgreSQL prints it."""
    lead = "" if depth == 0 else "      " * (depth - 1) + "  ->  "
    table = step.details.get("table")
    counts = [] if step.estimated_rows is None else [f"rows={step.estimated_rows}"]
    if step.actual_rows is not None:
        counts.append(f"actual rows={step.actual_rows}")
    if step.actual_ms is not None:
        counts.append(f"time={step.actual_ms:.3f} ms")
    head = lead + step.node_type + (f" on {table}" if table else "") + (f"  ({' '.join(counts)})" if counts else "")
    notes = [_note(depth, name, value) for name, value in step.details.items() if name != "table"]
    return "\n".join([head, *notes, *(render(child, depth + 1) for child in step.children)])


def _note(depth: int, name: str, value: Any) -> str:
    shown = ", ".join(map(str, value)) if isinstance(value, list) else value
    return f"{'      ' * depth}  {name.replace('_', ' ').capitalize()}: {shown}"
