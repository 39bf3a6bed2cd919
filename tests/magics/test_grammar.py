"""The one grammar of %helios and %%helios."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helios_magic.errors import UsageError
from helios_magic.magics import help as help_text
from helios_magic.magics.grammar import parse, seconds
from helios_magic.magics.requests import (
    Batch,
    Branch,
    BranchCreate,
    BranchDelete,
    BranchDiff,
    BranchMerge,
    BranchUse,
    Connect,
    Describe,
    Explain,
    Help,
    History,
    Load,
    Sql,
    Status,
    Tables,
    Use,
)
from helios_magic.magics.subcommands import COMING, SUBCOMMANDS
from helios_magic.magics.words import words

_TIMES = "Write seconds or milliseconds: 5, 5s, 200ms; at most 600 s."
_WITH_SQL = "Write %helios sql SELECT 1, or %%helios sql and the SQL on the lines below."


@pytest.mark.parametrize(
    ("line", "body", "request_"),
    [
        ("", None, Help()),
        ("help", None, Help()),
        ("help sql", None, Help("sql")),
        ("sql --help", None, Help("sql")),
        ("status", None, Status()),
        ("use shop", None, Use("shop")),
        ("tables --branch feature/x", None, Tables(branch="feature/x")),
        ("tables ord* --sort size", None, Tables("ord*", "size")),
        ("describe orders --rows 3 --branch what-if", None, Describe("orders", 3, "what-if")),
        ("history --limit 5", None, History(5)),
        ("connect", None, Connect()),
        ("connect 'C:\\my store' --database shop", None, Connect("C:\\my store", database="shop")),
        ("connect https://x.io --token-env MY_TOKEN", None, Connect("https://x.io", token_env="MY_TOKEN")),
        ("load df orders --mode create", None, Load("df", "orders", "create")),
        ('load "my file.csv" orders', None, Load("my file.csv", "orders")),
        ("sql", "SELECT 1\n", Sql("SELECT 1\n", lines_before=1)),
        ("sql latest <<", "SELECT 1", Sql("SELECT 1", lines_before=1, name="latest", show=False)),
        ("sql latest<<", "SELECT 1", Sql("SELECT 1", lines_before=1, name="latest", show=False)),
        ("sql latest= <<", "SELECT 1", Sql("SELECT 1", lines_before=1, name="latest")),
        ("sql latest = <<", "SELECT 1", Sql("SELECT 1", lines_before=1, name="latest")),
        ("sql latest", "SELECT 1", Sql("SELECT 1", lines_before=1, name="latest")),
        ("sql --limit 5 latest << --branch dev", "X", Sql("X", None, "dev", None, 1, "latest", False, 5)),
        ("sql --out=polars --timeout=200ms", "X", Sql("X", timeout=0.2, lines_before=1, out="polars")),
        ("sql SELECT 1", None, Sql("SELECT 1")),
        ("sql --limit 1 d << SELECT 'a  b' -- c", None, Sql("SELECT 'a  b' -- c", name="d", show=False, limit=1)),
        ("sql -- -- a comment", None, Sql("-- a comment")),
        ("sql SELECT '--limit', 1", None, Sql("SELECT '--limit', 1")),
        ('sql --params [1, "it\'s", null] SELECT $1', None, Sql("SELECT $1", params='[1, "it\'s", null]')),
        ("sql --params '[1, 2]' SELECT $1", None, Sql("SELECT $1", params="[1, 2]")),
        ("sql --params=[1] SELECT $1", None, Sql("SELECT $1", params="[1]")),
        ("batch --no-transaction", "X;", Batch("X;", lines_before=1, transaction=False)),
        ("explain --analyze", "X", Explain("X", lines_before=1, analyze=True)),
        ("explain SELECT 1 << 2", None, Explain("SELECT 1 << 2")),
        ("sql --yes", "X", Sql("X", lines_before=1, yes=True)),
        ("branch", None, Branch()),
        ("branch --help", None, Help("branch")),
        ("branch merge --help", None, Help("branch", "merge")),
        ("help branch diff", None, Help("branch", "diff")),
        ("branch create fix/a", None, BranchCreate("fix/a")),
        ("branch create a --from b --use", None, BranchCreate("a", "b", use=True)),
        ("branch use ليلى", None, BranchUse("ليلى")),
        ("branch diff", None, BranchDiff()),
        ("branch diff main..a --table t --limit 5", None, BranchDiff("main..a", "t", 5)),
        ("branch merge a", None, BranchMerge("a")),
        ("branch merge a --into b --strategy ff --dry-run", None, BranchMerge("a", "b", "ff", dry_run=True)),
        (
            "branch merge a --settle 't(1).x=source' --settle='t(2)=target' --take b",
            None,
            BranchMerge("a", take="b", settle=("t(1).x=source", "t(2)=target")),
        ),
        ("branch delete a --force", None, BranchDelete("a", force=True)),
    ],
)
def test_a_line_becomes_a_request(line: str, body: str | None, request_: object) -> None:
    assert parse(line, body) == request_


@pytest.mark.parametrize(
    ("line", "body", "message", "hint"),
    [
        ("sqll", None, "%helios has no subcommand “sqll”.", "Did you mean sql?"),
        ("select 1", None, "%helios has no subcommand “select”.", "Did you mean %helios sql select …?"),
        ("zzz", None, "%helios has no subcommand “zzz”.", "%helios help lists them."),
        ("sql --brnch x", "S", "%%helios sql has no option --brnch.", "Did you mean --branch?"),
        ("status --x", None, "%helios status has no option --x.", "It takes no options."),
        ("sql --branch", "S", "--branch needs a value.", "Write --branch NAME."),
        ("sql --branch --limit 5", "S", "--branch needs a value.", "Write --branch NAME."),
        ("sql --limit 5 --limit 6", "S", "--limit is given twice.", "Once is enough."),
        ("sql --limit ten", "S", "--limit is a whole number, not “ten”.", "Write --limit 100."),
        ("sql --limit -1", "S", "--limit is a whole number, not “-1”.", "Write --limit 100."),
        ("sql --out panda", "S", "--out does not know “panda”.", "Did you mean pandas?"),
        ("sql --timeout soon", "S", "“soon” is no time limit.", _TIMES),
        ("sql class <<", "S", "“class” is a word of Python and cannot name a variable.", "Choose another name."),
        ("sql SELECT 1", "S", "%%helios sql does not take “SELECT”.", "Write the SQL on the lines below."),
        ("sql", None, "%helios sql needs SQL after it.", _WITH_SQL),
        ("sql SELECT 1 --branch dev", None, "--branch stands after the SQL, where it is a comment.",
            "Write %helios sql --branch … before it."),
        ("batch --no-transaction=1", "S", "--no-transaction takes no value.", "Write --no-transaction alone."),
        ("load df", None, "%helios load needs TABLE.",
            ("Write %helios load SOURCE TABLE [--mode MODE] [--embed COLUMN] [--into COLUMN] [--model NAME] "
             "[--branch NAME] [--yes].")),
        ("status", "x", "%%helios status takes nothing from the lines below it.", "Write %helios status with one %."),
        ("branch sale", None, "%helios branch has no subcommand “sale”.",
            "It has create, use, diff, merge, delete; write one of them before “sale”."),
        ("branch mrge a", None, "%helios branch has no subcommand “mrge”.", "Did you mean merge?"),
        ("branch create", None, "%helios branch create needs NAME.",
            "Write %helios branch create NAME [--from BRANCH] [--use]."),
        ("branch merge a --strategy rebase", None, "--strategy does not know “rebase”.",
            "Known: three-way, fast-forward, source-wins, target-wins."),
        ("branch merge a --into", None, "--into needs a value.", "Write --into BRANCH."),
        ("branch use a b", None, "%helios branch use does not take “b”.",
            "Write %helios branch use NAME. Quote a name with blanks."),
        ("branch", "x", "%%helios branch takes nothing from the lines below it.", "Write %helios branch with one %."),
        ("load 'df orders", None, "a quote is never closed: 'df orders", "Close it with '."),
        ("sql --params [1, SELECT", None, "a bracket is never closed: [1, SELECT", "Close it with ]."),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_names_the_nearest(line: str, body: str | None, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(line, body)
    assert (caught.value.message, caught.value.hint) == (message, hint)


@pytest.mark.parametrize(
    "line",
    [
        "connect https://x.io --token hdb_live_abcdefghijkl",
        "connect https://x.io --token-env hdb_live_abcdefghijkl",
        "connect hdb_live_abcdefghijkl",
        "connect https://x.io?token=hdb_live_abcdefghijkl",
    ],
)
def test_a_token_in_a_cell_is_refused_and_not_repeated(line: str) -> None:
    with pytest.raises(UsageError, match="does not belong in a cell") as caught:
        parse(line)
    assert "hdb_live" not in str(caught.value)
    assert "--token-env" in str(caught.value)


@pytest.mark.parametrize("name", COMING)
def test_what_is_not_built_says_so(name: str) -> None:
    with pytest.raises(UsageError, match=f"%helios {name} is not built yet."):
        parse(name)
    assert "not built yet" in help_text.page(name)


def test_help_lists_everything_once() -> None:
    overview = help_text.overview()
    built, coming = overview.split("Coming, not built yet:")
    for subcommand in SUBCOMMANDS:
        assert f"\n  {subcommand.name} " in built
        page = help_text.page(subcommand.name)
        assert all(option.flag in page for option in subcommand.options)
        for inner in subcommand.under:
            assert f"  {inner.name} " in page
            inner_page = help_text.page(subcommand.name, inner.word)
            assert all(option.flag in inner_page for option in inner.options)
    assert all(f"\n  {name} " in coming for name in COMING)


def test_help_of_what_does_not_exist_names_what_does() -> None:
    with pytest.raises(UsageError) as caught:
        help_text.page("branch", "sale")
    assert caught.value.hint == "It has create, use, diff, merge, delete."


@pytest.mark.parametrize(
    ("text", "value"), [("5", 5), ("5s", 5), ("0.5", 0.5), ("200ms", 0.2), ("2min", 120), ("600", 600)]
)
def test_seconds(text: str, value: float) -> None:
    assert seconds(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["0", "-1", "601", "", "5 weeks", "nan", "1e9"])
def test_no_seconds(text: str) -> None:
    with pytest.raises(UsageError):
        seconds(text)


@given(st.lists(st.text(st.characters(exclude_categories=["Cc", "Zl", "Zp"]), min_size=1), max_size=5))
def test_quoted_words_come_back_as_they_were(given_words: list[str]) -> None:
    line = " ".join('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in given_words)
    assert [word.text for word in words(line)] == given_words


@given(st.text(max_size=40), st.one_of(st.none(), st.text(max_size=40)))
def test_any_line_is_a_request_or_a_usage_error(line: str, body: str | None) -> None:
    for prefix in ("", "sql ", "load ", "connect ", "branch ", "branch merge "):
        try:
            parse(prefix + line, body)
        except UsageError as error:
            hint = error.hint
        else:
            hint = "understood"
        assert hint
