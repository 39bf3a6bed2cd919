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
    """The counts of one database that are not recorded yet, by node."""

    def __init__(self, branches: Branches) -> None:
        self._branches = branches
        self._lock = threading.Lock()
        self._pending: dict[str, tuple[int, int]] = {}

    def of(self, node: Node) -> Node:
        """The node with its counts of now."""
        with self._lock:
            writes, tables = self._pending.get(node.id, (node.writes, node.tables))
        return node if (writes, tables) == (node.writes, node.tables) else replace(node, writes=writes, tables=tables)

    def note(self, file: Attachment) -> None:
        """A write was committed to the file."""
        with self._lock:
            file.writes += 1
            self._pending[file.alias] = (file.writes, file.tables)

    def replace(self, node: Node, file: Attachment | None) -> None:
        """The records changed under the counts: ancestors were folded into the node."""
        with self._lock:
            if file is not None:
                file.writes = node.writes
            if node.id in self._pending:
                self._pending[node.id] = (node.writes, self._pending[node.id][1])

    def forget(self, node: Node) -> None:
        with self._lock:
            self._pending.pop(node.id, None)

    def record(self) -> None:
        """Write what is pending into the records."""
        with self._lock:
            pending, self._pending = self._pending, {}
        if pending:
            self._branches.count((node, *figures) for node, figures in pending.items())


def counted(counts: Counts, nodes: Iterable[Node]) -> dict[str, Node]:
    """Nodes by id with their counts of now."""
    return {node.id: counts.of(node) for node in nodes}
