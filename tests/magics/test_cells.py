"""Cells in a notebook, from the user's chair."""

from __future__ import annotations

import pandas as pd
import pytest

from helios_magic.errors import HeliosError
from tests.display.reading import read
from tests.magics.conftest import Notebook


def without_times(text: str) -> str:
    import re

    return re.sub(r"[\d.]+ (ms|s)\b", "T", text)


def test_a_cell_is_a_dataframe_shown_as_a_table(shop: Notebook) -> None:
    ran = shop.ok("%%helios sql\nSELECT id, name, email FROM users ORDER BY id")
    assert type(ran.value) is pd.DataFrame
    assert ran.value["id"].tolist() == [1, 2, 3]
    assert without_times(ran.text) == (
        "  id  name  email\n"
        "int4  text  text\n"
        "───────────────────────────\n"
        "   1  Zoë   zoe@example.com\n"
        "   2  ليلى  NULL\n"
        "   3  Tom   ''\n"
        "3 rows · T · default · main"
    )
    rows = [[cell.text for cell in row.find("td")] for row in read(ran.html).find("tbody")[0].find("tr")]
    assert rows == [["1", "1", "Zoë", "zoe@example.com"], ["2", "2", "ليلى", "NULL"], ["3", "3", "Tom", "'' empty"]]
    assert shop["_"] is ran.value


def test_a_derived_frame_is_pandas_own(shop: Notebook) -> None:
    ran = shop.ok("df = %helios sql SELECT id FROM users ORDER BY id\ndf + 1")
    assert ran.text == repr(ran.value)
    assert "hm-o" not in ran.html
    assert "hm-o" in shop.ok("df").html
    assert "hm-o" not in shop.ok("df.copy()").html


@pytest.mark.parametrize(
    "change",
    [
        "df['x'] = 1",
        "df.loc[0, 'name'] = 'changed'",
        "df.columns = ['a', 'b']",
        "del df['name']",
        "df.loc[3] = [4, 'Ana']",
        "df.index = [5, 6, 7]",
        "df.index.name = 'n'",
    ],
)
def test_a_frame_that_was_changed_is_never_shown_as_the_answer(shop: Notebook, change: str) -> None:
    shop.ok("df = %helios sql SELECT id, name FROM users ORDER BY id")
    ran = shop.ok(f"{change}\ndf")
    assert ran.text == repr(ran.value)
    assert "hm-o" not in ran.html


def test_frames_with_missing_numbers_arrays_and_json_are_recognised(notebook: Notebook) -> None:
    ran = notebook.ok(
        "%%helios sql\nSELECT 'NaN'::float8 AS f, NULL::float8 AS n, ARRAY[1,2] AS a, '{\"k\": 1}'::jsonb AS j, "
        "now() AS t, 1.50::numeric(6,2) AS d, NULL::int4 AS i"
    )
    assert "hm-o" in ran.html
    values = [cell.text for cell in read(ran.html).find("tbody")[0].find("td")][1:]
    assert values[:4] == ["NaN", "NULL", "[1, 2]", '{"k": 1}']
    assert values[5:] == ["1.50", "NULL"]


def test_names_keep_the_result(shop: Notebook) -> None:
    silent = shop.ok("%%helios sql kept <<\nSELECT 1 AS one")
    assert silent.value is None
    assert silent.printed == ""
    shown = shop.ok("%%helios sql kept2= <<\nSELECT 2 AS two")
    assert shown.value is shop["kept2"]
    assert shown.text.endswith("as kept2")
    assert shop["kept"]["one"].tolist() == [1]
    assert shop.ok("df = %helios sql SELECT 3 AS three\nint(df.iat[0, 0])").value == 3


