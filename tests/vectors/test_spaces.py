"""What a branch records of its vector columns: of which embedding space they are."""

from __future__ import annotations

import pytest

from helios_magic.engine.engine import DuckDBEngine
from helios_magic.engine.face import Limits, Merged, MergeOrder, Statement
from helios_magic.errors import NotFoundError, ValidationError
from helios_magic.models.spaces import Space

SMALL, OTHER = Space("small", 3), Space("other", 3)


@pytest.fixture(autouse=True)
def table(engine: DuckDBEngine) -> None:
    engine.execute("db", "main", Statement("CREATE TABLE d (id int, v vector(3))"), Limits())


def test_a_space_follows_the_column_and_its_branch(engine: DuckDBEngine) -> None:
    assert engine.space("db", "main", "d", "v") is None
    engine.record_space("db", "main", "d", "v", SMALL, Limits())
    engine.fork("db", "b", "main", Limits())
    engine.execute("db", "b", Statement("ALTER TABLE d RENAME v TO w"), Limits())
    assert engine.space("db", "b", "d", "w") == SMALL
    engine.record_space("db", "b", "d", "w", OTHER, Limits())
    assert engine.space("db", "b", "d", "w") == OTHER
    assert engine.space("db", "main", "d", "v") == SMALL


def test_vectors_of_two_spaces_do_not_mix(engine: DuckDBEngine) -> None:
    engine.record_space("db", "main", "d", "v", SMALL, Limits())
    engine.execute("db", "main", Statement("INSERT INTO d VALUES (1, '[1,2,3]')"), Limits())
    with pytest.raises(ValidationError, match="small \\(3\\), not of other \\(3\\)"):
        engine.record_space("db", "main", "d", "v", OTHER, Limits())
    engine.execute("db", "main", Statement("UPDATE d SET v = NULL"), Limits())
    engine.record_space("db", "main", "d", "v", OTHER, Limits())
    with pytest.raises(ValidationError, match="holds 3 dimensions, other gives 4"):
        engine.record_space("db", "main", "d", "v", Space("other", 4), Limits())


def test_what_is_not_there_is_named(engine: DuckDBEngine) -> None:
    with pytest.raises(NotFoundError, match="no table “dd”"):
        engine.space("db", "main", "dd", "v")
    with pytest.raises(NotFoundError, match="no column “w”"):
        engine.space("db", "main", "d", "w")
    with pytest.raises(ValidationError, match="has the type int4, not vector"):
        engine.space("db", "main", "d", "id")


@pytest.fixture
def embedded(engine: DuckDBEngine) -> DuckDBEngine:
    """Two rows of one space on main, and a branch of it."""
    engine.execute("db", "main", Statement("DROP TABLE d"), Limits())
    engine.execute("db", "main", Statement("CREATE TABLE d (id int PRIMARY KEY, v vector(3))"), Limits())
    engine.record_space("db", "main", "d", "v", SMALL, Limits())
    engine.execute("db", "main", Statement("INSERT INTO d VALUES (1, '[1,0,0]'), (2, '[0,1,0]')"), Limits())
    engine.fork("db", "b", "main", Limits())
    return engine


def embed_anew(engine: DuckDBEngine, branch: str) -> None:
    engine.execute("db", branch, Statement("UPDATE d SET v = NULL"), Limits())
    engine.record_space("db", branch, "d", "v", OTHER, Limits())
    engine.execute("db", branch, Statement("UPDATE d SET v = '[0,0,1]'"), Limits())


def merge(engine: DuckDBEngine, **order: str) -> Merged:
    return engine.merge("db", MergeOrder("b", **{"strategy": "three-way", **order}), Limits())  # type: ignore[arg-type]


def test_the_space_of_the_side_that_embedded_anew_comes_with_the_merge(embedded: DuckDBEngine) -> None:
    embed_anew(embedded, "b")
    embedded.execute("db", "main", Statement("CREATE TABLE e (id int)"), Limits())
    assert merge(embedded).merged
    assert embedded.space("db", "main", "d", "v") == OTHER
    embedded.delete_branch("db", "b", Limits())
    assert embedded.space("db", "main", "d", "v") == OTHER


def test_the_target_keeps_its_space_where_the_source_wrote_no_vector(embedded: DuckDBEngine) -> None:
    embed_anew(embedded, "main")
    embedded.execute("db", "b", Statement("INSERT INTO d VALUES (3, NULL)"), Limits())
    assert merge(embedded).merged
    assert embedded.space("db", "main", "d", "v") == OTHER


@pytest.mark.parametrize("strategy", ["three-way", "ours", "theirs"])
@pytest.mark.parametrize("anew", ["main", "b"])
def test_a_merge_does_not_mix_spaces(embedded: DuckDBEngine, anew: str, strategy: str) -> None:
    embed_anew(embedded, anew)
    other = "b" if anew == "main" else "main"
    embedded.execute("db", other, Statement("INSERT INTO d VALUES (3, '[1,1,0]')"), Limits())
    stopped = merge(embedded, strategy=strategy)
    assert not stopped.merged
    (conflict,) = [each for each in stopped.conflicts if each.kind == "schema"]
    assert (conflict.table, conflict.columns) == ("d", ("v",))
    assert conflict.key is not None
    assert conflict.key.to_pylist() == [{"object": "embedding space of column v"}]
    told = [side.to_pylist()[0]["definition"] for side in (conflict.base, conflict.target, conflict.source) if side]
    assert set(told) == {"vectors of small (3)", "vectors of other (3)"}
    # The mend: embed the branch's rows by the same model.
    embed_anew(embedded, other)
    embedded.execute("db", other, Statement("UPDATE d SET v = '[0,0,1]'"), Limits())
    assert merge(embedded).merged
    assert embedded.space("db", "main", "d", "v") == OTHER


def test_a_new_table_brings_its_space(embedded: DuckDBEngine) -> None:
    embedded.execute("db", "b", Statement("CREATE TABLE e (id int, w vector(3))"), Limits())
    embedded.record_space("db", "b", "e", "w", OTHER, Limits())
    embedded.execute("db", "b", Statement("ALTER TABLE d ADD COLUMN w vector(3)"), Limits())
    embedded.record_space("db", "b", "d", "w", OTHER, Limits())
    embedded.execute("db", "main", Statement("CREATE TABLE f (id int)"), Limits())
    assert merge(embedded).merged
    assert embedded.space("db", "main", "e", "w") == embedded.space("db", "main", "d", "w") == OTHER
    assert embedded.space("db", "main", "d", "v") == SMALL
