"""Branches from the user's chair: make, go, compare, merge, settle, delete."""

from __future__ import annotations

import pytest
from IPython.core.completer import provisionalcompleter

from helios_magic.errors import HasChildrenError, MergeConflictError, NotFoundError, UsageError
from helios_magic.models.branches import BranchList, MergeResult
from helios_magic.session.differences import Differences
from tests.magics.conftest import Notebook


@pytest.fixture
def branched(shop: Notebook) -> Notebook:
    """… and a branch `what-if` on which one stands, with a user changed, one gone and one new."""
    shop.ok("%helios branch create what-if --use")
    shop.ok(
        "%%helios batch\n"
        "UPDATE users SET balance = 100 WHERE id = 1;\n"
        "DELETE FROM users WHERE id = 2;\n"
        "INSERT INTO users VALUES (4, 'Ana', NULL, 1);"
    )
    return shop


@pytest.fixture
def conflicting(shop: Notebook) -> Notebook:
    """… with two cells and a row that `what-if` and `main` both changed; one stands on main."""
    shop.ok("%helios branch create what-if")
    shop.ok(
        "%%helios batch --branch what-if\n"
        "UPDATE users SET balance = 12, name = 'Zoe' WHERE id = 1;\n"
        "UPDATE users SET balance = 5 WHERE id = 2;"
    )
    shop.ok(
        "%%helios batch\nUPDATE users SET balance = 11, name = 'ZOË' WHERE id = 1;\nDELETE FROM users WHERE id = 2;"
    )
    return shop


def balances(notebook: Notebook, branch: str = "main") -> dict[int, float]:
    frame = notebook.ok(f"%helios sql --branch {branch} SELECT id, balance::float8 AS b FROM users").value
    return dict(zip(frame["id"].tolist(), frame["b"].tolist(), strict=True))


def footer(text: str) -> str:
    return text.splitlines()[-1]


def test_where_am_i(shop: Notebook) -> None:
    ran = shop.ok("%helios branch")
    assert isinstance(ran.value, BranchList)
    assert [branch.name for branch in ran.value.branches] == ["main"]
    assert "main  here" in ran.text
    assert "%helios branch create NAME" in ran.text
    assert footer(ran.text) == "1 branch · default · main"
    assert "hm-o" in ran.html


def test_the_tree_says_where_one_stands_and_what_is_ahead(branched: Notebook) -> None:
    ran = branched.ok("%helios branch")
    assert "what-if  here" in ran.text
    assert "1 write ahead" in ran.text
    assert "%helios branch merge what-if --into main" in ran.text
    assert footer(ran.text) == "2 branches · default · what-if"
    # The value is shown as of its cell; a copy is not ours to draw.
    branched.ok("kept = _\n%helios branch use main")
    assert "what-if  here" in branched.ok("kept").text
    assert "hm-o" not in branched.ok("import msgspec\nmsgspec.structs.replace(kept)").html


def test_making_and_going(shop: Notebook) -> None:
    made = shop.ok("%helios branch create what-if")
    assert made.value is None
    assert made.displayed[0]["text/plain"].startswith("Made what-if from main in ")
    assert footer(made.displayed[0]["text/plain"]) == "default · main"
    assert "Now on branch what-if" in shop.ok("%helios branch use what-if").printed
    shop.ok("%helios branch create fix/deeper --use")
    assert "fix/deeper" in footer(shop.ok("%helios sql SELECT 1 AS one").text)
    parents = {branch.name: branch.parent for branch in shop.ok("%helios branch").value.branches}
    assert parents == {"main": None, "what-if": "main", "fix/deeper": "what-if"}
    shop.ok("%helios branch create other --from main")
    assert shop.ok("%helios branch").value.branches[-1].parent == "main"


def test_quiet_where_feedback_is_off(shop: Notebook) -> None:
    shop.ok("%config HeliosMagic.feedback = 0")
    for line in ("create a", "use a", "use main", "delete a"):
        ran = shop.ok(f"%helios branch {line}")
        assert (ran.printed, ran.displayed) == ("", [])
    shop.ok("%config HeliosMagic.feedback = 1")


