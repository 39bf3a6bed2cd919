"""From a target to a session: the composition root."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from helios_magic.errors import UsageError
from helios_magic.session.finding import check_branch, check_database
from helios_magic.session.opening import Notice, Opened, open_place
from helios_magic.session.places import Account, Source
from helios_magic.session.session import Session
from helios_magic.session.wanted import Wanted, is_address, wanted
from helios_magic.settings import BY_NAME, Secret, config_path, hidden, keep_in_keyring, look_up, resolve

if TYPE_CHECKING:
    from helios_magic.client.auth import Renewed
    from helios_magic.client.client import Client
    from helios_magic.models.accounts import Signup
    from helios_magic.models.base import Timestamp


def connect(
    target: str | os.PathLike[str] | None = None,
    *,
    token: str | Secret | None = None,
    database: str | None = None,
    branch: str | None = None,
    verify: bool | str = True,
    notice: Notice | None = None,
) -> Session:
    """Open a session.

    `target` is None or "local" (the store in your data folder, through its shared server), ":memory:" (private, gone
    at exit), the path of a store, the address of a server (`https://…`, which needs a token), or the name of a profile
    in the configuration file.  What is not given comes from the profile, then from the settings
    (`helios_magic.settings`).  `verify` is False or a certificate's path for a self-signed server of your own; `notice`
    is told in one line when the local server starts, and when a request waits for a server longer than 2 s.

    Raises UsageError for a target, token or name that cannot be used, StoreInUseError when another process owns the
    store, ConnectionFailedError when the server does not answer, NotFoundError for an unknown database
    or branch.
    """
    token = hidden(token)
    asked = wanted(target, token, database, branch)
    opened = open_place(asked.place, verify=verify, notice=notice)
    try:
        used, account = _token(asked, opened)
        renewed = _renewed(account, opened.address, notice) if is_address(asked.place) else None
        client = _client(opened, used, asked.database, renewed)
        if asked.database != "default" or is_address(asked.place):
            check_database(client, asked.database)
        _check_branch(client, asked.branch)
    except BaseException:
        _abandon(opened)
        raise
    return _session(asked, opened, client, account)


def sign_in(
    email: str,
    password: str | Secret,
    target: str | os.PathLike[str] | None = None,
    *,
    database: str | None = None,
    branch: str | None = None,
    keep: bool = False,
    verify: bool | str = True,
    notice: Notice | None = None,
) -> Session:
    """Exchange an email and a password for a token, and open a session with it; targets as in `connect`.

    Where nobody named a database, the session is in `default` if the account has one of that name, else in its oldest;
    an account without any can make one.  With `keep` the token stays in the keyring for later sessions at the same
    server.  Raises AuthenticationError, and what `connect` raises.
    """
    password = hidden(password)
    asked = wanted(target, None, database, branch, signing_in=True)
    opened = open_place(asked.place, verify=verify, notice=notice)
    # Nobody until somebody has signed in; at a store of your own, its owner.
    account = Account("sign-in" if opened.token is None else "owner")
    session = _session(asked, opened, _client(opened, opened.token, asked.database), account)
    try:
        session.login(email, password, database=asked.database if asked.chosen else None, keep=keep)
        if asked.branch != "main":
            session.use_branch(asked.branch)
    except BaseException:
        session.close()
        raise
    return session


def sign_up(
    email: str,
    password: str | Secret,
    target: str | os.PathLike[str] | None = None,
    *,
    verify: bool | str = True,
    notice: Notice | None = None,
) -> Signup:
    """Make an account at a target.  Raises AlreadyExistsError, ValidationError, and what `connect` raises."""
    password = hidden(password)
    asked = wanted(target, None, None, None, signing_in=True)
    opened = open_place(asked.place, verify=verify, notice=notice)
    try:
        return _client(opened, None, asked.database).signup(email, password)
    finally:
        _abandon(opened)


def _token(asked: Wanted, opened: Opened) -> tuple[Secret, Account]:
    if asked.token is not None and asked.account is not None:
        return resolve("token", asked.token), asked.account
    if opened.token is not None:
        return opened.token, Account("owner")
    host = urlsplit(opened.address).netloc
    found = look_up("token", host=host)
    if found.value is None:
        raise UsageError(
            f"{host} needs a token.",
            hint="Sign in with %helios login, or give it as HELIOS_TOKEN in the environment, "
            f"as `token = \"…\"` in {config_path()} (mode 600), or in the keyring under helios-magic.",
        )  # fmt: skip
    variable = BY_NAME["token"].variable if found.source == "environment" else None
    return found.value, Account(cast("Source", found.source), variable=variable)


def _renewed(account: Account, address: str, notice: Notice | None) -> Renewed:
    """What happens when an expired token was replaced: the keyring gets the new one, other places only the user can."""

    def renewed(token: Secret, expires_at: Timestamp) -> None:
        day = expires_at.date().isoformat()
        if account.source == "keyring":
            keep_in_keyring(urlsplit(address).netloc, token)
        elif notice is not None and account.source != "argument":
            place = account.variable or account.source
            notice(f"Your token had expired and was renewed until {day}; the one in the {place} is no longer good.")

    return renewed


def _client(opened: Opened, token: Secret | None, database: str, renewed: Renewed | None = None) -> Client:
    from helios_magic.client.client import Client

    return Client(opened.transport, token=token, database=database, renewed=renewed)


def _session(asked: Wanted, opened: Opened, client: Client, account: Account) -> Session:
    return Session(
        asked.target,
        client,
        branch=asked.branch,
        place=opened.place,
        address=opened.address,
        timeout=resolve("timeout"),
        account=account,
        close=opened.close,
        server=opened.server,
    )


def _abandon(opened: Opened) -> None:
    opened.transport.close()
    opened.close()


def _check_branch(client: Client, branch: str) -> None:
    # Every database has main: the usual case asks nothing.
    if branch != "main":
        check_branch(client, branch)
