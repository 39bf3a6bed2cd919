"""A whole HeliosDB in this process: the store, the engine and the service, behind the seam."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from helios_magic.delivery import Courier, Guard
from helios_magic.embedding.models import Models
from helios_magic.emulator import tokens
from helios_magic.emulator.metering import Metering
from helios_magic.emulator.passwords import Passwords
from helios_magic.emulator.service import Service
from helios_magic.engine import open_engine
from helios_magic.engine.face import Engine
from helios_magic.engine.idle import Keep
from helios_magic.models.databases import DEFAULT_REGION
from helios_magic.models.seam import Call, Reply
from helios_magic.store import Clock, Ids, Store, random_id, utc_now

DEFAULT_DATABASE = "default"
#: The owner has no password and signs in with the token in the store's folder; no one can sign up with this address.
OWNER_EMAIL = "owner@localhost"


@dataclass(slots=True)
class Local:
    """An open local HeliosDB.  `token` is its owner's; `dispatch` is the seam."""

    service: Service
    store: Store
    engine: Engine
    courier: Courier
    token: str = field(repr=False)
    _closed: bool = False

    def dispatch(self, call: Call) -> Reply:
        return self.service.dispatch(call)

    @property
    def store_path(self) -> Path:
        return self.store.path

    def close(self, grace: float = 5.0) -> None:
        """Let running calls end for `grace` seconds, stop the rest, write what is left.  Twice is once."""
        if self._closed:
            return
        self._closed = True
        if not self.service.drain(grace):
            self.service.cancel_running()
            self.service.drain(2.0)
        self.service.close()
        self.courier.close()
        self.engine.close()
        self.store.close()


def open_local(
    store: Path | str | None = None,
    *,
    memory_limit: str | None = None,
    exposed: bool = False,
    enforce_limits: bool = False,
    slow_seconds: float = 1.0,
    close_idle: float = 600.0,
    open_databases: int = 16,
    passwords: Passwords | None = None,
    clock: Clock = utc_now,
    ids: Ids = random_id,
) -> Local:
    """Open a store with everything on top of it; None: a private temporary one.

    At first use the owner's account, its token (`token` in the folder, mode 0600) and the database `default` are
    made.  `exposed`: it will be served to other machines, whose users must not reach this one's services by webhooks.
    `enforce_limits` turns rate limits and quotas from shown into enforced ones; a query that takes `slow_seconds` or
    more is noted as slow.  A database that nobody used for `close_idle` seconds is closed until its next request, and
    so are the longest unused of more than `open_databases`.

    Raises `StoreInUseError`, `StoreVersionError` and `StoreError`.
    """
    opened = Store.open(store, clock=clock, ids=ids)
    try:
        models = Models()
        keep = Keep(close_idle, open_databases)
        engine = open_engine(opened, memory_limit=memory_limit, embed=models, keep=keep)
        try:
            courier = Courier(opened, Guard(local=not exposed))
            metering = Metering(opened, engine, enforced=enforce_limits, slow_seconds=slow_seconds)
            service = Service(opened, engine, courier, metering, models, passwords)
            token = _owner_token(opened)
            _make_default_database(opened, engine)
        except BaseException:
            engine.close()
            raise
    except BaseException:
        opened.close()
        raise
    return Local(service, opened, engine, courier, token)


def _owner_token(store: Store) -> str:
    owner = store.accounts.owner() or store.accounts.add(OWNER_EMAIL, None, is_owner=True)
    kept = store.owner_token()
    known = store.accounts.token(kept) if kept else None
    if kept is not None and known is not None and known.account.id == owner.id:
        return kept
    token = tokens.new_token()
    store.accounts.add_token(owner.id, token, None)
    store.keep_owner_token(token)
    return token


def _make_default_database(store: Store, engine: Engine) -> None:
    owner = store.accounts.owner()
    if owner is None or store.databases.of_account(owner.id) or store.databases.named(DEFAULT_DATABASE):
        return
    record = store.databases.add(owner.id, DEFAULT_DATABASE, "enterprise", DEFAULT_REGION)
    engine.create(record.id)
    store.databases.activate(record)
