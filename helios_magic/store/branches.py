"""Which file holds a branch: nodes, and the branches that point at them.

A node is one version of a database in one file below the store's data folder; its name is made of the node's id,
never of anything a user wrote.  This record is the only commit point of everything that happens to branches: a file
that no node refers to is garbage, and a node that a branch refers to has its file.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace

from helios_magic.store.ids import Clock, Ids, from_text, to_text
from helios_magic.store.outbox import Outbox
from helios_magic.store.sqlite import Records

MAIN = "main"


@dataclass(frozen=True, slots=True)
class Node:
    """A version of a database: `file` is its name below `Store.data_path`.

    A `sealed` node is never written again: two branches may point at it, or a merge may need it.  `parents` are the
    nodes that it was copied from and merged from, `written` the tables (`schema.table`) that differ from the first
    of them, `writes` the committed requests that made the difference.  `kept` is false once the file is gone and
    only the ancestry matters; `ordinal` grows with every node.  `format` is that of the file (1: native
    sequences, 2: no comments on indexes, 3: no embedding spaces).
    """

    id: str
    database_id: str
    file: str
    ordinal: int = 0
    sealed: bool = False
    dirty: bool = False
    parents: tuple[str, ...] = ()
    written: frozenset[str] = frozenset()
    writes: int = 0
    tables: int = 0
    kept: bool = True
    format: int = 4


@dataclass(frozen=True, slots=True)
class Branch:
    """A name that points at a node; `parent` is the branch it was made from, None for `main`.

    `merged_into` and `merged_at` tell the last merge of it into another branch.
    """

    id: str
    database_id: str
    name: str
    parent: str | None
    node_id: str
    created_at: dt.datetime
    merged_into: str | None = None
    merged_at: dt.datetime | None = None


_BRANCHES = "branches"
_NODE = """id, database_id, file, rowid, sealed, dirty, parents, written, writes, tables, kept, format"""
_BRANCH = "id, database_id, name, parent, node_id, created_at, merged_into, merged_at"


class Branches:
    """Records of nodes and branches.  Written is durable when the method returns, but for `create` and `count`."""

    def __init__(self, records: Records, clock: Clock, ids: Ids, outbox: Outbox) -> None:
        self._records, self._clock, self._ids, self._outbox = records, clock, ids, outbox

    def add_database(self, database_id: str, node_id: str, file: str) -> None:
        """Record a database's first node and its branch `main`.  The file exists and is synced by then."""
        with self._records.transaction(about=_BRANCHES) as connection:
            _insert(connection, Node(node_id, database_id, file))
            self._insert_branch(connection, database_id, MAIN, None, node_id)

    def create(self, database_id: str, name: str, parent: str) -> Branch | None:
        """Seal the parent's node and point a new branch at it; None where the parent is not there any more.

        A power cut may take the record back, never anything written before or after it: WAL syncs are in order, and
        whoever writes to either side records that durably.  Raises `sqlite3.IntegrityError` for a known name.
        """
        with self._records.transaction(durable=False, about=_BRANCHES) as connection:
            found = connection.execute(
                "SELECT id, sealed FROM nodes "
                "WHERE id = (SELECT node_id FROM branches WHERE database_id = ? AND name = ?)",
                (database_id, parent),
            ).fetchone()
            if found is None:
                return None
            node, sealed = found
            if not sealed:
                # Only then: every page that a commit touches is written, and this one need not be.
                connection.execute("UPDATE nodes SET sealed = 1 WHERE id = ?", (node,))
            made = self._insert_branch(connection, database_id, name, parent, node)
            told = {"id": made.id, "name": name, "parent": parent, "created_at": made.created_at}
            self._outbox.emit_of_database("branch.created", database_id, told, connection)
            return made

    def delete(self, database_id: str, name: str) -> bool:
        """Forget a branch; its node stays until nothing needs it.  Whether there was one."""
        with self._records.transaction(about=_BRANCHES) as connection:
            gone = connection.execute("DELETE FROM branches WHERE database_id = ? AND name = ?", (database_id, name))
            if gone.rowcount == 1:
                self._outbox.emit_of_database("branch.deleted", database_id, {"name": name}, connection)
            return gone.rowcount == 1

    def advance(self, branch: str, node: Node, *, seal: Iterable[str] = (), merged: str | None = None) -> Node:
        """Record a node whose file is complete and synced, and point the branch at it.

        `seal` are nodes that must not be written any more from now on; `merged` is the branch that went into this
        one.  Raises `LookupError` where the branch is gone.
        """
        with self._records.transaction(about=_BRANCHES) as connection:
            _insert(connection, node)
            self._point(connection, node.database_id, branch, node.id, seal)
            self._note_merge(connection, node.database_id, merged, branch, fast_forward=False)
            (ordinal,) = connection.execute("SELECT rowid FROM nodes WHERE id = ?", (node.id,)).fetchone()
        return replace(node, ordinal=ordinal)

    def point(
        self, database_id: str, branch: str, node_id: str, *, seal: Iterable[str], merged: str | None = None
    ) -> None:
        """Point a branch at a node that is recorded already.  Raises `LookupError` where the branch is gone."""
        with self._records.transaction(about=_BRANCHES) as connection:
            self._point(connection, database_id, branch, node_id, seal)
            self._note_merge(connection, database_id, merged, branch, fast_forward=True)

    def mark_written(self, node_id: str, tables: Iterable[str]) -> None:
        """Record, before a commit, that the node is about to differ from its parent in these tables."""
        with self._records.transaction(about=_BRANCHES) as connection:
            (known,) = connection.execute("SELECT written FROM nodes WHERE id = ?", (node_id,)).fetchone()
            written = json.dumps(sorted({*json.loads(known), *tables}))
            connection.execute("UPDATE nodes SET dirty = 1, written = ? WHERE id = ?", (written, node_id))

    def count(self, counts: Iterable[tuple[str, int, int]]) -> None:
        """Record (node, committed write requests, tables): figures to show, which a crash may set back a moment."""
        with self._records.transaction(durable=False, about=_BRANCHES) as connection:
            connection.executemany(
                "UPDATE nodes SET writes = ?2, tables = ?3 WHERE id = ?1", [tuple(each) for each in counts]
            )

    def upgraded(self, node_id: str, file_format: int) -> None:
        """Record that the node's file has been brought to a newer format."""
        with self._records.transaction(about=_BRANCHES) as connection:
            connection.execute("UPDATE nodes SET format = ? WHERE id = ?", (file_format, node_id))

    def collect(self, changed: Iterable[Node], gone: Iterable[str]) -> None:
        """Record what a collection found: nodes whose ancestry or `kept` changed, and nodes to be forgotten.

        What a writer has marked since the collection looked stays marked.
        """
        with self._records.transaction(about=_BRANCHES) as connection:
            for node in changed:
                marked = connection.execute("SELECT written, dirty FROM nodes WHERE id = ?", (node.id,)).fetchone()
                if marked is None:
                    continue
                written = json.dumps(sorted(node.written | set(json.loads(marked[0]))))
                connection.execute(
                    "UPDATE nodes SET parents = ?, written = ?, writes = ?, dirty = ?, kept = ? WHERE id = ?",
                    (json.dumps(node.parents), written, node.writes, node.dirty or marked[1], node.kept, node.id),
                )
            connection.executemany("DELETE FROM nodes WHERE id = ?", [(node,) for node in gone])

    def head(self, database_id: str, branch: str) -> Node | None:
        """The node that a branch points at; None where there is no such branch."""
        return self._records.recall(
            f"SELECT {_NODE} FROM nodes WHERE id = (SELECT node_id FROM branches WHERE database_id = ? AND name = ?)",
            (database_id, branch),
            lambda rows: _node(*rows[0]) if rows else None,
            _BRANCHES,
        )

    def nodes(self, database_id: str) -> dict[str, Node]:
        """Every node of the database by id, oldest first."""
        rows = self._records.read(f"SELECT {_NODE} FROM nodes WHERE database_id = ? ORDER BY rowid", (database_id,))
        return {row[0]: _node(*row) for row in rows}

    def list(self, database_id: str) -> list[Branch]:
        """The database's branches, oldest first."""
        rows = self._records.read(
            f"SELECT {_BRANCH} FROM branches WHERE database_id = ? ORDER BY rowid", (database_id,)
        )
        return [_branch(*row) for row in rows]

    def get(self, database_id: str, name: str) -> Branch | None:
        row = self._records.read_one(
            f"SELECT {_BRANCH} FROM branches WHERE database_id = ? AND name = ?", (database_id, name)
        )
        return None if row is None else _branch(*row)

    def remove_database(self, database_id: str) -> set[str]:
        """Forget all branches and nodes of a database; answers the files that nothing refers to any more."""
        with self._records.transaction(about=_BRANCHES) as connection:
            files = connection.execute("SELECT file FROM nodes WHERE database_id = ?", (database_id,)).fetchall()
            connection.execute("DELETE FROM branches WHERE database_id = ?", (database_id,))
            connection.execute("DELETE FROM nodes WHERE database_id = ?", (database_id,))
            connection.execute("DELETE FROM counters WHERE database_id = ?", (database_id,))
        return {file for (file,) in files}

    def files(self) -> set[str]:
        """Every file a node refers to; anything else in the data folder is garbage of an unfinished request."""
        return {file for (file,) in self._records.read("SELECT file FROM nodes WHERE kept")}

    def _insert_branch(
        self, connection: sqlite3.Connection, database_id: str, name: str, parent: str | None, node_id: str
    ) -> Branch:
        branch = Branch(self._ids("br"), database_id, name, parent, node_id, self._clock())
        connection.execute(
            "INSERT INTO branches (id, database_id, name, parent, node_id, created_at) VALUES (?, ?, ?, ?, ?, ?)",
            (branch.id, database_id, name, parent, node_id, to_text(branch.created_at)),
        )
        return branch

    def _point(
        self, connection: sqlite3.Connection, database_id: str, branch: str, node_id: str, seal: Iterable[str]
    ) -> None:
        moved = connection.execute(
            "UPDATE branches SET node_id = ? WHERE database_id = ? AND name = ?", (node_id, database_id, branch)
        )
        if moved.rowcount != 1:
            raise LookupError(branch)
        connection.executemany("UPDATE nodes SET sealed = 1 WHERE id = ?", [(node,) for node in seal])

    def _note_merge(
        self, connection: sqlite3.Connection, database_id: str, source: str | None, target: str, *, fast_forward: bool
    ) -> None:
        """Record what went into the target, if it was another branch, and tell `branch.merged`."""
        if source is None:
            return
        connection.execute(
            "UPDATE branches SET merged_into = ?, merged_at = ? WHERE database_id = ? AND name = ?",
            (target, to_text(self._clock()), database_id, source),
        )
        told = {"source": source, "target": target, "fast_forward": fast_forward}
        self._outbox.emit_of_database("branch.merged", database_id, told, connection)


def _insert(connection: sqlite3.Connection, node: Node) -> None:
    connection.execute(
        "INSERT INTO nodes (id, database_id, file, sealed, dirty, parents, written, writes, tables, kept, format) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            node.id, node.database_id, node.file, node.sealed, node.dirty, json.dumps(node.parents),
            json.dumps(sorted(node.written)), node.writes, node.tables, node.kept, node.format,
        ),
    )  # fmt: skip


def _node(
    id_: str,
    database_id: str,
    file: str,
    ordinal: int,
    sealed: int,
    dirty: int,
    parents: str,
    written: str,
    writes: int,
    tables: int,
    kept: int,
    file_format: int,
) -> Node:
    return Node(
        id_, database_id, file, ordinal, bool(sealed), bool(dirty), tuple(json.loads(parents)),
        frozenset(json.loads(written)), writes, tables, bool(kept), file_format,
    )  # fmt: skip


def _branch(
    id_: str,
    database_id: str,
    name: str,
    parent: str | None,
    node_id: str,
    created: str,
    merged_into: str | None,
    merged: str | None,
) -> Branch:
    merged_at = None if merged is None else from_text(merged)
    return Branch(id_, database_id, name, parent, node_id, from_text(created), merged_into, merged_at)
