"""Running a prepared statement: one cursor, its transaction, its steps, its rows."""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from helios_magic.engine import binding, catalog, failures, profile, results
from helios_magic.engine.dialect import Prepared, prepare
from helios_magic.engine.face import Outcome, Statement
from helios_magic.engine.instance import Attachment
from helios_magic.engine.limits import Guard
from helios_magic.errors import ApiError
from helios_magic.schema import Schema

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_LONGEST_KEPT = 32_768


class Plans:
    """Prepared statements by text and schema version, the least recently used forgotten first."""

    def __init__(self, size: int = 1024) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, str], Prepared] = OrderedDict()

    def get(self, version: int, query: str, schema: Schema) -> Prepared:
        key = (version, query)
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        made = prepare(query, schema)
        if len(query) <= _LONGEST_KEPT:
            with self._lock:
                self._kept[key] = made
                if len(self._kept) > self._size:
                    self._kept.popitem(last=False)
        return made


class Work:
    """A cursor at work on one branch, from its first statement to its last.

    Outside a transaction a SELECT commits itself.  Inside one (`transaction`), what the transaction did to the
    structure is seen by its own later statements only.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, file: Attachment, guard: Guard, plans: Plans) -> None:
        self.cursor, self.file, self.guard = cursor, file, guard
        self._plans = plans
        self._open = False
        self._own_schema: Schema | None = None
        self.changed_schema = False
        self.reusable = True
        """Whether the cursor may serve another request: no temporary tables, no failure."""
        self.broken = False
        """Whether DuckDB declared its instance unusable."""

    def schema(self) -> tuple[int, Schema]:
        """The structure as this work sees it, and its version (0: this transaction's own, not to be kept)."""
        if self.changed_schema:
            if self._own_schema is None:
                self._own_schema = catalog.read(self.ask)
            return 0, self._own_schema
        with self.file.lock:
            if self.file.schema is None:
                self.file.schema = self._read_schema()
            return self.file.version, self.file.schema

    def plan(self, statement: Statement) -> Prepared:
        version, schema = self.schema()
        return prepare(statement.query, schema) if version == 0 else self._plans.get(version, statement.query, schema)

    def run(self, statement: Statement, prepared: Prepared) -> Outcome:
        """Run the steps and answer what the last one did.  Errors are PostgreSQL's, placed in the user's text."""
        binding.check_count(statement.params, prepared.parameters)
        values = binding.bind(statement.params)
        try:
            outcome = self._run_steps(prepared, values)
        except Exception as error:
            raise self._failed(error, statement.query) from None
        if prepared.changes_schema:
            self.changed_schema, self._own_schema = True, None
        return outcome

    @contextlib.contextmanager
    def transaction(self, *, commit: bool = True) -> Iterator[None]:
        """All or nothing.  With `commit` false the work is undone at the end."""
        self.cursor.execute("BEGIN TRANSACTION")
        self._open = True
        yield
        if commit:
            self.commit()
        else:
            self._roll_back()

    def commit(self) -> None:
        """Make it durable.  From here nothing can stop it, so what is reported is what happened."""
        self.guard.seal()
        if self.changed_schema:
            # Readers that start meanwhile must not keep what they read under the new number.
            self.file.structure_changed()
        try:
            self.cursor.execute("COMMIT")
            self._open = False
        except Exception as error:
            raise self._failed(error, "") from None
        finally:
            if self.changed_schema:
                self.file.structure_changed()

    def end(self) -> None:
        """Undo what was not committed."""
        if self._open:
            self._roll_back()

    def ask(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a query of our own."""
        with self.guard.running(self.cursor):
            rows: list[tuple[Any, ...]] = self.cursor.execute(query, list(values) or None).fetchall()
        return rows

    def step(self, query: str, values: Any = None) -> None:
        """A step whose result nobody reads."""
        with self.guard.running(self.cursor):
            self.cursor.execute(query, values)

    def _read_schema(self) -> Schema:
        """In a short transaction of its own: catalogue queries hold every attached file."""
        if self._open:
            return catalog.read(self.ask)
        self.cursor.execute("BEGIN TRANSACTION READ ONLY")
        try:
            return catalog.read(self.ask)
        finally:
            self.cursor.execute("COMMIT")

    def _run_steps(self, prepared: Prepared, values: list[Any]) -> Outcome:
        if len(prepared.steps) > 1:
            self.reusable = False
        for text, used in zip(prepared.steps[:-1], prepared.step_parameters[:-1], strict=True):
            self.step(text, _chosen(values, used))
        last, used = prepared.steps[-1], prepared.step_parameters[-1]
        if prepared.kind == "ddl":
            self.step(last, _chosen(values, used))
            return Outcome(prepared.command, affected_rows=0)
        with self.guard.running(self.cursor):
            relation = self.cursor.sql(last, params=_chosen(values, used))
            return self._outcome(prepared, relation)

    def _outcome(self, prepared: Prepared, relation: duckdb.DuckDBPyRelation) -> Outcome:
        if not prepared.returns_rows:
            rows = relation.fetchall()
            count = int(rows[0][0]) if rows else 0
            return Outcome(prepared.command, None, count, profile.rows_examined(self.cursor))
        table: pa.Table = results.fetch(relation, prepared.columns, prepared.types)
        reading = prepared.kind in ("select", "show")
        return Outcome(prepared.command, table, None if reading else table.num_rows, profile.rows_examined(self.cursor))

    def _roll_back(self) -> None:
        import duckdb

        self._open = False
        try:
            self.cursor.execute("ROLLBACK")
        except duckdb.Error:
            self.reusable = False

    def _failed(self, error: Exception, query: str) -> ApiError:
        import duckdb

        self.reusable = False
        if isinstance(error, ApiError):
            return error
        if isinstance(error, duckdb.InterruptException) and self.guard.reason is not None:
            return self.guard.error()
        if not isinstance(error, duckdb.Error):
            raise error
        if isinstance(error, duckdb.FatalException | duckdb.InternalException):
            self.broken = True
        return failures.translate(error, failures.Failing(query, self.file.schema or Schema()))


def _chosen(values: list[Any], used: tuple[int, ...]) -> dict[str, Any] | None:
    return {str(number): values[number - 1] for number in used} or None
