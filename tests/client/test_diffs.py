"""A diff as DataFrames, whole over many pages, and made of `/sql` at a server that has none."""

from __future__ import annotations

import http.client
import itertools
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pandas as pd
import pytest

import helios_magic
from helios_magic.client import diffs
from helios_magic.errors import HeliosError, NotFoundError
from helios_magic.models.branches import BranchDiff
from helios_magic.session import Session
from tests.client.served import Served

SETUP = (
    "CREATE TABLE products (id int PRIMARY KEY, name text NOT NULL, price numeric(10,2), made date, tags text[])",
    "INSERT INTO products VALUES (1,'a',1.50,'2026-01-01','{x}'),(2,'b',2,NULL,NULL),(3,'c',3,'2026-01-03','{}')",
    "CREATE TABLE log (v int, note text)",
    "INSERT INTO log VALUES (1,'x'),(1,'x'),(2,NULL)",
    "CREATE TABLE pairs (a int, b text, v float8, PRIMARY KEY (a, b))",
    "INSERT INTO pairs VALUES (1,'x',1),(1,'y',2),(2,'x','NaN')",
    "CREATE TABLE gone (id int PRIMARY KEY)",
    "INSERT INTO gone VALUES (1),(2)",
    "CREATE TABLE same (id int PRIMARY KEY)",
)
CHANGES = (
    "INSERT INTO products VALUES (4,'d',4,NULL,'{y,z}')",
    "UPDATE products SET price = 2.25, name = 'B' WHERE id = 2",
    "DELETE FROM products WHERE id = 1",
    "DELETE FROM log WHERE v = 2",
    "INSERT INTO log VALUES (1,'x'),(9,'new')",
    "UPDATE pairs SET v = 3 WHERE b = 'y'",
    "ALTER TABLE pairs ADD COLUMN extra int NOT NULL DEFAULT 7",
    "DROP TABLE gone",
    "CREATE TABLE made (id int PRIMARY KEY, v bool)",
    "INSERT INTO made VALUES (1,true),(2,NULL)",
    "CREATE VIEW seen AS SELECT id FROM products",
)


def prepared(session: Session) -> Session:
    session.client.batch(list(SETUP))
    session.client.create_branch("feature/x")
    session.client.batch(list(CHANGES), branch="feature/x")
    return session


def test_a_frame_has_change_key_changed_columns_and_both_values(session: Session) -> None:
    prepared(session)
    found = diffs.frames(session.client.diff_branch("feature/x"))
    assert set(found) == {"products", "log", "pairs", "gone", "made", "seen"}
    products = found["products"]
    assert list(products.columns) == [
        "change", "id", "changed",
        "name_old", "name_new", "price_old", "price_new", "made_old", "made_new", "tags_old", "tags_new",
    ]  # fmt: skip
    assert products[["change", "id"]].to_numpy().tolist() == [["deleted", 1], ["updated", 2], ["inserted", 4]]
    assert products["changed"].tolist() == [[], ["name", "price"], []]
    assert str(products.dtypes["price_new"]) == "decimal128(10, 2)[pyarrow]"
    assert str(products.dtypes["id"]) == "int32"
    assert products["made_old"].iloc[0] == pd.Timestamp("2026-01-01")
    assert products["tags_new"].iloc[2] == ["y", "z"]
    assert products.attrs["updated"] == 1
    log = found["log"]
    assert list(log.columns) == ["change", "changed", "v_old", "v_new", "note_old", "note_new"]
    assert sorted(log["change"]) == ["deleted", "inserted", "inserted"]
    assert found["pairs"].attrs["schema"] == ["+ column extra int4 not null default 7"]
    assert found["pairs"]["change"].tolist() == ["updated"]
    assert found["made"]["change"].tolist() == ["inserted", "inserted"]
    assert list(found["made"].columns) == ["change", "id", "changed", "v_new"]
    assert str(found["made"].dtypes["v_new"]) == "boolean"
    assert found["gone"]["id"].tolist() == [1, 2]
    assert found["seen"].empty


def test_a_diff_is_read_to_its_end(session: Session) -> None:
    session.client.sql("CREATE TABLE t (id int PRIMARY KEY, v int)")
    session.client.sql("INSERT INTO t SELECT i, i FROM generate_series(1, 25000) s(i)")
    session.client.create_branch("b")
    session.client.sql("UPDATE t SET v = v + 1", branch="b")
    assert len(session.client.diff_branch("b").tables[0].rows) == 100
    part = session.client.diff_branch("b", table="t", limit=3, offset=5)
    assert [row.key["id"] for row in part.tables[0].rows] == [6, 7, 8]
    assert part.rows == 25000
    frame = diffs.frame(diffs.whole(session.client, "b").tables[0])
    assert frame["id"].tolist() == list(range(1, 25001))
    assert (frame["v_new"] == frame["v_old"] + 1).all()


