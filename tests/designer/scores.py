"""`python -m tests.designer.scores`: how well the offline designer reads the cases, and what it misses.

`--given` only the six given cases, `--own` only ours, `--file PATH` only those of a file in the form of the given ones,
`--misses` with each miss, `--ddl` with every design's DDL, `--totals` nothing but the totals.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from helios_magic.designer import OfflineDesigner
from helios_magic.designer.ddl import write
from helios_magic.designer.tables import build
from tests.designer.scoring import CASES, MEASURES, Expected, Score, given, own, score

GOALS = {"tables": 0.95, "columns": 0.85, "relationships": 0.85, "precision": 0.85}


def measured(cases: Iterable[Expected]) -> list[tuple[Expected, Score]]:
    """Each case with the score of what the offline designer makes of it."""
    designer = OfflineDesigner()
    return [(case, score(case, build(designer.design(case.description)).schema)) for case in cases]


def total(scored: list[tuple[Expected, Score]]) -> dict[str, float]:
    """Each measure over all cases together."""
    shares = {}
    for measure in MEASURES:
        got = sum(each.counts[measure][0] for _, each in scored)
        shares[measure] = got / sum(each.counts[measure][1] for _, each in scored)
    return shares


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.designer.scores", description=__doc__)
    parser.add_argument("--given", action="store_true")
    parser.add_argument("--own", action="store_true")
    parser.add_argument("--file", type=Path)
    parser.add_argument("--totals", action="store_true")
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--ddl", action="store_true")
    asked = parser.parse_args()
    sets = {"given": given} if asked.given else {}
    if asked.file:
        sets = {asked.file.stem: lambda: given(asked.file)}
    elif not asked.given:
        sets |= {path.stem: (lambda name=path.stem: own(name)) for path in sorted(CASES.glob("*.toml"))}
    if not (asked.own or asked.given or asked.file):
        sets = {"given": given, **sets}
    failed = False
    for name, cases in sets.items():
        began = time.perf_counter()
        scored = measured(cases())
        took = (time.perf_counter() - began) * 1000
        print(f"{name:28}" + "".join(f"{measure:>15}" for measure in MEASURES))
        for case, each in [] if asked.totals else scored:
            print(f"  {case.domain[:25]:26}" + "".join(f"{each.share(measure):15.2f}" for measure in MEASURES))
            if asked.misses:
                for miss in each.missed:
                    print(f"      {miss}")
            if asked.ddl:
                print(";\n".join(write(build(OfflineDesigner().design(case.description)), "postgresql").statements))
        shares = total(scored)
        print(f"  {'all':26}" + "".join(f"{shares[measure]:15.3f}" for measure in MEASURES) + f"   {took:.0f} ms\n")
        failed = failed or any(shares[measure] < goal for measure, goal in GOALS.items())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
