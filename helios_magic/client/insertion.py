"""Loading at a server that has no bulk endpoint: multi-row INSERTs, a chunk a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from helios_magic.errors import ApiError, ConnectionFailedError, HeliosError, UsageError
from helios_magic.models.sql import MAX_TIMEOUT_MS
from helios_magic.schema import quoted

if TYPE_CHECKING:
    import pyarrow as pa

    from helios_magic.client.client import Client

#: Well under the 65,535 placeholders of a statement.
PLACEHOLDERS = 30_000
NO_SUCH_ENDPOINT = frozenset({404, 405, 501})


def cannot_load(error: HeliosError) -> bool:
    """Whether the server has no bulk endpoint.  A 404 may also mean the table or the branch: the INSERT will say so."""
    if isinstance(error, ApiError):
        return error.status in NO_SUCH_ENDPOINT
    return isinstance(error, ConnectionFailedError) and error.details.get("status") in NO_SUCH_ENDPOINT


class InsertFallback:
    """Writes chunks through `/sql/batch`."""

    def __init__(self, client: Client, table: str, branch: str) -> None:
        self._client = client
        self._table = table
        self._branch = branch

    def write(self, chunk: pa.Table, mode: str) -> int:
        """One transaction: what the mode asks of the table, then the rows."""
        statements: list[str | tuple[str, list[Any]]] = []
        name = quoted(self._table)
        if mode == "replace" and self._exists():
            statements.append(f"DELETE FROM {name}")
        elif mode in {"create", "replace"}:
            columns = ", ".join(f"{quoted(field.name)} {_declared(field)}" for field in chunk.schema)
            statements.append(f"CREATE TABLE {name} ({columns})")
        statements.extend(self._inserts(chunk))
        if statements:
            self._client.batch(statements, branch=self._branch, timeout=MAX_TIMEOUT_MS)
        return int(chunk.num_rows)

    def _inserts(self, chunk: pa.Table) -> list[tuple[str, list[Any]]]:
        width = chunk.num_columns
        columns = ", ".join(quoted(column) for column in chunk.column_names)
        step = max(1, PLACEHOLDERS // width)
        statements = []
        for start in range(0, chunk.num_rows, step):
            part = chunk.slice(start, step)
            rows = zip(*(column.to_pylist() for column in part.columns), strict=True)
            values = [value for row in rows for value in row]
            places = ", ".join(
                "(" + ", ".join(f"${row * width + column + 1}" for column in range(width)) + ")"
                for row in range(part.num_rows)
            )
            statements.append((f"INSERT INTO {quoted(self._table)} ({columns}) VALUES {places}", values))
        return statements

    def _exists(self) -> bool:
        return any(table.name == self._table for table in self._client.tables(self._branch).tables)


def _declared(field: pa.Field) -> str:
    """The PostgreSQL type that holds an Arrow column."""
    import pyarrow.types as kinds

    kind = field.type
    if kinds.is_decimal(kind):
        return f"numeric({kind.precision},{kind.scale})"
    if kinds.is_timestamp(kind):
        return "timestamptz" if kind.tz else "timestamp"
    if kinds.is_dictionary(kind):
        return "text"
    for applies, declared in _DECLARED:
        if getattr(kinds, applies)(kind):
            return declared
    raise UsageError(f"The column “{field.name}” is {kind}, which has no SQL type.", hint="Turn it into text first.")


_DECLARED = (
    ("is_boolean", "bool"),
    ("is_int8", "int2"),
    ("is_int16", "int2"),
    ("is_uint8", "int2"),
    ("is_int32", "int4"),
    ("is_uint16", "int4"),
    ("is_uint64", "numeric(20,0)"),
    ("is_integer", "int8"),
    ("is_float32", "float4"),
    ("is_floating", "float8"),
    ("is_string", "text"),
    ("is_large_string", "text"),
    ("is_string_view", "text"),
    ("is_date", "date"),
    ("is_time", "time"),
    ("is_interval", "interval"),
    ("is_duration", "interval"),
    ("is_binary", "bytea"),
    ("is_large_binary", "bytea"),
    ("is_null", "text"),
)