def test_names_are_case_sensitive_and_any_script(shop: Notebook) -> None:
    for name in ("Feat", "feat", "demo/رمضان", "日本語"):
        shop.ok(f"%helios branch create {name} --use")
        assert footer(shop.ok("%helios tables").displayed[0]["text/plain"]).endswith(name)


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("use what-of", "There is no branch “what-of” in database default.", "Did you mean what-if?"),
        ("diff nowhere", "There is no branch “nowhere” in database default.", "Known branches: main, what-if."),
        ("diff ..", ".. names no branch.", "Write A..B: what B has and A has not."),
        ("diff main", "“main” was made from no other branch", "Name both"),
        ("merge what-if --take mine", "--take does not know “mine”.", "Write --take what-if or --take main"),
        ("merge what-if --take main --strategy ff", "--take and --strategy ff do not go together.", "one of the two"),
    ],
)
def test_mistakes_are_named_with_their_mend(branched: Notebook, line: str, message: str, hint: str) -> None:
    ran = branched.fails(f"%helios branch {line}")
    assert message in ran.printed
    assert hint in ran.printed


@pytest.mark.parametrize(
    "line",
    ["create main", "create bad..name", "create x --from nowhere", "delete main", "delete nowhere", "merge main"],
)
def test_what_the_service_refuses_changes_nothing(branched: Notebook, line: str) -> None:
    before = branched.ok("%helios branch").value
    ran = branched.fails(f"%helios branch {line}")
    assert "Traceback" not in ran.printed
    after = branched.ok("%helios branch").value
    assert [branch.name for branch in after.branches] == [branch.name for branch in before.branches]
    assert footer(branched.ok("%helios sql SELECT 1 AS one").text).endswith("what-if")


@pytest.mark.parametrize(
    "cell",
    [
        "%%helios sql --branch what-if\nSELECT 1 AS one",
        "%%helios sql --branch what-if\nUPDATE users SET name = 'x'",
        "%%helios batch --branch what-if\nSELECT 1; SELECT 2;",
        "%%helios explain --branch what-if\nSELECT * FROM users",
        "%helios tables --branch what-if",
    ],
)
def test_the_footer_says_the_branch(shop: Notebook, cell: str) -> None:
    shop.ok("%helios branch create what-if")
    ran = shop.ok(cell)
    text, html = ran.text or ran.displayed[0]["text/plain"], ran.html or ran.displayed[0]["text/html"]
    assert footer(text).endswith("what-if")
    assert '<bdi dir="auto">what-if</bdi></span>' in html
    assert footer(shop.ok("%helios sql SELECT name FROM users WHERE id = 1").text).endswith("main")


def test_an_error_says_the_branch(shop: Notebook) -> None:
    shop.ok("%helios branch create what-if")
    assert "what-if. QUERY_ERROR" in shop.fails("%%helios sql --branch what-if\nSELECT nothing").printed
    ran = shop.fails("%%helios sql --branch what-of\nSELECT 1")
    assert isinstance(ran.error, NotFoundError)


def test_a_branch_is_isolated(branched: Notebook) -> None:
    assert balances(branched, "what-if") == {1: 100, 3: 7.5, 4: 1}
    assert balances(branched) == {1: 19.9, 2: 0, 3: 7.5}


@pytest.mark.parametrize("sides", ["", "what-if", "main..what-if", "main.."])
def test_a_diff_holds_a_frame_for_each_table(branched: Notebook, sides: str) -> None:
    ran = branched.ok(f"changes = %helios branch diff {sides}\nchanges")
    assert isinstance(ran.value, Differences)
    assert (ran.value.branch, ran.value.against) == ("what-if", "main")
    rows = ran.value["users"]
    assert dict(zip(rows["id"].tolist(), rows["change"].tolist(), strict=True)) == {
        1: "updated",
        2: "deleted",
        4: "inserted",
    }
    lines = ran.text.splitlines()
    assert lines[0] == "what-if against main"
    assert "  users  + 1 ~ 1 − 1" in lines
    assert "%helios branch merge what-if --into main" in lines
    assert lines[-1].startswith("3 changed rows")
    assert lines[-1].endswith("default · what-if")
    assert "hm-o" in ran.html


def test_a_diff_the_other_way_of_one_table_and_of_few_rows(branched: Notebook) -> None:
    backwards = branched.ok("%helios branch diff ..main").value
    assert (backwards.branch, backwards.against) == ("main", "what-if")
    assert sorted(backwards["users"]["change"]) == ["deleted", "inserted", "updated"]
    branched.ok("%helios sql CREATE TABLE other (id int PRIMARY KEY)")
    assert [*branched.ok("%helios branch diff").value] == ["other", "users"]
    assert [*branched.ok("%helios branch diff --table users").value] == ["users"]
    few = branched.ok("%helios branch diff --table users --limit 1")
    assert len(few.value["users"]) == 1
    assert footer(few.text).startswith("3 changed rows")


