"""What the HTTP transport repeats and what it never does, against a real server that misbehaves."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pyarrow as pa
import pytest

from helios_magic.client import Client, transports
from helios_magic.errors import (
    ApiError,
    ConnectionFailedError,
    NotFoundError,
    RateLimitedError,
    ServerError,
    TokenExpiredError,
)
from helios_magic.settings import Secret
from tests.client.misbehaving import CUT, Answer, Server, failure, serving, success

TOKEN = "hdb_live_3f9a7c55e0d1"
ROWS = success({"columns": ["one"], "types": ["int4"], "rows": [[1]], "row_count": 1}, duration_ms=5, rows_examined=9)
BUSY = failure(429, "RATE_LIMITED", headers={"retry-after": "7"})
NO_DATABASES = success({"databases": [], "total": 0})


class Waits(list[float]):
    """A sleep that only notes how long it would have been."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


OPEN: list[Client] = []


@pytest.fixture(autouse=True)
def closing() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().close()


def client(server: Server, waits: Waits, notice: Callable[[str], None] | None = None) -> Client:
    transport = transports.http(server.url, sleep=waits, jitter=lambda: 0.5, notice=notice)
    OPEN.append(Client(transport, token=TOKEN, database="shop"))
    return OPEN[-1]


def test_a_refused_request_waits_as_long_as_it_is_told_and_says_so() -> None:
    waits, notices = Waits(), list[str]()
    with serving(BUSY, BUSY, ROWS) as server:
        result = client(server, waits, notices.append).sql("SELECT 1 AS one")
    assert result.to_pandas()["one"].tolist() == [1]
    assert (result.duration_ms, result.rows_examined) == (5, 9)
    assert waits == [7.0, 7.0]
    assert notices == ["What 127.0.0.1 allows in a minute is used up. Going on by itself in 7 seconds."] * 2
    assert [seen.body for seen in server.seen] == [server.seen[0].body] * 3


def test_four_tries_and_then_the_refusal_itself() -> None:
    waits = Waits()
    with serving(BUSY) as server, pytest.raises(RateLimitedError) as caught:
        client(server, waits).sql("SELECT 1")
    assert len(server.seen) == 4
    assert caught.value.retry_after == 7.0
    assert caught.value.request_id == "req_0123456789ab"


def test_a_wait_longer_than_a_minute_is_not_made() -> None:
    waits = Waits()
    with (
        serving(failure(429, "RATE_LIMITED", headers={"retry-after": "61"})) as server,
        pytest.raises(RateLimitedError),
    ):
        client(server, waits).sql("SELECT 1")
    assert (len(server.seen), waits) == (1, [])


def test_a_short_wait_is_not_mentioned() -> None:
    waits, notices = Waits(), list[str]()
    with serving(failure(503, "SERVER_ERROR"), NO_DATABASES) as server:
        client(server, waits, notices.append).list_databases()
    assert (len(server.seen), notices) == (2, [])


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_get_is_repeated_and_its_waits_grow(status: int) -> None:
    waits = Waits()
    with serving(failure(status, "SERVER_ERROR")) as server, pytest.raises(ServerError):
        client(server, waits).list_databases()
    assert len(server.seen) == 4
    assert waits == [0.25, 0.5, 1.0]


@pytest.mark.parametrize("answer", [CUT, failure(502, "SERVER_ERROR"), failure(503, "SERVER_ERROR")])
def test_a_post_that_was_sent_is_never_repeated(answer: Answer | str) -> None:
    waits = Waits()
    with serving(answer, ROWS) as server, pytest.raises((ServerError, ConnectionFailedError)) as caught:
        client(server, waits).sql("SELECT nextval('s')")
    assert (len(server.seen), waits) == (1, [])
    if answer == CUT:
        assert "may have been carried out" in caught.value.message


def test_a_cut_get_is_repeated() -> None:
    waits = Waits()
    with serving(CUT, CUT, NO_DATABASES) as server:
        assert client(server, waits).list_databases().total == 0
    assert len(server.seen) == 3


def test_a_load_carries_a_key_and_is_repeated_with_the_same_one() -> None:
    waits = Waits()
    with serving(CUT, failure(503, "SERVER_ERROR"), success({"table": "t", "inserted": 2})) as server:
        done = client(server, waits).load("t", pa.table({"a": [1, 2]}), key="k-0")
    assert done.inserted == 2
    assert [seen.headers["idempotency-key"] for seen in server.seen] == ["k-0"] * 3
    assert [pa.ipc.open_stream(seen.body).read_all()["a"].to_pylist() for seen in server.seen] == [[1, 2]] * 3


