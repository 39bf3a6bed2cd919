"""Which file holds a branch: nodes and the branches that point at them.

A node is one file below the store's data folder; its name is made of the node's id, never of anything a user wrote.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from helios_magic.store.ids import Clock, Ids, from_text, to_text
from helios_magic.store.sqlite import Records

MAIN = "main"


@dataclass(frozen=True, slots=True)
class Node:
    """A version of a database: `file` is its name below `Store.data_path`."""

    id: str
    database_id: str
    file: str


@dataclass(frozen=True, slots=True)
class Branch:
    """A name that points at a node; `parent` is the branch it was made from, None for `main`."""

    id: str
    database_id: str
    name: str
    parent: str | None
    node: Node
    created_at: dt.datetime


_SELECT = """SELECT b.id, b.database_id, b.name, b.parent, b.created_at, n.id, n.file
             FROM branches b JOIN nodes n ON n.id = b.node_id"""


class Branches:
    """Records of branches.  Written is durable when the method returns."""

    def __init__(self, records: Records, clock: Clock, ids: Ids) -> None:
        self._records, self._clock, self._ids = records, clock, ids

    def add_database(self, database_id: str, node_id: str, file: str) -> Node:
        """Record a database's first node and its branch `main`.  The file exists and is synced by then."""
        with self._records.transaction() as connection:
            connection.execute("INSERT INTO nodes VALUES (?, ?, ?)", (node_id, database_id, file))
            connection.execute(
                "INSERT INTO branches (id, database_id, name, parent, node_id, created_at) VALUES (?, ?, ?, ?, ?, ?)",
                (self._ids("br"), database_id, MAIN, None, node_id, to_text(self._clock())),
            )
        return Node(node_id, database_id, file)

    def head(self, database_id: str, branch: str) -> Node | None:
        """The node that a branch points at; None where there is no such branch."""
        return self._records.recall(
            "SELECT n.id, n.database_id, n.file FROM branches b JOIN nodes n ON n.id = b.node_id "
            "WHERE b.database_id = ? AND b.name = ?",
            (database_id, branch),
            lambda rows: Node(*rows[0]) if rows else None,
        )

    def list(self, database_id: str) -> list[Branch]:
        """The database's branches, oldest first."""
        rows = self._records.read(f"{_SELECT} WHERE b.database_id = ? ORDER BY b.created_at, b.id", (database_id,))
        return [
            Branch(id_, database, name, parent, Node(node, database, file), from_text(created))
            for id_, database, name, parent, created, node, file in rows
        ]

    def remove_database(self, database_id: str) -> set[str]:
        """Forget all branches and nodes of a database; answers the files that nothing refers to any more."""
        with self._records.transaction() as connection:
            files = connection.execute("SELECT file FROM nodes WHERE database_id = ?", (database_id,)).fetchall()
            connection.execute("DELETE FROM branches WHERE database_id = ?", (database_id,))
            connection.execute("DELETE FROM nodes WHERE database_id = ?", (database_id,))
        return {file for (file,) in files}

    def files(self) -> set[str]:
        """Every file a node refers to; anything else in the data folder is garbage of an unfinished request."""
        return {file for (file,) in self._records.read("SELECT file FROM nodes")}
