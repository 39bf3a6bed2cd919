"""Asking a local server who it is, and to stop: `/_local/…`, which only its own machine's user may call."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import msgspec

from helios_magic.local_server.records import Record

HEALTH, STOP = "/_local/health", "/_local/stop"
_SECONDS = 3.0
_LONGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Seen:
    """A server that answered: `running` are the requests it works on, beside this one."""

    instance: str
    version: str
    api: int
    running: int
    idle_seconds: float


class _Envelope(msgspec.Struct):
    data: Seen | None = None


def look_at(record: Record) -> Seen | None:
    """What answers where the record says, if it is the same instance; else None: the record is not to be trusted."""
    status, body = _ask("GET", record, HEALTH)
    if status != HTTPStatus.OK:
        return None
    try:
        seen = msgspec.json.decode(body, type=_Envelope).data
    except msgspec.DecodeError:
        return None
    return seen if seen is not None and seen.instance == record.instance else None


def stop(record: Record, *, even_busy: bool = False) -> bool:
    """Ask a server to end; false where it is busy and `even_busy` is not said, or does not answer.

    One that did not answer in time must not end later, when nobody expects it.
    """
    status, _ = _ask("POST", record, f"{STOP}?before={time.time() + _SECONDS:.3f}" + ("&force=1" if even_busy else ""))
    return status == HTTPStatus.OK


def _ask(method: str, record: Record, path: str) -> tuple[int, bytes]:
    """Status and body; (0, b"") where nothing answers."""
    port = urlsplit(record.url).port
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request(method, path, headers={"Authorization": f"Bearer {record.token.reveal()}"})
        answer = connection.getresponse()
        return answer.status, answer.read(_LONGEST)
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()
