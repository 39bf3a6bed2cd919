"""Stories of statements that write, statement by statement as PostgreSQL 18 answered them.

`writing/*.json` has for each story its statements with what PostgreSQL said: `columns` and `rows`, a `count` of
changed rows, or a `sqlstate`.  Rows without ORDER BY in the statement are compared in any order.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import helios_magic
from helios_magic.errors import QueryError

STORIES = {
    f"{path.stem}: {title}": story
    for path in sorted((Path(__file__).parent / "writing").glob("*.json"))
    for title, story in json.loads(path.read_text()).items()
}


def plain(value: Any) -> Any:
    """A value as JSON can keep it, the same for both sides' Python types."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        number = Decimal(str(value)).normalize()
        return f"{number:f}"
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat()
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, str) and value.startswith("{"):
        return json.dumps(json.loads(value), sort_keys=True)
    return str(value)


def answer(session: Any, query: str) -> dict[str, Any]:
    try:
        result = session.run(query)
    except QueryError as error:
        return {"sqlstate": error.sqlstate}
    table = result.to_arrow()
    if table is None or not table.num_columns:
        return {"count": result.affected_rows}
    rows = [[plain(value) for value in row] for row in zip(*(c.to_pylist() for c in table.columns), strict=True)]
    return {"columns": table.column_names, "rows": ordered(query, rows)}


def ordered(query: str, rows: list[list[Any]]) -> list[list[Any]]:
    return rows if "order by" in query.lower() else sorted(rows, key=repr)


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_writes_as_postgresql_does(story: list[tuple[str, dict[str, Any]]]) -> None:
    with helios_magic.connect(":memory:") as session:
        for query, expected in story:
            assert (query, answer(session, query)) == (query, expected)
