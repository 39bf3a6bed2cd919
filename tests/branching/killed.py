"""The process that is killed: random steps on two databases of one store, numbers drawn on branches of a third.

It tells its parent, through a pipe, what each step may make of the branches before it begins, and what they hold once
the engine has acknowledged it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from helios_magic.engine.engine import DuckDBEngine
from helios_magic.engine.face import Limits, Statement
from tests.branching.beside import Beside, opened_at
from tests.branching.generating import Generator
from tests.branching.model import Version
from tests.branching.steps import Collect, Delete, Fork, Reopen, Rest, Step

NUMBERS = "db_numbers"


@dataclass
class Began:
    database: str
    step: str
    possible: dict[str, list[Version | None]]
    creates: bool


@dataclass
class Done:
    database: str
    versions: dict[str, Version]
    parents: dict[str, str | None]
    fresh: set[str]
    """Branches that nobody has written to: a power cut may take such a creation back."""


@dataclass
class Drawn:
    """Numbers that were handed out for rows of a branch."""

    branch: str
    numbers: list[int]


@dataclass
class Broken:
    """The child itself found something wrong."""

    why: str


class Told:
    """The pipe to the parent, for several threads."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe, self._lock = pipe, threading.Lock()

    def __call__(self, message: object) -> None:
        with self._lock:
            self._pipe.send(message)


def live(folder: str, seed: int, pipe: Connection) -> None:
    """Run until killed."""
    told = Told(pipe)
    opened = opened_at(Path(folder))
    workers = [threading.Thread(target=_steps, args=(opened, f"db_{n}", seed * 2 + n, told)) for n in range(2)]
    workers.append(threading.Thread(target=_numbers, args=(opened[1], told)))
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def _steps(opened: tuple, database: str, seed: int, told: Told) -> None:
    try:
        beside, generator = Beside(Path(), database, opened), Generator(seed, serial=False)
        written: set[str] = {"main"}
        while True:
            step = generator.step(beside.oracle)
            if isinstance(step, (Reopen, Collect, Rest)):
                continue
            told(Began(database, str(step), beside.possible(step), isinstance(step, Fork)))
            heads = {name: branch.head for name, branch in beside.oracle.branches.items()}
            beside.step(step)
            written = _written(written, step, heads, beside)
            now = beside.oracle.branches
            told(Done(
                database, {name: beside.oracle.version(name) for name in now},
                {name: branch.parent for name, branch in now.items()}, set(now) - written,
            ))  # fmt: skip
    except BaseException as error:
        told(Broken(f"{database}: {error!r}"))
        raise


def _written(written: set[str], step: Step, heads: dict[str, int], beside: Beside) -> set[str]:
    moved = {name for name, branch in beside.oracle.branches.items() if heads.get(name, branch.head) != branch.head}
    gone = {step.name} if isinstance(step, Delete) and step.name not in beside.oracle.branches else set()
    return (written | moved) - gone


def _numbers(engine: DuckDBEngine, told: Told) -> None:
    """One sequence, drawn from on ever more branches."""
    try:
        engine.create(NUMBERS)
        _run(engine, "main", "CREATE TABLE n (id serial PRIMARY KEY, v integer)")
        branch = "main"
        for turn in range(1, 1_000_000):
            if turn % 7 == 0:
                engine.fork(NUMBERS, f"n{turn}", branch, Limits())
                branch = f"n{turn}"
            drawn = _run(engine, branch, f"INSERT INTO n (v) VALUES ({turn}), ({turn}) RETURNING id")
            told(Drawn(branch, drawn))
    except BaseException as error:
        told(Broken(f"{NUMBERS}: {error!r}"))
        raise


def _run(engine: DuckDBEngine, branch: str, sql: str) -> list[int]:
    table = engine.execute(NUMBERS, branch, Statement(sql), Limits()).table
    return [] if table is None else [int(n) for n in table.column("id").to_pylist()]
