"""Branches through a session: where it stands, and the thin methods over the API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import helios_magic
from helios_magic.errors import (
    AlreadyExistsError,
    ForbiddenError,
    HasChildrenError,
    MergeConflictError,
    NotFoundError,
    UsageError,
    ValidationError,
)
from helios_magic.models.branches import Resolution
from helios_magic.session import Session
from tests.client.served import serve


@pytest.fixture
def session() -> Iterator[Session]:
    with helios_magic.connect(":memory:") as opened:
        opened.sql("CREATE TABLE t (id int PRIMARY KEY, a int, b text)")
        opened.sql("INSERT INTO t VALUES (1, 10, 'x'), (2, 20, 'y')")
        yield opened


def values(session: Session, branch: str | None = None) -> list[int]:
    return [int(value) for value in session.sql("SELECT a FROM t ORDER BY id", branch=branch)["a"]]


def test_a_branch_is_made_from_where_one_stands(session: Session) -> None:
    assert session.create_branch("one").parent == "main"
    assert session.branch == "main"
    session.create_branch("two", "one", use=True)
    assert session.branch == "two"
    assert session.create_branch("three").parent == "two"
    assert {branch.name: branch.parent for branch in session.branches().branches} == {
        "main": None,
        "one": "main",
        "two": "one",
        "three": "two",
    }


def test_statements_run_on_the_branch_that_one_stands_on(session: Session) -> None:
    session.create_branch("what-if", use=True)
    session.sql("UPDATE t SET a = 11 WHERE id = 1")
    assert (values(session), values(session, "main")) == ([11, 20], [10, 20])
    session.branch = "main"
    assert (values(session), values(session, "what-if")) == ([10, 20], [11, 20])
    assert [entry.branch for entry in session.history[-2:]] == ["main", "what-if"]


@pytest.mark.parametrize(
    ("name", "hint"), [("what-of", "Did you mean what-if?"), ("zzz", "Known branches: main, what-if.")]
)
def test_an_unknown_branch_is_not_gone_to(session: Session, name: str, hint: str) -> None:
    session.create_branch("what-if")
    for go in (lambda: session.use_branch(name), lambda: setattr(session, "branch", name)):
        with pytest.raises(NotFoundError) as caught:
            go()
        assert caught.value.message == f"There is no branch “{name}” in database default."
        assert caught.value.hint == hint
    assert session.branch == "main"


def test_connecting_to_an_unknown_branch_says_so() -> None:
    with pytest.raises(NotFoundError, match="There is no branch “nowhere”"):
        helios_magic.connect(":memory:", branch="nowhere")


def test_a_refused_branch_leaves_one_where_one_was(session: Session) -> None:
    session.create_branch("taken")
    for name, parent, error in (
        ("taken", None, AlreadyExistsError),
        ("new", "nowhere", NotFoundError),
        ("two..dots", None, ValidationError),
    ):
        with pytest.raises(error):
            session.create_branch(name, parent, use=True)
        assert session.branch == "main"


def test_deleting_where_one_stands_moves_to_the_parent(session: Session) -> None:
    session.create_branch("outer", use=True)
    session.create_branch("inner", use=True)
    assert session.delete_branch("inner") == "outer"
    assert session.branch == "outer"
    session.branch = "main"
    assert session.delete_branch("outer") is None
    assert [branch.name for branch in session.branches().branches] == ["main"]


def test_what_cannot_be_deleted_stays(session: Session) -> None:
    session.create_branch("outer", use=True)
    session.create_branch("inner")
    with pytest.raises(HasChildrenError):
        session.delete_branch("outer")
    assert session.branch == "outer"
    with pytest.raises(ForbiddenError):
        session.delete_branch("main")
    with pytest.raises(NotFoundError):
        session.delete_branch("nowhere")


def test_another_database_has_branches_of_its_own(session: Session) -> None:
    session.create_branch("what-if", use=True)
    session.client.create_database("shop", tier="free")
    session.use("shop")
    assert session.branch == "main"
    with pytest.raises(NotFoundError, match="in database shop"):
        session.use_branch("what-if")


def test_a_diff_is_a_frame_for_each_table_that_differs(session: Session) -> None:
    session.create_branch("what-if", use=True)
    session.batch(
        ["UPDATE t SET a = 11 WHERE id = 1", "DELETE FROM t WHERE id = 2", "INSERT INTO t VALUES (3, 30, 'z')"]
    )
    found = session.diff()
    assert (found.branch, found.against, [*found]) == ("what-if", "main", ["t"])
    rows = {int(row["id"]): row["change"] for _, row in found["t"].iterrows()}
    assert rows == {1: "updated", 2: "deleted", 3: "inserted"}
    assert repr(found) == "<Differences of what-if against main: t +1 ~1 -1>"
    assert found["t"] is found["t"]
    assert len(session.diff(limit=1)["t"]) == 1
    backwards = session.diff("main", "what-if")
    assert {int(row["id"]): row["change"] for _, row in backwards["t"].iterrows()} == {
        1: "updated",
        2: "inserted",
        3: "deleted",
    }
    assert len(session.diff("main", "main")) == 0


def test_main_has_no_parent_to_be_compared_with(session: Session) -> None:
    with pytest.raises(UsageError, match="“main” was made from no other branch"):
        session.diff()


def test_a_merge_is_cell_by_cell(session: Session) -> None:
    session.create_branch("what-if")
    session.sql("UPDATE t SET a = 11 WHERE id = 1", branch="what-if")
    session.sql("UPDATE t SET b = 'changed' WHERE id = 1")
    preview = session.merge("what-if", dry_run=True)
    assert (preview.merged, preview.conflicts, values(session)) == (False, [], [10, 20])
    assert session.merge("what-if").merged
    assert session.sql("SELECT a, b FROM t WHERE id = 1").to_numpy().tolist() == [[11, "changed"]]


def test_a_conflict_changes_nothing_until_it_is_settled(session: Session) -> None:
    session.create_branch("what-if")
    session.sql("UPDATE t SET a = 12 WHERE id = 1", branch="what-if")
    session.sql("UPDATE t SET a = 11 WHERE id = 1")
    with pytest.raises(MergeConflictError):
        session.merge("what-if")
    assert values(session) == [11, 20]
    session.merge("what-if", resolutions=[Resolution(table="t", key={"id": 1}, column="a", take="source")])
    assert values(session) == [12, 20]


def test_all_of_it_at_a_server() -> None:
    with serve() as served, helios_magic.connect(served.url, token=served.token) as session:
        session.sql("CREATE TABLE t (id int PRIMARY KEY, a int)")
        session.sql("INSERT INTO t VALUES (1, 10)")
        session.create_branch("demo/رمضان", use=True)
        session.sql("UPDATE t SET a = 12")
        assert session.diff()["t"]["a_new"].tolist() == [12]
        session.sql("UPDATE t SET a = 11", branch="main")
        with pytest.raises(MergeConflictError):
            session.merge("demo/رمضان")
        assert session.merge("demo/رمضان", strategy="theirs").merged
        assert session.delete_branch("demo/رمضان") == "main"
        assert values(session) == [12]
        with pytest.raises(NotFoundError, match="There is no branch"):
            helios_magic.connect(served.url, token=served.token, branch="demo/رمضان")
