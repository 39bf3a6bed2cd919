"""Plans are kept: by text and by the branch's structure, each branch for itself."""

from __future__ import annotations

import time

import pytest

import helios_magic
from helios_magic.engine.plans import Plans
from helios_magic.schema import Column, Schema, Table


@pytest.fixture
def session():
    session = helios_magic.connect(":memory:")
    session.run("CREATE TABLE t (id int PRIMARY KEY, name text)")
    session.create_branch("other")
    session.run("INSERT INTO t VALUES (1, 'main')")
    session.run("INSERT INTO t VALUES (2, 'other')", branch="other")
    yield session
    session.close()


def _seconds(session, query: str, branch: str) -> float:
    began = time.perf_counter()
    session.run(query, branch=branch)
    return time.perf_counter() - began


def test_a_change_of_structure_empties_no_other_branchs_cache(session) -> None:
    """A statement that takes long to prepare and no time to run tells whether it was prepared again."""
    query = "SELECT count(*) FROM t WHERE id IN (" + ",".join(f"{number}+0" for number in range(1000)) + ")"
    first = _seconds(session, query, "main")
    assert _seconds(session, query, "main") < first / 2
    session.run("ALTER TABLE t ADD COLUMN more int", branch="other")
    session.run("CREATE TABLE fresh (x int)", branch="other")
    assert min(_seconds(session, query, "main") for _ in range(3)) < first / 2
    session.run("ALTER TABLE t ADD COLUMN mine int")
    assert session.run("SELECT * FROM t").table.column_names == ["id", "name", "mine"]
    assert session.run("SELECT * FROM t", branch="other").table.column_names == ["id", "name", "more"]


def test_a_plan_is_made_once_for_a_text_and_a_structure() -> None:
    def never() -> None:
        pass

    plans = Plans(size=2)
    one = Schema((Table("t", (Column("a", "int4"),)),))
    two = Schema((Table("t", (Column("a", "int4"), Column("b", "text"))),))
    made = plans.get(1, "SELECT * FROM t", one, never)
    assert plans.get(2, "SELECT * FROM t", two, never).prepared.columns == ("a", "b")
    assert plans.get(1, "SELECT * FROM t", one, never) is made
    assert made.prepared.columns == ("a",)
    plans.get(1, "SELECT a FROM t", one, never)
    assert plans.get(1, "SELECT * FROM t", one, never) is made
