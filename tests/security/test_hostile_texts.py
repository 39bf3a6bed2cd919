"""Hostile texts as names, values, comments and errors, through SQL into everything that a notebook shows of them."""

from __future__ import annotations

import pytest

from tests.display.reading import read, unseen
from tests.magics.conftest import Notebook, Ran, bare, notebook, shell  # noqa: F401 - fixtures

TEXTS = [
    "<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", "</style><script>x</script>", "<!-- x",
    '" onmouseover="x', "' onfocus='x", "${x} {{x}} <%= x %>", "&lt;b&gt;", "javascript:alert(1)", "a\u2028b\u2029c",
    "\u202eevil", "zero\u200bwidth\ufeff", "\x1b[2J\x1b]0;x\x07", "`x`", "<svg/onload=x>", "=1+1", "\u2066x\u2069",
]  # fmt: skip


def shown(ran: Ran) -> list[str]:
    """All HTML that a cell left."""
    return [text for text in (ran.html, *(each.get("text/html", "") for each in ran.displayed)) if text]


def check(ran: Ran, text: str) -> None:
    for html in shown(ran):
        read(html)
        assert "<script" not in html
        assert "<img" not in html
        assert not unseen(html), text
    for plain in (ran.text, *(each.get("text/plain", "") for each in ran.displayed)):
        assert "\x1b[2J" not in plain
        assert "\u202e" not in plain
        assert "\u2028" not in plain


@pytest.mark.parametrize("text", TEXTS)
def test_nothing_hostile_is_alive(notebook: Notebook, text: str) -> None:  # noqa: F811
    name = '"' + text.replace('"', '""') + '"'
    value = "'" + text.replace("'", "''") + "'"
    run = notebook.run
    made = [
        f"CREATE TABLE {name} (id int PRIMARY KEY, {name} text DEFAULT {value} CHECK ({name} <> ''))",
        f"COMMENT ON TABLE {name} IS {value}",
        f"INSERT INTO {name} VALUES (1, {value}), (2, 'x')",
    ]
    # `$` would name a variable of the notebook, `{` too.
    results = [run("%%helios sql\n" + each.replace("$", "$$").replace("{", "{{").replace("}", "}}")) for each in made]
    seen = 0
    for cell in (
        f"SELECT * FROM {name}", f"SELECT {value} AS {name}, {value}::jsonb", f"SELECT nothing FROM {name}",
        f"SELECT {name} FROM nothing", f"INSERT INTO {name} VALUES (1, 'again')", f"SELECT {value}::int",
        f"INSERT INTO {name} VALUES (3, '')",
    ):  # fmt: skip
        results.append(run(f"%%helios sql\n{cell}"))
    results.append(run(f"%%helios explain\nSELECT * FROM {name} WHERE {name} = {value}"))
    for line in ("tables", f"describe {name}", f"branch {text}", f"branch diff {text}", "history", f"sql {text}", text):
        results.append(run(f"%helios {line}"))
    for ran in results:
        check(ran, text)
        seen += len(shown(ran))
    assert seen >= 5


@pytest.mark.parametrize(
    "text", ["<img src=x onerror=alert(1)></script>", "<svg/onload=x>${x}\u2028\u202e\u2066", "\"'><b>\u200b\x1b[2J"]
)
def test_nothing_hostile_is_alive_in_what_is_drawn(
    notebook: Notebook,  # noqa: F811
    text: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Diffs, merges, conflicts, designs, diagrams, vectors, webhooks, metrics; and what is printed."""
    monkeypatch.setenv("HOOK_SECRET", "a signing secret")
    name, value = '"' + text.replace('"', '""') + '"', "'" + text.replace("'", "''") + "'"

    def sql(statement: str) -> str:
        return "%%helios sql\n" + statement.replace("$", "$$").replace("{", "{{").replace("}", "}}")

    notebook["address"] = "https://example.com/<svg/onload=x>"
    cells = [
        sql(f"CREATE TABLE {name} (id int PRIMARY KEY, {name} text)"),
        sql(f"CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES {name}, content text DEFAULT {value})"),
        sql(f"INSERT INTO {name} VALUES (1, {value}), (2, 'b')"), sql(f"INSERT INTO t VALUES (1, 1, {value})"),
        "%helios branch create b --use", sql(f"UPDATE {name} SET {name} = {value} || 'x'"), "%helios branch diff",
        "%helios branch use main", sql(f"UPDATE {name} SET {name} = {value} || 'y'"),
        "%helios branch merge b --dry-run", "%helios branch merge b", "%helios schema erd",
        "%helios schema diff main..b",
        f"%%helios schema generate\nA shop with customers and {text} orders, called {text}.",
        "%helios codegen types t --language typescript", "%helios embed t.content",
        f"%%helios vectors search t.embedding\n{text}",
        "%helios webhooks create address --event branch.created --secret-env HOOK_SECRET", "%helios webhooks",
        f"%helios webhooks deliveries {text}", "%helios metrics usage", "%helios metrics performance --period 1h",
        f"%helios metrics performance --period {text}", f"%helios connect {text}", f"%helios login {text}",
        "%helios history",
    ]  # fmt: skip
    drawn = 0
    for cell in cells:
        ran = notebook.run(cell)
        check(ran, text)
        assert not [sign for sign in "\x1b\u202e\u2028\u2066\u200b" if sign in ran.printed], cell
        drawn += len(shown(ran))
    assert drawn >= 18
