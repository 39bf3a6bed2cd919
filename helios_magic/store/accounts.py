"""Records of accounts and their tokens.

A token itself is never kept, only its sha256.  The tokens that refreshes made of one login are a family: they are
revoked together.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3
from dataclasses import dataclass
from typing import Any

from helios_magic.errors import AlreadyExistsError
from helios_magic.store.ids import Clock, Ids, from_text, to_text
from helios_magic.store.sqlite import Records


@dataclass(frozen=True, slots=True)
class Account:
    """An account; the owner of a local store has no password."""

    id: str
    email: str
    password_hash: str | None
    is_owner: bool


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; `expires_at` None: never (the store owner's own)."""

    account: Account
    family: str
    expires_at: dt.datetime | None
    replaced_at: dt.datetime | None


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


class Accounts:
    """Records of accounts and tokens.  Written is durable when the method returns."""

    def __init__(self, records: Records, clock: Clock, ids: Ids) -> None:
        self._records, self._clock, self._ids = records, clock, ids

    def add(self, email: str, password_hash: str | None, *, is_owner: bool = False) -> Account:
        """Record an account.  Raises `AlreadyExistsError` for an email that is known, whatever its case."""
        account = Account(self._ids("usr"), email, password_hash, is_owner)
        values = (account.id, email, password_hash, is_owner, to_text(self._clock()))
        try:
            with self._records.transaction() as connection:
                connection.execute("INSERT INTO accounts VALUES (?, ?, ?, ?, ?)", values)
        except sqlite3.IntegrityError:
            raise AlreadyExistsError(
                f"an account for {email} exists already", hint="Log in instead.", details={"email": email}
            ) from None
        return account

    def with_email(self, email: str) -> Account | None:
        return self._account("email = ?", email)

    def owner(self) -> Account | None:
        return self._account("is_owner = ?", 1)

    def add_token(self, account_id: str, token: str, expires_at: dt.datetime | None, family: str | None = None) -> None:
        """Record a token: of a new family, or of the one it was refreshed from."""
        with self._records.transaction() as connection:
            self._insert(connection, account_id, token, expires_at, family or self._ids("fam"))

    def replace_token(self, old: str, new: str, expires_at: dt.datetime) -> None:
        """Record what a refresh made: the new token in the old one's family, the old one marked as replaced."""
        with self._records.transaction() as connection:
            row = connection.execute(
                "SELECT account_id, family FROM tokens WHERE digest = ?", (digest(old),)
            ).fetchone()
            self._insert(connection, row[0], new, expires_at, row[1])
            connection.execute(
                "UPDATE tokens SET replaced_at = coalesce(replaced_at, ?) WHERE digest = ?",
                (to_text(self._clock()), digest(old)),
            )

    def token(self, token: str) -> Token | None:
        """What is known of a token; None for one that is unknown or revoked."""
        return self._records.recall(
            "SELECT a.id, a.email, a.password_hash, a.is_owner, t.family, t.expires_at, t.replaced_at "
            "FROM tokens t JOIN accounts a ON a.id = t.account_id WHERE t.digest = ?",
            (digest(token),),
            _token,
        )

    def revoke(self, family: str) -> None:
        """Forget every token of a family."""
        with self._records.transaction() as connection:
            connection.execute("DELETE FROM tokens WHERE family = ?", (family,))

    def forget_tokens_expired_before(self, moment: dt.datetime) -> None:
        with self._records.transaction() as connection:
            connection.execute("DELETE FROM tokens WHERE expires_at < ?", (to_text(moment),))

    def _insert(
        self, connection: sqlite3.Connection, account_id: str, token: str, expires_at: dt.datetime | None, family: str
    ) -> None:
        expires = None if expires_at is None else to_text(expires_at)
        values = (digest(token), account_id, family, to_text(self._clock()), expires, None)
        connection.execute("INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?)", values)

    def _account(self, condition: str, value: object) -> Account | None:
        row = self._records.read_one(
            f"SELECT id, email, password_hash, is_owner FROM accounts WHERE {condition}", (value,)
        )
        return None if row is None else Account(row[0], row[1], row[2], bool(row[3]))


def _token(rows: list[tuple[Any, ...]]) -> Token | None:
    if not rows:
        return None
    id_, email, password_hash, is_owner, family, expires, replaced = rows[0]
    return Token(
        Account(id_, email, password_hash, bool(is_owner)),
        family,
        from_text(expires) if expires else None,
        from_text(replaced) if replaced else None,
    )
