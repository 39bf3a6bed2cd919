"""`%helios metrics` and `%helios webhooks` in a shell, against a real receiver."""

from __future__ import annotations

import base64
import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import get_args

import pytest

from helios_magic.magics.grammar import parse
from helios_magic.magics.operation_subcommands import EVENTS
from helios_magic.magics.requests import MetricsPerformance, MetricsUsage, WebhooksCreate, WebhooksList, WebhooksTest
from helios_magic.models.webhooks import Event
from tests.magics.conftest import Notebook

SECRET = "whsec_" + base64.b64encode(b"twenty-four bytes of key").decode()


@dataclass
class Receiver:
    url: str
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            made.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            made.came.set()
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        made = Receiver(f"http://127.0.0.1:{server.server_port}/hook")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield made
        server.shutdown()
        thread.join()


def test_lines_become_requests() -> None:
    assert (parse("metrics"), parse("metrics usage")) == (MetricsUsage(), MetricsUsage())
    assert parse("metrics performance --period 7d") == MetricsPerformance("7d")
    assert (parse("webhooks"), parse("webhooks list")) == (WebhooksList(), WebhooksList())
    assert parse("webhooks create https://x.io/h --event branch.merged --event query.slow --secret-env S") == (
        WebhooksCreate("https://x.io/h", ("branch.merged", "query.slow"), "S")
    )
    assert (parse("webhooks test"), parse("webhooks test wh_1")) == (WebhooksTest(), WebhooksTest("wh_1"))
    assert get_args(Event) == EVENTS


def test_usage_is_a_frame_and_a_picture(shop: Notebook) -> None:
    shop.ok("%helios sql SELECT 1 AS one")
    shown = shop.ok("used = %helios metrics usage\nused")
    used = shop["used"].set_index("metric")
    assert used.loc["queries_executed", "value"] >= 1
    assert used.loc["branches", "value"] == 1
    assert used["limit"].isna().all()
    assert "Usage" in shown.html
    assert "No limit is reported." in shown.text
    plain = shop.ok("used.head(1)").html
    assert "hm-me" not in plain


def test_performance_is_a_frame_with_the_whole_in_its_attrs(shop: Notebook) -> None:
    shop.fails("%helios sql SELECT nothing FROM users")
    shown = shop.ok("p = %helios metrics performance --period 1h\np")
    frame = shop["p"]
    assert list(frame.columns) == ["at", "count", "errors", "p50", "p95"]
    assert frame["count"].sum() == frame.attrs["queries"]["count"] >= 2
    assert frame.attrs["queries"]["errors"] == 1
    assert frame.attrs["latency_ms"]["p50"] > 0
    assert '<svg class="hm-ch"' in shown.html
    assert shown.text.startswith("Latency, last hour\n  Half within ")
    assert "Known: 1h, 24h, 7d, 30d" in shop.fails("%helios metrics performance --period year").printed


def test_a_webhook_from_create_to_delete(
    notebook: Notebook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    assert "There are no webhooks" in notebook.fails("%helios webhooks test").printed
    made = notebook.ok(
        f"hook = %helios webhooks create {receiver.url} --event branch.created --secret-env HOOK_SECRET\nhook"
    )
    assert made.text.startswith("Webhook")
    assert notebook["hook"].events == ("branch.created",)
    said = notebook.ok("%helios webhooks test hook").printed
    assert said.startswith("Delivered webhook.test: the receiver answered 204 in ")
    receiver.came.clear()
    notebook.ok("%helios branch create what-if")
    assert receiver.came.wait(20)
    headers, body = receiver.got[-1]
    assert json.loads(body)["type"] == "branch.created"
    from standardwebhooks import Webhook

    assert Webhook(SECRET).verify(body, headers)["data"]["name"] == "what-if"
    shown = notebook.ok("sent = %helios webhooks deliveries\nsent")
    assert set(notebook["sent"]["type"]) == {"branch.created", "webhook.test"}
    assert "2 deliveries" in shown.text
    (listed,) = notebook.ok("%helios webhooks").displayed
    assert receiver.url in listed["text/plain"]
    assert SECRET not in listed["text/html"] + shown.html + made.html
    assert notebook.ok("%helios webhooks delete hook").printed.startswith("Deleted webhook wh_")
    (none,) = notebook.ok("%helios webhooks list").displayed
    assert "There are no webhooks" in none["text/plain"]


def test_a_secret_is_asked_for_and_never_written(notebook: Notebook) -> None:
    assert "--secret-env NAME" in notebook.fails("%helios webhooks create https://x.io/h").printed
    for written in ("--secret hush-hush", SECRET, "hush-hush"):
        printed = notebook.fails(f"%helios webhooks create https://x.io/h {written}").printed
        assert "not belong in a cell" in printed
        assert "hush" not in printed
        assert SECRET not in printed
