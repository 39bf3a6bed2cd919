"""The files of one database's nodes: made, copied, kept ready, and removed once no record and no reader needs them.

Everything here works on files that are not recorded yet or not needed any more; what a branch points at is the
records' business alone.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from helios_magic.engine import catalog
from helios_magic.engine.branching import files
from helios_magic.engine.branching.counts import Counts
from helios_magic.engine.instance import Attachment, Instance
from helios_magic.store import Node

if TYPE_CHECKING:
    from helios_magic.store import Store

_MOST_SPARES = 4


class NodeFiles:
    """Below a database's mutex, which is around its instance, its records and its pins."""

    def __init__(
        self, store: Store, database_id: str, instance: Instance, mutex: threading.Condition, counts: Counts
    ) -> None:
        self._store, self._id, self._instance, self._mutex, self._counts = store, database_id, instance, mutex, counts
        self.folder = store.data_path / database_id
        self.closed = False
        self.spares: dict[str, Node] = {}
        """By sealed node: a copy that nobody has written yet, not recorded."""

    def path(self, node: Node) -> Path:
        return self._store.data_path / node.file

    def new_node(self, *parents: Node) -> Node:
        """A node that is not recorded yet, with a file name that nobody used before."""
        node_id = self._store.ids("nd")
        tables = self._counts.of(parents[0]).tables if parents else 0
        ancestors = tuple(each.id for each in parents)
        return Node(node_id, self._id, f"{self._id}/{node_id}.duckdb", parents=ancestors, tables=tables)

    def make(self, node: Node) -> None:
        """Make a node's file: empty, complete and synced."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.path(node)
        with self._mutex:
            self._instance.make(node.id, path, catalog.BOOTSTRAP)
        for place in (path, self.folder, self._store.data_path):
            files.sync(place)

    def child(
        self,
        file: Attachment,
        parents: tuple[Node, ...],
        acquire: Callable[[threading.Lock], object],
        *,
        durable: bool = True,
    ) -> Node:
        """A node with a copy of a pinned file that nobody writes to: the spare one, where there is one."""
        with self._mutex:
            spare = self.spares.pop(file.alias, None)
        node = self.new_node(*parents)
        if spare is not None:
            return replace(node, id=spare.id, file=spare.file)
        self.copy(file, node, acquire, durable=durable)
        return node

    def copy(
        self, file: Attachment, node: Node, acquire: Callable[[threading.Lock], object], *, durable: bool = True
    ) -> None:
        """Copy a pinned file for a node.  Its log is written into it first where that can be.

        DuckDB's replay of a log can leave entries of removed rows in unique indexes, so a copy rather has none.
        """
        acquire(file.copying)
        try:
            self._checkpoint(file)
            files.copy(file.path, self.path(node), durable=durable)
        finally:
            file.copying.release()

    def storage_bytes(self) -> int:
        """Bytes of all files."""
        total = 0
        with contextlib.suppress(FileNotFoundError):
            for entry in os.scandir(self.folder):
                with contextlib.suppress(FileNotFoundError):
                    total += entry.stat().st_size
        return total

    # In the background

    def let_go(self) -> None:
        """Detach and remove what is doomed and no longer in use.  The files' names are never used again."""
        with self._mutex:
            gone = [file for file in self._instance.attachments if file.doomed and not file.pins]
            detaching = [self._instance.forget(file) for file in gone]
        for file, detach in zip(gone, detaching, strict=True):
            detach()
            files.remove(file.path)

    def doom(self, nodes: Iterable[Node]) -> None:
        """Remove files that no record refers to any more, once nobody reads them."""
        with self._mutex:
            for node in nodes:
                self._counts.forget(node)
                spare = self.spares.pop(node.id, None)
                if spare is not None:
                    files.remove(self.path(spare))
                file = self._instance.attached(node.id)
                if file is None:
                    self._instance.unpark(node.id)
                    files.remove(self.path(node))
                else:
                    file.doomed = True

    def logs(self) -> list[Attachment]:
        """The attached files that have a log worth writing into them."""
        with self._mutex:
            held = [] if self.closed else self._instance.attachments
        return [file for file in held if not file.doomed and files.worth_checkpoint(file.path)]

    def fold(self, file: Attachment) -> None:
        """Write a file's log into it while nobody needs it, so that the next copy does not have to."""
        with self._mutex:
            if self.closed or file.doomed or file not in self._instance.attachments:
                return
            file.pins += 1
        try:
            if file.copying.acquire(blocking=False):
                try:
                    self._checkpoint(file)
                finally:
                    file.copying.release()
        finally:
            with self._mutex:
                file.pins -= 1
                self._mutex.notify_all()

    def wants_spares(self) -> list[Node]:
        """The sealed files in use for which a copy should lie ready, most recently used first."""
        with self._mutex:
            if self.closed:
                return []
            heads = {branch.node_id for branch in self._store.branches.list(self._id)}
            held = [file for file in self._instance.attachments if file.alias in heads and not file.doomed]
            nodes = self._store.branches.nodes(self._id)
        held.sort(key=lambda file: -file.used_at)
        sealed = [nodes[file.alias] for file in held if nodes[file.alias].sealed]
        return [node for node in sealed[:_MOST_SPARES] if node.id not in self.spares]

    def keep_spare(self, node: Node, spare: Node) -> None:
        """Keep a copy of a sealed node's file, unless the node went meanwhile."""
        with self._mutex:
            if self.closed or node.id not in self._store.branches.nodes(self._id):
                files.remove(self.path(spare))
            else:
                self.spares[node.id] = spare

    def close(self) -> None:
        """Keep no spare copies any more."""
        with self._mutex:
            self.closed = True
            for spare in self.spares.values():
                files.remove(self.path(spare))
            self.spares = {}

    def _checkpoint(self, file: Attachment) -> None:
        if files.worth_checkpoint(file.path):
            with self._mutex:
                checkpoint = self._instance.checkpoint(file)
            checkpoint()
