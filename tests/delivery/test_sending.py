"""One attempt: what it connects to, what it follows, how long it waits."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from helios_magic.delivery import Guard
from helios_magic.delivery.addresses import Address
from helios_magic.delivery.sending import Sender
from helios_magic.emulator.certificates import self_signed
from helios_magic.store import utc_now
from tests.delivery.receiving import Receiver, receiving

#: Versions of Python write it differently.
MAPPED = ipaddress.ip_address("::ffff:127.0.0.1")
LOCAL, PUBLIC = Guard(local=True), Guard(local=False)


@contextlib.contextmanager
def answering(*pieces: bytes, pause: float = 0.0) -> Iterator[str]:
    """A server that reads a little, then writes these bytes piece by piece."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        def serve() -> None:
            with contextlib.suppress(OSError):
                link, _ = server.accept()
                with link:
                    link.recv(65536)
                    for piece in pieces:
                        link.sendall(piece)
                        over.wait(pause)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        over.set()
        server.close()
        thread.join(5)


def test_a_post_arrives_as_it_was_signed(receiver: Receiver) -> None:
    outcome = Sender(LOCAL).send(f"{receiver.url}?a=%20b", b'{"x":1}', {"webhook-id": "evt_1"})
    assert (outcome.status_code, outcome.error, outcome.delivered) == (200, None, True)
    (got,) = receiver.requests
    assert (got.path, got.body, got.headers["webhook-id"]) == ("/hook?a=%20b", b'{"x":1}', "evt_1")
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_delivered(receiver: Receiver, status: int) -> None:
    receiver.status = status
    assert Sender(LOCAL).send(receiver.url, b"{}", {}).delivered


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_anything_else_is_not(receiver: Receiver, status: int) -> None:
    receiver.status = status
    outcome = Sender(LOCAL).send(receiver.url, b"{}", {})
    assert (outcome.delivered, outcome.status_code, outcome.error) == (False, status, f"answered {status}")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(receiver: Receiver, status: int) -> None:
    with receiving() as elsewhere:
        receiver.status, receiver.headers = status, {"Location": elsewhere.url}
        outcome = Sender(LOCAL).send(receiver.url, b"{}", {})
        assert not outcome.delivered
        assert outcome.error == f"answered {status}: redirects are not followed"
        assert elsewhere.requests == []


def test_proxies_are_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert Sender(LOCAL).send(receiver.url, b"{}", {}).delivered
        assert proxy.requests == []


def test_a_name_is_resolved_once_and_every_address_looked_at(receiver: Receiver) -> None:
    asked: list[str] = []

    def rebinding(*answers: list[str]) -> Sender:
        left = list(answers)

        def resolve(host: str, port: int) -> list[Address]:
            asked.append(f"{host}:{port}")
            return [ipaddress.ip_address(each) for each in left.pop(0)]

        return Sender(LOCAL, resolved=resolve, timeout=0.5)

    url = f"https://rebound.example:{receiver.port}/"
    for addresses, told in (
        (["169.254.169.254"], "not sent: 169.254.169.254 is a link-local address"),
        (["8.8.8.8", "10.0.0.1"], "not sent: 10.0.0.1 is a private address"),
        (["::ffff:127.0.0.1"], f"not sent: {MAPPED} is an IPv4 address written as IPv6"),
        (["64:ff9b::7f00:1"], "not sent: 64:ff9b::7f00:1 is a NAT64 address"),
    ):
        # A second look-up would find loopback.
        outcome = rebinding(addresses, ["127.0.0.1"]).send(url, b"{}", {})
        assert (outcome.status_code, outcome.error) == (None, told)
    assert asked == [f"rebound.example:{receiver.port}"] * 4
    outcome = rebinding(["8.8.8.8"]).send(f"http://localhost:{receiver.port}/", b"{}", {})
    assert outcome.error == "not sent: plain http is for receivers on this machine only"
    assert receiver.requests == []


