"""Cells that fail: what the user sees, and that the notebook goes on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from helios_magic.errors import HeliosError, NotFoundError, QueryError, StoreInUseError, UsageError
from tests.display.reading import read
from tests.magics.conftest import Notebook

SLOW = "SELECT sum(a.n * b.n) FROM generate_series(1, 100000) a(n), generate_series(1, 1000000) b(n)"


def test_a_name_that_is_not_defined(shop: Notebook) -> None:
    shop["since"] = "2026-01-01"
    ran = shop.fails("%%helios sql\nSELECT *\nFROM users WHERE name > :sinse")
    assert isinstance(ran.error, UsageError)
    assert ran.printed == (
        "no variable is called “sinse”\n"
        "\n"
        "  2 | SELECT *\n"
        "  3 | FROM users WHERE name > :sinse\n"
        "    |                         ^^^^^^\n"
        "Did you mean since?\n"
        "On main.\n"
    )


@pytest.mark.parametrize("above", ["", "\n\n", "%%time\n", "\n%%time\n\n"])
def test_lines_are_numbered_as_the_cell_shows_them(notebook: Notebook, above: str) -> None:
    ran = notebook.fails(f"{above}%%helios sql\nSELECT\n  :nobody\n")
    assert f"  {above.count(chr(10)) + 3} |   :nobody\n" in ran.printed
    ran = notebook.fails(f"{above}%%helios batch\nSELECT 1;\nSELECT 'open\n")
    assert f"opened on line {above.count(chr(10)) + 3} is never closed" in ran.printed


@pytest.mark.parametrize(
    ("setup", "sql", "message"),
    [
        ("import pandas as pd; v = pd.DataFrame({'a': [1]})", "SELECT :v", "“v” is a pandas DataFrame, not one value."),
        ("import pandas as pd; v = pd.Series([1])", "SELECT :v", "“v” is a pandas Series, not one value."),
        ("v = {1, 2}", "SELECT :v", "“v” is a set, which has no order."),
        ("v = len", "SELECT :v", "“v” is a builtin_function_or_method, not a value."),
        ("row = 1", "SELECT {{row.id}}", "{{row.id}} is more than a name; only names of variables are bound."),
        ("row = 1", "SELECT :row.id", ":row.… is more than a name; only names of variables are bound."),
        ("f = 1", "SELECT {{f(1)}}", "{{f(1)}} is more than a name; only names of variables are bound."),
    ],
)
def test_what_cannot_be_bound(notebook: Notebook, setup: str, sql: str, message: str) -> None:
    notebook.ok(setup)
    ran = notebook.fails(f"%%helios sql\n{sql}")
    assert isinstance(ran.error, UsageError)
    assert ran.error.message == message
    assert ran.error.hint


def test_an_error_marks_the_users_own_word(shop: Notebook) -> None:
    shop["a_long_name"] = 1
    ran = shop.fails(
        "%%helios sql\n-- a comment; with a semicolon\nSELECT id FROM users\n\tWHERE id > :a_long_name AND emial = ''"
    )
    assert isinstance(ran.error, QueryError)
    assert ran.error.sqlstate == "42703"
    lines = ran.printed.splitlines()
    assert lines[2:5] == [
        "  3 | SELECT id FROM users",
        "  4 |     WHERE id > :a_long_name AND emial = ''",
        "    |                                 ^^^^^",
    ]
    assert lines[-1] == "On main. QUERY_ERROR, 42703."
    assert "Did you mean email?" in ran.printed
    assert shop.ok("%helios sql SELECT 1 AS one").value["one"].tolist() == [1]


def test_an_error_on_one_line_has_no_line_number(shop: Notebook) -> None:
    ran = shop.fails("%helios sql --limit 5 SELECT emial FROM users")
    assert "     | SELECT emial FROM users" in ran.printed.replace("    | ", "     | ", 1)
    assert "^^^^^" in ran.printed


def test_a_quote_never_closed_is_marked_where_it_opened(notebook: Notebook) -> None:
    ran = notebook.fails("%%helios sql\nSELECT 1\nWHERE name = 'ليلى;\nORDER BY id")
    assert ran.printed.splitlines()[0] == "A quote opened on line 3 is never closed."
    assert ran.printed.splitlines()[4] == "    |              ^"


@pytest.mark.parametrize("body", ["", " \n", "-- only a comment", "/* and */ ;"])
def test_nothing_to_run(notebook: Notebook, body: str) -> None:
    ran = notebook.fails(f"%%helios sql\n{body}\n")
    assert isinstance(ran.error, UsageError)
    assert "There is no SQL under %%helios sql." in ran.printed


def test_several_statements_belong_in_a_batch(notebook: Notebook) -> None:
    ran = notebook.fails("%%helios sql\nSELECT 1;\nSELECT 2;")
    assert "There are 2 statements here" in ran.printed
    assert "%%helios batch" in ran.printed
    assert "  3 | SELECT 2;\n    | ^^^^^^" in ran.printed


def test_a_time_limit(notebook: Notebook) -> None:
    ran = notebook.fails(f"%%helios sql --timeout 50ms\n{SLOW}")
    assert isinstance(ran.error, QueryError)
    assert ran.error.details["reason"] == "timeout"
    assert notebook.ok("%helios sql SELECT 1 AS one").value["one"].tolist() == [1]


def test_another_database(notebook: Notebook) -> None:
    ran = notebook.fails("%helios use shop")
    assert isinstance(ran.error, NotFoundError)
    assert "default" in ran.printed


def test_an_error_as_a_value_is_drawn_too(shop: Notebook) -> None:
    shop.fails("%%helios sql\nSELECT emial FROM users")
    ran = shop.ok("import sys\nsys.last_value")
    assert isinstance(ran.value, HeliosError)
    assert read(ran.html).find(cls="hm-hit")[0].text == "emial"


def test_a_bug_shows_its_whole_traceback(notebook: Notebook) -> None:
    notebook.ok("class Bad:\n    __module__ = property(lambda self: 1/0)\nbad = [1]")
    ran = notebook.run("%helios help sql\n1/0")
    assert "ZeroDivisionError" in ran.printed


_OWNER = """
import sys, helios_magic
session = helios_magic.connect(sys.argv[1])
session.sql("SELECT 1")
print("open", flush=True)
sys.stdin.readline()
"""


def test_a_store_that_another_process_has(notebook: Notebook, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _OWNER, str(tmp_path / "store")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "open\n"
        ran = notebook.fails(f"%helios connect {tmp_path / 'store'}")
        assert isinstance(ran.error, StoreInUseError)
        assert str(owner.pid) in ran.printed
        owner.communicate("\n")
    # The session before is still there.
    assert notebook.ok("%helios sql SELECT 1 AS one").value["one"].tolist() == [1]
    notebook.ok(f"%helios connect {tmp_path / 'store'}")
