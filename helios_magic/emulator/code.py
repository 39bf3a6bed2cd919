"""API reference, "Codegen Endpoints"; decisions.md, "Codegen"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helios_magic.emulator.request import Answer, Answerer, Request, Rooms
from helios_magic.models.code import TypesRequest

if TYPE_CHECKING:
    from helios_magic.codegen.shapes import Shape


def types(rooms: Rooms, request: Request) -> Answer:
    from helios_magic.codegen import languages

    body: TypesRequest = request.body
    shapes = _shapes(rooms, request, body.tables, body.branch)
    return Answer({body.language: languages.source(shapes, body.language, body.style)})


def _shapes(rooms: Rooms, request: Request, tables: list[str], branch: str) -> tuple[Shape, ...]:
    from helios_magic.codegen.selection import select

    return select(rooms.engine.describe(request.database.id, branch), tables)


ENDPOINTS: dict[str, Answerer] = {"generate_types": types}
