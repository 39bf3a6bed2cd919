"""Whatever is typed is a design or a refusal: text of any kind, and prose with its words shuffled."""

from __future__ import annotations

import contextlib

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helios_magic.designer import OfflineDesigner
from helios_magic.designer.ddl import DIALECTS, write
from helios_magic.designer.tables import build
from helios_magic.errors import ValidationError
from tests.designer.scoring import own

WORDS = sorted({word for case in own() for word in case.description.split()})
SIGNS = [*'(),;:-–—/&.?!\n"“_→=', "\n- ", "’s", "->"]


def try_design(prose: str) -> None:
    with contextlib.suppress(ValidationError):
        made = build(OfflineDesigner().design(prose))
        for dialect in DIALECTS:
            write(made, dialect)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_any_text(prose: str) -> None:
    try_design(prose)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(WORDS) | st.sampled_from(SIGNS), max_size=30).map(" ".join))
def test_any_order_of_words(prose: str) -> None:
    try_design(prose)
