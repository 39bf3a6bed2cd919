"""A text column's vectors: rows first, then their vectors in batches, so that what was stopped goes on where it was.

The server embeds (`helios_embed`), each text once; nothing but the statement travels.  Which rows are still without a
vector is the only state there is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helios_magic.errors import NotFoundError, UsageError, ValidationError
from helios_magic.models.embedding import HASHING, MINILM
from helios_magic.models.spaces import SPACE_FIELD
from helios_magic.models.sql import MAX_TIMEOUT_MS
from helios_magic.models.vectors import DEFAULT_MODEL
from helios_magic.schema import label, literal, quoted

if TYPE_CHECKING:
    import pyarrow as pa

    from helios_magic.client.client import Client
    from helios_magic.client.vectors import Embedded
    from helios_magic.models.tables import TableInfo

#: Texts of one statement: a second or so, after which what was made is kept and a stop is heard.
BATCH = 64
INTO = "embedding"
#: Called with the rows that have their vectors now, and those that will.
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Filled:
    """`rows` got a vector by `model` (the one that truly ran), of `dimensions`; `semantic` is False for hashing."""

    rows: int
    model: str
    dimensions: int
    semantic: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """Which column gets the vectors of which, by which model."""

    table: str
    text: str
    into: str
    asked: str
    probe: Embedded

    @property
    def model(self) -> str:
        return self.probe.embedded_by or self.probe.model


def plan(client: Client, table: str, text: str, into: str, model: str | None, branch: str) -> Plan:
    """Look at the table and at the model before anything is written.

    Without `model` it is the one that fits the column, MiniLM for a new one, hashing where that is not installed.
    Raises NotFoundError (columns of a table that is there), UsageError, and what the model's check raises.
    """
    found = find_table(client, table, branch)
    length = None if found is None else _length(found, into)
    if found is not None:
        _check_text(found, text)
    asked, probe = _probe(client, model, length)
    if length is not None and probe.dimensions != length:
        raise UsageError(
            f"{table}.{into} holds vectors of {length} numbers, {probe.model} gives {probe.dimensions}.",
            hint="Choose another column: --into NAME. Or another model: --model NAME.",
        )
    return Plan(table, text, into, asked, probe)


def fill(client: Client, work: Plan, branch: str, *, again: bool = False, progress: Progress | None = None) -> Filled:
    """Give every row with a text its vector; `again` forgets those that are there first.  The column is made if needed.

    Raises ValidationError where the column holds vectors of another space.
    """
    found = find_table(client, work.table, branch)
    if found is None:
        raise NotFoundError(f"there is no table “{work.table}”", details={"resource": "table", "table": work.table})
    table, into, text = _place(found), quoted(work.into), quoted(work.text)
    if _length(found, work.into) is None:
        client.sql(f"ALTER TABLE {table} ADD COLUMN {into} vector({work.probe.dimensions})", branch=branch)
    elif again:
        client.sql(f"UPDATE {table} SET {into} = NULL", branch=branch, timeout=MAX_TIMEOUT_MS)
    client.load(label(found.schema, found.name), _declared(work), branch=branch)
    waiting = f"{into} IS NULL AND {text} ~ '[^[:space:]]'"
    count = f"SELECT count(*) AS n FROM {table} WHERE {waiting}"
    total = left = _number(client, count, branch)
    batch = (
        f"UPDATE {table} SET {into} = helios_embed({literal(work.asked)}, {text}) "
        f"WHERE {waiting} AND {text} IN (SELECT DISTINCT {text} FROM {table} WHERE {waiting} LIMIT {BATCH})"
    )
    while left:
        client.sql(batch, branch=branch, timeout=MAX_TIMEOUT_MS)
        before, left = left, _number(client, count, branch)
        if progress is not None:
            progress(total - left, total)
        if left >= before:
            break  # what is left has no vector
    return Filled(total - left, work.model, work.probe.dimensions, work.probe.semantic is not False)


def find_table(client: Client, name: str, branch: str) -> TableInfo | None:
    """A table by its name, or by its schema's and its own."""
    for table in client.tables(branch).tables:
        if name in (label(table.schema, table.name), f"{table.schema}.{table.name}"):
            return table
    return None


def _declared(work: Plan) -> pa.Table:
    """No rows, and the column that says of which model its vectors are."""
    import pyarrow as pa

    kind = pa.list_(pa.float32(), work.probe.dimensions)
    return pa.schema([pa.field(work.into, kind, metadata={SPACE_FIELD: work.model.encode()})]).empty_table()


def _probe(client: Client, model: str | None, length: int | None) -> tuple[str, Embedded]:
    if model is not None:
        return model, client.embed(["probe"], model)
    if length not in (None, 384):
        return DEFAULT_MODEL, client.embed(["probe"], DEFAULT_MODEL)
    try:
        return MINILM, client.embed(["probe"], MINILM)
    except ValidationError as refused:
        if length is not None or refused.details.get("field") != "model":
            raise
        # A server that does not know it is asked by the name of the reference.
        other = HASHING if refused.details.get("reason") == "not_installed" else DEFAULT_MODEL
    return other, client.embed(["probe"], other)


def _length(table: TableInfo, column: str) -> int | None:
    """How long the column's vectors are; None where it is not there.  Raises UsageError for a column of no vectors."""
    for each in table.columns:
        if each.name == column:
            if each.type.startswith("vector(") and each.type[7:-1].isdecimal():
                return int(each.type[7:-1])
            raise UsageError(
                f"{table.name}.{column} is {each.type}, not vector(n).", hint="Choose another column: --into NAME."
            )
    return None


def _check_text(table: TableInfo, column: str) -> None:
    import difflib

    names = [each.name for each in table.columns]
    if column not in names:
        near = difflib.get_close_matches(column, names, n=1)
        raise NotFoundError(
            f"the table “{table.name}” has no column “{column}”",
            hint=f"Did you mean {near[0]}?" if near else f"Its columns are {', '.join(names)}.",
            details={"resource": "column", "table": table.name, "column": column},
        )


def _place(table: TableInfo) -> str:
    return f"{quoted(table.schema)}.{quoted(table.name)}"


def _number(client: Client, query: str, branch: str) -> int:
    answer: Any = client.sql(query, branch=branch).to_arrow()
    return int(answer.column(0)[0].as_py())
