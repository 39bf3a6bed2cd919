"""API reference, "Codegen Endpoints"; decisions.md, "Codegen"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from helios_magic.emulator.request import Answer, Answerer, Request, Rooms
from helios_magic.models.code import File, GraphqlCode, GraphqlRequest, RestCode, RestRequest, TypesRequest

if TYPE_CHECKING:
    from helios_magic.codegen.applications import files
    from helios_magic.codegen.shapes import Shape


def types(rooms: Rooms, request: Request) -> Answer:
    from helios_magic.codegen import languages

    body: TypesRequest = request.body
    shapes = _shapes(rooms, request, body.tables, body.branch)
    return Answer({body.language: languages.source(shapes, body.language, body.style)})


def rest(rooms: Rooms, request: Request) -> Answer:
    from helios_magic.codegen.applications import openapi, rest
    from helios_magic.codegen.applications.files import Place

    body: RestRequest = request.body
    shapes = _shapes(rooms, request, body.tables, body.branch)
    place = Place(request.database.name, body.branch)
    api = rest.plan(shapes, body.operations, bearer=body.authentication == "bearer", place=place)
    endpoints = [endpoint for router in api.routers for endpoint in router.endpoints()]
    return Answer(RestCode(openapi=openapi.document(api), endpoints=endpoints, files=_files(rest.files(api))))


def graphql(rooms: Rooms, request: Request) -> Answer:
    from helios_magic.codegen.applications import graphql
    from helios_magic.codegen.applications.files import Place

    body: GraphqlRequest = request.body
    shapes = _shapes(rooms, request, body.tables, body.branch)
    place = Place(request.database.name, body.branch)
    plan = graphql.plan(shapes, mutations=body.include_mutations, subscriptions=body.include_subscriptions, place=place)
    return Answer(GraphqlCode(schema=graphql.sdl(plan), files=_files(graphql.files(plan))))


def _shapes(rooms: Rooms, request: Request, tables: list[str], branch: str) -> tuple[Shape, ...]:
    from helios_magic.codegen.selection import select

    return select(rooms.engine.describe(request.database.id, branch), tables)


def _files(made: Sequence[files.File]) -> list[File]:
    return [File(path=each.path, content=each.content) for each in made]


ENDPOINTS: dict[str, Answerer] = {"generate_types": types, "generate_rest": rest, "generate_graphql": graphql}
