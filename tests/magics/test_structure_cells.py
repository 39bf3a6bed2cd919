"""`%helios tables` and `%helios describe` in a shell."""

from __future__ import annotations

import pytest
from IPython.core.completer import provisionalcompleter

from tests.display.reading import read
from tests.magics.conftest import Notebook


@pytest.fixture
def made(notebook: Notebook) -> Notebook:
    for statement in (
        "CREATE TABLE users (id serial PRIMARY KEY, email text UNIQUE CHECK (email LIKE '%@%'))",
        "CREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users ON DELETE CASCADE, total numeric(10,2))",
        'CREATE TABLE "Odd Name" ("a b" int)',
        "CREATE SCHEMA shop",
        "CREATE TABLE shop.items (id int)",
        "CREATE INDEX orders_user ON orders (user_id)",
        "INSERT INTO users (email) SELECT 'u' || g || '@x.org' FROM generate_series(1, 9) AS g",
        "INSERT INTO orders VALUES (1, 1, 2.5)",
    ):
        notebook.ok(f"%%helios sql\n{statement}")
    return notebook


def test_tables_are_listed_by_pattern_and_order(made: Notebook) -> None:
    (listed,) = made.ok("%helios tables --sort rows").displayed
    rows = [line.split("  ")[0].strip() for line in listed["text/plain"].split("\n")[2:-1]]
    assert rows == ["users", "orders", "Odd Name", "shop.items"]
    (found,) = made.ok("%helios tables shop.*").displayed
    assert found["text/plain"].split("\n")[-1] == "1 table · of 4 · default · main"
    assert "--sort does not know “age”" in made.fails("%helios tables --sort age").printed


def test_a_table_is_described(made: Notebook) -> None:
    shown = made.ok("found = %helios describe orders\nfound")
    text, html = shown.text, shown.html
    assert text.startswith("orders  table, 1 row")
    for fact in (
        "FK → users.id",
        "orders_user  (user_id)",
        "users  on delete cascade  (user_id) → (id)",
        "First 1 row",
    ):
        assert fact in text
    assert "2.50" in read(html).text
    found = made.shell.user_ns["found"]
    assert (found.name, [column.name for column in found.table.columns]) == ("orders", ["id", "user_id", "total"])
    referred = made.ok("%helios describe users --rows 0").text
    assert "Referred to by\n  orders  on delete cascade  (user_id) → (id)" in referred
    assert "First" not in referred
    assert "users_email_check  email LIKE '%@%'" in referred


def test_names_are_found_in_any_case_and_with_their_schema(made: Notebook) -> None:
    for written, name in (
        ("ORDERS", "orders"), ("public.orders", "orders"), ("shop.items", "shop.items"), ("'odd name'", "Odd Name"),
        ("'\"Odd Name\"'", "Odd Name"),
    ):  # fmt: skip
        assert made.ok(f"%helios describe {written}").text.startswith(f"{name}  table")


def test_a_table_that_is_not_there(made: Notebook) -> None:
    said = made.fails("%helios describe ordrs").printed
    assert "main has no table “ordrs”." in said
    assert "Did you mean orders?" in said
    assert "needs TABLE" in made.fails("%helios describe").printed
    assert "no branch" in made.fails("%helios describe orders --branch nowhere").printed


def test_a_branchs_own_table(made: Notebook) -> None:
    made.ok("%helios branch create other --use")
    made.ok("%helios sql ALTER TABLE orders ADD COLUMN more int")
    assert "more" in made.ok("%helios describe orders").text
    assert "more" not in made.ok("%helios describe orders --branch main").text


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("%helios describe o", ["orders"]),
        ("%helios describe Od", ["'Odd Name'"]),
        ("%helios describe ", ["'Odd Name'", "orders", "shop.items", "users"]),
        ("%helios load frame us", ["users"]),
        ("%helios branch diff --table or", ["orders"]),
        ("%helios tables --sort ", ["name", "rows", "size"]),
    ],
)
def test_tables_are_offered(made: Notebook, line: str, found: list[str]) -> None:
    with provisionalcompleter():
        offered = [offer.text for offer in made.shell.Completer.completions(line, len(line))]
    assert set(found) <= set(offered)
    assert not {"orders", "users"} & (set(offered) - set(found))