def _without_diff(server: Served, *, envelope: bool) -> ThreadingHTTPServer:
    """A proxy in front of a server, in which the diff's path does not exist."""
    target = urlsplit(server.url)

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if self.path.partition("?")[0].endswith("/diff"):
                status, kind, answer = 404, "text/html", b"<html>not found</html>"
                if envelope:
                    kind = "application/json"
                    answer = (
                        b'{"success": false, "error": {"code": "NOT_FOUND", "message": "no such path"}, "meta": {}}'
                    )
            else:
                connection = http.client.HTTPConnection(str(target.hostname), target.port or 80)
                headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
                connection.request(self.command, self.path, body, headers)
                answered = connection.getresponse()
                status, kind, answer = answered.status, answered.headers["content-type"], answered.read()
                connection.close()
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_DELETE = _pass_on  # noqa: N815 - the library's names

        def log_message(self, *_: Any) -> None:
            """Tests print nothing."""

    return ThreadingHTTPServer(("127.0.0.1", 0), Proxy)


_NAMES = itertools.count(1)


@pytest.fixture(params=["envelope", "page"])
def both(request: pytest.FixtureRequest, served: Served) -> Iterator[tuple[Session, Session]]:
    """A session with the server itself, and one through a proxy that knows no diff."""
    name = f"diffs-{next(_NAMES)}"
    with helios_magic.connect(served.url, token=served.token) as opening:
        opening.client.create_database(name, "enterprise")
    with _without_diff(served, envelope=request.param == "envelope") as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        with (
            helios_magic.connect(served.url, token=served.token, database=name) as direct,
            helios_magic.connect(f"http://127.0.0.1:{proxy.server_port}", token=served.token, database=name) as through,
        ):
            yield direct, through
        proxy.shutdown()


def told(diff: BranchDiff) -> dict[str, Any]:
    return {
        table.table: (
            table.schema,
            (table.inserted, table.updated, table.deleted),
            sorted(repr((row.key, row.columns, row.old, row.new)) for row in table.rows),
        )
        for table in diff.tables
    }


def test_without_a_diff_the_client_makes_the_same_of_sql_and_says_so(both: tuple[Session, Session]) -> None:
    direct, through = both
    prepared(direct)
    expected, computed = (each.client.diff_branch("feature/x") for each in both)
    assert computed.computed_by == "client"
    assert not isinstance(expected.computed_by, str)
    assert told(computed) == told(expected)
    assert computed.rows == expected.rows
    for name, frame in diffs.frames(expected).items():
        same = diffs.frames(computed)[name]
        order = list(frame.columns[:2])
        if name != "log":  # the order of rows without a key is anybody's
            pd.testing.assert_frame_equal(frame.sort_values(order), same.sort_values(order))
    back = through.client.diff_branch("main", "feature/x")
    assert told(back) == told(direct.client.diff_branch("main", "feature/x"))


def test_without_a_diff_many_rows_are_read_by_key(both: tuple[Session, Session]) -> None:
    direct, through = both
    direct.client.sql("CREATE TABLE t (a int, b text, v int, PRIMARY KEY (a, b))")
    direct.client.sql("INSERT INTO t SELECT i / 3, 'k' || i % 3, i FROM generate_series(0, 11999) s(i)")
    direct.client.create_branch("b")
    direct.client.sql("UPDATE t SET v = -1 WHERE a % 1000 = 7", branch="b")
    direct.client.sql("DELETE FROM t WHERE a = 3999", branch="b")
    computed = through.client.diff_branch("b", table="t", limit=4, offset=2)
    expected = direct.client.diff_branch("b", table="t", limit=4, offset=2)
    assert told(computed) == told(expected)
    assert (computed.tables[0].updated, computed.tables[0].deleted) == (12, 3)
    assert len(diffs.whole(through.client, "b").tables[0].rows) == 15


def test_what_is_not_there_is_told_as_that(both: tuple[Session, Session]) -> None:
    _, through = both
    through.client.create_branch("b")
    with pytest.raises(NotFoundError, match="feature"):
        through.client.diff_branch("b", table="feature")
    for branch, against in (("nowhere", "main"), ("b", "nowhere")):
        with pytest.raises(HeliosError, match=r"404|no such path"):
            through.client.diff_branch(branch, against)
