"""When an account comes near to a quota: told at 80 and at 100 per cent, once each, until it fell below."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from helios_magic.emulator.quotas import Quotas
from helios_magic.models.metrics import Quota
from helios_magic.models.tiers import PLANS, Resource
from helios_magic.store import Metrics, Store, Told

LEVELS = (100, 80)
#: What is kept is measured so often at most; it takes milliseconds.
_EVERY_SECONDS = 5.0


class Thresholds:
    """Looks after what was changed lately.  Thread-safe."""

    def __init__(self, store: Store, quotas: Quotas, *, every: float = _EVERY_SECONDS) -> None:
        self._store, self._quotas, self._every = store, quotas, every
        self._metrics: Metrics = store.metrics
        self._changed: set[tuple[str, str | None]] = set()
        self._looked: dict[tuple[str, str | None], float] = {}
        self._lock = threading.Lock()

    def changed(self, account_id: str, database_id: str | None) -> None:
        """Note that a database, or with None the account's list of databases, may have grown."""
        self._changed.add((account_id, database_id))

    def look(self) -> bool:
        """Measure what was changed and is due, and tell of levels that were reached; whether some is not due yet."""
        with self._lock:
            now = time.monotonic()
            self._looked = {key: at for key, at in self._looked.items() if now - at < self._every}
            for key in self._changed - self._looked.keys():
                self._looked[key] = now
                self._changed.discard(key)
                self._measure(*key)
            return bool(self._changed)

    def _measure(self, account_id: str, database_id: str | None) -> None:
        if database_id is None:
            self._compare(account_id, account_id, None, self._quotas.of_account(account_id))
            return
        record = self._store.databases.get(database_id)
        if record is None or record.status != "active" or PLANS[record.tier].storage_bytes is None:
            return
        self._compare(account_id, record.id, record.name, self._quotas.of_database(record))

    def _compare(
        self, account_id: str, subject_id: str, database: str | None, quotas: Mapping[Resource, Quota]
    ) -> None:
        for resource, quota in quotas.items():
            if quota.limit is None:
                continue
            percent = quota.current * 100 // quota.limit
            level = next((level for level in LEVELS if percent >= level), 0)
            told = self._metrics.threshold(subject_id, resource)
            if level == told:
                continue
            event = None
            if level > told:
                data = {"resource": resource, "percent": level, "limit": quota.limit, "current": quota.current}
                of = {} if database is None else {"database": database, "database_id": subject_id}
                event = Told("usage.threshold", account_id, {**data, **of})
            self._metrics.set_threshold(subject_id, resource, level, event)
