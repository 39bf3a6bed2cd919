"""The calls that `soak` mixes: every endpoint of the contract, each leaving the data at the size it found it."""

from __future__ import annotations

import contextlib
import itertools
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pyarrow as pa

from helios_magic.client import transports
from helios_magic.client.client import Client
from helios_magic.errors import ApiError

ROWS = 2000
_numbers = itertools.count(1)


@dataclass(slots=True)
class Place:
    """One client: its own rows of a shared table, its own webhook receiver's address, its own random numbers."""

    url: str
    client: Client
    number: int
    hook: str
    random: random.Random
    plain: httpx.Client

    @classmethod
    def of(cls, url: str, token: str, database: str, number: int, hook: str) -> Place:
        client = Client(transports.http(url), token=token, database=database)
        return cls(url, client, number, hook, random.Random(number), httpx.Client(base_url=url))

    def fresh(self, what: str) -> str:
        return f"{what}-{self.number}-{next(_numbers)}"


@dataclass(frozen=True, slots=True)
class Call:
    run: Callable[[Place], object]
    weight: float


@contextlib.contextmanager
def receiver() -> Iterator[str]:
    """A receiver of webhooks, as an address."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def prepare(owner: Client, name: str) -> str:
    """A database with the tables that the calls use; its name."""
    owner.create_database(name, tier="enterprise")
    client = owner.for_database(name)
    client.sql("CREATE TABLE items (id int PRIMARY KEY, owner int, name text, price numeric(10,2), at timestamp)")
    client.sql(
        "INSERT INTO items SELECT i, 0, 'item ' || i, i / 100.0, TIMESTAMP '2026-01-01' + i * INTERVAL '1 minute' "
        f"FROM generate_series(1, {ROWS}) AS g(i)"
    )
    client.sql("CREATE TABLE docs (id int PRIMARY KEY, body text, embedding vector(3))")
    client.sql("INSERT INTO docs SELECT i, 'text ' || i, '[1,2,3]'::vector(3) FROM generate_series(1, 50) AS g(i)")
    return name


def _write(place: Place) -> None:
    key = ROWS + next(_numbers)
    place.client.sql("INSERT INTO items VALUES ($1, $2, 'mine', 1.50, now())", [key, place.number])
    place.client.sql("UPDATE items SET price = price + 1 WHERE id = $1", [key])
    place.client.sql("DELETE FROM items WHERE id = $1", [key])


def _refused(place: Place) -> None:
    with contextlib.suppress(ApiError):
        place.client.sql("SELECT nothing FROM items")
        raise AssertionError("a query that must fail went well")


def _batch(place: Place) -> None:
    key = ROWS + next(_numbers)
    place.client.batch([("INSERT INTO items (id) VALUES ($1)", [key]), ("DELETE FROM items WHERE id = $1", [key])])


def _branches(place: Place) -> None:
    name = place.fresh("feature")
    place.client.create_branch(name)
    place.client.sql("UPDATE items SET name = $1 WHERE id = $2", [name, place.number + 1], branch=name)
    place.client.diff_branch(name)
    place.client.merge_branch(name, strategy="theirs")
    place.client.delete_branch(name)


def _load(place: Place) -> None:
    first = 10**6 + 1000 * next(_numbers)
    rows = pa.table({"id": pa.array(range(first, first + 500), pa.int32()), "owner": pa.array([place.number] * 500)})
    place.client.load("items", rows)
    place.client.sql("DELETE FROM items WHERE id >= $1 AND id < $2", [first, first + 500])


def _databases(place: Place) -> None:
    made = place.client.create_database(place.fresh("short"))
    place.client.get_database(made.id)
    place.client.delete_database(made.id)


def _accounts(place: Place) -> None:
    guest = Client(transports.http(place.url))
    try:
        email = f"{place.fresh('guest')}@example.com"
        guest.signup(email, "secure-password-123")
        guest.login(email, "secure-password-123")
        guest.refresh()
        guest.logout()
    finally:
        guest.close()


def _webhooks(place: Place) -> None:
    made = place.client.create_webhook(place.hook, ["branch.created", "branch.merged"], "whsec_c2VjcmV0LXNlY3JldA==")
    place.client.test_webhook(made.id)
    place.client.list_webhooks()
    place.client.list_deliveries(made.id)
    place.client.delete_webhook(made.id)


def _pages(place: Place) -> None:
    for path in ("/health", "/openapi.json", "/docs"):
        place.plain.get(path).raise_for_status()


CALLS: dict[str, Call] = {
    "select few": Call(lambda at: at.client.sql("SELECT * FROM items WHERE id <= $1 LIMIT 10", [at.number]), 30),
    "select all": Call(lambda at: at.client.sql(f"SELECT * FROM items WHERE id <= {ROWS}"), 10),
    "select many texts": Call(lambda at: at.client.sql(f"SELECT {next(_numbers)} AS n, count(*) FROM items"), 6),
    "sql refused": Call(_refused, 5),
    "write": Call(_write, 8),
    "batch": Call(_batch, 5),
    "explain": Call(lambda at: at.client.explain("SELECT count(*) FROM items WHERE price > 5", analyze=True), 5),
    "list_branches": Call(lambda at: at.client.list_branches(), 4),
    "branches": Call(_branches, 3),
    "tables": Call(lambda at: at.client.tables(), 4),
    "load": Call(_load, 3),
    "list_databases": Call(lambda at: at.client.list_databases(), 4),
    "databases": Call(_databases, 0.5),
    "accounts": Call(_accounts, 0.3),
    "webhooks": Call(_webhooks, 1),
    "usage": Call(lambda at: at.client.usage(), 2),
    "performance": Call(lambda at: at.client.performance("1h"), 2),
    "pages": Call(_pages, 1),
    "generate_schema": Call(lambda at: at.client.generate_schema("a shop with customers and orders"), 1),
    "embed": Call(lambda at: at.client.embed(["red shoes", "a blue hat"]), 1),
    "search": Call(lambda at: at.client.search("docs", "embedding", vector=[1.0, 2.0, 3.0]), 2),
    "generate_rest": Call(lambda at: at.client.generate_rest(["items"]), 0.5),
    "generate_graphql": Call(lambda at: at.client.generate_graphql(["items"]), 0.5),
    "generate_types": Call(lambda at: at.client.generate_types(["items"], "typescript"), 1),
}
"""By name, with how often each is chosen beside the others."""
