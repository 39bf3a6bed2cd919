"""`python -m tests.dialect.differential`: a long run, with every difference made small."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from random import Random

from tests.dialect.differential.report import ENOUGH, Tally
from tests.dialect.differential.runner import Outcome, Pair, draw, scenarios, servers
from tests.dialect.differential.shrinking import shrink

_NEWS = 500
"""How many statements between two lines that say how far a long run is."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.dialect.differential", description=__doc__)
    parser.add_argument("--statements", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--construct", action="append", help="only this construct; may be given several times")
    parser.add_argument("--most", type=int, default=3, help="differences shown per construct and kind (default 3)")
    asked = parser.parse_args()
    started = time.monotonic()
    with servers(asked.seed) as pair:
        tally = _run(pair, asked)
    print(f"\n{tally.table()}\n\nrefused most often:\n{tally.refused()}\n\nseed {asked.seed}: {tally.summary()}")
    if scarce := tally.scarce():
        print(f"fewer than {ENOUGH} times: {', '.join(scarce)}")
    print(f"ended after {time.monotonic() - started:.0f} s", file=sys.stderr)
    return 1 if tally.kinds["different"] else 0


def _run(pair: Pair, asked: argparse.Namespace) -> Tally:
    random, tally, shown = Random(asked.seed), Tally(), Counter[tuple[str, str]]()
    several = (
        (draw(random, construct) for _ in iter(int, 1) for construct in asked.construct)
        if asked.construct
        else scenarios(random)
    )
    while tally.statements < asked.statements:
        for outcome in pair.play(next(several)):
            tally.add(outcome)
            if tally.statements % _NEWS == 0:
                print(f"seed {asked.seed}: {tally.summary()}", file=sys.stderr, flush=True)
            if outcome.verdict.different:
                kind = (min(outcome.drawn.constructs, default=""), outcome.verdict.kind)
                shown[kind] += 1
                if shown[kind] <= asked.most:
                    _show(pair, outcome)
    return tally


def _show(pair: Pair, outcome: Outcome) -> None:
    small = shrink(pair, outcome)
    print(f"\n-- {small.verdict.kind} ({', '.join(sorted(outcome.drawn.constructs))})")
    for statement in (*small.before, small.drawn.statement):
        print(statement if isinstance(statement, str) else f"BEGIN; {'; '.join(statement)}; COMMIT", end=";\n")
    print(f"--   {small.verdict.detail}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
