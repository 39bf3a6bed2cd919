"""From method and path to an endpoint of the table, and from there to nowhere politely."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from helios_magic.errors import NotFoundError, ValidationError
from helios_magic.models.endpoints import ENDPOINTS, Endpoint, Plane

_PREFIX = {"control": "/v1", "data": "/db/{database}/api/v1"}


@dataclass(slots=True)
class _Place:
    """All methods of one path."""

    segments: tuple[str, ...]
    methods: dict[str, Endpoint] = field(default_factory=dict)

    def match(self, segments: list[str]) -> dict[str, str] | None:
        """The decoded parameters, or None where the path is another."""
        if len(segments) != len(self.segments):
            return None
        found: dict[str, str] = {}
        for pattern, segment in zip(self.segments, segments, strict=True):
            if pattern.startswith("{"):
                if not segment:
                    return None
                found[pattern[1:-1]] = _decoded(segment)
            elif pattern != segment:
                return None
        return found


def route(method: str, path: str, plane: Plane) -> tuple[Endpoint, Mapping[str, str]]:
    """The endpoint and its path parameters, percent-decoded one by one.

    Raises `NotFoundError` with the nearest path, and `ValidationError` 405 with `Allow`.
    """
    place = _PLAIN.get((plane, path))
    if place is not None and method in place.methods:
        return place.methods[method], {}
    segments = path.split("/")
    allowed: set[str] = set()
    for place in _PLACES[plane]:
        parameters = place.match(segments)
        if parameters is None:
            continue
        if method in place.methods:
            return place.methods[method], parameters
        allowed |= place.methods.keys()
    if allowed:
        names = ", ".join(sorted(allowed))
        raise ValidationError(
            f"{path} does not take {method}",
            hint=f"It takes {names}.",
            details={"method": method, "allowed": sorted(allowed)},
            status=405,
            headers={"Allow": names},
        )
    raise NotFoundError(f"no such path: {path}", hint=_nearest(path, plane), details={"path": path})


def _nearest(path: str, plane: Plane) -> str:
    other: Plane = "data" if plane == "control" else "control"
    if any(place.match(path.split("/")) is not None for place in _PLACES[other]):
        return f"It belongs to the {other} plane: {_PREFIX[other]}{path}"
    paths = [endpoint.path for endpoint in ENDPOINTS if endpoint.plane == plane]
    near = difflib.get_close_matches(path, paths, n=1)
    return f"Did you mean {_PREFIX[plane]}{near[0]}?" if near else "GET /openapi.json lists every path."


def _decoded(segment: str) -> str:
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError:
        raise ValidationError(
            f"“{segment}” in the path is not percent-encoded UTF-8",
            details={"field": "path", "expected": "percent-encoded UTF-8", "got": segment},
        ) from None


def _places(plane: Plane) -> list[_Place]:
    places: dict[str, _Place] = {}
    for endpoint in ENDPOINTS:
        if endpoint.plane == plane:
            place = places.setdefault(endpoint.path, _Place(tuple(endpoint.path.split("/"))))
            place.methods[endpoint.method] = endpoint
    # `/branches/merge` before `/branches/{name}`: a word beats a parameter.
    return sorted(places.values(), key=lambda place: [segment.startswith("{") for segment in place.segments])


_PLACES: dict[Plane, list[_Place]] = {"control": _places("control"), "data": _places("data")}
#: Paths without a parameter, found at once.
_PLAIN: dict[tuple[Plane, str], _Place] = {
    (plane, "/".join(place.segments)): place
    for plane, places in _PLACES.items()
    for place in places
    if not any(segment.startswith("{") for segment in place.segments)
}
