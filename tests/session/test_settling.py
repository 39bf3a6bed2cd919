"""Conflicts by address, there and back."""

from __future__ import annotations

from typing import Any

import pytest

from helios_magic.errors import UsageError
from helios_magic.models.branches import Conflict, MergeResult, Value
from helios_magic.session.settling import address, addresses, resolutions


def conflict(table: str = "t", kind: str = "modify_modify", columns: tuple[str, ...] = ("a",), **key: Any) -> Conflict:
    row = {**key, "a": 1, "name": "x"}
    return Conflict(
        table=table,
        kind=kind,
        key=key,
        columns=list(columns),
        base=row,
        target=row,
        source=row,  # type: ignore[arg-type]
    )


def preview(*conflicts: Conflict) -> MergeResult:
    return MergeResult(
        source="what-if",
        target="main",
        strategy="three-way",
        merged=False,
        fast_forward=False,
        changes=None,
        conflicts=list(conflicts),
        merge_time_us=1.0,
    )


KEYS: list[dict[str, Any]] = [
    {"id": 214},
    {"id": -1},
    {"id": 1.5},
    {"id": "A7"},
    {"id": "214"},
    {"id": "O'Brien"},
    {"id": 'say "so"'},
    {"id": ""},
    {"id": " blank "},
    {"id": "a, b"},
    {"id": "f(x)=1"},
    {"id": "null"},
    {"id": "back\\slash"},
    {"id": "line\nbreak"},
    {"id": "ليلى"},
    {"id": "2026-11-23T08:00:00Z"},
    {"id": True},
    {"a": 3, "b": "A7"},
    {"a": "x=1", "b": "y,z", "c": 3},
]


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_what_is_written_is_read_as_the_same_conflict(key: dict[str, Any]) -> None:
    one = conflict(**key)
    # A column has one type: a number and the same digits as text are never keys of one table.
    others = [conflict(**other) for other in KEYS if [*map(str, other.values())] != [*map(str, key.values())]]
    (settled,) = resolutions([f"{address(one, 'a')}=source"], preview(*others, one))
    assert (settled.table, settled.key, settled.column, settled.take) == ("t", key, "a", "source")


@pytest.mark.parametrize(
    ("text", "column", "take"),
    [
        ("t(1).a=source", "a", "source"),
        ("t(1).a=what-if", "a", "source"),
        ("t(1).a=target", "a", "target"),
        ("t(1).a=main", "a", "target"),
        (" t( 1 ).a = 12 ", "a", Value(value=12)),
        ("t(id=1).a=12", "a", Value(value=12)),
        ("t(1).a=18.50", "a", Value(value=18.5)),
        ("t(1).a=0.12345678901234567890", "a", Value(value="0.12345678901234567890")),
        ("t(1).a=1e999", "a", Value(value="1e999")),
        ("t(1).a=null", "a", Value(value=None)),
        ("t(1).a=NULL", "a", Value(value=None)),
        ('t(1).a="null"', "a", Value(value="null")),
        ("t(1).name=12", "name", Value(value="12")),
        ("t(1).name=main", "name", "target"),
        ("t(1).name='main'", "name", Value(value="main")),
        ("t(1).name='it''s'", "name", Value(value="it's")),
        ("t(1).name=a=b", "name", Value(value="a=b")),
        ("t(1).name=", "name", Value(value="")),
        ("t(1)=source", None, "source"),
    ],
)
def test_sides_and_values(text: str, column: str | None, take: object) -> None:
    (settled,) = resolutions([text], preview(conflict(columns=("a", "name"), id=1)))
    assert (settled.column, settled.take) == (column, take)


def test_a_row_that_one_side_deleted_is_settled_whole() -> None:
    assert addresses(conflict(kind="delete_modify", columns=("a",), id=1)) == ["t(1)"]
    assert addresses(conflict(columns=("a", "b"), id=1)) == ["t(1).a", "t(1).b"]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("products", "“products” does not settle a conflict.", "Write TABLE(KEY).COLUMN=source"),
        ("t(1).a", "“t(1).a” does not settle a conflict.", "Write TABLE(KEY).COLUMN=source"),
        ("t(2).a=source", "There is no conflict at t(2).a.", "Did you mean t(1).a?"),
        ("t(1).b=source", "There is no conflict at t(1).b.", "Did you mean t(1).a?"),
        ("zzzzz(9)=x=y", "There is no conflict at zzzzz(9).", "Conflicts are at t(1).a."),
    ],
)
def test_what_settles_nothing_names_what_there_is(text: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolutions([text], preview(conflict(id=1)))
    assert caught.value.message == message
    assert str(caught.value.hint).startswith(hint)


def test_without_conflicts_there_is_nothing_to_settle() -> None:
    with pytest.raises(UsageError, match="what-if into main has none"):
        resolutions(["t(1)=source"], preview())