def test_every_statement_runs_exactly_once(notebook: Notebook) -> None:
    notebook.ok("%helios sql CREATE SEQUENCE s")
    for cell in (
        "%%helios sql\nSELECT nextval('s') AS n",
        "%%helios sql --limit 1\nSELECT nextval('s') AS n",
        "%%helios sql x= <<\nSELECT nextval('s') AS n",
        "x = %helios sql SELECT nextval('s') AS n",
        "%%helios sql --out arrow\nSELECT nextval('s') AS n;",
    ):
        notebook.ok(cell)
    assert notebook.ok("%helios sql SELECT nextval('s') AS n").value["n"].tolist() == [6]


def test_a_limit_cuts_and_says_so(notebook: Notebook) -> None:
    ran = notebook.ok("%%helios sql --limit 20\nSELECT * FROM generate_series(1, 14602) AS g(n)")
    assert len(ran.value) == 20
    assert "20 of 14,602 rows, 10 shown" in ran.text
    assert "stopped at your limit" in ran.text
    notebook.ok("%config HeliosMagic.autolimit = 5")
    assert len(notebook.ok("%helios sql SELECT * FROM generate_series(1, 100) AS g(n)").value) == 5
    assert len(notebook.ok("%helios sql --limit 0 SELECT * FROM generate_series(1, 100) AS g(n)").value) == 100


def test_values_are_bound_never_pasted(shop: Notebook) -> None:
    shop["name"] = "Zoë'; DROP TABLE users; --"
    shop["ids"] = [1, 3]
    assert len(shop.ok("%%helios sql\nSELECT * FROM users WHERE name = :name OR name = {{name}}").value) == 0
    assert shop.ok("%%helios sql\nSELECT id FROM users WHERE id = ANY(:ids) ORDER BY id").value["id"].tolist() == [1, 3]
    ran = shop.ok('%%helios sql --params [2, "Tom"]\nSELECT id FROM users WHERE id = $1 OR name = $2 ORDER BY id')
    assert ran.value["id"].tolist() == [2, 3]
    shop["args"] = (3,)
    assert shop.ok("%%helios sql --params args\nSELECT name FROM users WHERE id = $1").value["name"].tolist() == ["Tom"]
    shop["named"] = {"who": "Tom"}
    assert shop.ok("%%helios sql --params named\nSELECT id FROM users WHERE name = :who").value["id"].tolist() == [3]
    assert shop.ok("%%helios sql\nSELECT ':name' AS a, '10:30'::time AS b, 1::int AS c").value["a"].tolist() == [
        ":name"
    ]


def test_a_function_s_own_variables_are_bound(shop: Notebook) -> None:
    shop.ok("def name_of(number):\n    frame = %helios sql SELECT name FROM users WHERE id = :number\n    return frame")
    assert shop.ok("name_of(3)").value["name"].tolist() == ["Tom"]


def test_a_frame_is_not_kept_alive(notebook: Notebook) -> None:
    import gc
    import weakref

    for out in ("pandas", "arrow"):
        notebook.ok(f"%%helios sql --out {out} kept <<\nSELECT 1 AS one")
        reference = weakref.ref(notebook["kept"])
        notebook.ok("del kept")
        gc.collect()
        assert reference() is None


def test_a_change_says_what_it_did(shop: Notebook) -> None:
    ran = shop.ok("%%helios sql\nUPDATE users SET balance = 1 WHERE id < 3;")
    assert without_times(ran.text) == "2 rows updated in users\n2 changed · T · default · main"
    assert (ran.value.affected_rows, ran.value.command) == (2, "UPDATE")
    assert "2 rows updated in users" in read(ran.html).text
    assert shop.ok('%helios sql CREATE TABLE "My Orders" (id int)').text.startswith("Table My Orders created\n")
    returned = shop.ok("%helios sql DELETE FROM users WHERE id = 3 RETURNING name")
    assert returned.value["name"].tolist() == ["Tom"]
    assert without_times(returned.text).endswith("1 row deleted · T · default · main")


