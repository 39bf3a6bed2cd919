"""The client's token: who knows it, and how it is renewed once when it has expired."""

from __future__ import annotations

import threading
from collections.abc import Callable

import msgspec

from helios_magic.models.accounts import Login, User
from helios_magic.models.base import Timestamp
from helios_magic.settings import Secret

#: Told of a renewed token, and until when it is good.
Renewed = Callable[[Secret, Timestamp], None]


class SignedIn(msgspec.Struct, kw_only=True):
    """The answer of `POST /auth/login` and `POST /auth/refresh`; the token is a `Secret` and does not print."""

    token: Secret
    expires_at: Timestamp
    user: User
    token_type: str = "bearer"  # noqa: S105 - the kind of token, not one

    @staticmethod
    def of(login: Login) -> SignedIn:
        return SignedIn(token=Secret(login.token), expires_at=login.expires_at, user=login.user)


class Credentials:
    """One token shared by every thread of a client.

    Each renewal counts one generation up.  Whoever meets AUTH_EXPIRED renews with the generation it had used: of many
    threads that meet it at once the first renews, the others find a newer generation and use that.
    """

    def __init__(self, token: Secret | None, renewed: Renewed | None = None) -> None:
        # Held while a renewal is under way; reading needs no lock, for the pair is replaced as one.
        self._renewing = threading.Lock()
        self._held: tuple[Secret | None, int] = (token, 0)
        self._renewed = renewed

    def current(self) -> tuple[Secret | None, int]:
        return self._held

    def adopt(self, token: Secret | None) -> None:
        with self._renewing:
            self._held = (token, self._held[1] + 1)

    def renew(self, generation: int, ask: Callable[[], SignedIn]) -> None:
        """Replace the token of `generation` by what `ask` brings, unless another thread has done so."""
        with self._renewing:
            if self._held[1] != generation:
                return
            signed_in = ask()
            self._held = (signed_in.token, generation + 1)
        if self._renewed is not None:
            self._renewed(signed_in.token, signed_in.expires_at)
