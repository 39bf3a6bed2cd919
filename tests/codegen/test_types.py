"""`POST /codegen/types` (API reference, "Codegen Endpoints"; decisions.md, "Codegen")."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from helios_magic.codegen.languages import LANGUAGES
from tests.codegen import schemas
from tests.codegen.conftest import Types, database
from tests.emulator.calling import Answered, Api

#: Raw, as the reference shows request and answer.
ASKED = {"tables": ["users", "orders"], "language": "typescript"}
ANSWERED = {
    "typescript": "export interface User {\n id: string;\n email: string;\n created_at: Date;\n}\n\n"
    "export interface Order {\n id: string;\n user_id: string;\n total: number;\n status: string;\n}"
}


def ask(api: Api, **body: object) -> Answered:
    return api("POST", "/codegen/types", body, database="default")


@pytest.fixture(scope="module")
def plain() -> Iterator[Api]:
    """The tables that the reference's answer is about."""
    api = database(
        [
            "CREATE TABLE users (id uuid PRIMARY KEY, email text NOT NULL, created_at timestamptz NOT NULL)",
            (
                "CREATE TABLE orders (id uuid PRIMARY KEY, user_id uuid NOT NULL REFERENCES users(id), "
                "total numeric(10,2) NOT NULL, status text NOT NULL)"
            ),
        ]
    )
    yield api
    api.local.close()


def test_the_references_example(plain: Api) -> None:
    """The reference's line breaks and indents came through a web page: any white space is one blank."""
    data = ask(plain, **ASKED).data
    assert {name: re.sub(r"[ ]+", " ", source.strip()) for name, source in data.items()} == ANSWERED


def test_what_a_double_loses_travels_as_text(shop: Api, hostile: Api) -> None:
    products = ask(shop, tables=["products"], language="typescript").data["typescript"]
    assert "  id: number | string;" in products
    assert "  price: number;" in products
    every = ask(hostile, tables=["every_type"], language="typescript").data["typescript"]
    assert "  t4: number | string | null;" in every
    assert "  a3: (number | string)[] | null;" in every


def test_enums_are_unions(shop: Api) -> None:
    source = ask(shop, tables=["orders"], language="typescript").data["typescript"]
    assert 'export type OrderStatus = "pending" | "paid" | "sent back";' in source
    assert "  status: OrderStatus;" in source


def test_supabase_has_rows_inserts_updates_and_relationships(shop: Api) -> None:
    source = ask(shop, tables=["orders"], language="typescript", style="supabase").data["typescript"]
    row, insert, update = (
        source.split(f"        {part}: {{\n")[1].split("}")[0] for part in ("Row", "Insert", "Update")
    )
    assert "          user_id: string;" in row
    assert "          user_id: string;" in insert
    assert "          total?: number;" in insert
    assert "          user_id?: string;" in update
    assert 'foreignKeyName: "orders_user_id_fkey";' in source
    assert "isOneToOne: false;" in source


def test_reserved_words_and_collisions(hostile: Api) -> None:
    source = ask(hostile, tables=["dates", "user", "users", "sales.users"], language="typescript").data["typescript"]
    assert re.findall(r"interface (\w+)", source) == ["DateRow", "User", "User2", "SalesUser"]
    rust = ask(hostile, tables=["class"], language="rust").data["rust"]
    assert '    #[serde(rename = "type")]\n    pub type_: Option<String>,' in rust


def test_a_table_is_made_once(shop: Api) -> None:
    source = ask(shop, tables=["users", "users", "public.users"], language="go").data["go"]
    assert source.count("type User struct") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_lost(types: Types, language: str) -> None:
    """Every target takes every table; what they write is read by their tools in test_compilers.py."""
    for style in LANGUAGES[language]:
        assert types(language, style).count("\n") > 20


@pytest.mark.parametrize(
    ("body", "field", "hint"),
    [
        ({"tables": ["user"], "language": "go"}, "tables", "Did you mean users?"),
        ({"tables": ["nothing"], "language": "go"}, "tables", "Known: order_items, orders, products, users."),
        ({"tables": ["users"], "language": "typescrpt"}, "language", "Did you mean typescript?"),
        ({"tables": ["users"], "language": "cobol"}, "language", "Known: typescript, python, go,"),
        ({"tables": ["users"], "language": "python", "style": "pydntic"}, "style", "Did you mean pydantic?"),
        ({"tables": ["users"], "language": "go", "style": "x"}, "style", "Known: structs."),
        ({"tables": [], "language": "go"}, "tables", ""),
        ({"tables": ["users"]}, "language", ""),
        ({"tables": "users", "language": "go"}, "tables", ""),
    ],
)
def test_what_is_unknown_is_refused_with_what_is_known(
    shop: Api, body: dict[str, object], field: str, hint: str
) -> None:
    refused = ask(shop, **body)
    assert refused.code == (400, "VALIDATION_ERROR")
    assert refused.error["details"]["field"] == field
    assert hint in refused.error["details"].get("hint", "")


def test_the_branch_is_chosen(shop: Api) -> None:
    assert ask(shop, tables=["users"], language="go", branch="nowhere").code == (404, "NOT_FOUND")


def test_every_language_of_the_contract_is_there() -> None:
    assert set(LANGUAGES) == set(schemas.LANGUAGES)