def test_a_batch_is_all_or_nothing(shop: Notebook) -> None:
    ran = shop.ok("%%helios batch\nINSERT INTO users VALUES (4, 'Ana', NULL, 0);\nSELECT count(*) FROM users;")
    (shown,) = ran.displayed
    assert "1 row inserted into users" in shown["text/plain"]
    assert without_times(shown["text/plain"]).endswith(
        "2 statements · T · all committed, in one transaction · default · main"
    )
    failed = shop.fails("%%helios batch\nDELETE FROM users;\nINSERT INTO nowhere VALUES (1);")
    assert "  3 | INSERT INTO nowhere VALUES (1);\n" in failed.printed
    assert "    |             ^^^^^^^" in failed.printed
    assert "Nothing of the batch was written." in failed.printed
    assert shop.ok("%helios sql SELECT count(*) AS n FROM users").value["n"].tolist() == [4]


def test_a_batch_without_a_transaction_keeps_what_was_done(shop: Notebook) -> None:
    failed = shop.fails(
        "%%helios batch --no-transaction\nDELETE FROM users WHERE id = 1;\nINSERT INTO nowhere VALUES (1);"
    )
    assert "The 1 statement before it stays done." in failed.printed
    assert shop.ok("%helios sql SELECT count(*) AS n FROM users").value["n"].tolist() == [2]


def test_a_batch_takes_values(shop: Notebook) -> None:
    shop["who"] = "Ana"
    shop.ok(
        "%%helios batch --params [9]\nINSERT INTO users VALUES ($1, :who, NULL, 0);\nDELETE FROM users WHERE id = 1;"
    )
    assert shop.ok("%helios sql SELECT name FROM users WHERE id = 9").value["name"].tolist() == ["Ana"]


def test_a_plan(shop: Notebook) -> None:
    (planned,) = shop.ok("%%helios explain\nSELECT * FROM users WHERE id > 1").displayed
    assert "The statement was not run" in planned["text/plain"]
    (measured,) = shop.ok("%%helios explain --analyze\nDELETE FROM users").displayed
    assert "ran once with timing on" in measured["text/plain"]
    read(measured["text/html"])
    assert len(shop.ok("%helios sql SELECT * FROM users").value) == 3


def test_other_frames(shop: Notebook) -> None:
    polars = pytest.importorskip("polars")
    import pyarrow as pa

    ran = shop.ok("%helios sql --out polars SELECT id, name, email FROM users ORDER BY id")
    assert isinstance(ran.value, polars.DataFrame)
    assert ran.text.startswith("  id  name  email\n")
    assert "hm-o" in ran.html
    assert shop.ok("_.head(1)").text.startswith("shape: (1, 3)")
    arrow = shop.ok("%helios sql --out arrow SELECT id FROM users ORDER BY id")
    assert isinstance(arrow.value, pa.Table)
    assert arrow.text.startswith("  id\nint4\n")
    shop.ok("%config HeliosMagic.autopolars = True")
    assert isinstance(shop.ok("%helios sql SELECT 1 AS one").value, polars.DataFrame)
    shop.ok("%config HeliosMagic.autopandas = True")
    assert isinstance(shop.ok("%helios sql SELECT 1 AS one").value, pd.DataFrame)
    shop.ok("%config HeliosMagic.autopandas = False")
    assert isinstance(shop.ok("%helios sql SELECT 1 AS one").value, pa.Table)


