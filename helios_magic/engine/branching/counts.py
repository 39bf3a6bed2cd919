"""How many write requests each node has seen, and how many tables it holds: figures to show.

They are kept in memory and recorded a moment later, because a record before every answer would cost more than the
write.  A crash may set them back; whether a node was written at all is recorded durably elsewhere.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace

from helios_magic.engine.instance import Attachment
from helios_magic.store import Branches, Node


class Counts:
    """The counts of one database's nodes that were written to since it was opened; some are not recorded yet."""

    def __init__(self, branches: Branches) -> None:
        self._branches = branches
        self._lock, self._recording = threading.Lock(), threading.Lock()
        self._known: dict[str, tuple[int, int]] = {}
        """Kept when they are recorded, too: who has read a node before may ask for its counts after."""
        self._unrecorded: set[str] = set()

    def of(self, node: Node) -> Node:
        """The node with its counts of now."""
        with self._lock:
            writes, tables = self._known.get(node.id, (node.writes, node.tables))
        return node if (writes, tables) == (node.writes, node.tables) else replace(node, writes=writes, tables=tables)

    def note(self, file: Attachment) -> None:
        """A write was committed to the file."""
        with self._lock:
            file.writes += 1
            self._known[file.alias] = (file.writes, file.tables)
            self._unrecorded.add(file.alias)

    def replace(self, node: Node, file: Attachment | None) -> None:
        """The records changed under the counts: ancestors were folded into the node."""
        with self._lock:
            if file is not None:
                file.writes = node.writes
            if node.id in self._known:
                self._known[node.id] = (node.writes, self._known[node.id][1])

    def forget(self, node: Node) -> None:
        with self._lock:
            self._known.pop(node.id, None)
            self._unrecorded.discard(node.id)

    def record(self) -> None:
        """Write what is new into the records."""
        with self._recording:  # or an older figure might be written after a newer one
            with self._lock:
                new, self._unrecorded = {node: self._known[node] for node in self._unrecorded}, set()
            if new:
                self._branches.count((node, *figures) for node, figures in new.items())


def counted(counts: Counts, nodes: Iterable[Node]) -> dict[str, Node]:
    """Nodes by id with their counts of now."""
    return {node.id: counts.of(node) for node in nodes}