def test_nothing_differs(shop: Notebook) -> None:
    shop.ok("%helios branch create what-if --use")
    ran = shop.ok("%helios branch diff")
    assert len(ran.value) == 0
    assert "what-if holds what main holds: nothing differs." in ran.text


def test_a_merge_says_what_it_did(branched: Notebook) -> None:
    preview = branched.ok("%helios branch merge what-if --dry-run")
    assert isinstance(preview.value, MergeResult)
    assert not preview.value.merged
    assert "all of it fits" in preview.text
    assert balances(branched) == {1: 19.9, 2: 0, 3: 7.5}
    ran = branched.ok("%helios branch merge what-if")
    assert ran.value.merged
    assert ran.text.startswith("Merged what-if into main")
    assert footer(ran.text).endswith("default · main")
    assert balances(branched) == {1: 100, 3: 7.5, 4: 1}
    again = branched.ok("%helios branch merge what-if")
    assert "already up to date" in again.text


def test_both_sides_of_a_row_are_kept(branched: Notebook) -> None:
    branched.ok("%helios sql --branch main UPDATE users SET email = 'new@example.com' WHERE id = 1")
    ran = branched.ok("%helios branch merge what-if")
    assert (ran.value.merged, ran.value.fast_forward) == (True, False)
    row = branched.ok("%helios sql --branch main SELECT email, balance::int AS b FROM users WHERE id = 1").value
    assert row.to_numpy().tolist() == [["new@example.com", 100]]


def test_fast_forward_alone_is_refused_when_main_has_moved_on(branched: Notebook) -> None:
    branched.ok("%helios sql --branch main UPDATE users SET email = 'new@example.com' WHERE id = 1")
    ran = branched.fails("%helios branch merge what-if --strategy fast-forward")
    assert "NOT_FAST_FORWARD" in ran.printed
    assert "three-way" in ran.printed


def test_a_merge_into_another_branch(branched: Notebook) -> None:
    branched.ok("%helios branch create staging --from main")
    branched.ok("%helios branch merge what-if --into staging")
    assert balances(branched, "staging") == {1: 100, 3: 7.5, 4: 1}
    assert balances(branched) == {1: 19.9, 2: 0, 3: 7.5}


def test_a_conflict_is_a_table_with_the_commands_that_settle_it(conflicting: Notebook) -> None:
    ran = conflicting.fails("%helios branch merge what-if")
    assert isinstance(ran.error, MergeConflictError)
    (shown,) = ran.displayed
    text = shown["text/plain"]
    for words in ("Before the split", "main", "what-if", "--settle 'users(1).balance=source'", "--take"):
        assert words in text
    assert "hm-o" in shown["text/html"]
    assert "ours" not in text.split()
    assert "theirs" not in text.split()
    assert "Each is shown above, with what settles it." in ran.printed
    assert balances(conflicting) == {1: 11, 3: 7.5}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--take source", {1: 12, 2: 5, 3: 7.5}),
        ("--take what-if", {1: 12, 2: 5, 3: 7.5}),
        ("--take main", {1: 11, 3: 7.5}),
        ("--strategy source-wins", {1: 12, 2: 5, 3: 7.5}),
        ("--strategy ours", {1: 11, 3: 7.5}),
        (
            "--settle 'users(1).balance=13.5' --settle 'users(1).name=source' --settle 'users(2)=target'",
            {1: 13.5, 3: 7.5},
        ),
        ("--settle 'users(1)=source' --settle 'users(id=2)=what-if'", {1: 12, 2: 5, 3: 7.5}),
        ("--settle users(2)=source --take main", {1: 11, 2: 5, 3: 7.5}),
    ],
)
def test_a_conflict_is_settled(conflicting: Notebook, options: str, expected: dict[int, float]) -> None:
    assert conflicting.ok(f"%helios branch merge what-if {options}").value.merged
    assert balances(conflicting) == expected


def test_a_merge_in_sql_shows_its_conflicts_too(conflicting: Notebook) -> None:
    ran = conflicting.fails('%helios sql MERGE BRANCH "what-if" INTO main USING three-way')
    assert isinstance(ran.error, MergeConflictError)
    (shown,) = ran.displayed
    assert "--settle 'users(1).balance=source'" in shown["text/plain"]


