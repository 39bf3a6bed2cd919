"""The designer with a model, against a local server that speaks the protocol well, badly, or not at all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from helios_magic import connect
from helios_magic.errors import ValidationError
from helios_magic.models.tables import Design
from helios_magic.session import Session
from tests.designer.chat_server import ChatServer, Says, serving

KEY = "sk-test-not-for-eyes"
PROSE = "A shop with customers and orders."


def attribute(name: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    return {"name": name, "kind": kind, "required": False, "unique": False, "choices": None, **more}


def link(child: str, parent: str, kind: str = "many-to-one", **more: Any) -> dict[str, Any]:
    return {"from": child, "to": parent, "kind": kind, "role": None, "required": True, "why": "said", **more}


def answer(entities: dict[str, list[dict[str, Any]]], *links: dict[str, Any]) -> Says:
    listed = [{"name": name, "attributes": attributes} for name, attributes in entities.items()]
    return Says(json.dumps({"entities": listed, "relationships": list(links), "assumptions": ["prices in euro"]}))


GOOD = answer(
    {"customers": [attribute("email", "email", unique=True)], "orders": [attribute("total", "money")]},
    link("orders", "customers"),
)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    with serving() as server:
        monkeypatch.setenv("HELIOS_CHAT_URL", server.url)
        monkeypatch.setenv("HELIOS_CHAT_MODEL", "tiny")
        monkeypatch.setenv("HELIOS_CHAT_KEY", KEY)
        yield server


@pytest.fixture
def session(model: ChatServer) -> Iterator[Session]:
    with connect(":memory:") as opened:
        yield opened


def ask(session: Session, prose: str = PROSE, **more: Any) -> Design:
    return session.client.generate_schema(prose, **more)


def tables(design: Design) -> dict[str, set[str]]:
    return {table.name: {column["name"] for column in table.columns} for table in design.tables}


def test_a_good_answer_is_the_design(model: ChatServer, session: Session) -> None:
    model.answers = [GOOD]
    design = ask(session)
    assert design.generator == "llm:tiny"
    assert tables(design) == {
        "customers": {"id", "email", "created_at"}, "orders": {"id", "customer_id", "total", "created_at"},
    }  # fmt: skip
    assert "prices in euro" in design.notes
    ((body, authorisation),) = model.heard
    assert authorisation == f"Bearer {KEY}"
    assert body["model"] == "tiny"
    assert body["messages"][-1] == {"role": "user", "content": PROSE}
    form = body["response_format"]["json_schema"]
    assert form["strict"] is True
    assert form["schema"]["additionalProperties"] is False


@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "sqlite", "duckdb"])
def test_every_dialect_is_run(model: ChatServer, session: Session, dialect: Any) -> None:
    model.answers = [GOOD]
    design = ask(session, dialect=dialect)
    assert design.generator == "llm:tiny"
    if dialect == "sqlite":
        made = sqlite3.connect(":memory:")
        made.executescript(";".join(table.ddl for table in design.tables))
        made.close()


BAD = [
    Says("{not json"),
    Says("Sure! Here is your schema."),
    Says(json.dumps({"entities": "none", "relationships": []})),
    answer({}),
    answer({"orders": [attribute("total", "euros")]}),
    answer({"orders": [attribute("state", "choice")]}),
    answer({"orders": []}, link("orders", "customers")),
    answer({"orders": []}, link("orders", "orders; DROP TABLE users")),
    answer({"": []}),
    answer({"x" * 80: []}),
    answer({"a": [], "A": []}),
]


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
def test_a_bad_answer_is_repaired(model: ChatServer, session: Session, bad: Says) -> None:
    model.answers = [bad, GOOD]
    assert ask(session).generator == "llm:tiny"
    messages = model.heard[1][0]["messages"]
    assert messages[-2] == {"role": "assistant", "content": bad.content}
    assert messages[-1]["content"].startswith("That cannot be used: ")


def test_two_repairs_and_no_more(model: ChatServer, session: Session) -> None:
    model.answers = [BAD[0], BAD[4], BAD[6], GOOD]
    design = ask(session)
    assert len(model.heard) == 3
    assert design.generator == "catalogue"
    assert "orders" in tables(design)
    (note,) = [each for each in design.notes if "catalogue designed this instead" in each]
    assert "after 2 repairs" in note


FAILURES = [
    (Says(refusal="I cannot help with that."), "refused to answer"),
    (Says("", finish="content_filter"), "refused to answer"),
    (Says("{", finish="length"), "before its answer was whole"),
    (Says(""), "answered nothing"),
    (Says(status=401, raw=KEY.encode()), "refused the key"),
    (Says(status=500), "answered 500"),
    (Says(raw=b"<html>busy</html>"), "no chat completion"),
    (Says(raw=b'{"choices": []}'), "no chat completion"),
    (Says(raw=b"x" * 4_100_000), "more than 4 MB"),
]


@pytest.mark.parametrize(("says", "why"), FAILURES, ids=[why.replace(" ", "-") for _, why in FAILURES])
def test_without_an_answer_the_catalogue_designs_and_says_so(
    model: ChatServer, session: Session, says: Says, why: str
) -> None:
    model.answers = [says]
    design = ask(session)
    assert design.generator == "catalogue"
    assert {"customers", "orders"} <= set(tables(design))
    (note,) = [each for each in design.notes if "catalogue designed this instead" in each]
    assert why in note
    assert KEY not in repr(design)


def test_a_model_that_does_not_answer_is_not_waited_for(
    model: ChatServer, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELIOS_CHAT_TIMEOUT", "0.3")
    model.answers = [Says("{}", wait=30)]
    design = ask(session)
    assert design.generator == "catalogue"
    assert "did not answer in time" in " ".join(design.notes)


def test_nobody_there(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIOS_CHAT_URL", "http://127.0.0.1:9/v1")
    assert "cannot be reached" in " ".join(ask(session).notes)


def test_a_provider_without_structured_output_is_asked_without(model: ChatServer, session: Session) -> None:
    model.answers = [Says(status=400), Says(f"```json\n{GOOD.content}\n```")]
    assert ask(session).generator == "llm:tiny"
    assert "response_format" in model.heard[0][0]
    assert "response_format" not in model.heard[1][0]


def test_hostile_names_are_names_or_nothing(model: ChatServer, session: Session) -> None:
    hostile = 'users"; DROP TABLE secrets; --'
    model.answers = [
        answer(
            {
                hostile: [attribute("a'); DELETE FROM x; --"), attribute("select"), attribute("id"), attribute("🙂x")],
                "group": [attribute("state", "choice", choices=["o'k", "no); DROP TABLE y; --", ""])],
            },
            link("group", hostile, role='owner"; --'),
        )
    ]
    design = ask(session)
    assert design.generator == "llm:tiny"
    for table, columns in tables(design).items():
        assert all(name.replace("_", "").isalnum() for name in (table, *columns))
    applied = session.batch([table.ddl for table in design.tables])
    assert applied is not None
    assert len(session.tables().tables) == 2


def test_iteration_keeps_what_was_there_whatever_the_model_says(model: ChatServer, session: Session) -> None:
    model.answers = [GOOD]
    first = ask(session)
    model.answers = [answer({"reviews": [attribute("stars", "int")]})]
    later = ask(session, "Add reviews with stars.", former=first)
    assert later.generator == "llm:tiny"
    assert set(tables(later)) == {"customers", "orders", "reviews"}
    assert "There is this design already" in model.heard[-1][0]["messages"][-1]["content"]
    model.answers = [answer({"customers": [], "orders": []})]
    assert set(tables(ask(session, "Remove reviews.", former=later))) == {"customers", "orders"}


def test_a_model_reads_other_languages_and_its_failure_leaves_the_plain_refusal(
    model: ChatServer, session: Session
) -> None:
    german = "Die Kunden haben viele Bestellungen und jede Bestellung hat eine Rechnung."
    model.answers = [GOOD]
    assert ask(session, german).generator == "llm:tiny"
    model.answers = [Says(status=503)]
    with pytest.raises(ValidationError, match="German"):
        ask(session, german)
