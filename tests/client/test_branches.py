"""Branches through the client, in process and over HTTP."""

from __future__ import annotations

import pytest
from msgspec import UNSET

from helios_magic.errors import (
    AlreadyExistsError,
    ForbiddenError,
    HasChildrenError,
    MergeConflictError,
    NotFastForwardError,
    NotFoundError,
    ValidationError,
)
from helios_magic.models.branches import Resolution, Value
from helios_magic.session import Session


@pytest.fixture
def apart(session: Session) -> Session:
    """`main` and `b` have both changed rows 1 and 2."""
    client = session.client
    client.sql("CREATE TABLE t (id int PRIMARY KEY, a numeric(10,2), b timestamptz)")
    client.sql("INSERT INTO t VALUES (1, 1, '2026-01-01'), (2, 2, NULL), (3, 3, NULL)")
    client.create_branch("b")
    client.sql("UPDATE t SET a = a + 10 WHERE id < 3")
    client.sql("UPDATE t SET a = a + 20.25 WHERE id < 3", branch="b")
    return session


@pytest.mark.parametrize("name", ["feature/user-auth", "a%2Fb", "100%", "größe/код", "🦊", "a+b&c=d", "a;b,c"])
def test_any_name_survives_the_way(session: Session, name: str) -> None:
    client = session.client
    assert client.create_branch(name).name == name
    assert client.create_branch("child", name).parent == name
    client.sql("CREATE TABLE t (id int)", branch=name)
    assert [table.name for table in client.tables(name).tables] == ["t"]
    assert client.diff_branch(name).branch == name
    assert client.diff_branch("main", name).against == name
    assert client.merge_branch(name).source == name
    with pytest.raises(HasChildrenError) as caught:
        client.delete_branch(name)
    assert caught.value.details["children"] == ["child"]
    client.delete_branch("child")
    assert client.delete_branch(name).deleted
    assert [branch.name for branch in client.list_branches().branches] == ["main"]


def test_a_dry_run_tells_and_changes_nothing(apart: Session) -> None:
    told = apart.client.merge_branch("b", strategy="three-way", dry_run=True)
    assert (told.merged, told.fast_forward, told.counts) == (False, False, {"modify_modify": 2})
    assert [(each.key, each.columns) for each in told.conflicts] == [({"id": 1}, ["a"]), ({"id": 2}, ["a"])]
    first = told.conflicts[0]
    assert (first.base, first.target, first.source) == (
        {"id": 1, "a": 1.0, "b": "2026-01-01T00:00:00Z"},
        {"id": 1, "a": 11.0, "b": "2026-01-01T00:00:00Z"},
        {"id": 1, "a": 21.25, "b": "2026-01-01T00:00:00Z"},
    )
    moved = apart.client.merge_branch("b", dry_run=True)
    assert moved.reason == "NOT_FAST_FORWARD"
    assert moved.conflicts == told.conflicts
    with pytest.raises(NotFastForwardError):
        apart.client.merge_branch("b")
    assert apart.client.sql("SELECT sum(a) FROM t").table.column(0).to_pylist() == [26]


def test_conflicts_are_raised_and_settled_one_by_one(apart: Session) -> None:
    with pytest.raises(MergeConflictError) as caught:
        apart.client.merge_branch("b", strategy="three-way")
    details = caught.value.details
    assert (len(details["conflicts"]), details["counts"], details["truncated"]) == (2, {"modify_modify": 2}, False)
    one = Resolution(table="t", key={"id": 1}, column="a", take="source")
    other = Resolution(table="t", key={"id": 2}, column="a", take=Value(value="7.50"))
    with pytest.raises(MergeConflictError) as caught:
        apart.client.merge_branch("b", strategy="three-way", resolutions=[one])
    assert [each["key"] for each in caught.value.details["conflicts"]] == [{"id": 2}]
    left = apart.client.merge_branch("b", strategy="three-way", resolutions=[one], dry_run=True)
    assert [each.key for each in left.conflicts] == [{"id": 2}]
    merged = apart.client.merge_branch("b", strategy="three-way", resolutions=[one, other])
    assert (merged.merged, merged.conflicts, merged.counts) == (True, [], UNSET)
    rows = apart.client.sql("SELECT id, a::text FROM t ORDER BY id").table.to_pylist()
    assert [tuple(row.values()) for row in rows] == [(1, "21.25"), (2, "7.50"), (3, "3.00")]
    again = apart.client.merge_branch("b", strategy="three-way")
    assert again.merged


def test_errors_are_those_of_the_tree(session: Session) -> None:
    client = session.client
    client.create_branch("b")
    for error, act in (
        (AlreadyExistsError, lambda: client.create_branch("b")),
        (NotFoundError, lambda: client.create_branch("c", "nowhere")),
        (ValidationError, lambda: client.create_branch("a b")),
        (ForbiddenError, lambda: client.delete_branch("main")),
        (NotFoundError, lambda: client.delete_branch("nowhere")),
        (NotFoundError, lambda: client.merge_branch("nowhere")),
        (ValidationError, lambda: client.merge_branch("b", "b")),
        (ValidationError, lambda: client.merge_branch("b", strategy="rebase")),
        (NotFoundError, lambda: client.diff_branch("nowhere")),
        (NotFoundError, lambda: client.diff_branch("b", table="nothing")),
        (NotFoundError, lambda: client.sql("SELECT 1", branch="nowhere")),
    ):
        with pytest.raises(error):
            act()
