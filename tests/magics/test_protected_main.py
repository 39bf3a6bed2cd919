"""`protect_main`: a cell that writes to main is asked about, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from helios_magic.errors import UsageError
from tests.magics.conftest import Notebook


@pytest.fixture
def protected(shop: Notebook) -> Iterator[Notebook]:
    shop.ok("%helios branch create dev")
    shop.ok("import pandas as pd\nrows = pd.DataFrame({'id': [9], 'name': ['Nina']})")
    shop.ok("%config HeliosMagic.protect_main = True")
    yield shop
    shop.ok("%config HeliosMagic.protect_main = None")


WRITES = [
    "%%helios sql\nDELETE FROM users",
    "%helios sql DELETE FROM users",
    "%%helios sql\nWITH gone AS (DELETE FROM users RETURNING id) SELECT * FROM gone",
    "%%helios sql\nCREATE TABLE t (a int)",
    "%%helios batch\nSELECT 1; DELETE FROM users;",
    "%helios load rows users",
    "%helios branch merge dev",
    "%helios sql MERGE BRANCH dev INTO main",
    "%helios sql --branch dev MERGE BRANCH dev",
]


@pytest.mark.parametrize("cell", WRITES)
def test_where_nobody_can_be_asked_it_is_refused_with_the_mend(protected: Notebook, cell: str) -> None:
    ran = protected.fails(cell)
    assert isinstance(ran.error, UsageError)
    assert "writes to main, and protect_main is set." in ran.printed
    assert "%helios branch create NAME --use" in ran.printed
    assert "--yes" in ran.printed
    assert protected.ok("%helios sql SELECT count(*) AS n FROM users").value["n"].tolist() == [3]


@pytest.mark.parametrize(
    "cell",
    [
        "%%helios sql\nSELECT * FROM users",
        "%%helios sql\nWITH a AS (SELECT 1 AS x) SELECT * FROM a",
        "%%helios batch\nSELECT 1; SELECT 2;",
        "%%helios explain --analyze\nDELETE FROM users",
        "%helios tables",
        "%helios branch",
        "%helios branch create other",
        "%helios sql CREATE BRANCH other FROM main",
        "%helios branch merge main --into dev",
        "%helios sql MERGE BRANCH main INTO dev",
        "%%helios sql --branch dev\nDELETE FROM users",
        "%helios load rows users --branch dev",
        "%helios branch merge dev --dry-run",
    ],
)
def test_what_does_not_write_to_main_is_never_asked(protected: Notebook, cell: str) -> None:
    protected.ok(cell)
    assert protected.ok("%helios sql SELECT count(*) AS n FROM users").value["n"].tolist() == [3]


@pytest.mark.parametrize(
    "cell",
    [
        "%%helios sql --yes\nDELETE FROM users WHERE id = 1",
        "%%helios batch --yes\nDELETE FROM users WHERE id = 1;",
        "%helios load rows users --yes",
        "%helios branch merge dev --yes",
    ],
)
def test_yes_is_an_answer(protected: Notebook, cell: str) -> None:
    protected.ok("%helios sql --branch dev DELETE FROM users")
    protected.ok(cell)
    assert protected.ok("%helios sql SELECT count(*) AS n FROM users").value["n"].tolist() != [3]


def test_the_tree_says_that_main_is_protected(protected: Notebook) -> None:
    assert "protected" in protected.ok("%helios branch").text


def test_the_setting_decides_where_the_notebook_does_not(shop: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIOS_PROTECT_MAIN", "yes")
    assert "protect_main is set" in shop.fails("%helios sql DELETE FROM users").printed
    shop.ok("%config HeliosMagic.protect_main = False")
    shop.ok("%helios sql DELETE FROM users WHERE id = 1")
    shop.ok("%config HeliosMagic.protect_main = None")
    monkeypatch.setenv("HELIOS_PROTECT_MAIN", "maybe")
    ran = shop.fails("%helios sql DELETE FROM users")
    assert "true or false" in ran.printed


def test_a_script_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    import helios_magic

    monkeypatch.setenv("HELIOS_PROTECT_MAIN", "1")
    with helios_magic.connect(":memory:") as session:
        session.sql("CREATE TABLE t (a int)")
        assert [table.name for table in session.tables().tables] == ["t"]
