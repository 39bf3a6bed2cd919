"""Statements of application SQL answer as PostgreSQL 15 answered them, or are refused by name.

The cases bring their own tables; a case whose setup opens a transaction or uses SET is not scored, for a session here
has neither.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

import helios_magic
from tests.dialect.differential.answers import plain
from tests.dialect.differential.servers import split_type

CASES = json.loads((Path(__file__).parent / "cases" / "postgres.json").read_text("utf-8"))["cases"]
NOT_SCORED = ("BEGIN", "SET ", "SAVEPOINT", "START TRANSACTION")
SECONDS_OF_A_MONTH, SECONDS_OF_A_DAY = 30 * 86_400, 86_400
ENUM_OID = "18702"
"""The type of an enum column came as the number that it had on the server that answered."""


def scored(case):
    return not any(statement.startswith(NOT_SCORED) for statement in case["setup"])


def run(session, branches, case):
    """What the case came to: `equal`, `refused`, or what differs."""
    try:
        result = session.run(case["sql"], case["params"], branch=prepared(session, branches, case))
    except helios_magic.HeliosError as error:
        if "pg_error" in case and error.sqlstate == case["pg_error"]["sqlstate"]:
            told, expected = error.message, case["pg_error"]["message"]
            return "equal" if told == expected else f"told {told!r}, not {expected!r}"
        return "refused" if error.sqlstate == "0A000" else f"failed: {error.sqlstate} {error}"
    if "pg_error" in case:
        return f"answered, where PostgreSQL says {case['pg_error']}"
    return compare(result, case)


def prepared(session, branches, case):
    """A branch with the case's tables: a new one, or for a case that only reads one that another such case used."""
    key = (*case["setup"],) if case["sql"].startswith("SELECT") else case["id"]
    if key not in branches:
        branches[key] = session.client.create_branch(f"case-{len(branches)}").name
        for statement in case["setup"]:
            session.run(statement, branch=branches[key])
    return branches[key]


def compare(result, case):
    expected = case["pg_result"]
    table = result.table
    if table is None:
        return "no rows"
    if result.columns != expected["columns"]:
        return f"columns {result.columns}, not {expected['columns']}"
    kinds = [split_type(kind)[0] for kind in result.types]
    for kind, wanted in zip(kinds, expected["types"], strict=True):
        if kind.replace("[]", "") != wanted and wanted != ENUM_OID:
            return f"type {kind}, not {wanted}"
    columns = [
        [value(plain(cell, kind), cell, kind) for cell in column.to_pylist()]
        for column, kind in zip(table.columns, kinds, strict=True)
    ]
    rows = [list(row) for row in zip(*columns, strict=True)] if columns else [[]] * table.num_rows
    wanted_rows = [[theirs(cell) for cell in row] for row in expected["rows"]]
    if not case["ordered"]:
        rows.sort(key=repr)
        wanted_rows.sort(key=repr)
    return "equal" if rows == wanted_rows else f"rows {rows}, not {wanted_rows}"


def value(comparable, cell, kind):
    """A cell of ours in the notation of the cases."""
    if cell is None:
        return None
    if kind == "interval":
        months, days, nanoseconds = cell
        years, months = divmod(months, 12)
        return (
            years * 365 * SECONDS_OF_A_DAY
            + months * SECONDS_OF_A_MONTH
            + days * SECONDS_OF_A_DAY
            + nanoseconds / 1_000_000_000
        )
    if kind == "bytea":
        return comparable.hex()
    return numbers(comparable)


def theirs(cell):
    if isinstance(cell, dict):
        if cell.keys() == {"dec"}:
            return numbers(Decimal(cell["dec"]))
        if cell.keys() == {"interval_s"}:
            return cell["interval_s"]
        if cell.keys() == {"hex"}:
            return cell["hex"]
    return numbers(cell)


def numbers(cell):
    """Numbers by value: how many zeros end a numeric is not told over every way that rows travel."""
    if isinstance(cell, list):
        return [numbers(item) for item in cell]
    if isinstance(cell, dict):
        return {key: numbers(item) for key, item in cell.items()}
    if isinstance(cell, bool) or not isinstance(cell, (int, float, Decimal)):
        return cell
    return Decimal(str(cell)).normalize() + 0


@pytest.fixture(scope="module")
def outcomes():
    branches = {}
    with helios_magic.connect(":memory:") as session:
        session.client.create_database("cases", "enterprise")
        session.use("cases")
        return {case["id"]: run(session, branches, case) for case in CASES if scored(case)}


def test_no_case_answers_otherwise(outcomes):
    assert {name: outcome for name, outcome in outcomes.items() if outcome not in ("equal", "refused")} == {}


def test_nearly_all_cases_answer_as_postgresql_does(outcomes):
    equal = [name for name, outcome in outcomes.items() if outcome == "equal"]
    refused = sorted(name for name, outcome in outcomes.items() if outcome == "refused")
    words = f"{len(equal)} of {len(outcomes)} cases equal, refused: {', '.join(refused)}"
    print(words)
    assert len(equal) >= 0.95 * len(outcomes), words
