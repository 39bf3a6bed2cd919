"""kill -9 and power cuts: `python -m tests.branching.killing --kills 200 [--power]`.

A power cut is a copy of the block device below a mounted file system, taken while the writing process is stopped: it
has what was synced, and of the rest only what the kernel happened to write.  That needs root and loop devices.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

from tests.branching import killed
from tests.branching.beside import Beside, expect, opened_at
from tests.branching.differential import temporary
from tests.branching.killed import NUMBERS, Began, Broken, Done, Drawn


def context() -> Any:
    """Children are forked from a process that has imported everything and started nothing."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["tests.branching.killed"])
    return made


class Heard:
    """What the child had told when it died."""

    def __init__(self) -> None:
        self.done: dict[str, Done] = {}
        self.began: dict[str, Began | None] = {}
        self.created: dict[tuple[str, str], float] = {}
        self.drawn: list[Drawn] = []
        self.broken: list[str] = []
        self.messages = 0

    def listen(self, pipe: Connection, seconds: float) -> None:
        """From its first word on: how long it takes to begin is the machine's."""
        pipe.poll(60)
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self.broken:
            if pipe.poll(left):
                self.hear(pipe.recv())

    def rest(self, pipe: Connection) -> None:
        with contextlib.suppress(EOFError, ConnectionResetError):
            while True:
                self.hear(pipe.recv())

    def hear(self, message: object) -> None:
        self.messages += 1
        if isinstance(message, Began):
            self.began[message.database] = message
        elif isinstance(message, Done):
            for branch in set(message.versions) - set(getattr(self.done.get(message.database), "versions", ())):
                self.created[message.database, branch] = time.monotonic()
            self.done[message.database], self.began[message.database] = message, None
        elif isinstance(message, Drawn):
            self.drawn.append(message)
        elif isinstance(message, Broken):
            self.broken.append(message.why)


def kill_once(folder: Path, seed: int, counts: Counter[str]) -> None:
    """Start, kill, open again, compare."""
    heard = Heard()
    with child(folder, seed) as (process, pipe):
        heard.listen(pipe, Random(seed).random() * 1.5)
        process.kill()
        heard.rest(pipe)
        process.join()
    judge(folder, heard, counts, power=False)


def cut_power(folder: Path, seed: int, counts: Counter[str]) -> None:
    """The same with a file system of which only the block device survives."""
    heard = Heard()
    folder.mkdir(parents=True)
    device, copy = folder / "device", folder / "copy"
    with mounted(device, fresh=True) as place, child(place / "store", seed) as (process, pipe):
        heard.listen(pipe, Random(seed).random() * 1.5)
        _stop(process.pid)
        subprocess.run(["cp", "--sparse=always", device, copy], check=True)
        stopped = time.monotonic()
        process.kill()
        heard.rest(pipe)
        process.join()
    heard.created = {which: when for which, when in heard.created.items() if stopped - when < 2.0}
    with mounted(copy, fresh=False) as place:
        judge(place / "store", heard, counts, power=True)


def _stop(pid: int) -> None:
    """Stop every thread, those that wait for the disk included: nothing is acknowledged any more."""
    os.kill(pid, signal.SIGSTOP)
    states = {"R"}
    while states - {"T", "t"}:
        time.sleep(0.01)
        tasks = Path(f"/proc/{pid}/task").glob("*/stat")
        states = {task.read_text().rsplit(")", 1)[1].split()[0] for task in tasks}


@contextlib.contextmanager
def child(store: Path, seed: int) -> Iterator[tuple[Any, Connection]]:
    made = context()
    here, there = made.Pipe(duplex=False)
    process = made.Process(target=killed.live, args=(str(store), seed, there))
    process.start()
    there.close()
    try:
        yield process, here
    finally:
        process.kill()
        process.join()
        here.close()


