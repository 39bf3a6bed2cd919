"""Calls through the seam, answers as plain JSON."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from helios_magic.emulator.local import Local, open_local
from helios_magic.emulator.passwords import Passwords
from helios_magic.models.endpoints import Endpoint
from helios_magic.models.seam import Call, Reply

CHEAP = Passwords(memory_kib=8, passes=1)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += dt.timedelta(**by)


@dataclass
class Answered:
    """An answer as its reader sees it."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def data(self) -> Any:
        assert self.body["success"] is True, self.body
        return self.body["data"]

    @property
    def error(self) -> dict[str, Any]:
        assert self.body["success"] is False, self.body
        return self.body["error"]

    @property
    def code(self) -> tuple[int, str]:
        return self.status, self.error["code"]


class Api:
    """One local HeliosDB, called as its owner unless a token (or None) is given."""

    def __init__(self, local: Local, clock: Clock) -> None:
        self.local, self.clock = local, clock

    def reply(self, method: str, path: str, body: Any = None, *, database: str | None = None, **extra: Any) -> Reply:
        token = extra.pop("token", self.local.token)
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        headers |= extra.pop("headers", {})
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        extra.setdefault("base_url", "http://127.0.0.1:8765")
        call = Call(
            method,
            path,
            "data" if database else "control",
            database,
            headers=headers,
            body=extra.pop("raw", raw),
            **extra,
        )
        return self.local.dispatch(call)

    def __call__(self, method: str, path: str, body: Any = None, **extra: Any) -> Answered:
        reply = self.reply(method, path, body, **extra)
        return Answered(reply.status, json.loads(reply.json()), reply.headers)

    def sql(self, query: str, *params: Any, database: str = "default", **extra: Any) -> Answered:
        return self("POST", "/sql", {"query": query, "params": list(params)}, database=database, **extra)

    def account(self, email: str) -> str:
        """The token of a new account."""
        body = {"email": email, "password": "secure-password-123"}
        assert self("POST", "/auth/signup", body, token=None).status == 201
        return self("POST", "/auth/login", body, token=None).data["token"]


def an_api(store: Any = None, **options: Any) -> Api:
    clock = Clock()
    return Api(open_local(store, passwords=CHEAP, clock=clock, **options), clock)


def any_path(endpoint: Endpoint) -> str:
    return endpoint.path.replace("{id}", "x_1").replace("{name}", "main")
