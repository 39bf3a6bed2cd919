"""Quotas: decisions.md, "Metrics, limits, quotas, webhooks"."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field

from helios_magic.emulator.request import Request
from helios_magic.engine.face import Engine
from helios_magic.errors import QuotaExceededError
from helios_magic.models.databases import Tier
from helios_magic.models.metrics import Quota
from helios_magic.models.tiers import PLANS, Resource, highest
from helios_magic.schema import quoted
from helios_magic.sqltext.growth import Growth, growth
from helios_magic.store import DatabaseRecord, Store

#: How long a creation waits for others that may fail and leave their place.
_PATIENCE = 1.0
_MENDS: dict[Resource, str] = {
    "databases": "Delete a database, or create one of a larger tier.",
    "storage_bytes": "Delete branches or drop tables, or use a database of a larger tier.",
    "branches": "Delete a branch, or use a database of a larger tier.",
    "tables": "Drop a table, or use a database of a larger tier.",
}


@dataclass(slots=True)
class _Places:
    """Places that creations under way have taken, and are not counted by their room yet; who looks at them."""

    changed: threading.Condition = field(default_factory=threading.Condition)
    taken: int = 0
    users: int = 0


class Quotas:
    """What each plan allows to be kept, measured when it is asked for.  Thread-safe."""

    def __init__(self, store: Store, engine: Engine, *, enforced: bool = False) -> None:
        self._store, self._engine, self._enforced = store, engine, enforced
        self._places: dict[tuple[str, Resource], _Places] = {}
        self._lock = threading.Lock()

    def tier_of(self, account_id: str) -> Tier:
        """The account's highest tier."""
        return highest(each.tier for each in self._store.databases.of_account(account_id))

    def of_account(self, account_id: str) -> dict[Resource, Quota]:
        held = self._store.databases.of_account(account_id)
        return {"databases": Quota(limit=PLANS[self.tier_of(account_id)].databases, current=len(held))}

    def of_database(self, record: DatabaseRecord) -> dict[Resource, Quota]:
        """Bytes and branches of the database, and the tables of its `main`."""
        plan, held = PLANS[record.tier], self._engine.statistics(record.id)
        return {
            "storage_bytes": Quota(limit=plan.storage_bytes, current=held.storage_bytes),
            "branches": Quota(limit=plan.branches, current=held.branches),
            "tables": Quota(limit=plan.tables, current=held.tables),
        }

    def held(self, request: Request) -> AbstractContextManager[object]:
        """Inside the block the request has the places it needs; entering raises `QuotaExceededError`."""
        demand = _DEMANDS.get(request.endpoint.name) if self._enforced else None
        return nullcontext() if demand is None else self._in_places(demand(self, request))

    @contextmanager
    def _in_places(self, needed: Sequence[AbstractContextManager[None]]) -> Iterator[None]:
        with ExitStack() as stack:
            for each in needed:
                stack.enter_context(each)
            yield

    @contextmanager
    def _place(
        self, subject: str, resource: Resource, limit: int | None, wanted: int, current: Callable[[], int]
    ) -> Iterator[None]:
        """Places among the `limit`; those of creations that run count as taken, until they have ended."""
        if limit is None or wanted <= 0:
            yield
            return
        with self._places_of(subject, resource) as places:
            give_up = time.monotonic() + _PATIENCE
            with places.changed:
                while (now := current()) + places.taken + wanted > limit:
                    left = give_up - time.monotonic()
                    if now + wanted > limit or left <= 0:
                        raise _exceeded(resource, limit, now)
                    places.changed.wait(left)
                places.taken += wanted
            try:
                yield
            finally:
                with places.changed:
                    places.taken -= wanted
                    places.changed.notify_all()

    @contextmanager
    def _places_of(self, subject: str, resource: Resource) -> Iterator[_Places]:
        """What all that create at the same time share; forgotten after the last of them."""
        key = (subject, resource)
        with self._lock:
            places = self._places.setdefault(key, _Places())
            places.users += 1
        try:
            yield places
        finally:
            with self._lock:
                places.users -= 1
                if not places.users:
                    del self._places[key]

    def _database(self, request: Request) -> list[AbstractContextManager[None]]:
        account = request.account.id
        tier = highest((self.tier_of(account), request.body.tier))
        current = lambda: len(self._store.databases.of_account(account))  # noqa: E731 - asked again while waiting
        return [self._place(account, "databases", PLANS[tier].databases, 1, current)]

    def _branch(self, request: Request) -> list[AbstractContextManager[None]]:
        return self._needed(request, "main", [Growth(branches=1)])

    def _statement(self, request: Request) -> list[AbstractContextManager[None]]:
        return self._needed(request, request.body.branch, [growth(request.body.query)])

    def _batch(self, request: Request) -> list[AbstractContextManager[None]]:
        return self._needed(request, request.body.branch, [growth(each.query) for each in request.body.statements])

    def _merge(self, request: Request) -> list[AbstractContextManager[None]]:
        merge = Growth(merges=(request.body.source, request.body.target))
        return [] if request.body.dry_run else self._needed(request, "main", [merge])

    def _load(self, request: Request) -> list[AbstractContextManager[None]]:
        branch = request.query["branch"]
        if request.query["mode"] == "append":
            return self._needed(request, branch, [Growth(rows=True)])
        made = growth(f"CREATE TABLE IF NOT EXISTS {quoted(request.path['name'])} ()").tables
        return self._needed(request, branch, [Growth(rows=True, tables=made)])

    def _needed(self, request: Request, branch: str, growths: Sequence[Growth]) -> list[AbstractContextManager[None]]:
        database, plan = request.database, PLANS[request.database.tier]
        if plan.storage_bytes is not None and any(each.rows for each in growths):
            held = self._engine.storage_bytes(database.id)
            if held >= plan.storage_bytes:
                raise _exceeded("storage_bytes", plan.storage_bytes, held)
        needed: list[AbstractContextManager[None]] = []
        branches = sum(each.branches for each in growths)
        if branches and plan.branches is not None:
            count = lambda: len(self._store.branches.list(database.id))  # noqa: E731 - asked again while waiting
            needed.append(self._place(database.id, "branches", plan.branches, branches, count))
        if plan.tables is not None and any(each.tables for each in growths):
            wanted, count_tables = self._tables(database.id, branch, growths)
            needed.append(self._place(f"{database.id}/{branch}", "tables", plan.tables, wanted, count_tables))
        for each in growths:
            if plan.tables is not None and each.merges is not None:
                source, target = each.merges[0], each.merges[1] or (branch if branch != each.merges[0] else "main")
                new = self._names(database.id, source) - self._names(database.id, target)
                merged = functools.partial(self._count_tables, database.id, target)
                needed.append(self._place(f"{database.id}/{target}", "tables", plan.tables, len(new), merged))
        return needed

    def _tables(self, database: str, branch: str, growths: Sequence[Growth]) -> tuple[int, Callable[[], int]]:
        """How many tables more a branch will have, and how many it has."""
        described = self._engine.describe(database, branch)
        there = {(table.schema, table.name) for table in described.tables}
        made = [new for each in growths for new in each.tables if not (new.maybe and (new.schema, new.name) in there)]
        wanted = len(made) - sum(each.dropped for each in growths)
        return wanted, functools.partial(self._count_tables, database, branch)

    def _count_tables(self, database: str, branch: str) -> int:
        return len(self._names(database, branch))

    def _names(self, database: str, branch: str) -> set[tuple[str, str]]:
        described = self._engine.describe(database, branch)
        return {(table.schema, table.name) for table in described.tables if table.kind == "table"}


def _exceeded(resource: Resource, limit: int, current: int) -> QuotaExceededError:
    return QuotaExceededError(
        f"the tier's quota of {resource} is used up: {current:,} of {limit:,}",
        hint=_MENDS[resource],
        details={"resource": resource, "limit": limit, "current": current},
    )


#: What a request needs, by endpoint; the others add nothing.
_DEMANDS: dict[str, Callable[[Quotas, Request], list[AbstractContextManager[None]]]] = {
    "create_database": Quotas._database,
    "create_branch": Quotas._branch,
    "sql": Quotas._statement,
    "batch": Quotas._batch,
    "load": Quotas._load,
    "merge_branch": Quotas._merge,
}
