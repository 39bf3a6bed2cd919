"""Branches in SQL, as they are read."""

from __future__ import annotations

import timeit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helios_magic.errors import QueryError
from helios_magic.models.branchnames import refusal
from helios_magic.sqltext import (
    CreateBranch,
    DropBranch,
    MergeBranch,
    ShowBranches,
    branch_statement,
    scan,
    statement_kind,
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("CREATE BRANCH x", CreateBranch("x")),
        ("create branch What-If from Main;", CreateBranch("What-If", "Main")),
        ("CREATE BRANCH feature/user-auth FROM release/1.2", CreateBranch("feature/user-auth", "release/1.2")),
        ('CREATE BRANCH "feature/a ""b""" FROM "from"', CreateBranch('feature/a "b"', "from")),
        ("CREATE BRANCH 2026-01", CreateBranch("2026-01")),
        ("CREATE BRANCH größe/код", CreateBranch("größe/код")),
        ("-- why\nCREATE /* a /* nested */ one */ BRANCH x -- end", CreateBranch("x")),
        ("CREATE BRANCH x FROM y ; ; ", CreateBranch("x", "y")),
        ("MERGE BRANCH x", MergeBranch("x")),
        ("MERGE BRANCH x INTO y", MergeBranch("x", "y")),
        ("MERGE BRANCH x USING three-way", MergeBranch("x", None, "three-way")),
        ("merge branch x into y using 'manual'", MergeBranch("x", "y", "three-way")),
        ('MERGE BRANCH x INTO y USING "source_wins"', MergeBranch("x", "y", "theirs")),
        ("MERGE BRANCH x USING FF", MergeBranch("x", None, "fast-forward")),
        ("DROP BRANCH x", DropBranch("x")),
        ("DROP BRANCH IF EXISTS x;", DropBranch("x", if_exists=True)),
        ("DROP BRANCH if", DropBranch("if")),
        ("SHOW BRANCHES", ShowBranches()),
        ("  show\n branches ;", ShowBranches()),
    ],
)
def test_statements(query, expected):
    assert branch_statement(query) == expected


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("CREATE BRANCH", None),
        ("CREATE BRANCH ;", None),
        ("CREATE BRANCH FROM main", "FROM"),
        ("CREATE BRANCH a b", "b"),
        ("CREATE BRANCH a FROM", None),
        ("CREATE BRANCH a FROM b c", "c"),
        ("CREATE BRANCH 'a'", "'a'"),
        ("CREATE BRANCH $1", "$1"),
        ("CREATE BRANCH (a)", "(a"),
        ('CREATE BRANCH a"b"', '"b"'),
        ('CREATE BRANCH "a"b', "b"),
        ("CREATE BRANCH a, b", ", b"),
        ('CREATE BRANCH U&"a"', "U&"),
        ("MERGE BRANCH", None),
        ("MERGE BRANCH INTO main", "INTO"),
        ("MERGE BRANCH a INTO", None),
        ("MERGE BRANCH a INTO b USING", None),
        ("MERGE BRANCH a WITH ours", "WITH"),
        ("DROP BRANCH IF EXISTS", None),
        ("DROP BRANCH a CASCADE", "CASCADE"),
        ("SHOW BRANCHES LIKE 'a'", "LIKE"),
        ('CREATE BRANCH "a', '"a'),
        ("CREATE BRANCH a /* b", "/*"),
    ],
)
def test_what_is_misspelt_says_where(query, word):
    with pytest.raises(QueryError) as caught:
        branch_statement("\n" + query)
    details = caught.value.details
    assert details["sqlstate"] == "42601"
    at = len(query.rstrip("; ")) if word is None else query.index(word)
    assert (details["position"], details["line"], details["column"]) == (at + 2, 2, at + 1)


def test_an_unknown_strategy_lists_those_there_are():
    with pytest.raises(QueryError) as caught:
        branch_statement("MERGE BRANCH a USING rebase")
    assert (caught.value.sqlstate, caught.value.position) == ("22023", 22)
    assert "three-way" in caught.value.hint
    with pytest.raises(QueryError, match="thre-way") as caught:
        branch_statement("MERGE BRANCH a USING thre-way")
    assert caught.value.hint == "Did you mean three-way?"


@pytest.mark.parametrize(
    "query",
    ["", ";", "SELECT 1", "MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE", "CREATE TABLE branch (i int)",
     "DROP TABLE branches", "SHOW timezone", "-- CREATE BRANCH x", "SELECT 'CREATE BRANCH x'", "CREATE",
     "/* never closed CREATE BRANCH x", "CREATE BRANCH a; SELECT 1", "CREATE branches x", "SHOW BRANCH"],
)  # fmt: skip
def test_anything_else_is_left_alone(query):
    assert branch_statement(query) is None


def test_kinds():
    kinds = ["create branch", "merge branch", "drop branch", "show branches"]
    assert [statement_kind(f"/* c */ {kind.upper()} x") for kind in kinds] == kinds
    assert statement_kind("MERGE INTO t USING s") == "merge"
    assert statement_kind("show timezone") == "show"


names = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\0"), min_size=1, max_size=30
).filter(lambda name: refusal(name) is None)


@settings(deadline=None)
@given(names, names)
def test_any_name_survives_its_quotes(name, parent):
    quoted, of = (f'"{each.replace(chr(34), chr(34) * 2)}"' for each in (name, parent))
    assert branch_statement(f"CREATE BRANCH {quoted} FROM {of}") == CreateBranch(name, parent)


@settings(deadline=None)
@given(st.text(alphabet="abYZ09/-._+", min_size=1, max_size=20).filter(lambda name: refusal(name) is None))
def test_a_plain_name_needs_no_quotes(name):
    if "--" in name or name.lower() in {"from", "into", "using"}:
        return
    assert branch_statement(f"DROP BRANCH {name}") == DropBranch(name)


@settings(deadline=None)
@given(st.text(alphabet="abcBRANCHcreate drop from \"'/*-;$1\n(", max_size=40))
def test_any_text_is_read_or_refused(text):
    for opening in ("CREATE BRANCH ", "MERGE BRANCH ", "DROP BRANCH ", "SHOW BRANCHES "):
        place = 1
        try:
            branch_statement(opening + text)
        except QueryError as error:
            place = error.position
        assert 1 <= place <= len(opening + text) + 1


def test_a_select_pays_next_to_nothing():
    query = "SELECT id, name FROM products WHERE price > 10 ORDER BY id"
    look, full = (min(timeit.repeat(lambda f=f: f(query), number=1000, repeat=5)) for f in (branch_statement, scan))
    assert look < full / 10


@pytest.mark.parametrize(
    "name",
    ["main", "feature/user-auth", "Feat", "a", "1", "a.b", "a-b", "größe", "код/测试", "🦊", "a@b", "100%", "a+b=c",
     "#1", "{a}", "a'b", 'a"b', "x" * 255, "HEADS", "head", "a/HEAD", "a.lock.b", "@a"],
)  # fmt: skip
def test_names_that_git_allows(name):
    assert refusal(name) is None


@pytest.mark.parametrize(
    "name",
    ["", "HEAD", "@", "-a", "a b", "a\tb", "a\nb", "a\0", "a\x7f", "a~", "a^", "a:b", "a?", "a*", "a[b", "a\\b", "a..b",
     "a@{b", "/a", "a/", "a//b", ".a", "a/.b", "a.", "a.lock", "a.lock/b", "x" * 256, "\ud800"],
)  # fmt: skip
def test_names_that_git_refuses(name):
    assert refusal(name) is not None
