"""No token and no password shows: not in prints, pickles, verbose tracebacks or logs."""

from __future__ import annotations

import logging
import pickle
from typing import Any

import pytest
from IPython.core.ultratb import VerboseTB

import helios_magic
from helios_magic.client import Client, transports
from helios_magic.client.connection import Transport
from helios_magic.errors import AuthenticationError
from helios_magic.models.seam import Call, Reply
from tests.client.misbehaving import CUT, Answer, failure, serving, success

TOKEN = "hdb_live_3f9a7c55e0d1"


def password() -> str:
    """A password that a traceback's own lines of this file do not hold."""
    return " ".join(["correct", "horse", "battery", "staple"])


def verbose(error: BaseException) -> str:
    """What `%xmode Verbose` prints of our frames: each with the values of its variables."""
    assert error.__traceback__ is not None
    drawn = VerboseTB(include_vars=True, theme_name="nocolor")
    text: str = drawn.text(type(error), error, error.__traceback__.tb_next)
    return text


def interrupted(_: float) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "answer",
    [
        CUT,
        failure(401, "AUTH_REQUIRED"),
        failure(500, "SERVER_ERROR"),
        Answer(200, b"<html>"),
        success({"columns": 1}),
        failure(429, "RATE_LIMITED", headers={"retry-after": "1"}),
    ],
)
def test_no_traceback_over_http_shows_the_token(answer: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(answer) as server:
        client = Client(transports.http(server.url, sleep=interrupted), token=TOKEN)
        with pytest.raises((Exception, KeyboardInterrupt)) as caught:
            client.sql("SELECT 1")
        assert server.seen[0].headers["authorization"] == f"Bearer {TOKEN}"
        client.close()
    assert TOKEN not in verbose(caught.value)
    assert TOKEN not in caplog.text
    assert "receive_response" in caplog.text


def test_no_traceback_of_a_sign_in_shows_the_password() -> None:
    with serving(failure(401, "AUTH_REQUIRED")) as server:
        client = Client(transports.http(server.url))

        with pytest.raises(AuthenticationError) as caught:
            client.login("user@example.com", password())
        assert password().encode() in server.seen[0].body
        client.close()
    shown = verbose(caught.value)
    assert "login" in shown
    assert password() not in shown


def broken(_: Call) -> Reply:
    raise RuntimeError("a bug in the service")


def test_no_traceback_of_a_bug_in_process_shows_the_token() -> None:
    with Client(transports.in_process(broken), token=TOKEN) as client, pytest.raises(RuntimeError) as caught:
        client.sql("SELECT 1")
    shown = verbose(caught.value)
    assert "a bug in the service" in shown
    assert TOKEN not in shown


def test_no_traceback_of_connecting_shows_the_token() -> None:
    with serving(failure(401, "AUTH_REQUIRED")) as server, pytest.raises(AuthenticationError) as caught:
        helios_magic.connect(server.url, token="_".join(["hdb", "live", "9a7c55e0d1"]))
    shown = verbose(caught.value)
    assert "connect" in shown
    assert "9a7c55e0d1" not in shown


def test_nothing_that_holds_a_client_prints_or_pickles_the_token() -> None:
    transport: Transport = transports.in_process(broken)
    with Client(transport, token=TOKEN) as client:
        shown = [repr(client), str(client), repr(vars(client)), repr(vars(client._requests)), repr(dir(client))]
        shown.append(repr(vars(client._requests.credentials)))
        assert not any(TOKEN in text for text in shown)
        with pytest.raises(TypeError):
            pickle.dumps(client)
