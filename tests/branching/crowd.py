"""Eight threads, each with branches of its own and a range of keys of its own, and `main` that all merge into:
`python -m tests.branching.crowd --seconds 60`."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

from helios_magic.engine.branching import ancestry
from helios_magic.engine.branching.caretaker import collect
from helios_magic.engine.database import Database
from helios_magic.engine.engine import DuckDBEngine
from helios_magic.engine.face import Limits, MergeOrder, Statement
from helios_magic.errors import ApiError, NotBuiltError
from helios_magic.store import Store
from tests.branching.beside import expect, opened_at
from tests.branching.differential import temporary

DATABASE = "db_crowd"
THREADS = 8
SPAN = 1_000_000
Rows = dict[int, int]


class Member:
    """A thread's own log: what each of its branches holds in its range of keys, and what it brought to main."""

    def __init__(self, engine: DuckDBEngine, number: int, seed: int, until: float) -> None:
        self.engine, self.number, self.until = engine, number, until
        self.random = Random(seed + number)
        self.low = number * SPAN
        self.next_key = self.low
        self.branches: dict[str, tuple[Rows, Rows]] = {}
        """Name to (rows at the last common state with main, rows now), of the own range."""
        self.main: Rows = {}
        self.drawn: list[int] = []
        self.counts: Counter[str] = Counter()
        self.made = 0
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            while time.monotonic() < self.until:
                self.turn()
        except BaseException as error:
            self.error = error

    def turn(self) -> None:
        choices = [(self.fork, 3 if len(self.branches) < 3 else 0), (self.write, 12), (self.number_drawn, 2),
                   (self.merge, 3), (self.delete, 1), (self.stray, 1), (self.read, 3)]  # fmt: skip
        acts, weights = zip(*choices, strict=True)
        self.random.choices(acts, weights)[0]()

    def execute(self, branch: str, sql: str) -> Any:
        return self.engine.execute(DATABASE, branch, Statement(sql), Limits())

    def one(self) -> str | None:
        return self.random.choice(list(self.branches)) if self.branches else None

    def fork(self) -> None:
        self.made += 1
        name = f"w{self.number}/{self.made}"
        self.engine.fork(DATABASE, name, "main", Limits())
        self.branches[name] = (dict(self.main), dict(self.main))
        self.counts["forks"] += 1

    def write(self) -> None:
        branch = self.one()
        if branch is None:
            return
        _, rows = self.branches[branch]
        kind = self.random.random()
        if kind < 0.5 or not rows:
            keys = range(self.next_key, self.next_key + 3)
            self.next_key += 3
            values = ", ".join(f"({k}, 0)" for k in keys)
            self.execute(branch, f"INSERT INTO t VALUES {values}")
            rows.update(dict.fromkeys(keys, 0))
        elif kind < 0.85:
            key = self.random.choice(list(rows))
            value = self.random.randrange(1000)
            told = self.execute(branch, f"UPDATE t SET v = {value} WHERE id = {key}")
            expect(told.affected_rows == 1, f"{branch}: {key} is not there")
            rows[key] = value
        else:
            key = self.random.choice(list(rows))
            self.execute(branch, f"DELETE FROM t WHERE id = {key}")
            del rows[key]
        self.counts["writes"] += 1

    def number_drawn(self) -> None:
        branch = self.one()
        if branch is not None:
            table = self.execute(branch, f"INSERT INTO s (v) VALUES ({self.number}) RETURNING id").table
            self.drawn += table.column("id").to_pylist()
            self.counts["numbers"] += 1

    def merge(self) -> None:
        branch = self.one()
        if branch is None:
            return
        strategy = self.random.choice(("three-way", "three-way", "theirs", "fast-forward"))
        base, rows = self.branches[branch]
        wanted, clash = self._three_way(base, rows, strategy)
        try:
            merged = self.engine.merge(DATABASE, MergeOrder(branch, "main", strategy), Limits())  # type: ignore[arg-type]
        except NotBuiltError:
            return
        except ApiError as error:
            expect(strategy == "fast-forward" and error.code == "NOT_FAST_FORWARD", f"merge: {error!r}")
            self.counts["not fast-forward"] += 1
            return
        if merged.counts:
            expect(clash, f"{branch}: conflicts {merged.counts} of keys that nobody else writes")
            self.counts["conflicts"] += 1
            return
        expect(merged.merged, f"{branch}: neither merged nor in conflict")
        expect(not clash, f"{branch}: a conflict was not seen")
        self.main = wanted
        self.branches[branch] = (dict(rows), rows)
        self.counts["fast-forwards" if merged.fast_forward else "merges"] += 1

    def _three_way(self, base: Rows, rows: Rows, strategy: str) -> tuple[Rows, bool]:
        """Own rows only, for nobody else writes them: another of the own branches may have gone into main since."""
        wanted, clash = dict(self.main), False
        for key in {*base, *rows, *self.main}:
            was, here, there = base.get(key), self.main.get(key), rows.get(key)
            if there in (was, here):
                continue
            if here != was and strategy != "theirs":
                clash = True
            if there is None:
                wanted.pop(key, None)
            else:
                wanted[key] = there
        return wanted, clash

    def delete(self) -> None:
        branch = self.one()
        if branch is not None:
            self.engine.delete_branch(DATABASE, branch, Limits())
            del self.branches[branch]
            self.counts["deletes"] += 1

    def stray(self) -> None:
        """A look at somebody else's branches: it may be gone at any moment, and says so."""
        name = f"w{self.random.randrange(THREADS)}/{self.random.randrange(1, self.made + 2)}"
        try:
            self.execute(name, "SELECT count(*) FROM t")
            self.counts["strays"] += 1
        except ApiError as error:
            expect(error.code == "NOT_FOUND", f"a stray reader: {error!r}")
            self.counts["strays to nowhere"] += 1

    def read(self) -> None:
        branch = self.one()
        self.same(branch if branch is not None else "main")
        self.counts["reads"] += 1

    def same(self, branch: str) -> None:
        wanted = self.main if branch == "main" else self.branches[branch][1]
        where = f"id >= {self.low} AND id < {self.low + SPAN}"
        table = self.execute(branch, f"SELECT id, v FROM t WHERE {where}").table
        found = dict(zip(table.column("id").to_pylist(), table.column("v").to_pylist(), strict=True))
        more, less = set(found.items()) - set(wanted.items()), set(wanted.items()) - set(found.items())
        expect(found == wanted, f"{branch} of thread {self.number}: too much {more}, lost {less}")


