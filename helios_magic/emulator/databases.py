"""API reference, "Database Endpoints"; decisions.md, "Databases"."""

from __future__ import annotations

import difflib
import re
from urllib.parse import urlsplit

import msgspec

from helios_magic.emulator.request import Answer, Answerer, Request, Rooms
from helios_magic.errors import NotFoundError, ValidationError
from helios_magic.models.databases import (
    NAME_PATTERN,
    REGIONS,
    RESERVED_NAMES,
    Database,
    DatabaseDeleted,
    DatabaseDetails,
    DatabaseList,
    DatabaseRequest,
    Endpoints,
)
from helios_magic.models.seam import Call
from helios_magic.store import DatabaseRecord

_NAME = re.compile(NAME_PATTERN)


def create(rooms: Rooms, request: Request) -> Answer:
    """The record first, as `provisioning`; then the engine's file; then `active`.  The answer tells the first."""
    body: DatabaseRequest = request.body
    _check(body)
    record = rooms.store.databases.add(request.account.id, body.name, body.tier, body.region)
    try:
        rooms.engine.create(record.id)
    except BaseException:
        rooms.store.databases.remove(record.id)
        raise
    rooms.store.databases.activate(record)
    return Answer(_shown(record, request.call))


def list_all(rooms: Rooms, request: Request) -> Answer:
    records = rooms.store.databases.of_account(request.account.id)
    databases = [_shown(record, request.call) for record in records]
    return Answer(DatabaseList(databases=databases, total=len(databases)))


def get(rooms: Rooms, request: Request) -> Answer:
    record = _own(rooms, request)
    held = rooms.engine.statistics(record.id)
    shown = msgspec.structs.asdict(_shown(record, request.call))
    return Answer(
        DatabaseDetails(**shown, storage_bytes=held.storage_bytes, branches=held.branches, tables=held.tables)
    )


def delete(rooms: Rooms, request: Request) -> Answer:
    """Marked first, so that a crash in the middle is finished at the next start."""
    record = _own(rooms, request)
    rooms.store.databases.mark_deleting(record.id)
    rooms.engine.drop(record.id)
    rooms.store.databases.remove(record.id)
    return Answer(DatabaseDeleted(id=record.id, name=record.name, deleted=True))


def _own(rooms: Rooms, request: Request) -> DatabaseRecord:
    """The account's database of the path; another account's is as unknown as one that never was."""
    id_ = request.path["id"]
    record = rooms.store.databases.get(id_)
    if record is not None and record.account_id == request.account.id and record.status != "deleting":
        return record
    hint = "GET /v1/databases lists yours."
    named = rooms.store.databases.named(id_)
    if named is not None and named.account_id == request.account.id:
        hint = f"“{id_}” is its name; its id is {named.id}."
    raise NotFoundError(f"no database with the id “{id_}”", hint=hint, details={"id": id_})


def _check(body: DatabaseRequest) -> None:
    if not _NAME.fullmatch(body.name) or body.name in RESERVED_NAMES:
        reserved = body.name in RESERVED_NAMES
        raise ValidationError(
            f"a database cannot be named “{body.name}”" + (": the name is reserved" if reserved else ""),
            hint="A name has 1 to 63 lower-case letters, digits and hyphens, and no hyphen at either end.",
            details={"field": "name", "expected": NAME_PATTERN, "got": body.name},
        )
    if body.region not in REGIONS:
        near = difflib.get_close_matches(body.region, REGIONS, n=1)
        raise ValidationError(
            f"there is no region “{body.region}”",
            hint=f"Did you mean {near[0]}?" if near else f"Known regions: {', '.join(REGIONS)}.",
            details={"field": "region", "expected": list(REGIONS), "got": body.region},
        )


def _shown(record: DatabaseRecord, call: Call) -> Database:
    return Database(
        id=record.id,
        name=record.name,
        tier=record.tier,
        region=record.region,
        status=record.status,
        endpoints=Endpoints(rest=_rest(record.name, call)),
        created_at=record.created_at,
    )


def _rest(name: str, call: Call) -> str:
    """Where this very server answers for the database, in the way of addressing that the caller used."""
    if not call.by_host:
        return f"{call.base_url}/db/{name}/api/v1"
    reached = urlsplit(call.base_url)
    port = f":{reached.port}" if reached.port else ""
    return f"{reached.scheme}://{name}.heliosdb.io{port}/api/v1"


ENDPOINTS: dict[str, Answerer] = {
    "create_database": create,
    "list_databases": list_all,
    "get_database": get,
    "delete_database": delete,
}
