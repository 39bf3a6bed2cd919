"""Where a session is, as whom, and what it found there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from helios_magic.client.budget import RateLimit
    from helios_magic.client.client import Client

Place = Literal["in process", "server"]
Source = Literal["owner", "sign-in", "argument", "profile", "environment", "file", "keyring"]


@dataclass(frozen=True, slots=True)
class Account:
    """Whose token a session works with, as far as this side knows: the API has no call that would tell.

    `source` is where the token came from: `owner` is a local store's own, `sign-in` one that an email and a password
    were exchanged for; `variable` is the environment variable that held it.
    """

    source: Source
    email: str | None = None
    expires_at: datetime | None = None
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a session stands at its place: with which token and database (the client's), as whom, on which branch."""

    client: Client
    account: Account
    branch: str


@dataclass(frozen=True, slots=True)
class Server:
    """The shared local server behind a session."""

    url: str
    pid: int
    version: str


@dataclass(frozen=True, slots=True)
class Status:
    """Where a session is, and what its database holds now.

    `server` is the shared local server where there is one; `limit` what the last answer said of the requests left,
    None where none are limited; `round_trip_ms` the time of the faster of two small requests.
    """

    target: str
    place: Place
    address: str
    account: Account
    database: str
    branch: str
    tier: str
    region: str
    storage_bytes: int
    branches: int
    tables: int
    round_trip_ms: float
    server: Server | None = None
    limit: RateLimit | None = None