def crowd(folder: Path, seconds: float, seed: int) -> Counter[str]:
    """Let them all loose, then compare everything; raises the first thing that went wrong."""
    store, engine = opened_at(folder)
    try:
        engine.create(DATABASE)
        for sql in ("CREATE TABLE t (id integer PRIMARY KEY, v integer)", "CREATE TABLE s (id serial, v integer)"):
            engine.execute(DATABASE, "main", Statement(sql), Limits())
        members = [Member(engine, n, seed, time.monotonic() + seconds) for n in range(THREADS)]
        threads = [threading.Thread(target=member.run) for member in members]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for member in members:
            if member.error is not None:
                raise member.error
        judge(store, engine, members)
        return sum((member.counts for member in members), Counter[str]())
    finally:
        engine.close()
        store.close()


def judge(store: Store, engine: DuckDBEngine, members: list[Member]) -> None:
    drawn = [n for member in members for n in member.drawn]
    expect(len(set(drawn)) == len(drawn), "a number was drawn twice")
    known = {"main", *(branch for member in members for branch in member.branches)}
    expect({b.name for b in engine.branches(DATABASE)} == known, f"branches are not {known}")
    for member in members:
        for branch in ("main", *member.branches):
            member.same(branch)
    held = engine.database(DATABASE)
    collect(held)
    held.files.let_go()
    quiet = time.monotonic() + 10
    while (wrong := _untidy(store, held)) and time.monotonic() < quiet:
        time.sleep(0.2)  # the background is still at it
    expect(not wrong, str(wrong))


def _untidy(store: Store, held: Database) -> str | None:
    """What is left over: files, records or pins."""
    kept = {f.removesuffix(".wal") for f in _files(store)}
    recorded, spares = store.branches.files(), {node.file for node in held.files.spares.values()}
    if kept != recorded | spares:
        return f"unknown files {kept - recorded - spares}, missing files {(recorded | spares) - kept}"
    nodes = store.branches.nodes(DATABASE)
    heads = {branch.node_id for branch in store.branches.list(DATABASE)}
    needed = {nodes[node].file for node in ancestry.needed(nodes, heads)}
    if recorded != needed:
        return f"{len(recorded)} files are recorded, {len(needed)} are needed"
    pins = sum(file.pins for file in held._instance.attachments)
    doomed = [file.path.name for file in held._instance.attachments if file.doomed]
    return f"{pins} pins are left, doomed are {doomed}" if pins or doomed else None


def _files(store: Store) -> set[str]:
    return {p.relative_to(store.data_path).as_posix() for p in store.data_path.glob("*/*")}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    seed = SystemRandom().randrange(1_000_000) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    with temporary() as folder:
        print(dict(crowd(folder, options.seconds, seed)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
