"""The engine: databases by id, and requests to their branches.

`open_engine` gives the face of `engine/face.py`.  Here a request finds its database; `database.py` finds the branch
and its file, and the modules below do the work.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from helios_magic.engine.branching import forks
from helios_magic.engine.branching.caretaker import Caretaker
from helios_magic.engine.branching.difference import differences
from helios_magic.engine.branching.merge import merge
from helios_magic.engine.branching.statements import read, refuse_explaining, refuse_in_transaction, run
from helios_magic.engine.database import Branch, Database
from helios_magic.engine.embedding import Embed
from helios_magic.engine.explain import explain
from helios_magic.engine.face import (
    MAIN,
    BatchStopped,
    BranchState,
    Limits,
    LoadMode,
    Merged,
    MergeOrder,
    MergeStopped,
    Nearest,
    NewBranch,
    Outcome,
    Page,
    Plan,
    Search,
    Statement,
    Statistics,
    TableDifference,
)
from helios_magic.engine.idle import Idle, Keep
from helios_magic.engine.limits import Guard, Watch
from helios_magic.engine.load import load
from helios_magic.engine.plans import Plans
from helios_magic.engine.sequences import Drawn
from helios_magic.engine.vectors import spaces
from helios_magic.engine.vectors.columns import vector_column
from helios_magic.engine.vectors.searching import search
from helios_magic.errors import ApiError, ServerError
from helios_magic.models.spaces import Space
from helios_magic.schema import Schema
from helios_magic.store import full_disk

if TYPE_CHECKING:
    import pyarrow as pa

    from helios_magic.store import Store


def open_engine(
    store: Store,
    *,
    memory_limit: str | None = None,
    embed: Embed | None = None,
    keep: Keep | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> DuckDBEngine:
    """The engine on a store's data folder.  `memory_limit` is for each database, as in `2GB`; None: DuckDB's own.

    `embed` is what `helios_embed` asks.  `keep` says how long databases stay open that nobody uses; `clock` counts
    the seconds of that.
    """
    return DuckDBEngine(store, memory_limit, embed, keep or Keep(), clock)


class DuckDBEngine:
    """The face of `engine/face.py` on DuckDB files."""

    def __init__(
        self, store: Store, memory_limit: str | None, embed: Embed | None, keep: Keep, clock: Callable[[], float]
    ) -> None:
        self._store, self._memory_limit, self._embed, self._clock = store, memory_limit, embed, clock
        self._lock = threading.Lock()
        self._databases: dict[str, Database] = {}
        self._watch = Watch()
        self._plans = Plans()
        self._closed = False
        databases = self._databases
        self.idle = Idle(lambda: list(databases.values()), keep, clock)
        """What closes databases that nobody used for long; the caretaker asks it."""
        self._caretaker = Caretaker(self.idle)
        self._finalizer = weakref.finalize(
            self, _let_go, self._databases, self._caretaker, self._watch, self._plans, os.getpid()
        )
        _remove_unfinished(store)

    def create(self, database: str) -> None:
        held = self.database(database)
        node = held.files.new_node()
        held.files.make(node)
        with held.mutex:  # whoever tends it reads branches and nodes under it, both of them or neither
            self._store.branches.add_database(database, node.id, node.file)

    def drop(self, database: str) -> None:
        with self._lock:
            held = self._databases.pop(database, None) or self._open(database)
        held.stop()
        with held.mutex:
            self._store.branches.remove_database(database)
        held.close(remove=True)

    def execute(self, database: str, branch: str, statement: Statement, limits: Limits) -> Outcome:
        return self._execute(database, branch, statement, limits, Drawn())

    def _execute(self, database: str, branch: str, statement: Statement, limits: Limits, drawn: Drawn) -> Outcome:
        of_branches = read(statement)
        if of_branches is not None:
            return run(self, database, branch, of_branches, limits)
        with self._request(database, branch, limits) as (held, at, guard):
            guard.drawn = drawn
            return held.execute(at, statement, guard, self._plans)

    def batch(
        self, database: str, branch: str, statements: Sequence[Statement], limits: Limits, *, transaction: bool
    ) -> list[Outcome]:
        if not transaction:
            return self._one_by_one(database, branch, statements, limits)
        outcomes: list[Outcome] = []
        with (
            self._request(database, branch, limits) as (held, at, guard),
            held.writing(at, guard, self._plans) as work,
        ):
            for index, statement in enumerate(statements):
                try:
                    refuse_in_transaction(statement.query)
                    outcomes.append(work.run(statement, work.plan(statement)))
                except ApiError as error:
                    error.details["statement_index"] = index
                    raise
        return outcomes

    def _one_by_one(self, database: str, branch: str, statements: Sequence[Statement], limits: Limits) -> list[Outcome]:
        """A batch without a transaction: each statement finds the branch anew, for one may have moved it."""
        held = self.database(database)
        with held.mutex:
            held.head(branch)
        ends = time.monotonic() + limits.timeout_ms / 1000
        outcomes: list[Outcome] = []
        drawn = Drawn()
        for index, statement in enumerate(statements):
            left = Limits(max(1, int((ends - time.monotonic()) * 1000)), limits.cancellation, limits.answer_bytes)
            try:
                outcomes.append(self._execute(database, branch, statement, left, drawn))
            except MergeStopped as stopped:
                raise BatchStopped(outcomes, stopped) from None
            except ApiError as error:
                error.details["statement_index"] = index
                raise BatchStopped(outcomes, error) from None
        return outcomes

    def explain(self, database: str, branch: str, statement: Statement, limits: Limits, *, analyze: bool) -> Plan:
        refuse_explaining(statement.query)
        with self._request(database, branch, limits) as (held, at, guard):
            with held.work(at, guard, self._plans) as work:
                writes = work.plan(statement).writes
            if writes:
                # The writers' lock, and a transaction that is undone: planning several steps runs all but the last.
                with held.writing(at, guard, self._plans, commit=False) as work:
                    return explain(work, statement, work.plan(statement), analyze=analyze)
            with held.work(at, guard, self._plans) as work:
                return explain(work, statement, work.plan(statement), analyze=analyze)

    def describe(self, database: str, branch: str) -> Schema:
        with self._request(database, branch, Limits()) as (held, at, guard), held.work(at, guard, self._plans) as work:
            return work.described()

    def load(
        self,
        database: str,
        branch: str,
        table: str,
        rows: pa.Table,
        mode: LoadMode,
        limits: Limits,
        *,
        idempotency_key: str | None = None,
    ) -> int:
        with (
            self._request(database, branch, limits) as (held, at, guard),
            held.writing(at, guard, self._plans) as work,
        ):
            return load(work, table, rows, mode, idempotency_key)

    def fork(self, database: str, name: str, parent: str, limits: Limits) -> NewBranch:
        with self._guarded(limits) as guard:
            return forks.fork(self.database(database), name, parent, guard)

    def branches(self, database: str) -> list[BranchState]:
        return forks.states(self.database(database))

    def delete_branch(self, database: str, name: str, limits: Limits) -> None:
        with self._guarded(limits) as guard:
            forks.delete(self.database(database), name, guard)

    def merge(self, database: str, order: MergeOrder, limits: Limits) -> Merged:
        with self._guarded(limits) as guard:
            return merge(self.database(database), order, guard, self._plans)

    def diff(self, database: str, branch: str, against: str, page: Page, limits: Limits) -> list[TableDifference]:
        with self._guarded(limits) as guard:
            return differences(self.database(database), branch, against, page, guard, self._plans)

    def space(self, database: str, branch: str, table: str, column: str) -> Space | None:
        with self._request(database, branch, Limits()) as (held, at, guard), held.work(at, guard, self._plans) as work:
            return spaces.space_of(work, table, column)

    def dimensions(self, database: str, branch: str, table: str, column: str) -> int:
        with self._request(database, branch, Limits()) as (held, at, guard), held.work(at, guard, self._plans) as work:
            return vector_column(work.schema()[1], table, column)[2]

    def record_space(self, database: str, branch: str, table: str, column: str, space: Space, limits: Limits) -> None:
        with (
            self._request(database, branch, limits) as (held, at, guard),
            held.writing(at, guard, self._plans) as work,
        ):
            spaces.record(work, table, column, space)

    def search(self, database: str, branch: str, order: Search, limits: Limits) -> Nearest:
        with (
            self._request(database, branch, limits) as (held, at, guard),
            held.work(at, guard, self._plans, "nothing") as work,
        ):
            return search(work, held.vectors, order)

    def statistics(self, database: str) -> Statistics:
        branches = self._store.branches.list(database)
        tables = self.describe(database, MAIN).tables if branches else ()
        return Statistics(
            storage_bytes=self.storage_bytes(database),
            branches=len(branches),
            tables=sum(table.kind == "table" for table in tables),
        )

    def storage_bytes(self, database: str) -> int:
        return self.database(database).files.storage_bytes()

    def close(self) -> None:
        with self._lock:
            self._closed = True
        self._finalizer()

    @contextlib.contextmanager
    def _request(self, database: str, branch: str, limits: Limits) -> Iterator[tuple[Database, Branch, Guard]]:
        held = self.database(database)
        with self._guarded(limits) as guard, held.resolve(branch, guard) as at:
            yield held, at, guard

    @contextlib.contextmanager
    def _guarded(self, limits: Limits) -> Iterator[Guard]:
        """What may stop a request; a full disk is told as one, wherever it was met."""
        try:
            with Guard(limits, self._watch) as guard:
                yield guard
        except (OSError, sqlite3.OperationalError) as error:
            told = full_disk(error)
            if told is None:
                raise
            raise told from None

    def _open(self, database: str) -> Database:
        return Database(self._store, database, self._memory_limit, self._caretaker.notice, self._embed, self._clock)

    def database(self, database: str) -> Database:
        """The database's instance and files, opened late."""
        with self._lock:
            if self._closed:
                raise ServerError("the engine is closed", details={"reason": "draining"}, status=503)
            held = self._databases.get(database)
            if held is None:
                held = self._databases[database] = self._open(database)
            return held


def _let_go(databases: dict[str, Database], caretaker: Caretaker, watch: Watch, plans: Plans, process: int) -> None:
    """Close an engine; at the end of the process too, where nobody did: DuckDB complains of what is left open."""
    if os.getpid() != process:
        return  # after a fork the files belong to the parent
    watch.stop_all()
    caretaker.close()
    for database in list(databases.values()):
        database.close()
    watch.close()
    plans.clear()


def _remove_unfinished(store: Store) -> None:
    """Files that no record refers to were left by a request that never finished."""
    known = store.branches.files()
    for path in store.data_path.glob("*/*.duckdb*"):
        file = path.relative_to(store.data_path).as_posix().removesuffix(".wal")
        if file not in known:
            path.unlink(missing_ok=True)
    shutil.rmtree(store.path / "scratch", ignore_errors=True)
    # DuckDB would make it readable by all whom the user's umask lets read.
    (store.path / "scratch").mkdir(mode=0o700, exist_ok=True)