@contextlib.contextmanager
def mounted(device: Path, *, fresh: bool) -> Iterator[Path]:
    if fresh:
        with device.open("wb") as file:
            file.truncate(1 << 30)
        subprocess.run(["mkfs.ext4", "-q", device], check=True)
    place = device.with_name(f"{device.name}-mounted")
    place.mkdir(exist_ok=True)
    # A commit interval past the test's end: the journal must not sync by itself what nobody asked to be synced.
    subprocess.run(["mount", "-o", "loop,commit=300", device, place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def can_mount() -> bool:
    return os.geteuid() == 0 and shutil.which("mkfs.ext4") is not None and Path("/dev/loop-control").exists()


def judge(folder: Path, heard: Heard, counts: Counter[str], *, power: bool) -> None:
    """What was acknowledged is there, what was being done is there as a whole or not at all, nothing else is."""
    expect(not heard.broken, f"the child found: {heard.broken}")
    counts["messages"] += heard.messages
    counts["kills"] += 1
    store, engine = opened_at(folder)
    try:
        files = {p.relative_to(store.data_path).as_posix() for p in store.data_path.glob("*/*")}
        known = store.branches.files()
        expect({f.removesuffix(".wal") for f in files} == known, f"files {files}, records {known}")
        for database, done in heard.done.items():
            _same(Beside(folder, database, (store, engine)), done, heard, counts, power=power)
        if heard.drawn:
            _never_again(engine, heard, power=power)
    finally:
        engine.close()
        store.close()


def _same(beside: Beside, done: Done, heard: Heard, counts: Counter[str], *, power: bool) -> None:
    began = heard.began.get(beside.database)
    possible = began.possible if began is not None else {}
    there = {branch.name for branch in beside.engine.branches(beside.database)}
    lost = {name for name in done.fresh if power and (beside.database, name) in heard.created}
    for name in set(done.versions) | there:
        acceptable = [*([done.versions[name]] if name in done.versions else [None]), *possible.get(name, [])]
        if name in lost:
            acceptable.append(None)
        if name not in there:
            expect(None in acceptable, f"{beside.database}: branch {name} is gone; in flight: {began and began.step}")
            counts["creations lost to power cuts"] += name in lost
            continue
        unlike = [beside.unlike(name, version) for version in acceptable if version is not None]
        expect(None in unlike, f"{beside.database}: {name} is {unlike}; in flight: {began and began.step}")
        if name in possible:
            counts["in flight: done" if unlike[0] is not None else "in flight: not done, or no change"] += 1


def _never_again(engine: Any, heard: Heard, *, power: bool) -> None:
    drawn = [n for each in heard.drawn for n in each.numbers]
    expect(len(set(drawn)) == len(drawn), "a number was drawn twice before the kill")
    for branch in [b.name for b in engine.branches(NUMBERS)]:
        there = set(killed._run(engine, branch, "SELECT id FROM n"))
        lost = {n for each in heard.drawn if each.branch == branch for n in each.numbers} - there
        own = [each.numbers for each in heard.drawn if each.branch == branch]
        expect(not lost, f"{branch} lost the rows {sorted(lost)} of {own}; the last of all is {drawn[-1]}")
        new = killed._run(engine, branch, "INSERT INTO n (v) VALUES (0), (0) RETURNING id")
        expect(not set(new) & set(drawn), f"{branch} drew {new} again")
        drawn += new
    missing = {each.branch for each in heard.drawn} - {b.name for b in engine.branches(NUMBERS)}
    expect(not missing, f"branches with rows are gone: {missing}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--power", action="store_true")
    options = parser.parse_args()
    seed = SystemRandom().randrange(1_000_000) if options.seed is None else options.seed
    counts, wrong = Counter[str](), 0
    for number in range(seed, seed + options.kills):
        with temporary() as folder:
            try:
                (cut_power if options.power else kill_once)(folder, number, counts)
            except Exception as error:
                wrong += 1
                print(f"seed {number}: {error!r}"[:3000], flush=True)
    print(f"from seed {seed}: {dict(counts)}, {wrong} wrong")
    return min(1, wrong)


if __name__ == "__main__":
    sys.exit(main())
