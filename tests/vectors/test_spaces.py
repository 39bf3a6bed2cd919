"""What a branch records of its vector columns: of which embedding space they are."""

from __future__ import annotations

import pytest

from helios_magic.engine.engine import DuckDBEngine
from helios_magic.engine.face import Limits, Statement
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
