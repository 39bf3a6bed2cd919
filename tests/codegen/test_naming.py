"""Names as identifiers."""

from __future__ import annotations

import pytest

from helios_magic.codegen.naming import Names, camel, pascal, singular, snake, type_words, words


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("orders", "order"), ("categories", "category"), ("addresses", "address"), ("boxes", "box"),
        ("statuses", "status"), ("viruses", "virus"), ("houses", "house"), ("sizes", "size"), ("people", "person"),
        ("heroes", "hero"), ("Children", "Child"),
        # What is one already, or nobody knows of how many.
        ("status", "status"), ("address", "address"), ("series", "series"), ("news", "news"), ("data", "data"),
        ("analytics", "analytics"), ("campus", "campus"), ("analysis", "analysis"), ("gas", "gas"), ("media", "media"),
    ],
)  # fmt: skip
def test_singular(many: str, one: str) -> None:
    assert singular(many) == one


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("order_items", ["order", "items"]), ("orderItems", ["order", "Items"]), ("HTTPServer", ["HTTP", "Server"]),
        ("full name", ["full", "name"]), ("a--b", ["a", "b"]), ("🙂", ["u1f642"]), (" ", ["u20"]), ("名前", ["名前"]),
    ],
)  # fmt: skip
def test_words(name: str, told: list[str]) -> None:
    assert words(name) == told


def test_ascii_only() -> None:
    assert words("naïve", ascii_only=True) == ["naive"]
    assert snake(words("名", ascii_only=True)) == "u540d"


def test_cases() -> None:
    assert pascal(type_words("order_items")) == "OrderItem"
    assert camel(words("created_at")) == "createdAt"
    assert snake(words("1st")) == "n1st"


def test_no_two_names_are_alike() -> None:
    names = Names({"class"})
    assert [names.take(each) for each in ("a", "a", "a", "class", "class_", "a2")] == [
        "a", "a2", "a3", "class_", "class_2", "a22",
    ]  # fmt: skip
