"""What a design keeps, orders, indexes, forecasts; iteration; what cannot be read."""

from __future__ import annotations

import contextlib
import random
import time

import pytest

from helios_magic.designer import OfflineDesigner, Representation
from helios_magic.designer.ddl import DIALECTS, write
from helios_magic.designer.forecast import forecast
from helios_magic.designer.former import checked
from helios_magic.designer.proof import prove
from helios_magic.designer.representation import Attribute, Entity, Relationship
from helios_magic.designer.tables import Designed, build
from helios_magic.engine.scratch import run_in_scratch
from helios_magic.errors import ValidationError
from tests.designer.scoring import own

SHOP = "Users place orders. Orders contain products. Products belong to categories."


def designed(prose: str) -> Designed:
    return build(OfflineDesigner().design(prose))


def names(prose: str) -> set[str]:
    return {table.name for table in designed(prose).schema.tables}


def keys(result: Designed) -> set[tuple[str, str]]:
    return {(table.name, key.references) for table in result.schema.tables for key in table.foreign_keys}


def test_the_same_words_are_the_same_design() -> None:
    for case in own()[:5]:
        first = OfflineDesigner().design(case.description)
        assert OfflineDesigner().design(case.description) == first
        assert write(build(first), "mysql") == write(build(first), "mysql")


def test_unknown_nouns_stay_as_they_were_said() -> None:
    assert {"zorblats", "glimfs"} <= names("Every zorblat has many glimfs.")


def test_relationships_of_all_three_kinds() -> None:
    design = OfflineDesigner().design("Users have orders. Each user has one profile. Books have several authors.")
    kinds = {(link.from_, link.to): link.kind for link in design.relationships}
    assert kinds["orders", "users"] == "many-to-one"
    assert kinds["profiles", "users"] == "one-to-one"
    assert "many-to-many" in kinds.values()
    profiles = build(design).schema.table("profiles")
    assert profiles is not None
    assert ("user_id",) in profiles.unique


def test_a_junction_is_keyed_by_both_sides() -> None:
    table = designed("Books can have several authors.").schema.table("book_authors")
    assert table is not None
    assert table.primary_key == ("book_id", "author_id")
    assert [key.on_delete for key in table.foreign_keys] == ["CASCADE", "CASCADE"]


def test_every_foreign_key_has_an_index_with_its_reason() -> None:
    result = designed(SHOP)
    for table in result.schema.tables:
        served = {table.primary_key[0], *(columns[0] for columns in table.unique)}
        served |= {index.columns[0] for index in table.indexes}
        for key in table.foreign_keys:
            assert key.columns[0] in served
        for index in table.indexes:
            assert table.name in result.reasons[index.name]


def test_parents_come_before_their_children() -> None:
    for case in own():
        result = designed(case.description)
        seen: set[str] = set()
        for table in result.schema.tables:
            seen.add(table.name)
            late = [key for key in table.foreign_keys if key.references not in seen]
            assert {key.name for key in late} <= result.late


def circle() -> Designed:
    links = [Relationship("as", "bs", "many-to-one", required=True), Relationship("bs", "as", "many-to-one")]
    return build(Representation((Entity("as"), Entity("bs")), tuple(links)))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_circle_is_closed_late(dialect: str) -> None:
    script = write(circle(), dialect)
    prove(script, run_in_scratch)
    assert len(script.keys) == (1 if dialect in {"postgresql", "mysql"} else 0)
    assert bool(script.notes) == (dialect == "duckdb")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_hostile_names_are_quoted(dialect: str) -> None:
    odd = ["select", 'a"b', "a`b", "Größe x", "🙂", "x" * 200, "group"]
    entities = tuple(
        Entity(name, tuple(Attribute(other, "choice", choices=("a'b", "c")) for other in odd)) for name in odd
    )
    links = tuple(Relationship(odd[0], name, "many-to-one") for name in odd[1:])
    prove(write(build(checked(Representation(entities, links))), dialect), run_in_scratch)


def test_the_forecast_is_what_its_assumptions_say() -> None:
    design = OfflineDesigner().design(SHOP)
    expected = forecast(design, build(design))
    for days in (30, 90, 365):
        assert expected.after(days) == sum(
            (each.rows_per_day * days or 100) * each.bytes_per_row for each in expected.growth
        )
    assert set(expected.shown()) == {"30_days", "90_days", "365_days"}


def test_iteration_keeps_what_was_there() -> None:
    designer = OfflineDesigner()
    former = designer.design(SHOP)
    later = designer.design("Add reviews with ratings.", former)
    assert later.entities[: len(former.entities)] == former.entities
    assert later.relationships[: len(former.relationships)] == former.relationships
    (reviews,) = later.entities[len(former.entities) :]
    assert reviews.name == "reviews"
    assert "rating" in {attribute.name for attribute in reviews.attributes}
    new = {(link.from_, link.to) for link in later.relationships[len(former.relationships) :]}
    assert new == {("reviews", "products"), ("reviews", "users")}


def test_iteration_gives_a_table_one_more_column() -> None:
    designer = OfflineDesigner()
    former = designer.design(SHOP)
    later = designer.design("Products have a warranty period and a colour.", former)
    assert [entity.name for entity in later.entities] == [entity.name for entity in former.entities]
    products, before = later.entity("products"), former.entity("products")
    assert products is not None
    assert before is not None
    assert {each.name for each in products.attributes} - {each.name for each in before.attributes} == {
        "warranty_period",
        "colour",
    }
    assert later.relationships == former.relationships


@pytest.mark.parametrize("prose", ["", "   \n", "?!…"])
def test_empty_prose_is_refused(prose: str) -> None:
    with pytest.raises(ValidationError, match="empty"):
        OfflineDesigner().design(prose)


@pytest.mark.parametrize(
    ("prose", "language"),
    [
        (
            "Eine Bibliothek mit Büchern und Autoren; jedes Buch hat mehrere Autoren und gehört zu einem Verlag.",
            "German",
        ),
        ("Une bibliothèque avec des livres et des auteurs; chaque livre est dans une catégorie.", "French"),
        ("Una biblioteca con libros y autores; cada libro tiene varios autores y una editorial.", "Spanish"),
        ("図書館には本と著者がいます。", "script"),
        ("В библиотеке есть книги и авторы.", "Cyrillic"),
    ],
)
def test_another_language_is_named(prose: str, language: str) -> None:
    with pytest.raises(ValidationError, match=language):
        OfflineDesigner().design(prose)


def test_a_hundred_kilobytes_are_read_or_refused_soon() -> None:
    draw = random.Random(1)
    letters = "abcdefghijklmnoprstuvw"
    words = ["".join(draw.choices(letters, k=6)) for _ in range(9000)]
    noise = " ".join(words)
    long = " ".join(case.description for case in own())
    for prose in (noise, f"{long} " * 20, "(" * 50_000, "users, " * 14_000, "a " * 50_000, "x" * 100_000):
        began = time.thread_time()
        with contextlib.suppress(ValidationError):
            assert len(OfflineDesigner().design(prose[:100_000]).entities) <= 300
        assert time.thread_time() - began < 20


def test_thirty_tables_in_time() -> None:
    prose = " ".join(case.description for case in own()[1:4])
    designed(prose)
    began = time.thread_time()
    result = designed(prose)
    script = write(result, "postgresql")
    took = time.thread_time() - began
    assert len(script.tables) >= 25
    assert took < 0.3
