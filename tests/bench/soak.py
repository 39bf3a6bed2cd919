"""A long run of a server under clients that mix every endpoint: what grows, what leaks, what fails.

    pip install '.[test]' && python -m tests.bench.soak --minutes 30 --clients 16

Goals: memory flat after the warm-up, no files, descriptors or threads left over, and the p99 of the last minute within
1.5 times that of the first.  Each client keeps its data at the same size, so that nothing has a reason to grow.
Prints a line for each goal, with PASS or FAIL, and ends with 1 where one was missed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from helios_magic.client import transports
from helios_magic.client.client import Client
from helios_magic.errors import HeliosError
from tests.bench.soak_calls import CALLS, Place, prepare, receiver
from tests.bench.throughput import free_port, started

DATABASES = 4
MINUTE = 60.0
FLAT = 1.1
"""Memory swings with what is asked at a moment: this many times that of the warm-up still counts as flat."""
WARM = 0.2, 0.3
"""The part of the run, from its beginning, whose memory the end's is compared with."""


@dataclass
class Seen:
    """What the clients saw: by endpoint the (moment, seconds) of each call, and failures by kind."""

    calls: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    failures: Counter[str] = field(default_factory=Counter)
    unbuilt: set[str] = field(default_factory=set)
    began: float = 0.0
    ended: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def p99_ms(self, since: float, until: float, name: str | None = None) -> float:
        took = sorted(
            seconds
            for call, seen in self.calls.items()
            if name in (None, call)
            for at, seconds in seen
            if since <= at < until
        )
        return took[len(took) * 99 // 100] * 1e3 if took else 0.0


@dataclass(frozen=True, slots=True)
class Sample:
    """A server's belongings at a moment, and the seconds of CPU it has taken."""

    at: float
    cpu: float
    megabytes: float
    descriptors: int
    threads: int
    files: int
    gone: int
    """Files that were removed and are open yet: a cursor that is left over holds its branch's."""

    def __str__(self) -> str:
        return (
            f"{self.megabytes:.0f} MB, {self.descriptors} descriptors, {self.threads} threads, "
            f"{self.files} temporary files, {self.gone} removed but open"
        )


def sample(process: psutil.Process, store: Path) -> Sample:
    # A DuckDB that has once written to its scratch folder has an empty file there that says so, as long as it is open.
    scratch = [path for path in (store / "scratch").rglob("*") if path.is_file() and not path.name.endswith("_owner")]
    spooled = [path for path in store.glob("tmp*") if path.is_file()]
    handed = list(Path("/dev/shm").glob(f"helios-{process.pid}-*/*"))
    files = len(scratch) + len(spooled) + len(handed)
    cpu = sum(process.cpu_times()[:2])
    megabytes = process.memory_info().rss / 1e6
    return Sample(
        time.monotonic(), cpu, megabytes, process.num_fds(), process.num_threads(), files, _removed(process, store)
    )


def _removed(process: psutil.Process, store: Path) -> int:
    """How many of the store's files the process holds open that are no more; only Linux tells."""
    found = 0
    for each in Path(f"/proc/{process.pid}/fd").glob("*"):
        with contextlib.suppress(OSError):
            target = os.readlink(each)
            found += target.startswith(str(store)) and target.endswith(" (deleted)")
    return found


def cpu_per_call_ms(seen: Seen, samples: list[Sample], since: float, until: float) -> float:
    """What a call took of the processor, which tells growth from a machine that is busy with something else."""
    within = [each for each in samples if since <= each.at <= until]
    if len(within) < 2:
        return 0.0
    first, final = within[0], within[-1]
    calls = sum(first.at <= at < final.at for each in seen.calls.values() for at, _ in each)
    return (final.cpu - first.cpu) / max(1, calls) * 1e3


def work(place: Place, seen: Seen, until: float) -> None:
    names, weights = list(CALLS), [call.weight for call in CALLS.values()]
    while time.monotonic() < until:
        name = place.random.choices(names, weights)[0]
        began = time.monotonic()
        failed: str | None = None
        try:
            CALLS[name].run(place)
        except HeliosError as error:
            code = str(getattr(error, "code", type(error).__name__))
            if code == "NOT_IMPLEMENTED":
                seen.unbuilt.add(name)
                continue
            cause = getattr(error, "details", {}).get("cause", "")
            failed = f"{name}: {code}: {error.message} {cause}"[:400]
        with seen.lock:
            seen.calls[name].append((began, time.monotonic() - began))
            if failed is not None:
                seen.failures[failed] += 1


def soak(url: str, process: psutil.Process, store: Path, minutes: float, clients: int) -> tuple[Seen, list[Sample]]:
    """Run the clients; what they saw, and the server's belongings: before, every few seconds, and at rest again."""
    seen, samples = Seen(), []
    with receiver() as hook:
        token = (store / "token").read_text().strip()
        owner = Client(transports.http(url), token=token)
        shared = [prepare(owner, f"soak-{number}") for number in range(DATABASES)]
        samples.append(sample(process, store))
        seen.began = time.monotonic()
        until = seen.ended = seen.began + minutes * MINUTE
        places = [Place.of(url, token, shared[number % DATABASES], number, hook) for number in range(clients)]
        threads = [threading.Thread(target=work, args=(place, seen, until)) for place in places]
        for thread in threads:
            thread.start()
        pause = min(5.0, minutes * MINUTE / 20)
        while time.monotonic() < until:
            time.sleep(pause)
            samples.append(sample(process, store))
            print(f"{(until - time.monotonic()) / MINUTE:5.1f} minutes left: {samples[-1]}", flush=True)
        for thread in threads:
            thread.join()
        for place in places:
            place.client.close()
        owner.close()
    time.sleep(3)  # what the server still has to put away
    samples.append(sample(process, store))
    return seen, samples


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal, whether it was met, and the figures that say so."""

    name: str
    met: bool
    figures: str

    def __str__(self) -> str:
        return f"{'PASS' if self.met else 'FAIL'}  {self.name}: {self.figures}"


def report(seen: Seen, samples: list[Sample], tracebacks: int) -> list[Goal]:
    """Print what was seen; the goals."""
    before, busy, rest = samples[0], samples[1:-1], samples[-1]
    minute = min(MINUTE, (seen.ended - seen.began) / 4)
    spans = (seen.began, seen.began + minute), (seen.ended - minute, seen.ended)
    print(f"{'call':<18}{'count':>8}{'p99 of the first minute':>26}{'of the last':>14}")
    for name in sorted(seen.calls):
        first, final = (seen.p99_ms(*span, name) for span in spans)
        print(f"{name:<18}{len(seen.calls[name]):>8}{first:>23.1f} ms{final:>11.1f} ms")
    first, final = (seen.p99_ms(*span) for span in spans)
    early, late = (int(len(busy) * part) for part in WARM)
    warm, last = busy[early : late + 1], busy[-max(1, len(busy) // 10) :]
    print(f"before the clients: {before}\nafter the warm-up:  {warm[0]}\nat the end:         {last[-1]}")
    print(f"at rest:            {rest}")
    took = [cpu_per_call_ms(seen, busy, *span) for span in spans]
    print(f"CPU of the server: {took[0]:.1f} ms a call in the first minute, {took[1]:.1f} ms in the last")
    total, failed = sum(len(each) for each in seen.calls.values()), sum(seen.failures.values())
    print(f"{total} calls; load average {os.getloadavg()[0]:.1f}")
    for kind, count in seen.failures.most_common():
        print(f"  {count:>5} {kind}")
    if seen.unbuilt:
        print(f"not built yet: {', '.join(sorted(seen.unbuilt))}")
    was, now = (statistics.median(each.megabytes for each in part) for part in (warm, last))
    goals = [
        Goal(
            f"memory is flat after the warm-up (at most {FLAT} times)",
            now <= FLAT * was,
            f"{was:.0f} MB, at the end {now:.0f} MB, {now / was:.2f} times",
        ),
        *_nothing_left(before, warm, rest),
        Goal(
            "p99 of the last minute within 1.5 times that of the first",
            final <= 1.5 * first,
            f"{first:.0f} ms and {final:.0f} ms, {final / first:.2f} times",
        ),
        Goal("every call is answered as it should be", not failed, f"{failed} of {total} failed"),
        Goal("the server's log has no traceback", not tracebacks, str(tracebacks)),
    ]
    print(*goals, sep="\n")
    return goals


def _nothing_left(before: Sample, warm: list[Sample], rest: Sample) -> list[Goal]:
    """Threads and connections wait for the next request, so that at rest there may be as many as when it was busy."""
    descriptors, threads = (max(getattr(each, what) for each in warm) for what in ("descriptors", "threads"))
    return [
        Goal("no descriptors leak", rest.descriptors <= descriptors, f"{rest.descriptors} at rest, warm {descriptors}"),
        Goal("no threads leak", rest.threads <= threads, f"{rest.threads} at rest, warm {threads}"),
        Goal("no files are left over", rest.files <= before.files, f"{rest.files}, before the clients {before.files}"),
        Goal("no cursors are left over", rest.gone == 0, f"{rest.gone} removed files are held open"),
    ]


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--minutes", type=float, default=30)
    arguments.add_argument("--clients", type=int, default=16)
    chosen = arguments.parse_args()
    folder = Path(tempfile.mkdtemp())
    store, port = folder / "store", free_port()
    goals: list[Goal] = []
    command = [sys.executable, "-m", "helios_magic", "serve", "--port", str(port), "--store", str(store)]
    try:
        with started(command, port, folder) as server:
            process = psutil.Process(server.pid)
            seen, samples = soak(f"http://127.0.0.1:{port}", process, store, chosen.minutes, chosen.clients)
            log = (folder / f"{port}.log").read_text()
            goals = report(seen, samples, log.count("Traceback"))
            if "Traceback" in log:
                print(log[-3000:])
    except subprocess.TimeoutExpired:
        goals.append(Goal("the server ends within 15 s of SIGTERM", met=False, figures="it did not"))
        print(goals[-1])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return int(not all(goal.met for goal in goals))


if __name__ == "__main__":
    sys.exit(main())
