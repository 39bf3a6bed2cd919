"""The goals on the six given cases and on ours, and that every design's DDL runs."""

from __future__ import annotations

import pytest

from helios_magic.designer import OfflineDesigner
from helios_magic.designer.ddl import DIALECTS, write
from helios_magic.designer.proof import prove
from helios_magic.designer.tables import build
from helios_magic.engine.scratch import run_in_scratch
from tests.designer.scores import GOALS, measured, total
from tests.designer.scoring import Expected, given, own


@pytest.mark.parametrize("name", ["given", "own", "later", "wide", "blind"])
def test_the_goals_are_met(name: str) -> None:
    shares = total(measured(given() if name == "given" else own(name)))
    assert {measure: share for measure, share in shares.items() if share < GOALS[measure]} == {}


@pytest.mark.parametrize("case", [*given(), *own()], ids=lambda case: case.domain.replace(" ", "-"))
def test_every_ddl_runs(case: Expected) -> None:
    designed = build(OfflineDesigner().design(case.description))
    for dialect in DIALECTS:
        prove(write(designed, dialect), run_in_scratch)
