"""`%%helios schema generate`, `%helios schema erd` and `%helios schema diff` in a shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.display.reading import read
from tests.magics.conftest import Notebook

SHOP = "%%helios schema generate\nUsers place orders. Orders contain products."


def test_a_design_is_shown_and_is_the_value(notebook: Notebook) -> None:
    shown = notebook.ok(SHOP)
    assert {table.name for table in shown.value.tables} >= {"users", "orders", "products"}
    assert "CREATE TABLE users (" in shown.text
    assert "Nothing has been made yet" in shown.text
    assert "Capacity: " in shown.text
    assert "by catalogue" in shown.text
    html = read(shown.html).text
    assert "Nothing has been made yet" in html
    assert '<svg class="hm-erd"' in shown.html
    assert "users" not in notebook.ok("%helios tables").displayed[0]["text/plain"]


def test_a_design_is_made_on_a_new_branch_looked_at_and_merged(notebook: Notebook) -> None:
    made = notebook.ok(SHOP.replace("generate", "generate --apply --branch draft"))
    assert "Made on the new branch draft: 4 tables" in made.text
    assert "%helios branch merge draft" in made.text
    difference = notebook.ok("%helios schema diff draft")
    assert "+ table  orders" in difference.text
    assert dict(difference.value) == {} or all(not frame.shape[0] for frame in difference.value.values())
    notebook.ok("%helios branch merge draft")
    (drawn,) = notebook.ok("%helios schema erd").displayed
    assert "orders: user_id → users" in drawn["text/plain"]
    assert "hm-erd" in drawn["text/html"]


def test_a_description_that_adds_goes_on_with_the_last_design(notebook: Notebook) -> None:
    first = notebook.ok(SHOP.replace("generate", "generate --apply"))
    later = notebook.ok("%%helios schema generate --apply\nAdd reviews with ratings. Users have a phone number.")
    assert [table.name for table in first.value.tables if table.name not in {t.name for t in later.value.tables}] == []
    assert "on top of the last: reviews added" in later.text
    assert "Made on design: 1 table and 1 column of tables that were there" in later.text
    columns = notebook.ok("%helios describe users --branch design\n").value.table.columns
    assert "phone_number" in {column.name for column in columns}
    again = notebook.ok("%%helios schema generate --apply --more\nAdd reviews with ratings.")
    assert "nothing, all of it was there" in again.text
    fresh = notebook.ok("%%helios schema generate --new\nAdd wishlists and coupons.")
    assert "users" not in {table.name for table in fresh.value.tables}


def test_removing_takes_a_table_and_what_hung_on_it(notebook: Notebook) -> None:
    notebook.ok(SHOP)
    later = notebook.ok("%%helios schema generate\nRemove products.")
    assert {table.name for table in later.value.tables} == {"users", "orders"}


def test_a_design_that_fails_leaves_no_branch(notebook: Notebook) -> None:
    notebook.ok("%helios sql CREATE VIEW users AS SELECT 1 AS id")
    failed = notebook.run(SHOP.replace("generate", "generate --apply --branch broken"))
    assert failed.error is not None
    assert "broken" not in {branch.name for branch in notebook.ok("%helios branch").value.branches}


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("%helios schema generate", "needs a description on the lines below it"),
        ("%%helios schema generate\n  \n", "needs a description on the lines below it"),
        ("%%helios schema generate --dialect oracle\nx", "Known: postgresql, mysql, sqlite, duckdb."),
        ("%%helios schema generate --dialect mysql --apply\nUsers.", "mysql's DDL does not run"),
        ("%%helios schema generate --branch x\nUsers.", "there is no --apply"),
        ("%%helios schema generate --more\nAdd reviews.", "Nothing was designed in this session yet"),
        ("%%helios schema generate\nDie Kunden haben viele Bestellungen und jede hat eine Rechnung.", "German"),
        ("%helios schema erd --design", "Nothing was designed in this session yet"),
        ("%helios schema erd nothing", "No table is called like “nothing”"),
        ("%helios schema erd --write x.png", "Known: .svg, .mmd, .md."),
        ("%helios schema draw", "has no subcommand “draw”"),
    ],
)
def test_what_cannot_be_done_is_said(notebook: Notebook, cell: str, says: str) -> None:
    assert says in notebook.fails(cell).printed


def test_pictures_are_written_and_never_over_a_file(notebook: Notebook, tmp_path: Path) -> None:
    notebook.ok(SHOP)
    for ending, begins in ((".svg", "<svg "), (".mmd", "erDiagram"), (".md", "```mermaid\nerDiagram")):
        path = tmp_path / f"shop{ending}"
        notebook.ok(f"%helios schema erd --design --write {path}")
        assert path.read_text().startswith(begins)
        assert "is there already" in notebook.fails(f"%helios schema erd --design --write {path}").printed
        notebook.ok(f"%helios schema erd --design order --force --write {path}")
        assert "users" not in path.read_text()


@pytest.mark.parametrize("dialect", ["mysql", "sqlite", "duckdb"])
def test_other_dialects(notebook: Notebook, dialect: str) -> None:
    assert "by catalogue" in notebook.ok(SHOP.replace("generate", f"generate --dialect {dialect}")).text
