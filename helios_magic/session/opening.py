"""The way to a place, before anybody has signed in there: a server's address, a store's own server, a private store."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from helios_magic.errors import UsageError
from helios_magic.session.places import Place, Server
from helios_magic.session.wanted import is_address
from helios_magic.settings import Secret, resolve

if TYPE_CHECKING:
    from helios_magic.client.connection import Transport
    from helios_magic.local_server import Record
    from helios_magic.local_server import Server as Found

Notice = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Opened:
    """A transport, and what is known of the place.  `token` is the owner's where the place is this user's own."""

    transport: Transport
    place: Place
    address: str
    token: Secret | None
    close: Callable[[], None]
    server: Callable[[], Server | None] = lambda: None


def open_place(place: str, *, verify: bool | str, notice: Notice | None) -> Opened:
    """The way to a target that is no profile.  See `targets.connect` for the targets, and for what is raised."""
    if is_address(place):
        return _open_server(place, verify, notice)
    if place == "local":
        return _open_shared(Path(resolve("store")).absolute(), notice, start=True)
    scheme, _, rest = place.partition(":")
    if rest.startswith("//") and len(scheme) > 1:
        # Without the rest, where others' addresses hold passwords.
        raise UsageError(
            f"“{scheme}://…” is no target that is known here.",
            hint="Known: local, :memory:, the path of a store, https://host or http://host:port.",
        )
    path = None if place == ":memory:" else Path(place).expanduser().absolute()
    if path is not None and path.exists():
        with contextlib.suppress(_NobodyServesError):
            return _open_shared(path, notice, start=False)
    return _open_private(path)


class _NobodyServesError(Exception):
    """No server has the store."""


def _open_server(url: str, verify: bool | str, notice: Notice | None) -> Opened:
    from helios_magic.client import transports

    transport = transports.http(url, verify=verify, notice=notice)
    return Opened(transport, "server", transport.address.base, None, lambda: None)


def _open_shared(store: Path, notice: Notice | None, *, start: bool) -> Opened:
    """The server that has the store; without `start` only if there is one already."""
    from helios_magic.client.following import Following, Whereabouts
    from helios_magic.local_server import Records, ends, ensure, find
    from helios_magic.models.handover import is_ours

    records, memory_limit = Records(store), resolve("memory_limit")

    def starts() -> None:
        if notice is not None:
            notice("Starting the local HeliosDB; notebooks and scripts on this machine share it.")

    found = ensure(records, memory_limit=memory_limit, starts=starts) if start else find(records)
    if found is None:
        raise _NobodyServesError

    def at(record: Record) -> Whereabouts:
        folder = Path(record.handover)
        handover = folder if record.handover and is_ours(folder, record.instance) else None
        return Whereabouts(record.url, functools.partial(ends, record.pid), handover)

    transport = Following(
        at(found.record), lambda: at(ensure(records, memory_limit=memory_limit).record), notice=notice
    )
    return Opened(
        transport, "server", str(records.store), found.record.token, lambda: None, lambda: _server(find(records))
    )


def _server(found: Found | None) -> Server | None:
    return None if found is None else Server(found.record.url, found.record.pid, found.seen.version)


def _open_private(path: Path | None) -> Opened:
    from helios_magic.client import transports
    from helios_magic.session.stores import open_shared

    shared = open_shared(path, resolve("memory_limit"))
    transport = transports.in_process(shared.local.dispatch)
    address = ":memory:" if path is None else str(path)
    return Opened(transport, "in process", address, shared.token, shared.release)


def shortened(path: str) -> str:
    """A path as people write it, the home folder as `~`."""
    home = str(Path.home())
    return "~" + path[len(home) :] if path.startswith(home + "/") else path
