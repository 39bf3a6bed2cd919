"""One database: its DuckDB instance, its branches' files, and the one place where a branch's name becomes a file.

Order of locks: the writers' locks of branches by name, then the mutex.  Whoever waited for a writers' lock looks the
branch up again: it may have moved to another file, or be gone.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from helios_magic.engine import upgrading
from helios_magic.engine.bounds import bounds
from helios_magic.engine.branching import files
from helios_magic.engine.branching.counts import Counts, counted
from helios_magic.engine.branching.nodefiles import NodeFiles
from helios_magic.engine.dialect.prepared import Reading
from helios_magic.engine.embedding import Embed
from helios_magic.engine.execute import Work
from helios_magic.engine.face import Outcome, Statement
from helios_magic.engine.functions import Functions
from helios_magic.engine.instance import Attachment, Instance
from helios_magic.engine.limits import Guard
from helios_magic.engine.missing import no_branch, no_database
from helios_magic.engine.plans import Planned, Plans
from helios_magic.engine.sequences import Sequences
from helios_magic.engine.turns import Turns
from helios_magic.engine.vectors.keeping import Keeping
from helios_magic.errors import NotFoundError, QueryError
from helios_magic.store import Node

if TYPE_CHECKING:
    import duckdb

    from helios_magic.store import Store

#: Told that something may be left to do in the background.
Notice = Callable[["Database"], None]

_MOMENT = 0.2
"""Seconds that are waited for a moment in which nobody uses a database that many do."""
_PAUSES = (0.05, 0.2, 0.5, 0.0)
"""Seconds between two tries of a reader that others left no memory: who took all of it fails soon."""
_AT_ONCE = 0.2


@dataclass(slots=True)
class Branch:
    """A branch at a moment: its file, attached and pinned, and the lock of its writers."""

    name: str
    file: Attachment
    writers: Turns


class Database:
    """One database's DuckDB instance and the mutex around looking up, pinning and letting go of files."""

    def __init__(
        self,
        store: Store,
        database: str,
        memory_limit: str | None,
        notice: Notice,
        embed: Embed | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store, self.id = store, database
        self._notice, self._clock = notice, clock
        self.sequences = Sequences(store.counters, database)
        self._embed = embed
        self._functions = Functions(self.sequences, embed)
        scratch = store.path / "scratch" / database
        limits = bounds(memory_limit, scratch)
        self._instance = Instance(store.data_path / database, scratch, limits, self._extend)
        self.mutex = threading.Condition(threading.RLock())
        """Around records and pins together: what is looked up is still true when it is pinned."""
        self._writers: WeakValueDictionary[str, Turns] = WeakValueDictionary()
        self._guards: set[Guard] = set()
        self._broken = False
        self.counts = Counts(store.branches)
        self.files = NodeFiles(store, database, self._instance, self.mutex, self.counts)
        self.vectors = Keeping(self._known, limits.vectors)
        self.untidy = True
        """Whether there may be nodes that nothing needs: a crash may have left some."""
        self.used_at = 0.0
        """When a request last ended, by the clock."""
        self.closed = False

    def _known(self) -> list[Attachment]:
        with self.mutex:
            return self._instance.known

    def _extend(self, connection: duckdb.DuckDBPyConnection) -> None:
        """What a new instance can do beyond DuckDB."""
        self._functions.install(connection)
        self.used_at = self._clock()
        self._notice(self)

    # Looking up and pinning

    @contextlib.contextmanager
    def resolve(self, name: str, guard: Guard) -> Iterator[Branch]:
        """The one place where a branch's name becomes a file, held until the request has ended."""
        with self.mutex:
            self._wait_until_whole(guard)
            branch = Branch(name, self.pin(self.head(name), guard.check), self.writers(name))
            self._guards.add(guard)
        try:
            yield branch
        finally:
            with self.mutex:
                self._guards.discard(guard)
                self.unpin(branch.file)

    def head(self, name: str) -> Node:
        """The node that a branch points at.  Raises `NotFoundError`, naming the nearest."""
        if self.closed:
            raise no_database()
        node = self.store.branches.head(self.id, name)
        if node is None:
            raise self.no_branch(name)
        return node

    def pin(self, node: Node, wait: Callable[[], None]) -> Attachment:
        """The node's file, attached and kept so until `unpin`.  Callers hold the mutex."""
        file = self._instance.attached(node.id)
        if file is None:
            replayed = files.log_of(self.files.path(node)).exists()
            file = self._instance.attach(node.id, self.files.path(node), wait)
            if replayed:
                self._instance.renew_indexes(file)
            if node.format < upgrading.FORMAT:
                upgrading.bring(self._instance, file, self.sequences)
                self.store.branches.upgraded(node.id, upgrading.FORMAT)
            file.written = set(node.written)
            file.dirty = node.dirty
            now = self.counts.of(node)
            file.writes, file.tables = now.writes, now.tables
        if file.database is None:
            record = self.store.databases.get(self.id)
            file.database = record.name if record is not None else None
        file.pins += 1
        return file

    def unpin(self, file: Attachment) -> None:
        with self.mutex:
            file.pins -= 1
            self.used_at = self._clock()
            if file.doomed and not file.pins:
                self._notice(self)
            self.mutex.notify_all()

    @contextlib.contextmanager
    def pinned(self, node: Node, wait: Callable[[], None]) -> Iterator[Attachment]:
        """A node's file while it is needed."""
        with self.mutex:
            file = self.pin(node, wait)
        try:
            yield file
        finally:
            self.unpin(file)

    def writers(self, name: str) -> Turns:
        """The lock of a branch's writers."""
        with self.mutex:
            return self._writers.setdefault(name, Turns())

    @contextlib.contextmanager
    def locked(self, names: Iterable[str], guard: Guard) -> Iterator[None]:
        """No write runs on these branches; look them up afterwards."""
        with contextlib.ExitStack() as held:
            for name in sorted(set(names)):
                turns = self.writers(name)
                guard.queue(turns)
                held.callback(turns.release)
            yield

    def no_branch(self, name: str) -> NotFoundError:
        """The refusal of a name that no branch has."""
        return no_branch(name, (branch.name for branch in self.store.branches.list(self.id)))

    # Files

    def copy(
        self, file: Attachment, parents: tuple[Node, ...], guard: Guard, *, durable: bool = True
    ) -> tuple[Node, Attachment]:
        """A copy of a pinned file that nobody writes to, attached and pinned, not recorded yet.

        It is synced; without `durable` it is not, and must not be recorded.
        """
        node = self.files.child(file, parents, guard.acquire, durable=durable)
        try:
            with self.mutex:
                mine = self.pin(node, guard.check)
        except BaseException:
            files.remove(self.files.path(node))
            raise
        with file.lock:
            # The same structure has the same number: plans serve all copies.
            mine.version, mine.structure = file.version, file.structure
        mine.vectors = file.vectors.inherited()
        mine.tables = file.tables
        return node, mine

    def discard(self, file: Attachment) -> None:
        """Unpin and remove a copy that was never recorded."""
        with self.mutex:
            file.doomed = True
            self.unpin(file)

    def tidy(self) -> None:
        """A branch came, went or moved: let the background look what is not needed any more."""
        self.untidy = True
        self._notice(self)

    def nodes(self) -> dict[str, Node]:
        """Every node by id, with its counts of now."""
        return counted(self.counts, self.store.branches.nodes(self.id).values())

    def recount(self, nodes: Iterable[Node]) -> None:
        """Take over counts from the records, where ancestors were folded into these nodes."""
        with self.mutex:
            for node in nodes:
                self.counts.replace(node, self._instance.attached(node.id))

    # Statements

    @contextlib.contextmanager
    def work(self, branch: Branch, guard: Guard, plans: Plans, reading: Reading = "freely") -> Iterator[Work]:
        """A cursor on the branch; thrown away when the work failed."""
        cursor = self.cursor(branch, reading)
        work = Work(cursor, branch.file, guard, plans, reading, self.vectors, self._embed)
        well = False
        try:
            with self.sequences.session(cursor, guard.drawn):
                yield work
            well = True
        except Exception as error:
            raise work.failed(error) from None
        finally:
            work.end()
            with self.mutex:
                self._broken = self._broken or work.broken
                reuse = well and work.reusable and not self._broken
                self._instance.give_back(branch.file, cursor, reading, reuse=reuse)

    def execute(self, branch: Branch, statement: Statement, guard: Guard, plans: Plans) -> Outcome:
        """One statement, committed when this returns."""
        version = branch.file.version
        planned = self._plan(branch, statement, guard, plans)
        reading = planned.prepared.reading
        if planned.writes:
            with self.writing(branch, guard, plans, reading) as work:
                same = work.schema()[0] == version
                return work.run(statement, planned if same else work.plan(statement))
        guard.reads()
        for pause in _PAUSES:
            began = time.monotonic()
            try:
                writes = branch.file.writes
                with self.work(branch, guard, plans, reading) as work:
                    outcome = work.run(statement, planned)
                if outcome.values is None or not planned.steady:
                    return outcome
                return replace(outcome, undisturbed=partial(self._undisturbed, branch, version, writes))
            except QueryError as error:
                if branch.file.version != version:
                    break
                if not pause or not self._starved(error, began):
                    raise
            time.sleep(pause)
            guard.check()
        # The structure changed between planning and running.
        with self.work(branch, guard, plans) as work:
            return work.run(statement, work.plan(statement))

    def _undisturbed(self, branch: Branch, version: int, writes: int) -> bool:
        """Whether the branch's file is as it was, at hand, and nobody is in a reader's way."""
        file = branch.file
        if self.closed or (file.version, file.writes) != (version, writes) or file.lock.locked():
            return False
        if not self.mutex.acquire(blocking=False):
            return False
        self.mutex.release()
        head = self.store.branches.head(self.id, branch.name)
        return head is not None and head.id == file.alias and self._instance.holds(file)

    def _starved(self, error: QueryError, began: float) -> bool:
        """Whether a reader found the memory full of what others hold: it asked for little, and failed at once."""
        at_once = time.monotonic() - began < _AT_ONCE
        return at_once and error.sqlstate == "53200" and len(self._guards) > 1

    def _plan(self, branch: Branch, statement: Statement, guard: Guard, plans: Plans) -> Planned:
        """The plan; a cursor is taken only where the structure is not known yet."""
        with branch.file.lock:
            version, structure = branch.file.version, branch.file.structure
        if structure is not None:
            return plans.get(version, statement.query, structure.schema, guard.check)
        with self.work(branch, guard, plans) as work:
            return work.plan(statement)

    @contextlib.contextmanager
    def writing(
        self, branch: Branch, guard: Guard, plans: Plans, reading: Reading = "freely", *, commit: bool = True
    ) -> Iterator[Work]:
        """A transaction on the branch; its writers come one at a time, readers are free."""
        guard.queue(branch.writers)
        try:
            self._own(branch, guard)
            guard.writes(branch.file.path)
            with self.work(branch, guard, plans, reading) as work:
                work.before_commit = self._mark
                with work.transaction(commit=commit):
                    yield work
                if commit and work.changed:
                    self.counts.note(branch.file)
                    self._notice(self)
        finally:
            branch.writers.release()

    def _own(self, branch: Branch, guard: Guard) -> None:
        """Give the branch a file that it may write to: the first write after a fork copies.

        Copy, sync, attach, record, in this order; the record is what makes it so.
        """
        with self.mutex:
            node = self.head(branch.name)
            if node.id != branch.file.alias:
                old, branch.file = branch.file, self.pin(node, guard.check)
                self.unpin(old)
        if not node.sealed:
            return
        mine, file = self.copy(branch.file, (node,), guard)
        try:
            with self.mutex:
                self.store.branches.advance(branch.name, mine)
                old, branch.file = branch.file, file
        except BaseException:
            self.discard(file)
            self.files.let_go()
            raise
        self.unpin(old)
        self.tidy()

    def _mark(self, file: Attachment, tables: set[str]) -> None:
        """Record, before the commit, that the file differs from its parent's in these tables."""
        if file.dirty and tables <= file.written:
            return
        self.store.branches.mark_written(file.alias, tables)
        file.dirty = True
        file.written |= tables

    def rest(self) -> bool:
        """Let DuckDB's helper threads go where nothing has used them for a while; whether some are still at hand."""
        with self.mutex:
            return self._instance.rest()

    def stop(self) -> None:
        """Stop every statement that runs."""
        with self.mutex:
            guards = list(self._guards)
        for guard in guards:
            guard.stop("closed")

    def cursor(self, branch: Branch, reading: Reading = "freely") -> duckdb.DuckDBPyConnection:
        """A cursor whose names resolve in the branch."""
        with self.mutex:
            cursor = self._instance.cursor(branch.file, reading)
            if self._instance.helped:
                self._notice(self)
            return cursor

    # The end

    @property
    def unused_for(self) -> float:
        """Seconds since a request ended."""
        return self._clock() - self.used_at

    @property
    def opened(self) -> bool:
        """Whether its DuckDB runs."""
        return self._instance.opened

    def renew(self) -> bool:
        """Close a DuckDB that many files came to and went from, in a moment when nobody uses it; whether it is new."""
        with self.mutex:
            self.mutex.wait_for(lambda: not (self._instance.worn and self._instance.pins), timeout=_MOMENT)
            return not self._instance.worn or self._park()

    def let_go(self, unused_since: float) -> bool:
        """Close its DuckDB where nothing has used it since then; whether it is closed.  The next request opens it."""
        if self.used_at > unused_since:
            return False
        for file in self.files.logs():
            self.files.fold(file)
        with self.mutex:
            return self.used_at <= unused_since and self._park()

    def _park(self) -> bool:
        """Close its DuckDB if that can be; whether it is closed."""
        if not self._instance.opened or self.closed:
            return True
        doomed = any(file.doomed for file in self._instance.attachments)
        if self._broken or doomed or self.vectors.busy or self._instance.pins:
            return False
        self._instance.park()
        self.counts.record()
        self.sequences.close()
        return True

    def close(self, *, remove: bool = False) -> None:
        """Wait for what runs, write the logs into the files; with `remove` the files go too."""
        self.vectors.close()
        with self.mutex:
            self.closed = True
            self.mutex.wait_for(lambda: self._instance.pins == 0, timeout=30)
            if not remove:
                self.counts.record()
            self.files.close()
            self.files.let_go()
            outlived = self._broken or self._instance.pins > 0
            if outlived:
                self._functions.outlive()
            self._instance.close(broken=outlived)
            if remove:
                shutil.rmtree(self.files.folder, ignore_errors=True)
            else:
                self.sequences.close()

    def _wait_until_whole(self, guard: Guard) -> None:
        """After a fatal error the instance is opened anew, once nobody uses the old one."""
        while self._broken:
            if self._instance.pins == 0:
                doomed = [file for file in self._instance.attachments if file.doomed]
                self._instance.close(broken=True)
                for file in doomed:
                    files.remove(file.path)
                self._broken = False
                return
            guard.check()
            self.mutex.wait(0.05)
