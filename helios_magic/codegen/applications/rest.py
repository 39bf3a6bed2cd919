"""A FastAPI application over tables: models, one router a table, filters, its own tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from helios_magic.codegen.applications.files import File, Place, copied, rendered
from helios_magic.codegen.applications.samples import Samples
from helios_magic.codegen.applications.spelling import ENDINGS, MODELS, constant_name
from helios_magic.codegen.languages.emitting import Model, Named, name_all
from helios_magic.codegen.naming import Names, snake, words
from helios_magic.codegen.shapes import Shape

OPERATIONS = ("create", "read", "update", "delete", "list")
_METHODS = {"create": "POST", "read": "GET", "update": "PATCH", "delete": "DELETE", "list": "GET"}


@dataclass(frozen=True, slots=True)
class Router:
    """One table's way in: `module` its file, `path` its address, `one` what is added for one row."""

    module: str
    path: str
    model: Model
    operations: tuple[str, ...]

    @property
    def shape(self) -> Shape:
        return self.model.shape

    @property
    def keys(self) -> tuple[str, ...]:
        """The path's parameters."""
        return self.model.names_of(self.shape.key)

    @property
    def one(self) -> str:
        """`/{order_id}/{product_id}`; a text at the end may have slashes in it."""
        parts = [f"/{{{name}}}" for name in self.keys]
        if parts and self.shape.field(self.shape.key[-1]).kind == "text":
            parts[-1] = f"/{{{self.keys[-1]}:path}}"
        return "".join(parts)

    def endpoints(self) -> list[dict[str, Any]]:
        """Each operation as method and path."""
        one = self.path + "".join(f"/{{{name}}}" for name in self.keys)
        return [
            {
                "method": _METHODS[operation],
                "path": self.path if operation in ("create", "list") else one,
                "operation": operation,
                "table": self.shape.label,
            }
            for operation in OPERATIONS
            if operation in self.operations
        ]


@dataclass(frozen=True, slots=True)
class Api:
    """All that the files and the description are made of."""

    named: Named
    routers: tuple[Router, ...]
    operations: tuple[str, ...]
    bearer: bool
    place: Place


def plan(shapes: Sequence[Shape], operations: Sequence[str], *, bearer: bool, place: Place) -> Api:
    """What the application has: of each table the operations that its kind allows."""
    named = name_all(MODELS, shapes, ENDINGS)
    modules = Names({"import", "class", "def", "global", "is", "in", "or", "and", "not", "from", "with", "as", "if"})
    routers = []
    for model in named.models.values():
        module = modules.take(snake(words(model.shape.label)))
        allowed = tuple(each for each in OPERATIONS if each in operations and _allows(model.shape, each))
        routers.append(Router(module, f"/{module}", model, allowed))
    return Api(named, tuple(routers), tuple(operations), bearer, place)


def _allows(shape: Shape, operation: str) -> bool:
    """A view is read only; without a key no row can be told from another."""
    if operation == "list":
        return True
    return not shape.view if operation == "create" else bool(shape.key) and not shape.view


def files(api: Api) -> list[File]:
    """The whole application, `app/` and its tests."""
    common = {
        "named": api.named, "models": api.named.models, "enums": tuple(api.named.enums.values()),
        "quote": MODELS.quote, "routers": api.routers, "bearer": api.bearer, "operations": api.operations,
        "database": api.place.database, "branch": api.place.branch,
    }  # fmt: skip
    samples = Samples({router.shape.label: router.path for router in api.routers}, [r.shape for r in api.routers])
    made = [r for r in api.routers if "create" in r.operations and samples.can_be_made(r.shape)]
    return [
        File("README.md", _readme(api)),
        copied("requirements.txt", "rest/requirements.txt"),
        File("app/__init__.py", '"""The application; app.main says how to run it."""\n'),
        rendered("app/main.py", "rest/main.py.jinja", **common),
        rendered("app/database.py", "shared/database.py.jinja", **common),
        *([copied("app/security.py", "rest/security.py")] if api.bearer else []),
        rendered("app/problems.py", "rest/problems.py.jinja", **common),
        rendered("app/tables.py", "shared/tables.py.jinja", **common),
        rendered("app/models.py", "rest/models.py.jinja", **common),
        copied("app/values.py", "rest/values.py"),
        copied("app/filters.py", "rest/filters.py"),
        copied("app/rows.py", "shared/rows.py"),
        File("app/routers/__init__.py", _routers(api)),
        *(_router(router, common) for router in api.routers),
        rendered("tests/test_api.py", "rest/test_api.py.jinja", samples=samples, made=made, **common),
        File("pytest.ini", "[pytest]\npythonpath = .\ntestpaths = tests\n"),
    ]


def _router(router: Router, common: dict[str, Any]) -> File:
    model = router.model
    members = [model.member(column) for column in router.shape.key]
    return rendered(
        f"app/routers/{router.module}.py",
        "rest/router.py.jinja",
        router=router,
        model=model,
        table=constant_name(model.name),
        row=f"{model.name}Expanded" if model.links else model.name,
        key_members=members,
        **common,
    )


def _routers(api: Api) -> str:
    names = ", ".join(router.module for router in api.routers)
    return f'"""One module a table."""\n\nfrom . import {names}\n'


def _readme(api: Api) -> str:
    token = "export API_TOKEN=…                   # what callers send as bearer token\n    " if api.bearer else ""
    listed = "\n".join(f"- `{each['method']} {each['path']}`" for router in api.routers for each in router.endpoints())
    return f"""# A REST API over the database {api.place.database}

    pip install -r requirements.txt
    {token}export HELIOS_URL=… HELIOS_TOKEN=…   # where HeliosDB is; your own local one without them
    uvicorn app.main:app                 # then open http://127.0.0.1:8000/docs
    pytest                               # on a branch of the database that is deleted afterwards

{listed}

Lists take filters (`?status=paid`, `?total[gte]=10`, `?status[in]=a&status[in]=b`, `?name[like]=A%`,
`?note[null]=true`), `order` (`-created_at` is descending), `limit`, `offset` and, for related rows, `expand`.
"""
