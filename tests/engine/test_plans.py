"""Plans are kept: by text and by the branch's structure, each branch for itself."""

from __future__ import annotations

import gc

import pytest

import helios_magic
from helios_magic.engine.plans import Planned, Plans
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


def _plans_of(marker: str) -> int:
    """How many plans this process holds whose statement has `marker` in it."""
    plans = [kept for kept in gc.get_objects() if isinstance(kept, Planned)]
    return sum(marker in step for kept in plans for step in kept.prepared.steps)


def test_a_change_of_structure_empties_no_other_branchs_cache(session) -> None:
    query = "SELECT count(*) FROM t WHERE name = 'told from all others'"
    session.run(query)
    session.run(query)
    assert _plans_of("told from all others") == 1
    session.run("ALTER TABLE t ADD COLUMN more int", branch="other")
    session.run("CREATE TABLE fresh (x int)", branch="other")
    session.run(query)
    assert _plans_of("told from all others") == 1
    session.run("ALTER TABLE t ADD COLUMN mine int")
    session.run(query)
    assert _plans_of("told from all others") == 2
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
