"""The catalogue as its files have it: every entry is readable, a word means what those around it say."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from helios_magic.designer import OfflineDesigner
from helios_magic.designer.catalogue import catalogue


def columns(prose: str, table: str) -> set[str]:
    entity = OfflineDesigner().design(prose).entity(table)
    assert entity is not None, f"no {table} in the design"
    return {attribute.name for attribute in entity.attributes}


def test_every_entry_can_be_read() -> None:
    for name, entry in catalogue().entries.items():
        assert entry.attributes, name
        assert all(known.parents for known in entry.belongs_to), name
        assert all(shared.others for shared in entry.many_to_many), name


def test_no_entry_is_in_both_files() -> None:
    room = files("helios_magic.designer")
    everyday, unusual = (
        set(tomllib.loads(room.joinpath(each).read_text("utf-8"))) for each in ("entities.toml", "domains.toml")
    )
    assert not everyday & unusual


@pytest.mark.parametrize(
    ("prose", "table", "column", "elsewhere"),
    [
        ("Teams play matches with a referee. Players score goals in matches.", "goals", "minute", "target_value"),
        ("Users set goals and track habits.", "goals", "target_value", "minute"),
        ("Fonds of the archive are divided into series. Series contain files.", "files", "reference_code", "mime_type"),
        ("Users upload files to folders.", "files", "mime_type", "reference_code"),
    ],
)
def test_a_word_means_what_the_others_say(prose: str, table: str, column: str, elsewhere: str) -> None:
    assert column in columns(prose, table)
    assert elsewhere not in columns(prose, table)


def test_what_happens_is_about_the_thing_before_and_says_that_this_is_a_guess() -> None:
    design = OfflineDesigner().design("Zorblats are kept in grumtanks. Glimpings are recorded with a depth.")
    guesses = [link for link in design.relationships if link.from_ == "glimpings"]
    assert [link.to for link in guesses] == ["grumtanks"] or [link.to for link in guesses] == ["zorblats"]
    assert all("guess" in link.why for link in guesses)


def test_a_design_says_no_guess_where_the_text_says_more() -> None:
    design = OfflineDesigner().design("Zorblats are kept in grumtanks. Glimpings of a zorblat are recorded.")
    assert {(link.to, "guess" in link.why) for link in design.relationships if link.from_ == "glimpings"} == {
        ("zorblats", False)
    }
