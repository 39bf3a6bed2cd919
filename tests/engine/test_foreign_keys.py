from __future__ import annotations

import pytest

from helios_magic.engine.face import Limits, Statement
from helios_magic.errors import QueryError

from .conftest import DATABASE


@pytest.fixture
def family(run):
    """`parents` 1, 2 and a table of children under the rules that a test gives."""

    def make(rules: str = "") -> None:
        run("CREATE TABLE parents (id int PRIMARY KEY, name text)")
        run("INSERT INTO parents VALUES (1, 'one'), (2, 'two')")
        run(f"CREATE TABLE children (id int PRIMARY KEY, parent_id int REFERENCES parents (id) {rules})")

    return make


def refused(run, query, params=()):
    with pytest.raises(QueryError) as caught:
        run(query, params)
    return caught.value


def test_a_child_without_a_parent_is_refused_in_postgresqls_words(family, run, rows):
    family()
    error = refused(run, "INSERT INTO children VALUES (1, 1), (2, 9)")
    assert error.sqlstate == "23503"
    assert error.message == (
        'insert or update on table "children" violates foreign key constraint "children_parent_id_fkey"'
    )
    assert error.details["detail"] == 'Key (parent_id)=(9) is not present in table "parents".'
    assert rows("SELECT count(*) FROM children") == [(0,)]


def test_a_child_with_a_parent_or_a_null_is_fine(family, run):
    family()
    outcome = run("INSERT INTO children VALUES ($1, $2), (2, NULL) RETURNING id, parent_id", [1, 1])
    assert outcome.table.to_pylist() == [{"id": 1, "parent_id": 1}, {"id": 2, "parent_id": None}]
    assert outcome.affected_rows == 2
    assert run("UPDATE children SET parent_id = 2").affected_rows == 2
    assert run("INSERT INTO children SELECT 3, 1").affected_rows == 1


def test_a_child_may_not_be_moved_to_nobody(family, run, rows):
    family()
    run("INSERT INTO children VALUES (1, 1)")
    assert refused(run, "UPDATE children SET parent_id = 7 WHERE id = 1").sqlstate == "23503"
    assert rows("SELECT parent_id FROM children") == [(1,)]


@pytest.mark.parametrize("query", ["DELETE FROM parents WHERE id = 1", "UPDATE parents SET id = 5 WHERE id = 1"])
@pytest.mark.parametrize(
    ("rules", "sqlstate", "setting", "still"),
    [("", "23503", "", "still "), ("ON DELETE RESTRICT ON UPDATE RESTRICT", "23001", "RESTRICT setting of ", "")],
)
def test_a_parent_with_children_stays(family, run, rows, query, rules, sqlstate, setting, still):
    family(rules)
    run("INSERT INTO children VALUES (1, 1)")
    error = refused(run, query)
    assert error.sqlstate == sqlstate
    assert error.message == (
        f'update or delete on table "parents" violates {setting}foreign key constraint "children_parent_id_fkey" '
        'on table "children"'
    )
    assert error.details["detail"] == f'Key (id)=(1) is {still}referenced from table "children".'
    assert rows("SELECT id FROM parents ORDER BY id") == [(1,), (2,)]


def test_a_parent_without_children_goes(family, run, rows):
    family()
    run("INSERT INTO children VALUES (1, 1)")
    assert run("DELETE FROM parents WHERE id = 2").affected_rows == 1
    assert run("UPDATE parents SET name = 'x'").affected_rows == 1
    assert rows("SELECT * FROM parents") == [(1, "x")]


def test_on_delete_cascade_goes_all_the_way_down(family, run, rows):
    family("ON DELETE CASCADE")
    run("CREATE TABLE toys (id int, child_id int REFERENCES children (id) ON DELETE CASCADE)")
    run("INSERT INTO children VALUES (1, 1), (2, 2)")
    run("INSERT INTO toys VALUES (1, 1), (2, 2)")
    assert run("DELETE FROM parents WHERE id = 1").affected_rows == 1
    assert rows("SELECT id FROM children") == [(2,)]
    assert rows("SELECT id FROM toys") == [(2,)]


def test_a_cascade_that_meets_a_restriction_undoes_everything(family, run, rows):
    family("ON DELETE CASCADE")
    run("CREATE TABLE toys (id int, child_id int REFERENCES children (id))")
    run("INSERT INTO children VALUES (1, 1)")
    run("INSERT INTO toys VALUES (1, 1)")
    assert refused(run, "DELETE FROM parents").sqlstate == "23503"
    assert rows("SELECT count(*) FROM parents") == [(2,)]
    assert rows("SELECT count(*) FROM children") == [(1,)]


