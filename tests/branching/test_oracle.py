"""The oracle judged by hand-made merges whose outcome the contract states: who checks must be right first."""

from __future__ import annotations

from typing import Any

import pytest

from tests.branching.operations import Alter, CreateIndex, CreateTable, CreateView, DropTable, Op, Spec, Where
from tests.branching.oracle import Oracle
from tests.branching.writes import Delete, Insert, Update

T = CreateTable("t", (Spec("id", "integer"), Spec("a", "integer"), Spec("b", "integer")), ("id",))
ROWS = Insert("t", ("id", "a", "b"), ((1, 10, 100), (2, 20, 200), (3, 30, 300)))
K = CreateTable("k", (Spec("x", "integer"), Spec("y", "integer")))
THREE = {(1, 10, 100), (2, 20, 200), (3, 30, 300)}


def of(id_: int) -> Where:
    return Where("id", "=", id_)


def merged(setup: list[Op], main: list[Op], branch: list[Op], strategy: str = "three-way") -> Any:
    oracle = Oracle()
    for name, ops in (("main", setup), ("fork", []), ("main", main), ("b", branch)):
        if name == "fork":
            oracle.fork("b", "main")
        elif ops:
            oracle.write(name, oracle.attempt(name, ops, [[] for _ in ops])[0])
    return oracle.merge("b", "main", strategy, {}).merged[0]


def rows(expected: Any, table: str = "t") -> list[tuple[Any, ...]]:
    found = expected.version.table(table)
    names = sorted((c.name, id_) for id_, c in found.columns.items())
    key = "id" if any(n == "id" for n, _ in names) else names[0][0]
    order = [id_ for n, id_ in names if n == key] + [id_ for n, id_ in names if n != key]
    return sorted(tuple(row[c] for c in order) for row in found.rows)


