"""`%helios codegen types`, `rest` and `graphql` in a shell."""

from __future__ import annotations

from pathlib import Path

import pytest
from IPython.core.completer import provisionalcompleter

from tests.magics.conftest import Notebook


def test_types_are_shown_and_are_the_value(shop: Notebook) -> None:
    ran = shop.ok("%helios codegen types users --language typescript")
    assert ran.value == {"types.ts": ran.value["types.ts"]}
    assert "export interface User {" in ran.value["types.ts"]
    assert "export interface User {" in ran.text
    assert '<span class="hm-sk">export</span>' in ran.html
    assert "<script" not in ran.html


def test_types_are_written_and_never_over_a_file_without_being_told(shop: Notebook, tmp_path: Path) -> None:
    at = tmp_path / "types.ts"
    assert "written to" in shop.ok(f"%helios codegen types users --write {tmp_path}/").text
    first = at.read_text()
    # The same again is no harm.
    shop.ok(f"%helios codegen types users --write {at}")
    at.write_text("mine")
    refused = shop.fails(f"%helios codegen types users --write {at}")
    assert "is there already" in refused.printed
    assert "--force" in refused.printed
    assert at.read_text() == "mine"
    shop.ok(f"%helios codegen types users --write {at} --force")
    assert at.read_text() == first


def test_applications_are_files(shop: Notebook, tmp_path: Path) -> None:
    rest = shop.ok(f"%helios codegen rest users --operation list --operation read --open --write {tmp_path}/api")
    assert "app/main.py" in rest.value
    assert "app/security.py" not in rest.value
    assert (tmp_path / "api" / "app" / "routers" / "users.py").read_text() == rest.value["app/routers/users.py"]
    assert rest.html.count("<details") == len(rest.value)
    graph = shop.ok("%helios codegen graphql users --subscriptions")
    assert "type Subscription" in graph.value["app/schema.graphql"]
    assert "type Mutation" not in shop.ok("%helios codegen graphql users --no-mutations").value["app/schema.graphql"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%helios codegen types", "needs TABLE…"),
        ("%helios codegen typs users", "Did you mean types?"),
        ("%helios codegen types usres", "Did you mean users?"),
        ("%helios codegen types users --language typescrpt", "Did you mean typescript?"),
        ("%helios codegen types users --style pydantic", "interfaces, supabase"),
        ("%helios codegen rest users --operation creat", "Did you mean create?"),
    ],
)
def test_what_is_unknown_is_refused_with_the_nearest(shop: Notebook, line: str, said: str) -> None:
    assert said in shop.fails(line).printed


@pytest.mark.parametrize(
    ("line", "known"),
    [
        ("%helios codegen types nothing", ("users",)),
        ("%helios codegen types users --language cobol", ("typescript", "python", "go", "rust", "prisma")),
        ("%helios codegen rest users --operation destroy", ("create", "read", "update", "delete", "list")),
        ("%helios codegen graphql nothing", ("users",)),
        ("%helios schema generate shops sell things --dialect oracle", ("postgresql", "mysql", "sqlite", "duckdb")),
    ],
)
def test_what_is_unknown_is_refused_with_all_that_is_known(shop: Notebook, line: str, known: tuple[str, ...]) -> None:
    said = shop.fails(line).printed
    assert [word for word in known if word not in said] == []


@pytest.mark.parametrize("target", ["types", "rest", "graphql"])
def test_names_that_are_no_identifiers(shop: Notebook, target: str) -> None:
    wide = ", ".join(f"c{number} int8" for number in range(199))
    shop.ok(
        "%%helios batch\n"
        'CREATE TABLE "class" (id int PRIMARY KEY, "full name" text, "🙃" text, up int REFERENCES "class"(id));\n'
        f'CREATE TABLE "odd 🙂 table" (a int, b int, {wide}, PRIMARY KEY (a, b))'
    )
    made = shop.ok(f"%helios codegen {target} class 'odd 🙂 table'")
    assert "🙃" in "".join(made.value.values())
    assert "<script" not in made.html


def test_help(shop: Notebook) -> None:
    assert "%helios codegen types TABLE…" in shop.ok("%helios help codegen types").printed
    assert "codegen rest" in shop.ok("%helios codegen").printed


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("%helios codegen ", "types"),
        ("%helios codegen types us", "users"),
        ("%helios codegen types users us", "users"),
        ("%helios codegen types users --language ru", "rust"),
        ("%helios codegen rest users --operation cr", "create"),
    ],
)
def test_completion(shop: Notebook, line: str, found: str) -> None:
    shop.ok("%helios tables")
    with provisionalcompleter():
        assert found in [offer.text for offer in shop.shell.Completer.completions(line, len(line))]