def test_on_delete_set_null(family, run, rows):
    family("ON DELETE SET NULL")
    run("INSERT INTO children VALUES (1, 1), (2, 2)")
    run("DELETE FROM parents WHERE id = 1")
    assert rows("SELECT * FROM children ORDER BY id") == [(1, None), (2, 2)]


def test_on_delete_set_default(run, rows):
    run("CREATE TABLE parents (id int PRIMARY KEY)")
    run("INSERT INTO parents VALUES (0), (1), (2)")
    run("CREATE TABLE c (id int, pid int DEFAULT 0 REFERENCES parents (id) ON DELETE SET DEFAULT)")
    run("INSERT INTO c VALUES (1, 1), (2, 2)")
    run("DELETE FROM parents WHERE id = 1")
    assert rows("SELECT * FROM c ORDER BY id") == [(1, 0), (2, 2)]
    assert refused(run, "DELETE FROM parents WHERE id IN (0, 2)").sqlstate == "23503"
    assert rows("SELECT count(*) FROM parents") == [(2,)]


def test_on_update_cascade_lets_the_children_follow(family, run, rows):
    family("ON UPDATE CASCADE")
    run("INSERT INTO children VALUES (1, 1), (2, 2), (3, NULL)")
    run("UPDATE parents SET id = id + $1 WHERE name = 'one'", [10])
    assert rows("SELECT * FROM children ORDER BY id") == [(1, 11), (2, 2), (3, None)]


def test_on_update_set_null(family, run, rows):
    family("ON UPDATE SET NULL")
    run("INSERT INTO children VALUES (1, 1)")
    run("UPDATE parents SET id = 7 WHERE id = 1")
    assert rows("SELECT * FROM children") == [(1, None)]


def test_a_table_may_point_at_itself(run, rows):
    run("CREATE TABLE staff (id int PRIMARY KEY, boss int REFERENCES staff (id) ON DELETE CASCADE)")
    run("INSERT INTO staff VALUES (1, NULL), (2, 1), (3, 2), (4, NULL)")
    assert refused(run, "INSERT INTO staff VALUES (5, 6)").sqlstate == "23503"
    run("INSERT INTO staff VALUES (5, 6), (6, 5)")
    run("DELETE FROM staff WHERE id = 1")
    assert rows("SELECT id FROM staff ORDER BY id") == [(4,), (5,), (6,)]


def test_a_key_of_two_columns_is_checked_only_when_whole(run):
    run("CREATE TABLE p (a int, b text, PRIMARY KEY (a, b))")
    run("INSERT INTO p VALUES (1, 'x')")
    run("CREATE TABLE c (id int, a int, b text, FOREIGN KEY (a, b) REFERENCES p (a, b))")
    run("INSERT INTO c VALUES (1, 1, 'x'), (2, NULL, 'y'), (3, 9, NULL)")
    error = refused(run, "INSERT INTO c VALUES (4, 1, 'y')")
    assert error.details["detail"] == 'Key (a, b)=(1, y) is not present in table "p".'


def test_a_deferred_key_is_checked_at_the_end_of_the_batch(family, engine, run, rows):
    family("DEFERRABLE INITIALLY DEFERRED")

    def batch(*queries: str) -> None:
        engine.batch(DATABASE, "main", [Statement(q) for q in queries], Limits(), transaction=True)

    batch("INSERT INTO children VALUES (1, 9)", "INSERT INTO parents VALUES (9, 'nine')")
    with pytest.raises(QueryError) as caught:
        batch("INSERT INTO children VALUES (2, 10)", "INSERT INTO parents VALUES (11, 'eleven')")
    assert caught.value.sqlstate == "23503"
    assert rows("SELECT id FROM children") == [(1,)]
    assert rows("SELECT id FROM parents ORDER BY id") == [(1,), (2,), (9,)]


def test_a_child_and_its_parent_go_in_one_batch(family, engine, run, rows):
    family()
    run("INSERT INTO children VALUES (1, 1)")
    queries = ["DELETE FROM children WHERE parent_id = 1", "DELETE FROM parents WHERE id = 1"]
    engine.batch(DATABASE, "main", [Statement(q) for q in queries], Limits(), transaction=True)
    assert rows("SELECT id FROM parents") == [(2,)]