def test_settings_take_effect_at_once_and_are_checked(notebook: Notebook) -> None:
    query = "%helios sql SELECT * FROM generate_series(1, 50) AS g(n)"
    assert "50 rows, 10 shown" in notebook.ok(query).text
    notebook.ok("%config HeliosMagic.displaylimit = 3")
    assert "50 rows, 3 shown" in notebook.ok("_").text
    notebook.ok("%config HeliosMagic.displaylimit = None")
    assert notebook.ok(query).text.splitlines()[-1].startswith("50 rows · ")
    notebook.ok("%config HeliosMagic.feedback = 0")
    assert notebook.ok(query).text.splitlines()[-1].split() == ["50"]
    assert notebook.ok("%helios connect :memory:").printed == ""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("displaylimit = -1", "not be less than 0"),
        ("timeout = 0", "timeout is in seconds"),
        ("feedback = 3", "not be greater than 2"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(
    notebook: Notebook, line: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    notebook.run(f"%config HeliosMagic.{line}")
    assert said in caplog.text
    assert "50 rows, 10 shown" in notebook.ok("%helios sql SELECT * FROM generate_series(1, 50) AS g(n)").text
    assert "left at their defaults" in notebook.ok("%reload_ext helios_magic").printed


def test_lists(shop: Notebook) -> None:
    (status,) = shop.ok("%helios status").displayed
    assert status["text/plain"].startswith("Connected\n  target    :memory:\n")
    (tables,) = shop.ok("%helios tables").displayed
    (users,) = [line for line in tables["text/plain"].split("\n") if line.startswith("users ")]
    assert users.split()[:2] == ["users", "3"]
    assert users.endswith("B  id int4, name text, email text, balance numeric(10,2)")
    (databases,) = shop.ok("%helios databases").displayed
    assert "default   enterprise" in databases["text/plain"]
    shop.fails("%helios sql SELECT nothing")
    (history,) = shop.ok("%helios history").displayed
    assert history["text/plain"].splitlines()[-2].rstrip().endswith("QUERY_ERROR")
    for shown in (status, tables, databases, history):
        read(shown["text/html"])


def test_unload_puts_everything_back(bare: Notebook) -> None:
    def before(frame: object) -> str:
        return "<p>mine</p>"

    html = bare.shell.display_formatter.formatters["text/html"]  # type: ignore[union-attr]
    html.for_type(pd.DataFrame, before)
    renderer = HeliosError.__dict__["renderer"]
    matchers = list(bare.shell.Completer.custom_matchers)
    try:
        bare.ok("%load_ext helios_magic")
        bare.ok("%helios connect :memory:")
        ran = bare.ok("df = %helios sql SELECT 1 AS one\ndf")
        assert "hm-o" in ran.html
        assert bare.ok("df + 1").html == "<p>mine</p>"
        bare.ok("%unload_ext helios_magic")
        assert bare.ok("df").html == "<p>mine</p>"
        assert HeliosError.__dict__["renderer"] is renderer
        assert bare.shell.Completer.custom_matchers == matchers
        assert "not found" in bare.run("%helios status").printed
        bare.ok("%load_ext helios_magic")
        bare.ok("%helios connect :memory:")
        assert "hm-o" in bare.ok("%helios sql SELECT 1 AS one").html
    finally:
        html.pop(pd.DataFrame, None)


def test_the_first_statement_connects_and_says_where(
    bare: Notebook, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELIOS_STORE", f"{tmp_path}/store")
    bare.ok("%load_ext helios_magic")
    ran = bare.ok("%helios sql SELECT 1 AS one")
    starting, connected = ran.printed.splitlines()[:2]
    assert starting == "Starting the local HeliosDB; notebooks and scripts on this machine share it."
    assert connected == f"Connected to local ({tmp_path}/store), database default, branch main."
    assert "Connected" not in bare.ok("%helios sql SELECT 2 AS two").printed


@pytest.mark.parametrize(
    ("text", "among"),
    [
        ("%helios ba", "batch"),
        ("%%helios sql --br", "--branch"),
        ("df = %helios sql --out p", "polars"),
        ("%helios help st", "status"),
        ("%helios load df t --mode ", "replace"),
    ],
)
def test_completion(notebook: Notebook, text: str, among: str) -> None:
    import warnings

    from IPython.core.completer import provisionalcompleter

    with provisionalcompleter(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [completion.text for completion in notebook.shell.Completer.completions(text, len(text))]
    assert among in found
    assert all(not name.startswith("_") for name in found)
