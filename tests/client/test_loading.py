"""Bulk loading: chunks, files, what a failure leaves, and servers without the endpoint."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from helios_magic.client import Client, transports
from helios_magic.client.loading import load, read_source
from helios_magic.errors import ConnectionFailedError, QueryError, UsageError
from tests.client.misbehaving import CUT, Answer, Server, failure, serving, success


def connected(server: Server) -> Client:
    return Client(transports.http(server.url, sleep=lambda _: None), token="hdb_live_x", database="shop")


def loaded(rows: int) -> Answer:
    return success({"table": "t", "inserted": rows})


NUMBERS = pa.table({"id": pa.array(range(1000), pa.int64())})
"""8,000 bytes: with `chunk_bytes=2000` four chunks of 250 rows."""


def test_chunks_have_keys_of_their_own_and_the_mode_goes_first() -> None:
    seen: list[tuple[int, int | None]] = []
    with serving(loaded(250)) as server, connected(server) as client:
        assert load(
            client, NUMBERS, "t", mode="create", chunk_bytes=2000, progress=lambda *at: seen.append(at)
        ) == 1000  # fmt: skip
    assert seen == [(250, 1000), (500, 1000), (750, 1000), (1000, 1000)]
    modes = [re.findall(r"mode=(\w+)", request.path)[0] for request in server.seen]
    assert modes == ["create", "append", "append", "append"]
    assert len({request.headers["idempotency-key"] for request in server.seen}) == 4
    sent = [pa.ipc.open_stream(request.body).read_all()["id"].to_pylist() for request in server.seen]
    assert [number for chunk in sent for number in chunk] == list(range(1000))


def test_whole_is_one_request() -> None:
    with serving(loaded(1000)) as server, connected(server) as client:
        assert load(client, NUMBERS, "t", whole=True, chunk_bytes=2000) == 1000
    assert len(server.seen) == 1


REFUSED = failure(400, "QUERY_ERROR", "duplicate key")


def test_a_later_chunk_that_fails_says_what_stays() -> None:
    with (
        serving(loaded(250), loaded(250), REFUSED) as server,
        connected(server) as client,
        pytest.raises(QueryError) as caught,
    ):
        load(client, NUMBERS, "t", chunk_bytes=2000)
    assert caught.value.message == "duplicate key. 500 of 1,000 rows were written to t and stay there."
    assert caught.value.details["written"] == 500


def test_a_half_filled_new_table_is_dropped_again() -> None:
    dropped = success({"affected_rows": 0, "command": "DROP TABLE"})
    with (
        serving(loaded(250), REFUSED, dropped) as server,
        connected(server) as client,
        pytest.raises(QueryError, match="Nothing was written: the half-filled table was dropped again"),
    ):
        load(client, NUMBERS, 'we"ird', mode="create", chunk_bytes=2000)
    assert json.loads(server.seen[-1].body)["query"] == 'DROP TABLE "we""ird"'


def test_a_table_is_replaced_in_one_request(tmp_path: Path) -> None:
    """Of a file too: what fails must leave the rows that were there."""
    path = tmp_path / "numbers.csv"
    path.write_text("id\n" + "".join(f"{number}\n" for number in range(50_000)))
    with serving(loaded(50_000)) as server, connected(server) as client:
        assert load(client, path, "t", mode="replace", chunk_bytes=20_000) == 50_000
        assert len(server.seen) == 1
        assert pa.ipc.open_stream(server.seen[0].body).read_all().num_rows == 50_000
    with (
        serving(REFUSED) as server,
        connected(server) as client,
        pytest.raises(QueryError, match="Nothing was written; the rows that were there stay"),
    ):
        load(client, NUMBERS, "t", mode="replace", chunk_bytes=2000)


def test_a_replacement_whose_file_cannot_be_read_on_sends_nothing(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("id\n" + "1\n" * 100_000 + "x\n")
    with serving(loaded(5000)) as server, connected(server) as client, pytest.raises(UsageError, match="read on"):
        load(client, path, "t", mode="replace", chunk_bytes=40_000)
    assert not server.seen


def test_a_lost_answer_does_not_claim_that_nothing_was_written() -> None:
    with serving(CUT) as server, connected(server) as client, pytest.raises(ConnectionFailedError) as caught:
        load(client, NUMBERS, "t")
    assert "Nothing was written" not in caught.value.message
    assert "may have been carried out" in caught.value.message


DONE = success({"results": [], "transaction": True, "committed": True})


@pytest.mark.parametrize(
    "refusal",
    [
        failure(404, "NOT_FOUND"),
        failure(405, "VALIDATION_ERROR"),
        failure(501, "NOT_IMPLEMENTED"),
        Answer(404, b"<h1>Not found</h1>"),
    ],
)
def test_a_server_without_bulk_loading_gets_inserts(refusal: Answer) -> None:
    rows = pa.table({"id": [1, 2], 'a "name"': ["x", None], "at": pd.to_datetime(["2025-01-01", None]).as_unit("us")})
    with serving(refusal, DONE) as server, connected(server) as client:
        assert load(client, rows, "t", mode="create") == 2
    body = json.loads(server.seen[-1].body)
    assert body["transaction"] is True
    create, insert = body["statements"]
    assert create["query"] == 'CREATE TABLE "t" ("id" int8, "a ""name""" text, "at" timestamp)'
    assert insert["query"] == 'INSERT INTO "t" ("id", "a ""name""", "at") VALUES ($1, $2, $3), ($4, $5, $6)'
    assert insert["params"] == [1, "x", "2025-01-01T00:00:00", 2, None, None]


