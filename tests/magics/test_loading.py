"""`%helios load`, and what loading the extension costs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from helios_magic.errors import HeliosError, UsageError
from tests.magics.conftest import Notebook

_COST = """
import json, sys, time
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
config = Config()
config.HistoryManager.enabled = False
shell = InteractiveShell.instance(config=config)
before = set(sys.modules)
start = time.perf_counter()
shell.run_line_magic("load_ext", "helios_magic")
took = time.perf_counter() - start
print(json.dumps({"seconds": took, "modules": sorted(set(sys.modules) - before)}))
"""


def test_loading_the_extension_is_cheap_and_imports_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", _COST], capture_output=True, text=True, check=True)
    measured = json.loads(done.stdout.splitlines()[-1])
    heavy = {"pandas", "numpy", "duckdb", "sqlglot", "httpx", "pyarrow", "starlette", "uvicorn", "msgspec", "polars"}
    assert not heavy & {name.partition(".")[0] for name in measured["modules"]}
    # 100 ms is the promise on an idle machine; a crowded one is given fifty times that.
    assert measured["seconds"] < 5


def test_a_frame_becomes_a_table(notebook: Notebook) -> None:
    notebook["orders"] = pd.DataFrame({"id": [1, 2, 3], "item": ["mug", None, "لمبة"]})
    ran = notebook.ok("%helios load orders orders --mode create")
    sentence, footer = ran.text.split("\n")
    assert sentence == "3 rows loaded into orders"
    assert re.fullmatch(r"3 changed · [\d.]+ m?s · [\d,]+ rows/s · default · main", footer)
    assert ran.value.affected_rows == 3
    assert notebook.ok("%helios sql SELECT item FROM orders ORDER BY id").value["item"].tolist()[2] == "لمبة"
    notebook.ok("%helios load orders orders")
    assert notebook.ok("%helios sql SELECT count(*) AS n FROM orders").value["n"].tolist() == [6]
    notebook.ok("%helios load orders orders --mode replace")
    assert notebook.ok("%helios sql SELECT count(*) AS n FROM orders").value["n"].tolist() == [3]


def test_files(notebook: Notebook, tmp_path: Path) -> None:
    (tmp_path / "my people.csv").write_text("id,name\n1,Ana\n2,Tom\n", encoding="utf-8")
    notebook.ok(f'%helios load "{tmp_path / "my people.csv"}" people --mode create')
    assert notebook.ok("%helios sql SELECT name FROM people ORDER BY id").value["name"].tolist() == ["Ana", "Tom"]
    pd.DataFrame({"id": [7]}).to_parquet(tmp_path / "ids.parquet")
    notebook["path"] = tmp_path / "ids.parquet"
    assert notebook.ok("%helios load path ids --mode create").value.affected_rows == 1


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("ordrs", "No variable is called “ordrs”, and it names no .csv or .parquet file."),
        ("nowhere.csv", "There is no file nowhere.csv."),
        ("number", "“number” is a int, not a frame."),
    ],
)
def test_what_cannot_be_loaded(notebook: Notebook, source: str, message: str) -> None:
    notebook["orders"] = pd.DataFrame({"id": [1]})
    notebook["number"] = 5
    ran = notebook.fails(f"%helios load {source} t")
    assert isinstance(ran.error, UsageError)
    assert ran.error.message == message
    if source == "ordrs":
        assert ran.error.hint == "Did you mean orders?"


def test_a_table_that_is_not_there(notebook: Notebook) -> None:
    notebook["orders"] = pd.DataFrame({"id": [1]})
    ran = notebook.fails("%helios load orders nowhere")
    assert isinstance(ran.error, HeliosError)
    assert "nowhere" in ran.error.message
    assert ran.printed.splitlines()[-1].startswith("On main.")
