"""The oracle: whole copies of every table at every commit, and what branches, merges and diffs must come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.branching.merging import Expected, Merge, Resolutions, definition, same
from tests.branching.model import Refused, Row, Table, Version, named, plain
from tests.branching.operations import Op


@dataclass
class Commit:
    number: int
    parents: tuple[int, ...]
    version: Version
    idle: bool = False
    """A committed write that changed nothing: it may count as a move, or not."""


@dataclass
class Branch:
    name: str
    parent: str | None
    head: int


@dataclass
class MergeAnswers:
    """What a merge may answer: `moves` among up-to-date, fast-forward, diverged; what the last comes to, in every
    way that the contract allows."""

    moves: set[str]
    merged: list[Expected]
    commits: dict[int, Commit]
    """The history under the ids that a merge would leave."""

    @property
    def row_conflicts(self) -> list[Any]:
        return self.merged[0].rows if self.merged else []


class Oracle:
    """Branches and their whole history."""

    def __init__(self) -> None:
        self.commits = {0: Commit(0, (), Version())}
        self.branches = {"main": Branch("main", None, 0)}

    def version(self, branch: str) -> Version:
        return self.commits[self.branches[branch].head].version

    def attempt(self, branch: str, ops: Sequence[Op], numbers: Sequence[list[int]]) -> tuple[Version, bool]:
        """What a transaction would make of the branch; raises `Refused`."""
        version, changed = self.version(branch).copy(), False
        for op, drawn in zip(ops, numbers, strict=True):
            changed = op.apply(version, drawn) or changed
        return version, changed

    def write(self, branch: str, version: Version, *, idle: bool = False, merged: int | None = None) -> None:
        head = self.branches[branch].head
        parents = (head,) if merged is None else (head, merged)
        number = len(self.commits)
        self.commits[number] = Commit(number, parents, version, idle)
        self.branches[branch].head = number

    def fork(self, name: str, parent: str) -> None:
        self.branches[name] = Branch(name, parent, self.branches[parent].head)

    def children(self, name: str) -> list[str]:
        return [b.name for b in self.branches.values() if b.parent == name]

    # Ancestry

    def ancestors(self, commit: int) -> set[int]:
        found: set[int] = set()
        waiting = [commit]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += self.commits[one].parents
        return found

    def heads(self, branch: str) -> set[int]:
        """The head, and the last commit that changed something."""
        one = self.branches[branch].head
        found = {one}
        while self.commits[one].idle:
            (one,) = self.commits[one].parents
            found.add(one)
        return found

    def bases(self, one: int, other: int) -> list[int]:
        both = self.ancestors(one) & self.ancestors(other)
        lower = {up for commit in both for up in self.ancestors(commit) - {commit}}
        return sorted(both - lower, reverse=True)

    def moves(self, source: str, target: str) -> set[str]:
        found = set()
        for one in self.heads(source):
            for other in self.heads(target):
                if one in self.ancestors(self.branches[target].head):
                    found.add("up-to-date")
                elif other in self.ancestors(self.branches[source].head):
                    found.add("fast-forward")
                else:
                    found.add("diverged")
        return found

    # Merges

    def merge(self, source: str, target: str, strategy: str, resolutions: Resolutions) -> MergeAnswers:
        one, other = self.branches[source].head, self.branches[target].head
        answers = []
        commits = self.unified(source, target)
        for base in self.bases(one, other):
            for added in ("start", "default"):
                versions = [commits[c].version for c in (base, other, one)]
                answers.append(Merge(*versions, strategy, resolutions, added).run())
        return MergeAnswers(self.moves(source, target), answers, commits)

    def unified(self, source: str, target: str) -> dict[int, Commit]:
        """The history with the same ids for what both sides made under one name: the name decides there."""
        one, other = self.branches[source].head, self.branches[target].head
        commits, base = dict(self.commits), self.bases(one, other)[0]
        for id_ in list(commits[one].version.tables):
            pairs = _same_names(commits[base].version, commits[other].version, commits[one].version, id_)
            if pairs:
                commits = {n: replace(c, version=renamed_ids(c.version, pairs)) for n, c in commits.items()}
        return commits

    # Diffs

    def diff(self, branch: str, against: str) -> dict[str, Difference]:
        """By the newer name, tables in which two branches differ in rows or structure."""
        new, old = self.version(branch), self.version(against)
        found = {}
        pairs = [(old.tables.get(id_), new.tables.get(id_)) for id_ in {**old.tables, **new.tables}]
        lone = {t.name: t for t, other in pairs if t is not None and other is None}
        for older, newer in pairs:
            if newer is not None and older is None:
                older = lone.pop(newer.name, None)  # noqa: PLW2901 - the name decides
            if newer is None and older is not None and older.name not in lone:
                continue
            difference = Difference.of(older, newer)
            if difference is not None:
                found[(newer or older).name] = difference  # type: ignore[union-attr]
        return found


def _same_names(base: Version, target: Version, source: Version, id_: str) -> dict[str, str]:
    """Source's ids to target's, for a table that both have or both made."""
    table, mine = source.tables[id_], target.tables.get(id_)
    if mine is None and id_ not in base.tables:
        made = [t for t in target.tables.values() if t.name == table.name and t.id not in base.tables]
        mine = made[0] if made and definition(made[0]) == definition(table) else None
    if mine is None:
        return {}
    pairs = {id_: mine.id} if id_ != mine.id else {}
    old = base.tables[mine.id].columns if mine.id in base.tables else {}
    for column in table.columns.values():
        for other in mine.columns.values():
            known = column.id in mine.columns or other.id in table.columns or {column.id, other.id} & set(old)
            if other.name == column.name and not known:
                pairs[column.id] = other.id
    return pairs


@dataclass
class Difference:
    """Counts of rows; `exact` where the structure is the same, so that nothing is left open."""

    inserted: int
    updated: int
    deleted: int
    exact: bool
    rows: Counter[Any]
    """(kind, old row by names or None, new row by names or None), for exact ones."""

    @staticmethod
    def of(older: Table | None, newer: Table | None) -> Difference | None:
        exact = older is not None and newer is not None and definition(older) == definition(newer)
        exact = exact and set(older.columns) == set(newer.columns)  # type: ignore[union-attr]
        if older is not None and newer is not None and older.key and older.key == newer.key:
            changes = _keyed(older, newer)
        else:
            changes = _multiset(older, newer)
        counts = Counter(kind for kind, _, _ in changes.elements())
        if exact and not changes:
            return None
        return Difference(counts["inserted"], counts["updated"], counts["deleted"], exact, changes)


def _keyed(older: Table, newer: Table) -> Counter[Any]:
    old, new = older.by_key(), newer.by_key()
    found: Counter[Any] = Counter()
    for key in {**old, **new}:
        one, other = old.get(key), new.get(key)
        if one is None or other is None:
            kind = "inserted" if one is None else "deleted"
            found[(kind, one and named(older, one), other and named(newer, other))] += 1
        elif not _alike(one, other):
            found[("updated", named(older, one), named(newer, other))] += 1
    return found


def _alike(one: Row, other: Row) -> bool:
    shared = {c: one[c] for c in one if c in other}
    return same(shared, other)


def _multiset(older: Table | None, newer: Table | None) -> Counter[Any]:
    old = Counter(named(older, row) for row in older.rows) if older else Counter()
    new = Counter(named(newer, row) for row in newer.rows) if newer else Counter()
    found: Counter[Any] = Counter()
    for row in {**old, **new}:
        if new[row] > old[row]:
            found[("inserted", None, row)] += new[row] - old[row]
        elif old[row] > new[row]:
            found[("deleted", row, None)] += old[row] - new[row]
    return found


def renamed_ids(version: Version, pairs: dict[str, str]) -> Version:
    """The same version under other ids; raises `Refused` where two things would become one."""

    def new(id_: str) -> str:
        return pairs.get(id_, id_)

    made = version.copy()
    tables = list(made.tables.values())
    if len({new(t.id) for t in tables}) < len(tables):
        raise Refused("muddled")
    for table in tables:
        if len({new(c) for c in table.columns}) < len(table.columns):
            raise Refused("muddled")
        table.id = new(table.id)
        for column in table.columns.values():
            column.id = new(column.id)
        table.columns = {c.id: c for c in table.columns.values()}
        table.key = tuple(map(new, table.key))
        table.checks = {new(c): limit for c, limit in table.checks.items()}
        table.rows = [{new(c): v for c, v in row.items()} for row in table.rows]
        for foreign in table.foreign_keys:
            foreign.column, foreign.table = new(foreign.column), new(foreign.table)
    made.tables = {t.id: t for t in tables}
    for one in [*made.views.values(), *made.indexes.values()]:
        one.table, one.columns = new(one.table), tuple(map(new, one.columns))
        if getattr(one, "where", None):
            one.where = (new(one.where[0]), one.where[1])  # type: ignore[union-attr]
    return made


def image(rows: Sequence[dict[str, Any]]) -> Counter[Any]:
    """Rows as the engine answers them, to be compared with `model.multiset`."""
    return Counter(tuple(sorted((c, plain(v)) for c, v in row.items())) for row in rows)
