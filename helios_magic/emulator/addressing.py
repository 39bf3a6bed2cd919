"""Which plane, database and path an HTTP request means: by host name, or by path (decisions.md, "Addressing")."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from helios_magic.errors import NotFoundError, ValidationError
from helios_magic.models.endpoints import Plane

CONTROL_HOST = "api.heliosdb.io"
_DOMAIN = ".heliosdb.io"
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^:\[\]/@\s]+)(?::(?P<port>\d{1,5}))?")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
_DATA_BY_PATH = re.compile(r"/db/(?P<database>[^/]+)/api/v1(?P<path>/.*)?")
_MAX_QUERY_PARAMETERS = 100


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes; `path` is relative to the plane and still percent-encoded."""

    plane: Plane
    database: str | None
    path: str
    by_host: bool


def host_name(header: str, also: Collection[str] = ()) -> str:
    """The name in a Host header, lower-case, if this server goes by it.

    The allow-list is what stops a web page whose name was rebound to 127.0.0.1.  Raises `ValidationError`.
    """
    match = _HOST.fullmatch(header.strip().lower())
    name = match["name"].removesuffix(".") if match else ""
    if name in LOOPBACK or name.endswith((_DOMAIN, ".localhost")) or name in also:
        return name
    raise ValidationError(
        f"this server does not go by the name “{header}”",
        hint=f"Known: {CONTROL_HOST}, {{database}}{_DOMAIN}, localhost, 127.0.0.1, [::1].",
        details={"field": "Host", "expected": f"{CONTROL_HOST}, *{_DOMAIN} or a local name", "got": header},
    )


def locate(host: str, raw_path: str) -> Target:
    """The target of a path on a host that `host_name` let through.  Raises `NotFoundError`."""
    by_host = host.endswith(_DOMAIN)
    if by_host and host != CONTROL_HOST:
        path = _below("/api/v1", raw_path)
        if path is not None:
            return Target("data", host.removesuffix(_DOMAIN), path, by_host=True)
        raise NotFoundError(
            f"no such path: {raw_path}", hint="A database's own paths begin with /api/v1.", details={"path": raw_path}
        )
    path = _below("/v1", raw_path)
    if path is not None:
        return Target("control", None, path, by_host)
    match = _DATA_BY_PATH.fullmatch(raw_path)
    if match is not None:
        return Target("data", unquote(match["database"], errors="replace"), match["path"] or "/", by_host)
    raise NotFoundError(
        f"no such path: {raw_path}",
        hint="Paths begin with /v1 or /db/{database}/api/v1; GET /openapi.json lists them.",
        details={"path": raw_path},
    )


def read_query_string(text: str) -> Mapping[str, str]:
    """Query parameters by name.  Raises `ValidationError` for one that comes twice, and for too many."""
    if not text:
        return {}
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_QUERY_PARAMETERS)
    except ValueError:
        raise ValidationError(
            "too many query parameters",
            details={"field": "query", "expected": f"at most {_MAX_QUERY_PARAMETERS}", "got": "more"},
        ) from None
    query = dict(pairs)
    if len(query) != len(pairs):
        twice = next(name for name, _ in pairs if [other for other, _ in pairs].count(name) > 1)
        raise ValidationError(
            f"the query parameter “{twice}” comes more than once",
            details={"field": twice, "expected": "one value", "got": "several"},
        )
    return query


def _below(prefix: str, path: str) -> str | None:
    if path == prefix:
        return "/"
    return path.removeprefix(prefix) if path.startswith(f"{prefix}/") else None
