"""Signing in and out on a session that is open."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from helios_magic.errors import UsageError
from helios_magic.session.finding import check_database
from helios_magic.session.places import Account, Standing
from helios_magic.session.wanted import is_address
from helios_magic.settings import Secret, hidden, keep_in_keyring

if TYPE_CHECKING:
    from helios_magic.client.client import Client
    from helios_magic.session.session import Session


def signed_in(session: Session, email: str, password: str | Secret, database: str | None, *, keep: bool) -> Standing:
    """Exchange an email and a password for a token, and find where its account stands.

    Where no database is named it is `default` if the account has one of that name, else its oldest; an account without
    any can make one.
    """
    password = hidden(password)
    remote = is_address(session.address)
    if keep and not remote:
        raise UsageError("Only the token of a server with an address can be kept.", hint="Leave out --keep.")
    client = session.client.another()
    answer = client.login(email, password)
    client = client.for_database(_database(client, database))
    if keep:
        keep_in_keyring(urlsplit(session.address).netloc, answer.token)
    return Standing(client, Account("sign-in", answer.user.email, answer.expires_at), "main")


def signed_out(session: Session) -> None:
    """End the sign-in at the server, and take its token out of the keyring.

    Raises UsageError for a local store's owner, whose token is the store's own.
    """
    if session.account.source == "owner":
        raise UsageError(
            "You did not sign in here: you are the owner of this store.",
            hint="%helios disconnect ends the session, %helios login EMAIL signs in as somebody else.",
        )
    session.client.logout()
    if is_address(session.address):
        keep_in_keyring(urlsplit(session.address).netloc, None)


def _database(client: Client, named: str | None) -> str:
    if named is not None:
        check_database(client, named)
        return named
    listed = sorted(client.list_databases().databases, key=lambda record: record.created_at)
    names = [record.name for record in listed]
    return names[0] if names and client.database not in names else client.database
