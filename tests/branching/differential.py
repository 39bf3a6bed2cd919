"""Random sequences on engine and oracle: `python -m tests.branching.differential --seconds N --seed S --jobs J`."""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import SystemRandom

from tests.branching.beside import Beside, Differs
from tests.branching.generating import Generator
from tests.branching.steps import Run, Step

STEPS = 60


class Failure(Exception):  # noqa: N818 - a finding
    """A sequence that ends in a difference."""

    def __init__(self, seed: int, steps: Sequence[Step], why: str) -> None:
        self.seed, self.steps, self.why = seed, list(steps), why
        listed = "\n".join(f"{number:3d}  {step}" for number, step in enumerate(steps, 1))
        super().__init__(f"seed {seed}, {len(steps)} steps:\n{listed}\n\n{why}")


def run(seed: int, folder: Path, counts: Counter[str], length: int = STEPS) -> None:
    """One sequence; raises `Failure` with its steps."""
    generator, done = Generator(seed), []
    beside = Beside(folder)
    try:
        for _ in range(length):
            done.append(generator.step(beside.oracle))
            beside.step(done[-1])
        beside.all_agree()
    except Exception as error:
        raise Failure(seed, done, _told(error)) from error
    finally:
        counts.update(beside.counts)
        counts["sequences"] += 1
        beside.close()


def replay(steps: Sequence[Step], folder: Path) -> str | None:
    """What goes wrong in a list of steps; None: nothing."""
    beside = Beside(folder)
    try:
        for step in steps:
            beside.step(step)
        beside.all_agree()
    except Exception as error:
        return _told(error)
    finally:
        beside.close()
    return None


def _told(error: BaseException) -> str:
    if isinstance(error, Differs):
        return str(error)
    return "".join(traceback.format_exception(error)[-6:])


def shrink(failure: Failure, seconds: float = 60.0) -> Failure:
    """Leave steps and statements of batches out for as long as something still goes wrong in the same way."""
    until, best = time.monotonic() + seconds, failure
    size = max(1, len(best.steps) // 2)
    while size >= 1 and time.monotonic() < until:
        at = len(best.steps) - size
        while at >= 0 and time.monotonic() < until:
            best = _tried(best, failure, best.steps[:at] + best.steps[at + size :])
            at = min(at, len(best.steps)) - size
        size //= 2
    for number, step in enumerate(list(best.steps)):
        ops = step.ops if isinstance(step, Run) and len(step.ops) > 1 else ()
        for op in ops:
            now = best.steps[number]
            assert isinstance(now, Run)
            fewer = replace(now, ops=tuple(each for each in now.ops if each is not op))
            if fewer.ops and time.monotonic() < until:
                best = _tried(best, failure, [*best.steps[:number], fewer, *best.steps[number + 1 :]])
    return best


def _tried(best: Failure, first: Failure, steps: Sequence[Step]) -> Failure:
    with temporary() as folder:
        why = replay(steps, folder)
    return Failure(first.seed, steps, why) if why is not None and why.split()[:2] == first.why.split()[:2] else best


class temporary:  # noqa: N801 - a context manager like tempfile's
    """A folder in memory where there is one: syncing is not what is tested here."""

    def __enter__(self) -> Path:
        memory = Path("/dev/shm")
        self._path = Path(tempfile.mkdtemp(prefix="helios-differential-", dir=memory if memory.is_dir() else None))
        return self._path / "store"

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._path, ignore_errors=True)


def hunt(
    seconds: float, seed: int, *, keep_going: bool = False, quiet: bool = True
) -> tuple[Counter[str], list[Failure]]:
    """Sequences of consecutive seeds for a while."""
    until, counts, failures = time.monotonic() + seconds, Counter[str](), []
    while time.monotonic() < until:
        with temporary() as folder:
            try:
                run(seed, folder, counts)
            except Failure as failure:
                failures.append(failure)
                if not quiet:
                    print(f"seed {seed}: {failure.why[:400]}", flush=True)
                if not keep_going:
                    break
        seed += 1
    return counts, failures


def report(counts: Counter[str]) -> str:
    return "\n".join(f"{counts[name]:8d}  {name}" for name in sorted(counts))


def _job(seconds: float, seed: int, *, keep_going: bool) -> int:
    counts, failures = hunt(seconds, seed, keep_going=keep_going, quiet=False)
    print(f"from seed {seed}\n{report(counts)}", flush=True)
    for failure in failures[:5]:
        print(f"\n{shrink(failure)}", flush=True)
    return len(failures)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--keep-going", action="store_true", help="go on after a difference")
    options = parser.parse_args()
    seed = SystemRandom().randrange(1_000_000_000) if options.seed is None else options.seed
    if options.jobs == 1:
        return min(1, _job(options.seconds, seed, keep_going=options.keep_going))
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        asked = [
            pool.apply_async(_job, (options.seconds, seed + 1_000_000 * n), {"keep_going": options.keep_going})
            for n in range(options.jobs)
        ]
        return min(1, sum(one.get() for one in asked))


if __name__ == "__main__":
    sys.exit(main())