def test_a_delete_that_was_carried_out_before_its_answer_was_lost_is_a_success() -> None:
    waits = Waits()
    with serving(CUT, failure(404, "NOT_FOUND")) as server:
        gone = client(server, waits).delete_branch("feature/x")
    assert (gone.name, gone.deleted) == ("feature/x", True)
    assert [seen.path for seen in server.seen] == ["/db/shop/api/v1/branches/feature%2Fx"] * 2


def test_a_delete_of_what_never_was_is_an_error() -> None:
    with serving(failure(404, "NOT_FOUND")) as server, pytest.raises(NotFoundError):
        client(server, Waits()).delete_branch("x")
    with serving(BUSY, failure(404, "NOT_FOUND")) as server, pytest.raises(NotFoundError):
        client(server, Waits()).delete_branch("x")


def test_nobody_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    waits = Waits()
    reaching = Client(transports.http(url, sleep=waits, jitter=lambda: 1.0), token=TOKEN)
    with pytest.raises(ConnectionFailedError, match="cannot be reached") as caught:
        reaching.sql("INSERT INTO t VALUES (1)")
    assert "Nothing was sent" in caught.value.message
    assert "helios serve" in str(caught.value.hint)
    assert waits == [0.5, 1.0, 2.0]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(200, b"<!doctype html>\n<title>Sign in</title>"), ConnectionFailedError),
        (Answer(404, b"<!doctype html>\nnginx"), ConnectionFailedError),
        (Answer(500, b"<!doctype html>\nBad gateway"), ServerError),
        (Answer(200, {"hello": "world"}), ConnectionFailedError),
        (Answer(500, b""), ServerError),
    ],
)
def test_an_answer_without_the_envelope_says_so(answer: Answer, kind: type[Exception]) -> None:
    with serving(answer) as server, pytest.raises(kind) as caught:
        client(server, Waits()).sql("SELECT 1")
    message = str(caught.value)
    assert f"answered {answer.status} without HeliosDB's envelope" in message
    if answer.body and isinstance(answer.body, bytes):
        assert "“<!doctype html>”" in message
    assert isinstance(caught.value, (ApiError, ConnectionFailedError))


EXPIRED = failure(401, "AUTH_EXPIRED", "Token has expired")
RENEWED = success(
    {
        "token": "hdb_live_second",
        "token_type": "bearer",
        "expires_at": "2025-12-23T00:00:00Z",
        "user": {"id": "usr_x", "email": "user@example.com"},
    }
)


def test_an_expired_token_is_renewed_once_and_the_request_repeated() -> None:
    told: list[Secret] = []
    with serving(EXPIRED, RENEWED, ROWS, ROWS) as server:
        transport = transports.http(server.url, sleep=Waits())
        with Client(transport, token=TOKEN, database="shop", renewed=lambda token, until: told.append(token)) as it:
            it.sql("INSERT INTO t VALUES (1)")
            it.sql("SELECT 1")
    paths = [seen.path.rpartition("/")[2] for seen in server.seen]
    assert paths == ["sql", "refresh", "sql", "sql"]
    tokens = [seen.headers["authorization"] for seen in server.seen]
    assert tokens == [f"Bearer {TOKEN}"] * 2 + ["Bearer hdb_live_second"] * 2
    assert [token.reveal() for token in told] == ["hdb_live_second"]


def test_a_token_that_cannot_be_renewed_is_one_clear_error() -> None:
    with serving(EXPIRED, failure(401, "AUTH_EXPIRED")) as server, pytest.raises(TokenExpiredError) as caught:
        client(server, Waits()).sql("SELECT 1")
    assert len(server.seen) == 2
    assert "Sign in again" in str(caught.value.hint)


def test_one_replay_and_no_more() -> None:
    with serving(EXPIRED, RENEWED, EXPIRED) as server, pytest.raises(TokenExpiredError):
        client(server, Waits()).sql("SELECT 1")
    assert len(server.seen) == 3


def test_threads_that_meet_an_expired_token_together_renew_it_once() -> None:
    import threading

    from helios_magic.client.auth import Credentials, SignedIn
    from helios_magic.models.accounts import User

    credentials, asked = Credentials(Secret("old")), list[int]()
    barrier = threading.Barrier(8)

    def renew() -> None:
        generation = credentials.current()[1]
        barrier.wait()
        credentials.renew(generation, ask)

    def ask() -> SignedIn:
        import datetime as dt

        asked.append(1)
        user = User(id="usr_x", email="user@example.com")
        return SignedIn(token=Secret("new"), expires_at=dt.datetime.now(dt.UTC), user=user)

    threads = [threading.Thread(target=renew) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(asked) == 1
    assert credentials.current()[0] == Secret("new")
