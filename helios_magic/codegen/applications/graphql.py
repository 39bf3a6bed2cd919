"""A GraphQL application over tables: the schema as SDL, and resolvers that run on Ariadne.

Ariadne, since it reads the schema that the answer shows as it stands.  It is graphql-core (which every Python server
runs on) and Starlette (which helios-magic has already); Strawberry makes the schema of Python classes, so that the
SDL would be a by-product, and graphql-core alone has neither HTTP nor subscriptions' protocol.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from helios_magic.codegen.applications.files import File, Place, copied, rendered
from helios_magic.codegen.applications.spelling import constant_name
from helios_magic.codegen.languages.emitting import Member, Model, Named, name_all
from helios_magic.codegen.languages.language import Language, words
from helios_magic.codegen.naming import Names, camel, singular, snake
from helios_magic.codegen.naming import words as words_of
from helios_magic.codegen.shapes import Shape
from helios_magic.errors import ValidationError

_NAME = re.compile(r"(?!__)[A-Za-z][A-Za-z0-9_]*")
_EQUAL, _ORDERED = ("eq", "ne", "in"), ("lt", "lte", "gt", "gte")
_WITHOUT_FILTER = frozenset({"bytea", "json", "vector", "interval"})
_SCALARS = {
    "BigInt": "An integer of 64 bits, as text: JSON's numbers lose digits.",
    "Decimal": "A decimal number, as text.",
    "UUID": "A UUID.",
    "Date": "A date, ISO 8601.",
    "Time": "A time of day, ISO 8601.",
    "DateTime": "A moment, ISO 8601; without a zone where the column has none.",
    "Interval": "An ISO 8601 duration.",
    "Bytes": "Bytes, as `\\x` and hexadecimal digits.",
    "JSON": "Any JSON value.",
}

GRAPHQL = Language(
    template="graphql/schema.graphql.jinja",
    extension=".graphql",
    types={
        "bool": "Boolean", "int2": "Int", "int4": "Int", "int8": "BigInt", "numeric": "Decimal", "float4": "Float",
        "float8": "Float", "text": "String", "uuid": "UUID", "date": "Date", "time": "Time", "timestamp": "DateTime",
        "timestamptz": "DateTime", "interval": "Interval", "bytea": "Bytes", "json": "JSON", "vector": "[Float!]",
    },
    optional="{}",
    array="[{}]",
    member=snake,
    label=lambda parts: snake(parts).upper(),
    reserved=frozenset({"true", "false", "null", "TRUE", "FALSE", "NULL"}),
    builtins=words("graphql", "builtins"),
    keeps_names=lambda name: _NAME.fullmatch(name) is not None,
    ascii_only=True,
)  # fmt: skip
ENDINGS = ("Connection", "Edge", "Filter", "OrderBy", "CreateInput", "UpdateInput", "Event")


@dataclass(frozen=True, slots=True)
class Entry:
    """One table's fields of Query, Mutation and Subscription."""

    model: Model
    many: str
    one: str
    create: str
    update: str
    delete: str
    changed: str
    creates: bool
    changes: bool

    @property
    def table(self) -> str:
        return constant_name(self.model.name)

    @property
    def variable(self) -> str:
        return f"{snake(words_of(self.model.name))}_type"

    @property
    def keys(self) -> tuple[str, ...]:
        """The fields that tell a row from all others; a view has none."""
        return () if self.model.shape.view else self.model.names_of(self.model.shape.key)

    @property
    def arguments(self) -> str:
        """`order_id: UUID!, product_id: BigInt!`"""
        return ", ".join(f"{m.name}: {m.bare}!" for m in map(self.model.member, self.model.shape.key))

    def function(self, verb: str) -> str:
        """What the resolver is called in Python."""
        return f"{verb}_{snake(words_of(self.model.name))}"


@dataclass(frozen=True, slots=True)
class Plan:
    """All that the files are made of."""

    named: Named
    entries: tuple[Entry, ...]
    mutations: bool
    subscriptions: bool
    place: Place


def plan(shapes: Sequence[Shape], *, mutations: bool, subscriptions: bool, place: Place) -> Plan:
    """What the application has.  Raises ValidationError for subscriptions to what nobody changes."""
    if subscriptions and not mutations:
        raise ValidationError(
            "subscriptions tell the changes that mutations make, and “include_mutations” is false",
            hint="Ask for both, or for neither.",
            details={"field": "include_subscriptions", "expected": "include_mutations: true", "got": "false"},
        )
    named = name_all(GRAPHQL, shapes, ENDINGS)
    required = {
        label: Model(model.name, model.shape, tuple(map(_marked, model.members)), model.wide, model.links)
        for label, model in named.models.items()
    }
    named = Named(required, named.enums)
    queries, changing = Names(), Names()
    entries = tuple(_entry(model, queries, changing) for model in named.models.values())
    return Plan(named, entries, mutations, subscriptions, place)


