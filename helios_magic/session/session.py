"""The session: a client, a current database and branch, and what ran."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from helios_magic.client.results import BatchOutcome, Result
from helios_magic.errors import UsageError
from helios_magic.session.finding import check_branch, check_database
from helios_magic.session.places import Account, Place, Server, Standing, Status
from helios_magic.session.signing import signed_in, signed_out
from helios_magic.settings import Secret, hidden, resolve

if TYPE_CHECKING:
    import pandas as pd

    from helios_magic.client.client import Client
    from helios_magic.client.loading import LoadMode, Progress
    from helios_magic.models.branches import BranchCreated, BranchList, MergeResult, Resolution
    from helios_magic.models.databases import DatabaseList
    from helios_magic.models.sql import Explanation
    from helios_magic.models.tables import TableList
    from helios_magic.session.differences import Differences
    from helios_magic.session.embedding import Filled

HISTORY_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One statement that ran: its text without parameter values, and what came of it."""

    at: datetime
    query: str
    database: str
    branch: str
    ms: float
    rows: int | None
    error: str | None = None
    """The error's code where it failed, such as QUERY_ERROR."""


class Session:
    """A connection with a current database and branch.  Thread-safe; made by `connect()`.

    A KeyboardInterrupt in a waiting call stops the statement and is raised again; the session stays usable.
    """

    def __init__(
        self,
        target: str,
        client: Client,
        *,
        branch: str,
        place: Place,
        address: str,
        timeout: float,
        account: Account,
        close: Callable[[], None],
        server: Callable[[], Server | None] = lambda: None,
    ) -> None:
        self.target = target
        self._client = client
        self._branch = branch
        self._place: Place = place
        self._address = address
        self._timeout = timeout
        self._account = account
        self._owner: Standing | None = None
        self._close = close
        self._server = server
        self._lock = threading.Lock()
        self._closed = False
        self._history: deque[HistoryEntry] = deque(maxlen=HISTORY_LENGTH)

    def __repr__(self) -> str:
        return f"<Session {self.target} · {self.database} · {self.branch}>"

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def client(self) -> Client:
        """One method per endpoint of the API, speaking to the current database."""
        if self._closed:
            raise UsageError("This session is closed.", hint="Call helios_magic.connect() for another.")
        return self._client

    @property
    def place(self) -> Place:
        """Whether the service runs in this process or at a server."""
        return self._place

    @property
    def database(self) -> str:
        return self._client.database

    @property
    def address(self) -> str:
        """Where the target really is: the store's folder, the server's address, or `:memory:`."""
        return self._address

    @property
    def account(self) -> Account:
        """As whom, as far as it is known here."""
        return self._account

    @property
    def branch(self) -> str:
        """The branch that statements run on unless they name another."""
        return self._branch

    @branch.setter
    def branch(self, name: str) -> None:
        self.use_branch(name)

    @property
    def history(self) -> tuple[HistoryEntry, ...]:
        """The last 1,000 statements, oldest first; no parameter values."""
        return tuple(self._history)

    def sql(
        self,
        query: str,
        params: Sequence[Any] | None = None,
        *,
        branch: str | None = None,
        timeout: float | None = None,
    ) -> pd.DataFrame:
        """Run one statement, `params` bound to $1, $2, …, and return its rows (dtypes: `client.frames`).

        `timeout` is in seconds.  A statement without rows returns an empty DataFrame.
        """
        return self.run(query, params, branch=branch, timeout=timeout).to_pandas(owned=True)

    def run(
        self,
        query: str,
        params: Sequence[Any] | None = None,
        *,
        branch: str | None = None,
        timeout: float | None = None,
    ) -> Result:
        """Run one statement and return all that is known of its answer."""
        milliseconds, on = self._milliseconds(timeout), branch or self._branch
        with _Entry(self, query, on) as entry:
            result = self.client.sql(query, params, timeout=milliseconds, branch=on)
            entry.rows = result.affected_rows if result.table is None else result.row_count
        return result

    def batch(
        self,
        statements: Sequence[str | tuple[str, Sequence[Any]]],
        *,
        transaction: bool = True,
        branch: str | None = None,
        timeout: float | None = None,
    ) -> BatchOutcome:
        """Run statements in order: all or nothing, or with `transaction=False` one by one up to an error."""
        milliseconds, on = self._milliseconds(timeout), branch or self._branch
        text = ";\n".join(entry if isinstance(entry, str) else entry[0] for entry in statements)
        with _Entry(self, text, on):
            return self.client.batch(statements, transaction=transaction, timeout=milliseconds, branch=on)

    def explain(
        self,
        query: str,
        params: Sequence[Any] | None = None,
        *,
        analyze: bool = False,
        branch: str | None = None,
        timeout: float | None = None,
    ) -> Explanation:
        """The statement's plan; with `analyze` it runs, and what it writes is rolled back."""
        milliseconds = self._milliseconds(timeout)
        return self.client.explain(query, params, analyze=analyze, timeout=milliseconds, branch=branch or self._branch)

    def load(
        self,
        rows: Any,
        table: str,
        *,
        mode: LoadMode = "append",
        branch: str | None = None,
        progress: Progress | None = None,
    ) -> int:
        """Add rows to a table and return how many; see `client.loading.load` for what a failure leaves.

        `rows` is a pandas or polars DataFrame, a pyarrow Table, or the path of a .csv or .parquet file.
        """
        from helios_magic.client.loading import load

        return load(
            self.client, rows, table, mode=mode, branch=branch or self._branch, progress=progress,
            whole=self._place == "in process",
        )  # fmt: skip

    def embed_column(
        self,
        table: str,
        text: str,
        *,
        into: str = "embedding",
        model: str | None = None,
        again: bool = False,
        branch: str | None = None,
        progress: Progress | None = None,
    ) -> Filled:
        """Give every row of `table` that has a text a vector of it, in the column `into`, which is made if needed.

        Rows that have one keep it, unless `again`; so a call that was stopped goes on where it was.  Without `model` it
        is the one that fits the column: MiniLM for a new one, hashing where that is not installed.  Raises
        NotFoundError, UsageError, and ValidationError where the column holds vectors of another embedding space.
        """
        from helios_magic.session import embedding

        on = branch or self._branch
        work = embedding.plan(self.client, table, text, into, model, on)
        return embedding.fill(self.client, work, on, again=again, progress=progress)

    def tables(self, branch: str | None = None) -> TableList:
        """The branch's tables and views with their columns, keys and row counts."""
        return self.client.tables(branch or self._branch)

    def databases(self) -> DatabaseList:
        """All databases of the account."""
        return self.client.list_databases()

    def use(self, database: str) -> None:
        """Go on in another database, on its main branch.  Raises NotFoundError, naming those there are."""
        name = str(resolve("database", database))
        check_database(self.client, name)
        with self._lock:
            self._client = self._client.for_database(name)
            self._branch = "main"

    def branches(self) -> BranchList:
        """All branches of the database, with their parents and how far each has moved on."""
        return self.client.list_branches()

    def create_branch(self, name: str, parent: str | None = None, *, use: bool = False) -> BranchCreated:
        """Make a branch from `parent`, the current branch without it; `use` goes on working on it.

        Raises AlreadyExistsError, NotFoundError (parent), ValidationError (name).
        """
        made = self.client.create_branch(name, parent or self._branch)
        if use:
            self._branch = made.name
        return made

    def use_branch(self, name: str) -> None:
        """Go on on another branch.  Raises NotFoundError, naming the nearest there is."""
        chosen = str(resolve("branch", name))
        check_branch(self.client, chosen)
        self._branch = chosen

    def diff(
        self,
        branch: str | None = None,
        against: str | None = None,
        *,
        table: str | None = None,
        limit: int | None = None,
    ) -> Differences:
        """What a branch has against another; the current one, against its parent, without names.

        A mapping of table names to DataFrames, of all rows or of the first `limit` of each table.  Raises
        NotFoundError, and UsageError for a branch without a parent.
        """
        from helios_magic.client import diffs
        from helios_magic.session.differences import Differences

        branch = branch or self._branch
        against = against or self._parent(branch)
        if limit is None:
            return Differences(diffs.whole(self.client, branch, against, table=table))
        return Differences(self.client.diff_branch(branch, against, table=table, limit=limit))

    def merge(
        self,
        source: str,
        into: str = "main",
        *,
        strategy: str = "three-way",
        dry_run: bool = False,
        resolutions: Sequence[Resolution] = (),
    ) -> MergeResult:
        """Bring the source's changes into another branch, all or nothing; the source stays as it is.

        With `dry_run` nothing changes, and the answer says what would and what conflicts.  Raises MergeConflictError
        (`details` has the conflicts), NotFastForwardError (that strategy only), NotFoundError, ValidationError.
        """
        return self.client.merge_branch(source, into, strategy=strategy, dry_run=dry_run, resolutions=resolutions)

    def delete_branch(self, name: str) -> str | None:
        """Delete a branch, whatever is only there.  The session's own: it goes on on the parent, which is returned.

        Raises ForbiddenError (main), HasChildrenError, NotFoundError.
        """
        if name != self._branch:
            self.client.delete_branch(name)
            return None
        parent = check_branch(self.client, name).parent or "main"
        self.client.delete_branch(name)
        self._branch = parent
        return parent

    def status(self) -> Status:
        """Where this session is and what its database holds; asks the server."""
        client = self.client
        began = time.perf_counter()
        record = check_database(client, client.database)
        between = time.perf_counter()
        details = client.get_database(record)
        # The faster of two: the first may have opened a connection, the second a file.
        took = min(between - began, time.perf_counter() - between) * 1000
        return Status(
            target=self.target,
            place=self._place,
            address=self._address,
            database=client.database,
            branch=self._branch,
            tier=details.tier,
            region=details.region,
            storage_bytes=details.storage_bytes,
            branches=details.branches,
            tables=details.tables,
            round_trip_ms=took,
            account=self._account,
            server=self._server(),
            limit=client.limit,
        )

    def login(self, email: str, password: str | Secret, *, database: str | None = None, keep: bool = False) -> None:
        """Sign in here with an email and a password, and go on as that account.

        Without `database` it is `default` if the account has one of that name, else its oldest.  With `keep` the token
        stays in the keyring.  Raises AuthenticationError, NotFoundError (database), UsageError (no keyring).
        """
        password = hidden(password)
        standing = signed_in(self, email, password, database, keep=keep)
        with self._lock:
            if self._account.source == "owner":
                self._owner = Standing(self._client, self._account, self._branch)
            self._client, self._account, self._branch = standing.client, standing.account, standing.branch

    def logout(self) -> bool:
        """End the sign-in, at the server too; whether the session goes on: as the owner, at a store of your own.

        Elsewhere it is closed.  Raises UsageError for the owner, whose token is the store's own.
        """
        signed_out(self)
        with self._lock:
            owner, self._owner = self._owner, None
            if owner is not None:
                self._client, self._account, self._branch = owner.client, owner.account, owner.branch
        if owner is None:
            self.close()
        return owner is not None

    def close(self) -> None:
        """End the session; a local store is closed with the last session on it.  Twice is once."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._client.close()
        self._close()

    def _parent(self, branch: str) -> str:
        parent = check_branch(self.client, branch).parent
        if parent is None:
            raise UsageError(
                f"“{branch}” was made from no other branch, so there is nothing to compare it with.",
                hint="Name both: one branch, and the other against it.",
            )
        return parent

    def _milliseconds(self, timeout: float | None) -> int:
        seconds = self._timeout if timeout is None else float(resolve("timeout", timeout))
        return max(1, round(seconds * 1000))

    def _record(self, entry: HistoryEntry) -> None:
        self._history.append(entry)


class _Entry:
    """Writes one line of history, however the statement ends."""

    def __init__(self, session: Session, query: str, branch: str) -> None:
        self._session = session
        self._query = query
        self._branch = branch
        self._at = datetime.now(UTC)
        self._began = time.perf_counter()
        self.rows: int | None = None

    def __enter__(self) -> _Entry:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        ms = (time.perf_counter() - self._began) * 1000
        error = None if kind is None else getattr(kind, "code", kind.__name__)
        entry = HistoryEntry(self._at, self._query, self._session.database, self._branch, ms, self.rows, error)
        self._session._record(entry)