def test_truncate_of_a_referenced_table_is_refused(family, run):
    family()
    error = refused(run, "TRUNCATE parents")
    assert error.sqlstate == "0A000"
    assert error.message == "cannot truncate a table referenced in a foreign key constraint"


def test_a_referenced_table_is_not_dropped(family, run, rows):
    family()
    error = refused(run, "DROP TABLE parents")
    assert error.sqlstate == "2BP01"
    assert rows("SELECT count(*) FROM parents") == [(2,)]


def test_an_upsert_is_checked_too(family, run, rows):
    family()
    run("INSERT INTO children VALUES (1, 1)")
    query = "INSERT INTO children VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET parent_id = excluded.parent_id"
    assert refused(run, query, [9]).sqlstate == "23503"
    run(query, [2])
    assert rows("SELECT * FROM children") == [(1, 2)]


def test_explain_analyze_meets_the_same_refusal(family, engine, run):
    family()
    statement = Statement("INSERT INTO children VALUES (1, 9)")
    with pytest.raises(QueryError) as caught:
        engine.explain(DATABASE, "main", statement, Limits(), analyze=True)
    assert caught.value.sqlstate == "23503"


@pytest.mark.parametrize(
    ("kind", "known", "unknown"),
    [
        ("int2", "7", "8"),
        ("int8", "9007199254740993", "9007199254740992"),
        ("text", "'é'", "'e'"),
        ("varchar(10)", "'a'", "'A'"),
        ("uuid", "'00000000-0000-0000-0000-000000000007'", "'00000000-0000-0000-0000-000000000008'"),
        ("numeric(10,2)", "1.50", "1.51"),
        ("date", "'2024-02-29'", "'2024-03-01'"),
    ],
)
def test_keys_of_every_type_are_looked_up_the_same_for_few_and_for_many_rows(run, rows, kind, known, unknown):
    run(f"CREATE TABLE parents (k {kind} PRIMARY KEY)")
    run(f"INSERT INTO parents VALUES ({known})")
    run(f"CREATE TABLE children (n serial, k {kind} REFERENCES parents)")
    assert run(f"INSERT INTO children (k) VALUES ({known}), (NULL), ({known})").affected_rows == 3
    assert run(f"INSERT INTO children (k) SELECT k FROM parents UNION ALL SELECT {known}").affected_rows == 2
    few = refused(run, f"INSERT INTO children (k) VALUES ({known}), ({unknown})")
    many = refused(run, f"INSERT INTO children (k) SELECT k FROM parents UNION ALL SELECT {unknown}")
    assert (few.sqlstate, few.message, few.details) == (many.sqlstate, many.message, many.details)
    assert rows("SELECT count(*) FROM children") == [(5,)]


def test_of_two_keys_in_one_row_the_missing_one_is_named(run, rows):
    run("CREATE TABLE towns (land text, name text, PRIMARY KEY (land, name))")
    run("CREATE TABLE people (id int PRIMARY KEY, boss int REFERENCES people, land text, town text, "
        "FOREIGN KEY (land, town) REFERENCES towns)")  # fmt: skip
    run("INSERT INTO towns VALUES ('de', 'Bonn'), ('fr', 'Lyon')")
    run("INSERT INTO people VALUES (1, 1, 'de', 'Bonn'), (2, 1, NULL, 'nowhere')")
    error = refused(run, "INSERT INTO people VALUES (3, 2, 'fr', 'Lyon'), (4, 3, 'fr', 'Bonn')")
    assert error.details["detail"] == 'Key (land, town)=(fr, Bonn) is not present in table "towns".'
    assert refused(run, "INSERT INTO people VALUES (3, 9, 'fr', 'Lyon')").details["constraint"] == "people_boss_fkey"
    assert rows("SELECT id FROM people ORDER BY id") == [(1,), (2,)]


def test_restrict_is_never_put_off(run) -> None:
    run("CREATE TABLE p (id int PRIMARY KEY)")
    run("CREATE TABLE c (p_id int REFERENCES p ON UPDATE RESTRICT DEFERRABLE INITIALLY DEFERRED)")
    run("INSERT INTO p VALUES (1)")
    run("INSERT INTO c VALUES (1)")
    with pytest.raises(QueryError) as refused:
        run("UPDATE p SET id = 11")
    assert refused.value.details["sqlstate"] == "23001"
