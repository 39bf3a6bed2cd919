"""The page of what is supported says what is measured."""

from __future__ import annotations

import json
from random import Random

import pytest

from helios_magic.emulator.docs import page
from tests.dialect import support
from tests.dialect.differential.features import EXPRESSIONS
from tests.dialect.differential.runner import MAKERS

MEASURED = {each["name"]: each for each in json.loads(support.PAGE.read_text("utf-8"))["constructs"]}
KINDS = ("answered", "refused", "partly", "different")
OLD = "the page is old: python -m tests.dialect.support"


def told(construct):
    """What the page says of each form of a construct."""
    entries = ((entry, kind) for kind in KINDS for entry in MEASURED[construct][kind])
    return {entry if isinstance(entry, str) else entry[0]: kind for entry, kind in entries}


def test_the_page_knows_every_form_that_is_tested():
    assert MEASURED.keys() == MAKERS.keys(), OLD
    for construct in EXPRESSIONS:
        assert set(told(construct)) == {support.shown(each) for each in support.templates(construct)}, OLD


def test_nothing_on_the_page_answers_otherwise_than_postgresql():
    assert {name: each["different"] for name, each in MEASURED.items() if each["different"]} == {}


def test_a_sample_of_the_page_is_current(pair):
    random = Random(support.SEED)
    for construct in EXPRESSIONS:
        sample = random.sample(support.templates(construct), 5) if construct != "identifiers" else []
        found = support.forms(pair, sample)
        expected = told(construct)
        for kind in KINDS:
            for entry in found[kind]:
                form = entry if isinstance(entry, str) else entry[0]
                assert expected[form] == kind, f"{form}: {OLD}"


@pytest.mark.long
def test_the_whole_page_is_current(pair):
    assert json.dumps(support.measure(pair), indent=1, ensure_ascii=False) + "\n" == support.PAGE.read_text("utf-8"), (
        OLD
    )


def test_the_docs_show_it():
    html = page("http://127.0.0.1")
    assert '<h2 id="dialect">' in html
    for name in MEASURED:
        assert f"<b>{name}</b>" in html
