"""From a target to a session: the composition root, which chooses the transport and opens a local store."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from helios_magic.errors import UsageError
from helios_magic.session.session import Session, check_branch, check_database
from helios_magic.settings import Secret, config_path, hidden, look_up, resolve

if TYPE_CHECKING:
    from helios_magic.client.client import Client
    from helios_magic.models.base import Timestamp


def connect(
    target: str | os.PathLike[str] | None = None,
    *,
    token: str | Secret | None = None,
    database: str | None = None,
    branch: str | None = None,
    verify: bool | str = True,
    notice: Callable[[str], None] | None = None,
) -> Session:
    """Open a session.

    `target` is None or "local" (the store in your data folder), ":memory:" (private, gone at exit), the path of a
    store, or the address of a server (`https://…`, which needs a token).  What is not given comes from the settings
    (`helios_magic.settings`).  `verify` is False or a certificate's path for a self-signed server of your own; `notice`
    is told in one line when a request waits for the server longer than 2 s.

    Raises UsageError for a target, token or name that cannot be used, StoreInUseError when another process owns the
    store, ConnectionFailedError when the server does not answer, NotFoundError for an unknown database
    or branch.
    """
    token = hidden(token)
    named = str(resolve("target", None if target is None else os.fspath(target)))
    branch = str(resolve("branch", branch))
    database = str(resolve("database", database))
    scheme, _, address = named.partition(":")
    if scheme.lower() in {"http", "https"}:
        return _connect_server(named, token, database, branch, verify, notice)
    if named == "local":
        return _connect_shared(named, Path(resolve("store")).absolute(), token, database, branch, notice, start=True)
    if address.startswith("//") and len(scheme) > 1:
        # Without the rest, where others' addresses hold passwords.
        raise UsageError(
            f"“{scheme}://…” is no target that is known here.",
            hint="Known: local, :memory:, the path of a store, https://host or http://host:port.",
        )
    path = None if named == ":memory:" else Path(named).expanduser().absolute()
    if path is not None and path.exists():
        with contextlib.suppress(_NobodyServesError):
            return _connect_shared(named, path, token, database, branch, notice, start=False)
    return _connect_local(named, path, token, database, branch)


class _NobodyServesError(Exception):
    """No server has the store."""


def _connect_server(
    url: str,
    token: Secret | None,
    database: str,
    branch: str,
    verify: bool | str,
    notice: Callable[[str], None] | None,
) -> Session:
    from helios_magic.client import transports
    from helios_magic.client.client import Client

    transport = transports.http(url, verify=verify, notice=notice)
    found = look_up("token", token, host=transport.address.host)
    if found.value is None:
        raise UsageError(
            f"{transport.address.host} needs a token.",
            hint=f"Give it as HELIOS_TOKEN in the environment, as `token = \"…\"` in {config_path()} (mode 600), or in "
            "the keyring under helios-magic.",
        )  # fmt: skip

    def renewed(_: Secret, expires_at: Timestamp) -> None:
        if notice is not None and found.source in {"file", "keyring", "environment"}:
            day = expires_at.date().isoformat()
            notice(
                f"Your token had expired and was renewed until {day}; the one in the {found.source} is no longer good."
            )

    client = Client(transport, token=found.value, database=database, renewed=renewed)
    try:
        check_database(client, database)
        _check_branch(client, branch)
    except BaseException:
        client.close()
        raise
    return Session(
        url,
        client,
        branch=branch,
        place="server",
        address=transport.address.base,
        timeout=resolve("timeout"),
        close=lambda: None,
    )


def _connect_shared(
    named: str,
    store: Path,
    token: Secret | None,
    database: str,
    branch: str,
    notice: Callable[[str], None] | None,
    *,
    start: bool,
) -> Session:
    """A session at the server that has the store; without `start` only if there is one already."""
    from helios_magic.client.client import Client
    from helios_magic.client.following import Following, Whereabouts
    from helios_magic.local_server import Records, ends, ensure, find
    from helios_magic.models.handover import is_ours

    records, memory_limit = Records(store), resolve("memory_limit")
    found = ensure(records, memory_limit=memory_limit) if start else find(records)
    if found is None:
        raise _NobodyServesError

    def where() -> Whereabouts:
        record = ensure(records, memory_limit=memory_limit).record
        folder = Path(record.handover)
        handover = folder if record.handover and is_ours(folder, record.instance) else None
        return Whereabouts(record.url, functools.partial(ends, record.pid), handover)

    transport = Following(where, notice=notice)
    given = resolve("token", token) if token is not None else found.record.token
    client = Client(transport, token=given, database=database)
    try:
        if database != "default":
            check_database(client, database)
        _check_branch(client, branch)
    except BaseException:
        client.close()
        raise
    return Session(
        named, client, branch=branch, place="server", address=str(records.store), timeout=resolve("timeout"),
        close=lambda: None,
    )  # fmt: skip


def _connect_local(named: str, path: Path | None, token: Secret | None, database: str, branch: str) -> Session:
    from helios_magic.client import transports
    from helios_magic.client.client import Client
    from helios_magic.session.stores import open_shared

    timeout, memory_limit = resolve("timeout"), resolve("memory_limit")
    shared = open_shared(path, memory_limit)
    transport = transports.in_process(shared.local.dispatch)
    client = Client(transport, token=resolve("token", token) if token is not None else shared.token, database=database)
    try:
        if database != "default":
            check_database(client, database)
        _check_branch(client, branch)
    except BaseException:
        client.close()
        shared.release()
        raise
    return Session(
        named,
        client,
        branch=branch,
        place="in process",
        address=named if path is None else str(path),
        timeout=timeout,
        close=shared.release,
    )


def _check_branch(client: Client, branch: str) -> None:
    # Every database has main: the usual case asks nothing.
    if branch != "main":
        check_branch(client, branch)