def test_the_commands_that_are_shown_work_as_they_are(conflicting: Notebook) -> None:
    conflicting.ok("%helios sql DELETE FROM users WHERE id = 1")
    conflicting.ok("%helios sql --branch what-if INSERT INTO users VALUES (7, 'b', 'x', 1)")
    conflicting.ok("%helios sql INSERT INTO users VALUES (7, 'a', 'x', 1)")
    text = conflicting.fails("%helios branch merge what-if").displayed[0]["text/plain"]
    settling = [line.strip() for line in text.splitlines() if "--settle" in line]
    assert conflicting.ok(settling[-1]).value.merged
    assert balances(conflicting) == {1: 12, 2: 5, 3: 7.5, 7: 1}


def test_what_settles_nothing_is_named(conflicting: Notebook) -> None:
    ran = conflicting.fails("%helios branch merge what-if --settle 'users(1).balence=source'")
    assert "There is no conflict at users(1).balence." in ran.printed
    assert "Did you mean users(1).balance?" in ran.printed


def test_a_branch_with_something_to_lose_is_not_deleted_unasked(branched: Notebook) -> None:
    ran = branched.fails("%helios branch delete what-if")
    assert isinstance(ran.error, UsageError)
    assert "what-if has what main has not: + 1 ~ 1 − 1 rows in 1 table." in ran.printed
    assert "%helios branch merge what-if --into main" in ran.printed
    assert "%helios branch delete what-if --force" in ran.printed
    assert len(branched.ok("%helios branch").value.branches) == 2
    forced = branched.ok("%helios branch delete what-if --force")
    assert forced.displayed[0]["text/plain"].startswith("Deleted what-if")
    assert "Now on branch main" in forced.printed
    assert footer(branched.ok("%helios sql SELECT 1 AS one").text).endswith("main")


def test_a_branch_with_nothing_to_lose_is_deleted_at_once(branched: Notebook) -> None:
    branched.ok("%helios branch create empty")
    branched.ok("%helios branch delete empty")
    branched.ok("%helios branch merge what-if")
    branched.ok("%helios branch delete what-if")
    assert [branch.name for branch in branched.ok("%helios branch").value.branches] == ["main"]


def test_a_parent_is_not_deleted(branched: Notebook) -> None:
    branched.ok("%helios branch create inner")
    ran = branched.fails("%helios branch delete what-if --force")
    assert isinstance(ran.error, HasChildrenError)
    assert "inner" in ran.printed


def test_branches_in_sql_cells(shop: Notebook) -> None:
    shop.ok("%helios sql CREATE BRANCH what-if FROM main")
    shop.ok("%helios sql --branch what-if DELETE FROM users")
    assert "what-if" in shop.ok("%helios sql SHOW BRANCHES").value["name"].tolist()
    shop.ok("%helios sql MERGE BRANCH what-if INTO main")
    assert balances(shop) == {}
    shop.ok("%helios sql DROP BRANCH what-if")
    assert len(shop.ok("%helios branch").value.branches) == 1


def completions(notebook: Notebook, line: str) -> list[str]:
    with provisionalcompleter():
        return [offer.text for offer in notebook.shell.Completer.completions(line, len(line))]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("%helios bra", ["branch"]),
        ("%helios branch ", ["create", "use", "diff", "merge", "delete"]),
        ("%helios branch me", ["merge"]),
        ("%helios branch use ", ["main", "what-if"]),
        ("%helios branch use w", ["what-if"]),
        ("%helios branch create x --from m", ["main"]),
        ("%helios branch diff m", ["main"]),
        ("%helios branch diff main..w", ["main..what-if"]),
        ("%helios branch merge what-if --into ", ["main", "what-if"]),
        ("%helios branch merge what-if --strategy t", ["three-way", "target-wins"]),
        ("%helios branch merge what-if --strategy=t", ["--strategy=three-way", "--strategy=target-wins"]),
        ("%helios branch merge what-if --d", ["--dry-run"]),
        ("%helios branch merge what-if --settle 'x' --se", ["--settle"]),
        ("%%helios sql --branch w", ["what-if"]),
        ("df = %helios sql --branch w", ["what-if"]),
        ("%helios help br", ["branch"]),
        ("%helios help branch d", ["diff", "delete"]),
        ("%helios branch nothing ", []),
    ],
)
def test_completion(shop: Notebook, line: str, found: list[str]) -> None:
    shop.ok("%helios branch create what-if")
    offered = completions(shop, line)
    assert [text for text in offered if text in found] == found
    if found:
        assert offered == found


def test_completion_before_a_session_is_open_asks_nobody(bare: Notebook) -> None:
    bare.ok("%load_ext helios_magic")
    assert "main" not in completions(bare, "%helios branch use m")
    assert bare.ok("%helios branch --help").printed.startswith("Where you are among the branches")