def _marked(member: Member) -> Member:
    """Its type with the mark of what is never null."""
    kind = member.bare if member.field.nullable else f"{member.bare}!"
    return Member(member.name, kind, member.bare, member.field, member.renamed)


def _entry(model: Model, queries: Names, changing: Names) -> Entry:
    parts = words_of(model.shape.label, ascii_only=True)
    plain = camel(parts)
    one = camel([*parts[:-1], singular(parts[-1])])
    creates = not model.shape.view
    return Entry(
        model,
        many=queries.take(plain if plain != one else f"{plain}List"),
        one=queries.take(one),
        create=changing.take(f"create{model.name}"),
        update=changing.take(f"update{model.name}"),
        delete=changing.take(f"delete{model.name}"),
        changed=changing.take(f"{camel([model.name])}Changed"),
        creates=creates,
        changes=creates,
    )


def sdl(made: Plan) -> str:
    """The schema."""
    return rendered("schema.graphql", GRAPHQL.template, **_names(made)).content


def files(made: Plan) -> list[File]:
    """The whole application, `app/` and its tests."""
    names = _names(made)
    told = [copied("app/events.py", "graphql/events.py")] if names["has_subscriptions"] else []
    return [
        File("README.md", _readme(made)),
        copied("requirements.txt", "graphql/requirements.txt"),
        File("app/__init__.py", '"""The application; app.main says how to run it."""\n'),
        rendered("app/main.py", "graphql/main.py.jinja", **names),
        File("app/schema.graphql", sdl(made)),
        rendered("app/resolvers.py", "graphql/resolvers.py.jinja", **names),
        rendered("app/database.py", "shared/database.py.jinja", **names),
        rendered("app/tables.py", "shared/tables.py.jinja", **names),
        copied("app/rows.py", "shared/rows.py"),
        copied("app/connections.py", "graphql/connections.py"),
        copied("app/context.py", "graphql/context.py"),
        copied("app/scalars.py", "graphql/scalars.py"),
        copied("app/security.py", "graphql/security.py"),
        *told,
        rendered("tests/test_graphql.py", "graphql/test_graphql.py.jinja", **names),
        File("pytest.ini", "[pytest]\npythonpath = .\ntestpaths = tests\n"),
    ]


def _names(made: Plan) -> dict[str, Any]:
    changing = any(entry.creates for entry in made.entries)
    return {
        "named": made.named, "models": made.named.models, "enums": tuple(made.named.enums.values()),
        "entries": made.entries, "mutations": made.mutations, "subscriptions": made.subscriptions,
        "has_mutations": made.mutations and changing, "has_subscriptions": made.subscriptions and changing,
        "scalars": tuple(_SCALARS.items()), "filters": _filters(made.named),
        "filtered": filtered, "written": written, "changed": changed,
        "lists": [entry.many for entry in made.entries],
        "database": made.place.database, "branch": made.place.branch,
    }  # fmt: skip


def filtered(model: Model) -> list[Member]:
    """What a list may be filtered and ordered by."""
    return [m for m in model.members if not m.field.depth and m.field.kind not in _WITHOUT_FILTER]


def written(model: Model) -> list[Member]:
    """What a new row may say."""
    return [member for member in model.members if not member.field.computed]


def changed(model: Model) -> list[Member]:
    """What a change may say."""
    return [member for member in written(model) if not member.field.key]


def _filters(named: Named) -> list[tuple[str, tuple[str, ...]]]:
    """Each scalar that is filtered by, with what can be asked of it."""
    found: dict[str, tuple[str, ...]] = {}
    for model in named.models.values():
        for member in filtered(model):
            ordered = () if member.field.kind in ("bool", "uuid", "enum") else _ORDERED
            found[member.bare] = (*_EQUAL, *ordered, *(("like",) if member.field.kind == "text" else ()))
    return sorted(found.items())


def _readme(made: Plan) -> str:
    return f"""# A GraphQL API over the database {made.place.database}

    pip install -r requirements.txt
    export API_TOKEN=…                   # what callers send as bearer token
    export HELIOS_URL=… HELIOS_TOKEN=…   # where HeliosDB is; your own local one without them
    uvicorn app.main:app                 # then open http://127.0.0.1:8000/graphql
    pytest                               # on a branch of the database that is deleted afterwards

Lists are connections: `first`, `after`, `filter`, `orderBy`. The schema is `app/schema.graphql`.
"""
