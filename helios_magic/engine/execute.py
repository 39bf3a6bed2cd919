"""Running a prepared statement: one cursor, its transaction, its steps, its rows."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from helios_magic.engine import binding, catalog, failures, foreign_keys, profile, results, rowwise, sizes
from helios_magic.engine.dialect import Prepared
from helios_magic.engine.dialect.prepared import Reading
from helios_magic.engine.face import Outcome, Statement
from helios_magic.engine.instance import Attachment
from helios_magic.engine.limits import Guard
from helios_magic.engine.links import Link, links
from helios_magic.engine.plans import Planned, Plans, differing, plan
from helios_magic.engine.rules import Failing
from helios_magic.engine.structure import Structure
from helios_magic.engine.vectors import spaces
from helios_magic.engine.vectors.ordered import answer
from helios_magic.errors import ApiError
from helios_magic.schema import Schema

if TYPE_CHECKING:
    import duckdb

    from helios_magic.engine.embedding import Embed
    from helios_magic.engine.vectors.keeping import Keeping

_EMPTY = Schema()
_KEEPS_ROWS = ("CREATE", "COMMENT")
"""Commands that change the structure and rewrite no table."""


class Work:
    """A cursor at work on one branch, from its first statement to its last.

    Outside a transaction a SELECT commits itself.  Inside one (`transaction`), what the transaction did to the
    structure is seen by its own later statements only.
    """

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        file: Attachment,
        guard: Guard,
        plans: Plans,
        reading: Reading,
        keeping: Keeping,
        embed: Embed | None,
    ) -> None:
        self.cursor, self.file, self.guard = cursor, file, guard
        self._plans, self._reading = plans, reading
        self.keeping = keeping
        """The vectors that are kept in memory."""
        self.embed = embed
        """What helios_embed asks."""
        self._open = False
        self._own: Structure | None = None
        """The structure as the transaction made it, where it changed it."""
        self._reshaped = False
        """Whether it may have rewritten tables."""
        self._deferred: list[Link] = []
        self.reusable = True
        """Whether the cursor may serve another request: no temporary tables, no failure."""
        self.broken = False
        """Whether DuckDB declared its instance unusable."""
        self.changed = False
        """Whether the transaction changed anything."""
        self.written: set[str] = set()
        """The tables that it may have changed, as `schema.table`."""
        self.answer_bytes = (
            file.answer_bytes if guard.answer_bytes is None else min(guard.answer_bytes, file.answer_bytes)
        )
        """How large the rows of an answer may be."""
        self.before_commit: Callable[[Attachment, set[str]], None] | None = None
        """Told of what was changed, right before the commit that makes it last."""

    def schema(self) -> tuple[int, Schema]:
        """The structure as this work sees it, and its version (0: this transaction's own, not to be kept)."""
        if self._own is not None:
            return 0, self._own.schema
        version, structure = self._known()
        return version, structure.schema

    def described(self) -> Schema:
        """The structure with each table's rows and size, all of one moment: tables may come and go meanwhile."""
        with self.moment():
            schema = catalog.count_rows(self.ask, catalog.read(self.ask, self.file.database))
            taken = sizes.table_bytes(self.ask, (table for table in schema.tables if table.kind == "table"))
        measured = (replace(table, bytes=taken.get((table.schema, table.name))) for table in schema.tables)
        return replace(schema, tables=tuple(measured))

    def links(self) -> list[Link]:
        return links(self.schema()[1])

    def plan(self, statement: Statement) -> Planned:
        version, schema = self.schema()
        check = self.guard.check
        if version == 0:
            return plan(statement.query, schema, check)
        return self._plans.get(version, statement.query, schema, check)

    def run(self, statement: Statement, planned: Planned) -> Outcome:
        """Run the steps and answer what the last one did.  Errors are PostgreSQL's, placed in the user's text."""
        binding.check_count(statement.params, planned.prepared.parameters)
        if planned.nearest is not None and not self._open:
            found = answer(self, planned.nearest, statement, self.plan_known)
            if found is not None:
                return found
        return self.run_as_it_stands(statement, planned)

    def plan_known(self, query: str, known: Schema) -> Planned:
        """The plan of a query of our own, against the structure with more columns than users see."""
        version = self.schema()[0]
        return self._plans.get(-version, query, known, self.guard.check)

    def run_as_it_stands(self, statement: Statement, planned: Planned) -> Outcome:
        """The same, by DuckDB alone; there is one value for each placeholder."""
        prepared = planned.prepared
        values = binding.bind(statement.params)
        before = self._structure() if prepared.changes_schema else None
        try:
            labels = spaces.labels(self, planned.origins) if planned.origins else None
            outcome = self._run_for_values(planned, values) if statement.as_values and planned.plain_rows else None
            outcome = outcome or self._run_checked(planned, values)
            if before is not None:
                self._own = after = before.after((*prepared.steps, *prepared.after_writes), self.ask)
                self._reshaped = self._reshaped or not prepared.command.startswith(_KEEPS_ROWS)
                if any(table.foreign_keys for table in after.schema.tables):
                    foreign_keys.check_structure(self, before.schema, after.schema)
                self.written |= differing(before.schema, after.schema)
            if planned.writes and not (planned.plain and outcome.affected_rows == 0):
                self.wrote(set(planned.written))
            if labels is not None:
                labels.record(self)
        except Exception as error:
            raise self.failed(error, statement.query, prepared) from None
        return outcome

    @contextlib.contextmanager
    def transaction(self, *, commit: bool = True) -> Iterator[None]:
        """All or nothing.  With `commit` false the work is undone at the end."""
        self.cursor.execute("BEGIN TRANSACTION")
        self._open = True
        yield
        if commit:
            self._commit()
        else:
            self.end()

    def end(self) -> None:
        """Undo what was not committed."""
        import duckdb

        if self._open:
            self._open = False
            try:
                self.cursor.execute("ROLLBACK")
            except duckdb.Error:
                self.reusable = False

    def ask(self, query: str | duckdb.Statement, values: Any = None) -> list[tuple[Any, ...]]:
        """The rows of a query of our own."""
        with self.guard.running(self.cursor):
            rows: list[tuple[Any, ...]] = self.cursor.execute(query, values).fetchall()
        return rows

    def change(self, query: str, values: Any = None) -> int:
        """Run a statement of our own that writes; how many rows it touched."""
        if "TEMP TABLE" in query:
            self.reusable = False
        rows = self.ask(query, values)
        return int(rows[0][0]) if rows else 0

    def defer(self, pending: list[Link]) -> None:
        """Put foreign keys off to the commit."""
        self._deferred += pending

    def wrote(self, tables: set[str]) -> None:
        """Note that the transaction changed tables past what its statements say."""
        self.changed = True
        self.written |= tables

    def forget(self, source: str) -> None:
        """Let go of registered rows; after a failure they go with the cursor."""
        import duckdb

        try:
            self.cursor.unregister(source)
        except duckdb.Error:
            self.reusable = False

    def step(self, query: str, values: Any = None) -> None:
        """A step whose result nobody reads."""
        self.reusable = False
        self.ask(query, values)

    def failed(self, error: Exception, query: str = "", prepared: Prepared | None = None) -> ApiError:
        """The refusal that an exception stands for; one that is nobody's refusal is raised again."""
        import duckdb

        self.reusable = False
        if isinstance(error, ApiError):
            return error
        if not isinstance(error, duckdb.Error):
            raise error
        if self.guard.reason is not None:
            # Nothing was committed: after the seal no reason is taken.
            return self.guard.error()
        if isinstance(error, duckdb.FatalException | duckdb.InternalException):
            self.broken = True
        writes = prepared.writes if prepared is not None else ()
        known = self._own or self.file.structure
        return failures.translate(error, Failing(query, known.schema if known else _EMPTY, writes))

    def _commit(self) -> None:
        """Make it durable.  From the seal on nothing can stop it, so what is reported is what happened."""
        if self._deferred:
            foreign_keys.check_deferred(self, self._deferred, self.schema()[1])
        tables = self._count_tables()
        self.guard.seal()
        if self.changed and self.before_commit is not None:
            self.before_commit(self.file, self.written)
        if self._own is not None:
            # Readers that start meanwhile must not keep what they read under the new number.
            self.file.structure_changed()
        committed = None
        try:
            with self.file.vectors.moving(self.written, reshaped=self._reshaped):
                self.cursor.execute("COMMIT")
            self._open = False
            self.file.tables = tables
            committed = self._own
        except Exception as error:
            raise self.failed(error) from None
        finally:
            if self._own is not None:
                self.file.structure_changed(committed)

    def _count_tables(self) -> int:
        if self._own is None:
            return self.file.tables
        return sum(table.kind == "table" for table in self._own.schema.tables)

    def _structure(self) -> Structure:
        return self._own or self._known()[1]

    def _known(self) -> tuple[int, Structure]:
        """The structure outside of what this transaction did to it, and its version."""
        with self.file.lock:
            if self.file.structure is None:
                self.file.structure = self._read()
            return self.file.version, self.file.structure

    def _read(self) -> Structure:
        """In a short transaction of its own: catalogue queries hold every attached file."""
        if self._open:
            return Structure.read(self.ask, self.file.database)
        with self.moment():
            return Structure.read(self.ask, self.file.database)

    @contextlib.contextmanager
    def moment(self) -> Iterator[None]:
        """A transaction that reads, so that all it reads is of one moment."""
        self.cursor.execute("BEGIN TRANSACTION READ ONLY")
        try:
            yield
        finally:
            self.cursor.execute("COMMIT")

    def _run_checked(self, planned: Planned, values: list[Any]) -> Outcome:
        prepared, touched = planned.prepared, planned.touched
        if touched is None:
            return self._run_steps(planned, values)
        named = {str(number): value for number, value in enumerate(values, 1)}
        foreign_keys.before(self, touched, prepared.kind, prepared.writes, named)
        outcome = self._run_returning(planned, values) if touched.returning else self._run_steps(planned, values)
        self._deferred += foreign_keys.after(self, touched, prepared.kind, checked=touched.returning)
        return outcome

    def _run_for_values(self, planned: Planned, values: list[Any]) -> Outcome | None:
        """The rows as Python values, if there are few, and if these say all that Arrow would."""
        prepared = planned.prepared
        if not rowwise.small(prepared, values, rowwise.MOST_VALUES):
            return None
        with self.guard.running(self.cursor):
            self.cursor.execute(self._last_step(planned), chosen(values, prepared.step_parameters[-1]))
            many = not rowwise.small(prepared, values, rowwise.FEW_VALUES)
            found = rowwise.fetch_values(self.cursor, prepared, many=many)
        if found is None:
            return None
        return Outcome(prepared.command, rows_examined=self._examined(), values=found)

    def _run_returning(self, planned: Planned, values: list[Any]) -> Outcome:
        """A step that tells the keys it wrote, so that only those are looked up."""
        prepared, touched = planned.prepared, planned.touched
        if touched is None:
            raise AssertionError("only a statement that touches foreign keys returns them")
        step = foreign_keys.with_keys(prepared.steps[0], touched, returning=prepared.returns_rows)
        if touched.few:
            told = self.ask(step, chosen(values, prepared.step_parameters[0]))
            examined = self._examined()
            foreign_keys.check_told(self, touched, told)
            return Outcome(prepared.command, None, len(told), examined)
        with self.guard.running(self.cursor):
            relation = self.cursor.sql(step, params=chosen(values, prepared.step_parameters[0]))
            examined = self._examined()
            foreign_keys.check_written(relation, touched)
            if not prepared.returns_rows:
                (count,) = relation.aggregate("count(*)").fetchall()[0]
                return Outcome(prepared.command, None, int(count), examined)
            relation = foreign_keys.without_keys(relation, touched)
            table = results.fetch(relation, prepared.columns, prepared.types, self.answer_bytes)
        return Outcome(prepared.command, table, table.num_rows, examined)

    def _run_steps(self, planned: Planned, values: list[Any]) -> Outcome:
        prepared = planned.prepared
        if any(f"{table.schema}.{table.name}" in self.written for table in prepared.writes) and prepared.after_writes:
            for text in prepared.after_writes:
                self.step(text)
            return Outcome(prepared.command, affected_rows=0)
        for text, used in zip(prepared.steps[:-1], prepared.step_parameters[:-1], strict=True):
            self.step(text, chosen(values, used))
        last, bound = prepared.steps[-1], chosen(values, prepared.step_parameters[-1])
        if not prepared.returns_rows:
            # PostgreSQL does not count what a TRUNCATE removed either.
            if prepared.kind in ("ddl", "truncate"):
                self.ask(last, bound)
                return Outcome(prepared.command, affected_rows=0)
            rows = self.ask(planned.last_step(self.cursor), bound)
            count = rows[0][0] if rows and isinstance(rows[0][0], int) else 0
            return Outcome(prepared.command, None, count, self._examined())
        with self.guard.running(self.cursor):
            if planned.rowwise and rowwise.small(prepared, values):
                self.cursor.execute(self._last_step(planned), bound)
                table = rowwise.fetch(self.cursor, prepared.columns, prepared.types or ())
                return Outcome(prepared.command, table, rows_examined=self._examined())
            return self._fetch(prepared, self.cursor.sql(last, params=bound))

    def _last_step(self, planned: Planned) -> duckdb.Statement | str:
        if self._reading == "first rows" and not planned.prepared.step_parameters[-1]:
            return self.file.repeats.statement(self.cursor, planned)
        return planned.last_step(self.cursor)

    def _examined(self) -> int:
        """Rows that the last statement read."""
        if self._reading == "nothing":
            return 0
        if self._reading == "freely":
            return profile.rows_examined(self.cursor)
        return profile.rows_scanned(self.cursor)

    def _fetch(self, prepared: Prepared, relation: duckdb.DuckDBPyRelation) -> Outcome:
        # What writes has run by now, and its profile would be lost to the one of reading its rows.
        ran = relation.type == "MATERIALIZED_RELATION"
        examined = self._examined() if ran else 0
        table = results.fetch(relation, prepared.columns, prepared.types, self.answer_bytes)
        if not ran:
            examined = self._examined()
        reading = prepared.kind in ("select", "show")
        return Outcome(prepared.command, table, None if reading else table.num_rows, examined)


def chosen(values: list[Any], used: tuple[int, ...]) -> dict[str, Any] | None:
    """The values that a step uses, by number: DuckDB refuses others."""
    return {str(number): values[number - 1] for number in used} or None
