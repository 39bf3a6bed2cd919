"""`python -m tests.dialect.support`: what is supported, measured beside PostgreSQL, as `/docs` shows it.

Every form that the differential test can write is run on both servers; the file that the page reads is made from what
came of it and never edited by hand.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import helios_magic.emulator
from tests.dialect.differential.features import EXPRESSIONS
from tests.dialect.differential.grammar import Drawn, Scenario, Writer
from tests.dialect.differential.runner import MAKERS, Outcome, Pair, servers
from tests.dialect.differential.schema import LEAVES

PAGE = Path(helios_magic.emulator.__file__).with_name("dialect.json")
SEED = 7
STATEMENTS = 40
FILLINGS = 2
SHOWN = 12


def measure(pair: Pair, least: int = STATEMENTS) -> dict[str, Any]:
    """What the page tells, construct by construct."""
    expressions = ({"name": name, **forms(pair, templates(name))} for name in EXPRESSIONS)
    constructs = [*expressions, *statements(pair, least)]
    return {"beside": "PostgreSQL 18", "constructs": sorted(constructs, key=lambda each: each["name"].lower())}


def templates(construct: str) -> list[str]:
    return [template for of_kind in EXPRESSIONS[construct].values() for template in of_kind]


def forms(pair: Pair, those: Iterable[str]) -> dict[str, list[Any]]:
    """Forms of expressions by what comes of them, with the error where there is one."""
    found: dict[str, list[Any]] = {"answered": [], "refused": [], "partly": [], "different": []}
    for template in those:
        verdicts = [_probe(pair, template, number).verdict for number in range(FILLINGS)]
        refused = [first_line(each.detail) for each in verdicts if each.kind == "refused"]
        different = [first_line(each.detail) for each in verdicts if each.different]
        if different:
            found["different"].append([shown(template), different[0]])
        elif refused:
            found["refused" if len(refused) == len(verdicts) else "partly"].append([shown(template), refused[0]])
        else:
            found["answered"].append(shown(template))
    return found


def shown(template: str) -> str:
    return re.sub("«([a-z]+)»", r"\1", template)


def _probe(pair: Pair, template: str, number: int) -> Outcome:
    random = Random(f"{template} {number}")
    text = re.sub("«([a-z]+)»", lambda hole: random.choice(LEAVES[hole[1]]), template)
    drawn = Drawn(f"SELECT id, {text} FROM t ORDER BY id", frozenset(), ordered=True)
    (outcome,) = pair.play(Scenario((drawn,)))
    return outcome


def statements(pair: Pair, least: int) -> Iterator[dict[str, Any]]:
    """The constructs of whole statements: how many were run, some that were answered, and every refusal once."""
    for name, makers in MAKERS.items():
        if name in EXPRESSIONS:
            continue
        random, answered, count = Random(f"{SEED} {name}"), set(), 0
        others: dict[str, dict[str, str]] = {"refused": {}, "different": {}}
        while count < least:
            for outcome in pair.play(makers[count % len(makers)](Writer(random))):
                count += 1
                text = outcome.drawn.statement
                if not isinstance(text, str) or outcome.verdict.kind == "error":
                    continue
                if outcome.verdict.kind == "same":
                    answered.add(text)
                    continue
                known, why = others["different" if outcome.verdict.different else "refused"], outcome.verdict.detail
                known[first_line(why)] = min(known.get(first_line(why), text), text, key=len)
        told = {kind: sorted([text, why] for why, text in known.items()) for kind, known in others.items()}
        yield {"name": name, "answered": _varied(answered), **told, "partly": [], "statements": count}


def _varied(texts: set[str]) -> list[str]:
    """Some of the statements, short ones first, no two that begin alike."""
    chosen: dict[str, str] = {}
    for text in sorted(texts, key=lambda text: (len(text), text)):
        chosen.setdefault(re.sub(r"\d+", "", text)[:28], text)
    return sorted(list(chosen.values())[:SHOWN])


def first_line(message: str) -> str:
    return message.split("\n")[0]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.dialect.support", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only tell whether the page is current")
    check = parser.parse_args().check
    with servers(SEED) as pair:
        measured = json.dumps(measure(pair), indent=1, ensure_ascii=False) + "\n"
    current = PAGE.exists() and PAGE.read_text("utf-8") == measured
    if check:
        print("the page is current" if current else "the page is old: python -m tests.dialect.support")
        return 0 if current else 1
    PAGE.write_text(measured, "utf-8")
    print(f"{PAGE.name} is {'unchanged' if current else 'new'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