def test_the_fallback_keeps_to_the_limit_of_placeholders_and_asks_once() -> None:
    rows = pa.table({name: range(9000) for name in "abcdefgh"})
    with serving(failure(404, "NOT_FOUND"), DONE) as server, connected(server) as client:
        assert load(client, rows, "t", chunk_bytes=rows.nbytes // 2 + 1) == 9000
    assert [request.path.rpartition("/")[2].partition("?")[0] for request in server.seen] == ["rows", "batch", "batch"]
    sizes = [len(each["params"]) for request in server.seen[1:] for each in json.loads(request.body)["statements"]]
    assert sum(sizes) == 72_000
    assert max(sizes) <= 65_535


# Sources


def rows_of(source: Any) -> pa.Table:
    return pa.concat_tables(read_source(source).tables)


def test_a_csv_file_keeps_its_names_and_infers_its_types(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,Full Name,price,day\n1,Ann,1.5,2025-01-02\n2,,2.5,2025-01-03\n")
    table = rows_of(str(path))
    assert table.column_names == ["id", "Full Name", "price", "day"]
    assert [str(kind) for kind in table.schema.types] == ["int64", "string", "double", "date32[day]"]
    assert table["id"].to_pylist() == [1, 2]


def test_a_large_csv_file_is_read_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    with path.open("w") as file:
        file.write("id,text\n")
        file.writelines(f"{number},{'x' * 50}\n" for number in range(50_000))
    source = read_source(path, chunk_bytes=200_000)
    sizes = [table.num_rows for table in source.tables]
    assert sum(sizes) == 50_000
    assert len(sizes) > 5
    assert source.total is None


def test_a_csv_whose_types_change_half_way_says_so(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("id\n" + "1\n" * 100_000 + "x\n")
    with pytest.raises(UsageError, match=r"odd\.csv cannot be read on"):
        list(read_source(path, chunk_bytes=10_000).tables)


def test_a_parquet_file(tmp_path: Path) -> None:
    table = pa.table({"id": range(300_000), "name": ["x"] * 300_000})
    parquet.write_table(table, tmp_path / "a.parquet")
    source = read_source(tmp_path / "a.parquet")
    assert source.total == 300_000
    assert pa.concat_tables(source.tables).equals(table)


def test_an_index_counts_only_when_it_has_a_name() -> None:
    frame = pd.DataFrame({"a": [1, 2]}, index=[7, 8])
    assert rows_of(frame).column_names == ["a"]
    frame.index.name = "key"
    assert rows_of(frame).to_pydict() == {"key": [7, 8], "a": [1, 2]}


def test_nullable_and_categorical_columns() -> None:
    frame = pd.DataFrame({"n": pd.array([1, None], "Int64"), "c": pd.Categorical(["a", "b"])})
    table = rows_of(frame)
    assert table["n"].to_pylist() == [1, None]
    assert table["c"].to_pylist() == ["a", "b"]


def twice(_: Path) -> Any:
    return pd.DataFrame([[1, 2]], columns=["a", "a"])


def numbered(_: Path) -> Any:
    return pd.DataFrame([[1, 2]])


def mixed(_: Path) -> Any:
    return pd.DataFrame({"a": [1, "x"]})


def no_file(folder: Path) -> Any:
    return folder / "none.csv"


def other_file(folder: Path) -> Any:
    (folder / "a.xlsx").write_text("")
    return folder / "a.xlsx"


def empty_file(folder: Path) -> Any:
    (folder / "a.csv").write_text("")
    return folder / "a.csv"


def no_parquet(folder: Path) -> Any:
    (folder / "a.parquet").write_text("hello")
    return folder / "a.parquet"


@pytest.mark.parametrize(
    ("make", "cause"),
    [
        (twice, "Two columns are called “a”"),
        (numbered, "has no name in text"),
        (mixed, "several kinds"),
        (no_file, "There is no file"),
        (other_file, "neither a .csv nor a .parquet"),
        (empty_file, "cannot be read as CSV"),
        (no_parquet, "cannot be read as Parquet"),
        (lambda _: [1, 2], "A list cannot be loaded"),
        (lambda _: pd.DataFrame(), "no column"),
    ],
)
def test_what_cannot_be_loaded_is_named(make: Callable[[Path], Any], cause: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=cause):
        read_source(make(tmp_path))


def test_an_unknown_mode() -> None:
    with pytest.raises(UsageError, match="no load mode “upsert”") as caught:
        load(object(), NUMBERS, "t", mode="upsert")  # type: ignore[arg-type]
    assert caught.value.hint == "Known modes: append, replace, create."


def test_a_source_that_fails_half_way_says_what_stays(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("id\n" + "1\n" * 100_000 + "x\n")
    with serving(loaded(5000)) as server, connected(server) as client, pytest.raises(UsageError) as caught:
        load(client, path, "t", chunk_bytes=40_000)
    written = 5000 * len(server.seen)
    assert written > 0
    assert caught.value.details["written"] == written
    assert f"{written:,} rows were written to t and stay there." in caught.value.message
