"""Names for completion: of branches, tables and databases what was last known, asked again in the background."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from helios_magic.errors import HeliosError
from helios_magic.schema import label

if TYPE_CHECKING:
    from helios_magic.session import Session

_FRESH = 2.0
_PATIENCE = 0.15


class KnownNames:
    """Never slower than `_PATIENCE`, and never an error: a Tab may find nothing, it must not break.

    Seconds throughout.  `ask` is what a session is asked, in a thread of its own.
    """

    def __init__(self, ask: Callable[[Session], Sequence[str]]) -> None:
        self._lock = threading.Lock()
        self._answer = ask
        self._place: tuple[int, str, str] | None = None
        self._names: tuple[str, ...] = ()
        self._asked_at = 0.0
        self._asking: threading.Thread | None = None

    def of(self, session: Session) -> Sequence[str]:
        """Names where the session stands; a fresh answer where it comes in time, else the last one."""
        with self._lock:
            place = (id(session), session.database, session.branch)
            if self._place != place:
                self._place, self._names, self._asked_at, self._asking = place, (), 0.0, None
            if self._asking is None and time.monotonic() - self._asked_at > _FRESH:
                self._asking = threading.Thread(target=self._ask, args=(session, place), daemon=True)
                self._asking.start()
            asking = self._asking
        if asking is not None:
            asking.join(_PATIENCE)
        return self._names

    def _ask(self, session: Session, place: tuple[int, str, str]) -> None:
        names: tuple[str, ...] | None = None
        with suppress(HeliosError):
            names = tuple(self._answer(session))
        with self._lock:
            if self._place != place:
                return
            self._names = self._names if names is None else names
            self._asked_at, self._asking = time.monotonic(), None


def targets() -> list[str]:
    """What `connect` takes by a word: the targets of this machine, and the profiles."""
    from helios_magic.settings import profiles

    known = ["local", ":memory:"]
    with suppress(HeliosError):
        known += profiles()
    return known


def variables() -> list[str]:
    """The environment's variables."""
    import os

    return sorted(os.environ)


def branches_of(session: Session) -> list[str]:
    return [branch.name for branch in session.branches().branches]


def tables_of(session: Session) -> list[str]:
    return [label(table.schema, table.name) for table in session.tables().tables]


def columns_of(session: Session) -> list[str]:
    return [
        f"{label(table.schema, table.name)}.{column.name}"
        for table in session.tables().tables
        for column in table.columns
        if column.type in ("text", "varchar") or column.type.startswith("varchar(")
    ]


def vectors_of(session: Session) -> list[str]:
    return [
        f"{label(table.schema, table.name)}.{column.name}"
        for table in session.tables().tables
        for column in table.columns
        if column.type.startswith("vector(")
    ]


def databases_of(session: Session) -> list[str]:
    return [database.name for database in session.databases().databases]


def webhooks_of(session: Session) -> list[str]:
    return [webhook.id for webhook in session.client.list_webhooks().webhooks]


ASKED: dict[str, Callable[[Session], Sequence[str]]] = {
    "branch": branches_of,
    "table": tables_of,
    "column": columns_of,
    "vector": vectors_of,
    "database": databases_of,
    "webhook": webhooks_of,
}