def test_a_name_for_loopback_is_refused_by_a_server_that_others_reach(receiver: Receiver) -> None:
    here = ipaddress.ip_address("127.0.0.1")
    url = f"https://innocent.example:{receiver.port}/"
    outcome = Sender(PUBLIC, resolved=lambda host, port: [here]).send(url, b"{}", {})
    assert outcome.error == "not sent: 127.0.0.1 is this server's own machine"
    assert receiver.requests == []


def test_the_checked_address_is_connected_to_under_its_own_name(tmp_path: Path) -> None:
    path = self_signed(tmp_path, utc_now())
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    here = [ipaddress.ip_address("127.0.0.1")]

    def trusting() -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(path))

    with receiving(server) as receiver:
        sender = Sender(LOCAL, resolved=lambda host, port: list(here), tls=trusting)
        sent = sender.send(f"https://api.heliosdb.io:{receiver.port}/x", b"{}", {})
        assert (sent.status_code, sent.error) == (200, None)
        assert receiver.requests[0].headers["host"] == f"api.heliosdb.io:{receiver.port}"
        other = sender.send(f"https://other.example:{receiver.port}/x", b"{}", {})
        assert other.error is not None
        assert other.error.startswith("its certificate cannot be trusted: Hostname mismatch")
        untrusting = Sender(LOCAL, resolved=lambda host, port: list(here))
        unknown = untrusting.send(f"https://api.heliosdb.io:{receiver.port}/x", b"{}", {})
        assert unknown.error == "its certificate cannot be trusted: self-signed certificate"
        assert len(receiver.requests) == 1


def test_the_next_address_is_tried(receiver: Receiver) -> None:
    both = [ipaddress.ip_address("127.0.0.2"), ipaddress.ip_address("127.0.0.1")]
    url = f"http://hooks.localhost:{receiver.port}/"
    assert Sender(LOCAL, resolved=lambda host, port: list(both)).send(url, b"{}", {}).delivered


def test_one_deadline_for_a_receiver_that_drips() -> None:
    with answering(*[b"H"] * 200, pause=0.05) as url:
        began = time.monotonic()
        outcome = Sender(LOCAL, timeout=0.4).send(url, b"{}", {})
        assert outcome.error == "no answer within 0.4 s"
        assert time.monotonic() - began < 6
    with answering(*[b"HTTP/1.1 100 Continue\r\n\r\n"] * 100, pause=0.05) as url:
        assert Sender(LOCAL, timeout=0.4).send(url, b"{}", {}).error == "no answer within 0.4 s"


def test_one_deadline_for_a_resolver_that_hangs() -> None:
    over = threading.Event()

    def hanging(host: str, port: int) -> list[Address]:
        over.wait(60)
        return []

    began = time.monotonic()
    assert Sender(LOCAL, timeout=0.2, resolved=hanging).send("https://slow.example/", b"{}", {}).error == (
        "no answer within 0.2 s"
    )
    assert time.monotonic() - began < 10
    over.set()


def test_an_endless_answer_is_not_read(receiver: Receiver) -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n", *[b"x" * 1000] * 200, pause=0.05) as url:
        began = time.monotonic()
        assert Sender(LOCAL).send(url, b"{}", {}).delivered
        assert time.monotonic() - began < 6
    with answering(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000 + b"\r\n") as url:
        assert Sender(LOCAL).send(url, b"{}", {}).error == "what it answered is no HTTP"


def test_what_goes_wrong_is_told_without_inner_words() -> None:
    with answering(b"SSH-2.0-OpenSSH_9.6\r\n") as url:
        assert Sender(LOCAL).send(url, b"{}", {}).error == "what it answered is no HTTP"
    with answering() as url:
        assert Sender(LOCAL).send(url, b"{}", {}).error in {
            "what it answered is no HTTP",
            "the connection failed: Connection reset by peer",
        }
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert Sender(LOCAL).send(f"http://127.0.0.1:{port}/", b"{}", {}).error == "nobody listens there"

    def unknown(host: str, port: int) -> list[Address]:
        raise socket.gaierror(-2, "Name or service not known")

    outcome = Sender(LOCAL, resolved=unknown).send("https://no.example/", b"{}", {})
    assert outcome.error == "its name is not known"
