"""What a `%%helios sql` cell costs: beside JupySQL for SELECT 1, beside raw DuckDB for ten million rows.

    pip install '.[test,bench]' && python -m tests.bench.sql_cells

Goals: `%load_ext` under 100 ms, without pandas and duckdb; SELECT 1 at most 0.5 of JupySQL with autopandas on DuckDB;
ten million rows × 5 columns to a DataFrame at most 1.15 of `con.sql(q).to_arrow_table().to_pandas()`, in process.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import statistics
import subprocess
import sys

import duckdb
from IPython.core.interactiveshell import InteractiveShell

from tests.bench.timing import medians

FIVE_COLUMNS = """
    SELECT i::int8 AS id, (i * 7 % 1000)::int4 AS bucket, i * 0.5::float8 AS score,
           'name ' || (i % 1000)::text AS name, TIMESTAMP '2026-01-01' + to_seconds(i) AS at
    FROM range({rows}) AS r(i)
"""


_LOADING = """
import sys, time
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
began = time.perf_counter()
shell.run_line_magic("load_ext", "helios_magic")
print((time.perf_counter() - began) * 1e3, {"pandas", "duckdb"} & sys.modules.keys() or "neither pandas nor duckdb")
"""


def load_extension(rounds: int = 7) -> None:
    """`%load_ext` in fresh processes."""
    lines = [subprocess.check_output([sys.executable, "-c", _LOADING], text=True).split(" ", 1) for _ in range(rounds)]
    took = statistics.median(float(milliseconds) for milliseconds, _ in lines)
    print(f"%load_ext helios_magic: {took:.0f} ms, imports {lines[0][1].strip()} (goal: under 100 ms)")


def notebook() -> InteractiveShell:
    """A shell with both extensions, each on an in-memory DuckDB."""
    shell = InteractiveShell.instance()
    with contextlib.redirect_stdout(io.StringIO()):
        shell.run_line_magic("load_ext", "helios_magic")
        shell.run_line_magic("helios", "connect :memory:")
        shell.run_line_magic("load_ext", "sql")
        shell.run_line_magic("config", "SqlMagic.autopandas = True")
        shell.run_line_magic("config", "SqlMagic.feedback = 0")
        shell.push({"native": duckdb.connect()})
        shell.run_line_magic("sql", "native --alias native")
    return shell


def select_one(shell: InteractiveShell, rounds: int) -> None:
    def ours() -> object:
        return shell.run_cell_magic("helios", "sql", "SELECT 1")

    def jupysql() -> object:
        return shell.run_cell_magic("sql", "", "SELECT 1")

    assert ours().iat[0, 0] == jupysql().iat[0, 0] == 1  # type: ignore[attr-defined]
    took = medians({"helios": ours, "jupysql": jupysql}, rounds, warm_up=20)
    print(f"SELECT 1 in a cell: helios {took['helios'] * 1e3:.3f} ms, JupySQL {took['jupysql'] * 1e3:.3f} ms")
    print(f"  ratio {took['helios'] / took['jupysql']:.2f} (goal: at most 0.50)")


def ten_million(rows: int, rounds: int) -> None:
    import helios_magic

    raw = duckdb.connect()
    raw.execute("CREATE TABLE big AS " + FIVE_COLUMNS.format(rows=rows))
    session = helios_magic.connect(":memory:")
    table = raw.sql("SELECT * FROM big").to_arrow_table()
    session.load(table, "big", mode="create")
    del table
    query = "SELECT * FROM big"

    def ours() -> object:
        return session.sql(query, timeout=600)

    def best_raw() -> object:
        return raw.sql(query).to_arrow_table().to_pandas()

    took = medians({"helios": ours, "raw": best_raw}, rounds, warm_up=1)
    print(f"{rows:,} rows x 5 to a DataFrame: helios {took['helios']:.2f} s, raw DuckDB {took['raw']:.2f} s")
    print(f"  ratio {took['helios'] / took['raw']:.2f} (goal: at most 1.15)")
    session.close()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=10_000_000)
    arguments.add_argument("--rounds", type=int, default=300)
    chosen = arguments.parse_args()
    load_extension()
    select_one(notebook(), chosen.rounds)
    ten_million(chosen.rows, rounds=5)


if __name__ == "__main__":
    main()
