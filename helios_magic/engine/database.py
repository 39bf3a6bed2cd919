"""The engine: databases, their branches, and the one place where a branch's name becomes a file.

`open_engine` gives the face of `engine/face.py`; this module finds the branch, pins its file, takes its lock and
hands the work to the modules that know how.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import shutil
import threading
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from helios_magic.engine import catalog
from helios_magic.engine.dialect.install import install
from helios_magic.engine.execute import Work
from helios_magic.engine.explain import explain
from helios_magic.engine.face import MAIN, BatchStopped, Limits, LoadMode, Outcome, Plan, Statement, Statistics
from helios_magic.engine.instance import Attachment, Instance
from helios_magic.engine.limits import Guard, Watch
from helios_magic.engine.load import load
from helios_magic.engine.plans import Planned, Plans
from helios_magic.errors import ApiError, NotFoundError, QueryError, ServerError
from helios_magic.schema import Schema

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from helios_magic.store import Store


def open_engine(store: Store, *, memory_limit: str | None = None) -> DuckDBEngine:
    """The engine on a store's data folder.  `memory_limit` is for each database, as in `2GB`; None: DuckDB's own."""
    return DuckDBEngine(store, memory_limit)


@dataclass(slots=True)
class Branch:
    """A branch at a moment: its file, attached and pinned, and the lock of its writers."""

    name: str
    file: Attachment
    writers: threading.Lock


class Database:
    """One database's DuckDB instance and the mutex around looking up, pinning and letting go of files."""

    def __init__(self, store: Store, database: str, memory_limit: str | None) -> None:
        self._store, self._id = store, database
        self._folder = store.data_path / database
        self._instance = Instance(self._folder, store.path / "scratch" / database, memory_limit, install)
        self._mutex = threading.Condition()
        self._writers: dict[str, threading.Lock] = {}
        self._guards: set[Guard] = set()
        self._broken = False
        self.closed = False

    @contextlib.contextmanager
    def resolve(self, branch: str, guard: Guard) -> Iterator[Branch]:
        """The one place where a branch's name becomes a file, held until the request has ended."""
        with self._mutex:
            self._wait_until_whole(guard)
            if self.closed:
                raise _no_database()
            node = self._store.branches.head(self._id, branch)
            if node is None:
                raise self._no_branch(branch)
            file = self._instance.attached(node.id)
            if file is None:
                file = self._instance.attach(node.id, self._store.data_path / node.file, guard.check)
            if file.database is None:
                record = self._store.databases.get(self._id)
                file.database = record.name if record is not None else None
            file.pins += 1
            self._guards.add(guard)
            writers = self._writers.setdefault(branch, threading.Lock())
        try:
            yield Branch(branch, file, writers)
        finally:
            with self._mutex:
                file.pins -= 1
                self._guards.discard(guard)
                self._mutex.notify_all()

    @contextlib.contextmanager
    def work(self, branch: Branch, guard: Guard, plans: Plans, *, profiled: bool = True) -> Iterator[Work]:
        """A cursor on the branch; thrown away when the work failed."""
        cursor = self.cursor(branch, profiled=profiled)
        work = Work(cursor, branch.file, guard, plans, profiled=profiled)
        well = False
        try:
            yield work
            well = True
        except Exception as error:
            raise work.failed(error) from None
        finally:
            work.end()
            with self._mutex:
                self._broken = self._broken or work.broken
                reuse = well and work.reusable and not self._broken
                self._instance.give_back(branch.file, cursor, profiled=profiled, reuse=reuse)

    def execute(self, branch: Branch, statement: Statement, guard: Guard, plans: Plans) -> Outcome:
        """One statement, committed when this returns."""
        version = branch.file.version
        planned = self._plan(branch, statement, guard, plans)
        profiled = planned.prepared.scans
        if planned.writes:
            with self.writing(branch, guard, plans, profiled=profiled) as work:
                return work.run(statement, work.plan(statement))
        try:
            with self.work(branch, guard, plans, profiled=profiled) as work:
                return work.run(statement, planned)
        except QueryError:
            if branch.file.version == version:
                raise
        # The structure changed between planning and running.
        with self.work(branch, guard, plans) as work:
            return work.run(statement, work.plan(statement))

    def _plan(self, branch: Branch, statement: Statement, guard: Guard, plans: Plans) -> Planned:
        """The plan; a cursor is taken only where the structure is not known yet."""
        with branch.file.lock:
            version, schema = branch.file.version, branch.file.schema
        if schema is not None:
            return plans.get(version, statement.query, schema)
        with self.work(branch, guard, plans) as work:
            return work.plan(statement)

    @contextlib.contextmanager
    def writing(
        self, branch: Branch, guard: Guard, plans: Plans, *, profiled: bool = True, commit: bool = True
    ) -> Iterator[Work]:
        """A transaction on the branch; its writers come one at a time, readers are free."""
        guard.acquire(branch.writers)
        try:
            with self.work(branch, guard, plans, profiled=profiled) as work, work.transaction(commit=commit):
                yield work
        finally:
            branch.writers.release()

    def stop(self) -> None:
        """Stop every statement that runs."""
        with self._mutex:
            guards = list(self._guards)
        for guard in guards:
            guard.stop("closed")

    def cursor(self, branch: Branch, *, profiled: bool = True) -> duckdb.DuckDBPyConnection:
        """A cursor whose names resolve in the branch."""
        with self._mutex:
            return self._instance.cursor(branch.file, profiled=profiled)

    def create(self, node_id: str) -> str:
        """Make a branch file, complete and synced; answers its name below the data folder."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{self._id}/{node_id}.duckdb"
        path = self._store.data_path / name
        with self._mutex:
            self._instance.make(node_id, path, catalog.BOOTSTRAP)
        for place in (path, self._folder, self._store.data_path):
            _sync(place)
        return name

    def close(self, *, remove: bool = False) -> None:
        """Wait for what runs, write the logs into the files; with `remove` the files go too."""
        with self._mutex:
            self.closed = True
            self._mutex.wait_for(lambda: self._instance.pins == 0, timeout=30)
            self._instance.close(broken=self._broken or self._instance.pins > 0)
            if remove:
                shutil.rmtree(self._folder, ignore_errors=True)

    def storage_bytes(self) -> int:
        total = 0
        with contextlib.suppress(FileNotFoundError):
            for entry in os.scandir(self._folder):
                with contextlib.suppress(FileNotFoundError):
                    total += entry.stat().st_size
        return total

    def _wait_until_whole(self, guard: Guard) -> None:
        """After a fatal error the instance is opened anew, once nobody uses the old one."""
        while self._broken:
            if self._instance.pins == 0:
                self._instance.close(broken=True)
                self._broken = False
                return
            guard.check()
            self._mutex.wait(0.05)

    def _no_branch(self, name: str) -> NotFoundError:
        known = [branch.name for branch in self._store.branches.list(self._id)]
        if not known:
            return _no_database()
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"The branches are: {', '.join(known[:10])}."
        return NotFoundError(
            f"there is no branch “{name}”", hint=hint, details={"resource": "branch", "branch": name, "nearest": near}
        )


class DuckDBEngine:
    """The face of `engine/face.py` on DuckDB files."""

    def __init__(self, store: Store, memory_limit: str | None) -> None:
        self._store, self._memory_limit = store, memory_limit
        self._lock = threading.Lock()
        self._databases: dict[str, Database] = {}
        self._watch = Watch()
        self._plans = Plans()
        self._closed = False
        self._finalizer = weakref.finalize(self, _let_go, self._databases, self._watch, self._plans, os.getpid())
        _remove_unfinished(store)

    def create(self, database: str) -> None:
        node_id = self._store.ids("nd")
        file = self.database(database).create(node_id)
        self._store.branches.add_database(database, node_id, file)

    def drop(self, database: str) -> None:
        with self._lock:
            held = self._databases.pop(database, None) or Database(self._store, database, self._memory_limit)
        held.stop()
        self._store.branches.remove_database(database)
        held.close(remove=True)

    def execute(self, database: str, branch: str, statement: Statement, limits: Limits) -> Outcome:
        with self._request(database, branch, limits) as (held, at, guard):
            return held.execute(at, statement, guard, self._plans)

    def batch(
        self, database: str, branch: str, statements: Sequence[Statement], limits: Limits, *, transaction: bool
    ) -> list[Outcome]:
        outcomes: list[Outcome] = []
        with self._request(database, branch, limits) as (held, at, guard), contextlib.ExitStack() as stack:
            work = stack.enter_context(held.writing(at, guard, self._plans)) if transaction else None
            for index, statement in enumerate(statements):
                try:
                    if work is not None:
                        outcomes.append(work.run(statement, work.plan(statement)))
                    else:
                        outcomes.append(held.execute(at, statement, guard.again(), self._plans))
                except ApiError as error:
                    error.details["statement_index"] = index
                    if work is not None:
                        raise
                    raise BatchStopped(outcomes, error) from None
        return outcomes

    def explain(self, database: str, branch: str, statement: Statement, limits: Limits, *, analyze: bool) -> Plan:
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

    def statistics(self, database: str) -> Statistics:
        branches = self._store.branches.list(database)
        tables = self.describe(database, MAIN).tables if branches else ()
        return Statistics(
            storage_bytes=self.database(database).storage_bytes(),
            branches=len(branches),
            tables=sum(table.kind == "table" for table in tables),
        )

    def close(self) -> None:
        with self._lock:
            self._closed = True
        self._finalizer()

    @contextlib.contextmanager
    def _request(self, database: str, branch: str, limits: Limits) -> Iterator[tuple[Database, Branch, Guard]]:
        held = self.database(database)
        with Guard(limits, self._watch) as guard, held.resolve(branch, guard) as at:
            yield held, at, guard

    def database(self, database: str) -> Database:
        """The database's instance and files, opened late."""
        with self._lock:
            if self._closed:
                raise ServerError("the engine is closed", details={"reason": "draining"}, status=503)
            held = self._databases.get(database)
            if held is None:
                held = self._databases[database] = Database(self._store, database, self._memory_limit)
            return held


def _no_database() -> NotFoundError:
    """The id is ours, and the name is known above only."""
    return NotFoundError("the database does not exist any more", details={"resource": "database"})


def _let_go(databases: dict[str, Database], watch: Watch, plans: Plans, process: int) -> None:
    """Close an engine; at the end of the process too, where nobody did: DuckDB complains of what is left open."""
    if os.getpid() != process:
        return  # after a fork the files belong to the parent
    watch.stop_all()
    for database in list(databases.values()):
        database.close()
    watch.close()
    plans.clear()


def _remove_unfinished(store: Store) -> None:
    """Files that no record refers to were left by a request that never finished."""
    known = store.branches.files()
    for path in store.data_path.glob("*/*.duckdb"):
        if path.relative_to(store.data_path).as_posix() not in known:
            for name in (path, path.with_name(path.name + ".wal")):
                name.unlink(missing_ok=True)
    shutil.rmtree(store.path / "scratch", ignore_errors=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
