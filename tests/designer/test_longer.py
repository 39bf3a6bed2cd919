"""How longer descriptions are read: what they say of themselves, notation, and what two things have together."""

from __future__ import annotations

import pytest

from helios_magic.designer import OfflineDesigner
from helios_magic.designer.representation import Representation

_READ = [
    # Whoever writes, whom it is for, and what is asked of the reader are no tables.
    ("Hi, we run a stud farm with four stables. Could you propose the tables? Thanks, Ole", "", "stud_farms tables"),
    ("I'm the treasurer of a rowing club. Rowers own oars.", "oars > rowers", "treasurers rowing_clubs"),
    ("How should a database for a circus look? Clowns own wigs.", "wigs > clowns", "circuses"),
    ("Should polishing be a table of its own? A lens belongs to a telescope.", "lenses > telescopes", "tables"),
    # Brackets and lists behind a complement that was described before belong to the head.
    ("Ponies have a name. Saddles belong to a pony (number, size).", "saddles > ponies", ""),
    ("Anvils for forging a sword in winter: number, weight\nSwords: name, length", "anvils > swords", ""),
    ("- stays: a car in a garage, arrival\n- garages: name", "stays > cars, stays > garages", "arrivals"),
    # What is noted of each of one thing with each of another.
    ("For each raid the sheriff is noted; several posses go out, and we list which posses took part.",
     "raids <> posses", "parts"),
    ("Most lanterns exist several times, so there are individual copies with a number.", "copies > lanterns", "times"),
    ("The stock of each spice in each kitchen must be tracked with the quantity.", "stock > spices", ""),
    ("Furs are bought from trappers in lots.", "lots > furs, lots > trappers", ""),
    ("A letter is written by a scribe and checked by a cleric, both of them monks. Monks have a name.",
     "letters > monks", "scribes clerics"),
    ("Each canoe has a number. A trip comprises several canoes. Canoes carry a serial number.", "trips <> canoes", ""),
    ("Which jester visits which king?", "jesters <> kings", ""),
    ("Chests may be nested (trunk > box).", "chests > chests", ""),
    # A condition is when it happens, not what is noted.
    ("When a keeper inspects a cage he notes the date.", "inspections > keepers, inspections > cages", ""),
    # A word for all of them, said once.
    ("Carpenters are joiners with a name. Carpenters own saws.", "saws > carpenters", "joiners"),
]  # fmt: skip


def _links(design: Representation) -> set[str]:
    links = {f"{link.from_} {'<>' if link.kind == 'many-to-many' else '>'} {link.to}" for link in design.relationships}
    return links | {" <> ".join(reversed(link.split(" <> "))) for link in links}


@pytest.mark.parametrize(("prose", "related", "absent"), _READ)
def test_what_longer_descriptions_say(prose: str, related: str, absent: str) -> None:
    design = OfflineDesigner().design(prose)
    assert {each.strip() for each in related.split(",") if each.strip()} <= _links(design)
    assert not {entity.name for entity in design.entities} & set(absent.split())


_SHARED = [
    ("A feast has a date and contains several pies, each with a quantity. Pies have a taste.", "quantity"),
    ("A menu lists soups with a position. A soup has a name.", "position"),
    ("We need to know which coins went into which chest and how many of each. Coins have a year.", "quantity"),
    ("A brew uses a certain amount of each of several herbs. Herbs have a name.", "amount"),
    ("The arrival time of each tram at each stop shall be recorded.", "arrival_time"),
]


@pytest.mark.parametrize(("prose", "column"), _SHARED)
def test_what_two_things_have_together(prose: str, column: str) -> None:
    (shared,) = [link for link in OfflineDesigner().design(prose).relationships if link.kind == "many-to-many"]
    assert column in {attribute.name for attribute in shared.attributes}


_NOTED = [
    ("Huts: name, stove yes/no, from – to, rent paid or not.", {"has_stove", "start_date", "end_date"}),
    ("A hut has a first-aid and a fire number.", {"first_aid_number", "fire_number"}),
    (
        "Huts: inventory no., dimensions (h x w x d), old status, new status.",
        {"dimensions", "old_status", "new_status"},
    ),
    ("For every hut: owner's name, area, height.", {"owner_name", "area", "height"}),
    ("Huts: host's name and e-mail, area", {"host_name", "email"}),
]


@pytest.mark.parametrize(("prose", "columns"), _NOTED)
def test_notation_is_read_as_columns(prose: str, columns: set[str]) -> None:
    (huts,) = OfflineDesigner().design(prose).entities
    assert columns <= {attribute.name for attribute in huts.attributes}
