"""What happens to branches in the background: collection, logs, spare copies, counts; and to databases unused for long.

One thread an engine, asleep until a database has something to do.  Nothing here is needed for an answer to be right.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from helios_magic.engine.branching import ancestry, files

if TYPE_CHECKING:
    from helios_magic.engine.database import Database
    from helios_magic.engine.idle import Idle
    from helios_magic.store import Node

logger = logging.getLogger("helios_magic.engine")

_PAUSE = 0.5
"""Seconds between a wish and its work, so that many wishes are one."""
_IDLE = 0.5
"""Seconds without a request after which a database counts as idle."""
_FREE_FLOOR = 2 << 30
"""No spare copy is made that would leave less than this on the disk, in bytes."""


class Caretaker:
    """The background thread.  It starts with the first wish."""

    def __init__(self, idle: Idle) -> None:
        self._idle = idle
        self._changed = threading.Condition()
        self._waiting: set[Database] = set()
        self._thread: threading.Thread | None = None
        self._closed = False

    def notice(self, database: Database) -> None:
        """A database may have something to do."""
        if database in self._waiting:
            return
        with self._changed:
            self._waiting.add(database)
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="helios-caretaker", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def close(self) -> None:
        """Stop after what is being done."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=30)

    def _run(self) -> None:
        look_again: float | None = None
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed, look_again)
                self._changed.wait_for(lambda: self._closed, timeout=_PAUSE)
                if self._closed:
                    return
                due, self._waiting = self._waiting, set()
            for database in due:
                try:
                    if self._tend(database):
                        with self._changed:
                            self._waiting.add(database)
                except Exception:
                    # The next start does it again; until then it costs disk space only.
                    logger.exception("tending the branches of %s failed", database.id)
            look_again = self._idle.close_due()

    def _tend(self, database: Database) -> bool:
        """Do what there is to do; whether there is more for later."""
        if database.closed:
            return False
        if database.untidy:
            collect(database)
        database.files.let_go()
        database.counts.record()
        renewed = database.renew()
        helpers = database.rest()
        logs, spares = database.files.logs(), database.files.wants_spares()
        if (logs or spares) and database.unused_for < _IDLE:
            return True
        for file in logs:
            database.files.fold(file)
        for node in spares:
            _make_spare(database, node)
        return helpers or not renewed


def collect(database: Database) -> None:
    """Forget the nodes that no branch and no merge needs, and doom their files."""
    branches = database.store.branches
    with database.mutex:
        database.untidy = False
        nodes = database.nodes()
        heads = [branch.node_id for branch in branches.list(database.id)]
        if database.closed or not heads:
            return
        changed, gone, unneeded = ancestry.collect(nodes, heads)
        if changed or gone:
            branches.collect(changed, gone)
            database.recount(changed)
        database.files.doom(unneeded)


def _make_spare(database: Database, node: Node) -> None:
    """Copy a sealed file ahead of the write that will need it, unless the disk is nearly full."""
    if files.free_bytes(database.files.folder) < _FREE_FLOOR + files.size(database.files.path(node)):
        return
    with database.pinned(node, lambda: None) as file:
        spare = database.files.new_node(node)
        database.files.copy(file, spare, lambda lock: lock.acquire())
        database.files.keep_spare(node, spare)