CLEAN: dict[str, tuple[list[Op], list[Op], list[Op], str, list[tuple[Any, ...]]]] = {
    "disjoint inserts": (
        [T], [Insert("t", ("id",), ((4,),))], [Insert("t", ("id",), ((5,),))], "three-way",
        [(4, None, None), (5, None, None)],
    ),
    "cells of one row": (
        [T, ROWS], [Update("t", (("a", 11),), of(1))], [Update("t", (("b", 101),), of(1))], "three-way",
        [(1, 11, 101), (2, 20, 200), (3, 30, 300)],
    ),
    "a revert is no change": (
        [T, ROWS], [Update("t", (("a", 55),), of(1)), Update("t", (("a", 10),), of(1))],
        [Update("t", (("a", 12),), of(1))], "three-way", [(1, 12, 100), (2, 20, 200), (3, 30, 300)],
    ),
    "a key changes": (
        [T, ROWS], [Update("t", (("a", 31),), of(3))], [Update("t", (("id", 20),), of(2))], "three-way",
        [(1, 10, 100), (3, 31, 300), (20, 20, 200)],
    ),
    "ours": (
        [T, ROWS], [Update("t", (("a", 11),), of(1))],
        [Update("t", (("a", 12),), of(1)), Insert("t", ("id", "a", "b"), ((4, 40, 400),))], "ours",
        [(1, 11, 100), (2, 20, 200), (3, 30, 300), (4, 40, 400)],
    ),
    "theirs takes the conflicting cell, not the row": (
        [T, ROWS], [Update("t", (("a", 11), ("b", 101)), of(1))], [Update("t", (("a", 12),), of(1))], "theirs",
        [(1, 12, 101), (2, 20, 200), (3, 30, 300)],
    ),
    "theirs deletes": (
        [T, ROWS], [Update("t", (("a", 21),), of(2))], [Delete("t", of(2))], "theirs", [(1, 10, 100), (3, 30, 300)],
    ),
    "theirs adds": (
        [T], [Insert("t", ("id", "a", "b"), ((4, 40, 400),))], [Insert("t", ("id", "a", "b"), ((4, 41, None),))],
        "theirs", [(4, 41, None)],
    ),
    "a default is no edit": (
        [T, ROWS], [Delete("t", of(2))], [Alter("t", "add", value=Spec("c", "text", default="d"))], "three-way",
        [(1, 10, 100, "d"), (3, 30, 300, "d")],
    ),
    "both add a column": (
        [T, ROWS], [Alter("t", "add", value=Spec("c", "integer"))],
        [Alter("t", "add", value=Spec("c", "integer")), Update("t", (("c", 1),), of(1))], "three-way",
        [(1, 10, 100, 1), (2, 20, 200, None), (3, 30, 300, None)],
    ),
    "a dropped column that nobody edited": (
        [T, ROWS], [Update("t", (("a", 11),), of(1))], [Alter("t", "drop", "b")], "three-way",
        [(1, 11), (2, 20), (3, 30)],
    ),
    "a column renamed here, edited there": (
        [T, ROWS], [Alter("t", "rename column", "a", "z")], [Update("t", (("a", 11),), of(1))], "three-way",
        [(1, 100, 11), (2, 200, 20), (3, 300, 30)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CLEAN)
def test_merges_that_are_clean(case: str) -> None:
    setup, main, branch, strategy, wanted = CLEAN[case]
    expected = merged(setup, main, branch, strategy)
    assert not expected.conflicts
    assert not expected.open
    assert rows(expected) == wanted


CONFLICTS: dict[str, tuple[list[Op], list[Op], list[Op], str, str]] = {
    "one cell": (
        [T, ROWS], [Update("t", (("a", 11),), of(1))], [Update("t", (("a", 12),), of(1))], "three-way", "modify_modify",
    ),
    "deleted in the target": (
        [T, ROWS], [Delete("t", of(2))], [Update("t", (("a", 21),), of(2))], "three-way", "delete_modify",
    ),
    "deleted in the source": (
        [T, ROWS], [Update("t", (("a", 21),), of(2))], [Delete("t", of(2))], "three-way", "modify_delete",
    ),
    "copies of a row": (
        [K, Insert("k", ("x", "y"), ((1, 1),) * 3)], [Insert("k", ("x", "y"), ((1, 1),))], [Delete("k")], "three-way",
        "cardinality",
    ),
    "a reference, whatever the strategy": (
        [T, ROWS, CreateTable("c", (Spec("id", "integer"), Spec("pid", "integer")), ("id",),
                              foreign=("pid", "t", "id", "NO ACTION", "NO ACTION"))],
        [Delete("t", of(2))], [Insert("c", ("id", "pid"), ((1, 2),))], "theirs", "foreign_key",
    ),
    "a unique index over what the other side repeats": (
        [T, ROWS], [Insert("t", ("id", "a"), ((4, 10),))], [CreateIndex("i", "t", ("a",), unique=True)], "three-way",
        "unique",
    ),
    "a table dropped and written": (
        [T, ROWS], [Update("t", (("a", 11),), of(1))], [DropTable("t")], "three-way", "schema",
    ),
    "a column dropped and edited": (
        [T, ROWS], [Update("t", (("a", 11),), of(1))], [Alter("t", "drop", "a")], "ours", "schema",
    ),
    "two tables of one name": (
        [], [CreateTable("n", (Spec("v", "text"),))], [CreateTable("n", (Spec("v", "integer"),))], "three-way",
        "schema",
    ),
    "two views of one name": (
        [T], [CreateView("v", "t", ("id",), ("a", 10))], [CreateView("v", "t", ("id",), ("a", 20))], "theirs", "schema",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CONFLICTS)
def test_merges_in_conflict(case: str) -> None:
    setup, main, branch, strategy, kind = CONFLICTS[case]
    expected = merged(setup, main, branch, strategy)
    kinds = {c.kind for c in expected.rows} | {k for _, k in expected.constraints}
    assert (kinds | {"schema"} if expected.schema else kinds) == {kind}


def test_copies_of_a_row_converge() -> None:
    one = Insert("k", ("x", "y"), ((7, 7),))
    assert rows(merged([K], [one], [one]), "k") == [(7, 7)]
    both = merged([K, one], [Update("k", (("y", 17),))], [Update("k", (("y", 27),))])
    assert rows(both, "k") == [(7, 17), (7, 27)]


def test_the_base_moves_forward() -> None:
    oracle = Oracle()
    oracle.write("main", oracle.attempt("main", [T, ROWS], [[], []])[0])
    oracle.fork("a", "main")
    for branch, op in (("a", Update("t", (("a", 1),), of(1))), ("main", Update("t", (("b", 9),), of(3)))):
        oracle.write(branch, oracle.attempt(branch, [op], [[]])[0])
    first = oracle.merge("a", "main", "three-way", {})
    assert first.moves == {"diverged"}
    oracle.write("main", first.merged[0].version, merged=oracle.branches["a"].head)
    assert oracle.moves("a", "main") == {"up-to-date"}
    for branch, op in (("main", Update("t", (("a", 2),), of(1))), ("a", Update("t", (("b", 2),), of(2)))):
        oracle.write(branch, oracle.attempt(branch, [op], [[]])[0])
    again = oracle.merge("a", "main", "three-way", {}).merged[0]
    assert not again.conflicts
    assert rows(again) == [(1, 2, 100), (2, 20, 2), (3, 30, 9)]
