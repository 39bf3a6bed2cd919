"""Trees, differences, conflicts and merges as text and HTML."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from helios_magic.display import branch, conflict_lines, conflicts, diff, errors, merged, tree
from helios_magic.display.characters import width
from helios_magic.display.footer import Where
from helios_magic.display.schema_words import parsed
from helios_magic.errors import HasChildrenError, MergeConflictError, NotFastForwardError
from helios_magic.magics import grammar, requests
from helios_magic.models.branches import BranchDiff, BranchList, MergeChanges, MergeResult, RowChange, TableDiff
from helios_magic.session.settling import resolutions
from tests.display import branch_samples as samples

MAIN, HERE = Where("main", "shop"), Where("feature/reviews", "shop")


def drawn(listed: BranchList, here: str = "main", **facts: Any) -> tuple[str, str]:
    shown = tree.Tree(listed, Where(here), samples.NOW, **facts)
    return tree.html(shown), tree.text(shown)


def previewed(found: list[Any], **facts: Any) -> tuple[str, str]:
    preview = conflicts.of_result(samples.merge(found, **facts))
    return conflicts.html(preview, MAIN), conflicts.text(preview, MAIN)


def test_the_newest_branch_is_on_top_and_stands_above_its_parent() -> None:
    lines = drawn(samples.shop(), "feature/reviews", protected=True)[1].splitlines()[2:8]
    assert [line.strip().split("  ")[0] for line in lines] == [
        "╭─● fix/emoji-names", "╭─◉ feature/reviews", "├─● dev/prices-2027", "├─○ feature/ratings", "├─● demo/رمضان",
        "● main",
    ]  # fmt: skip
    assert "47 writes ahead, main went on by 6" in lines[1]
    assert "here" in lines[1]
    assert "merged" in lines[3]
    assert "protected" in lines[5]


def test_a_tree_aligns_its_columns_by_display_cells() -> None:
    lines = drawn(samples.shop())[1].splitlines()
    assert len({width(line) for line in lines[1:8]}) == 1


def test_the_row_where_one_stands_is_told_to_readers_of_the_page() -> None:
    html = drawn(samples.shop(), "feature/reviews")[0]
    assert html.count('aria-current="true"') == 1
    assert html.count('<svg class="hm-ra"') == 6


def test_two_hundred_branches_and_a_chain_of_three_hundred_are_drawn_at_once() -> None:
    start = time.perf_counter()
    many, deep = drawn(samples.many(200)), drawn(samples.deep(300))
    assert time.perf_counter() - start < 10
    assert many[0].count("<tr ") == 201
    assert all(f"work/{at} " in many[1] + " " for at in range(200))
    assert deep[0].count("<tr ") == 301
    assert len(many[0]) < 400_000


def test_of_thousands_the_newest_are_shown_and_where_one_stands() -> None:
    html, text = drawn(samples.many(2_000), "work/1")
    assert html.count("<tr ") < 600
    assert "2,001 branches, the newest" in text
    assert "◉ work/1 " in text
    assert "work/1999" in text


def test_branches_of_each_other_do_not_hang() -> None:
    circle = samples.listed(samples.branch("a", "b"), samples.branch("b", "a"), samples.branch("main", None))
    assert all(name in drawn(circle)[1] for name in ("a", "b", "main"))


def every_output() -> list[tuple[str, str]]:
    return [
        drawn(samples.hostile()),
        (diff.html(samples.diff(), HERE), diff.text(samples.diff(), HERE)),
        previewed(samples.other_conflicts()),
        previewed(samples.other_conflicts(), source=samples.HOSTILE, target=samples.LONG),
    ]


def test_no_name_and_no_value_is_ever_markup_or_drives_a_terminal() -> None:
    for html, text in every_output():
        assert "<script" not in html
        assert "\u202e" not in html
        assert "\u202e" not in text
        assert "U+202E" in text


def test_sides_are_called_by_their_branches() -> None:
    outputs = [*every_output(), previewed(samples.conflicts(), strategy="ours")]
    outputs += [
        (merged.merge_html(result, MAIN), merged.merge_text(result, MAIN))
        for result in (samples.merge(merged=True, strategy="theirs"), samples.merge(merged=True, strategy="ours"))
    ]
    for output in outputs:
        for form in output:
            assert not re.search(r"\b(ours|theirs)\b", form)


def test_a_difference_tells_structure_first_then_rows() -> None:
    text = diff.text(samples.diff(), HERE)
    assert text.index("~ type     products.price") < text.index("Rows  + 35 ~ 9 − 4") < text.index("19 → 18.5")
    assert "NULL → 0" in text
    assert "'' → ليلى حدّاد" in text
    assert "38 more rows" in text
    assert text.endswith("48 changed rows · shop · feature/reviews")


def test_a_difference_made_by_the_client_says_so() -> None:
    found = samples.diff()
    found.computed_by = "client"
    assert "compared by the client through SQL" in diff.html(found, HERE)
    assert "compared by the client through SQL" in diff.text(found, HERE)


def test_many_rows_are_capped_and_all_of_them_counted() -> None:
    rows = [samples.change({"id": at}, {"v": at}, {"v": -at - 1}) for at in range(5_000)]
    found = samples.diff()
    found.tables = [samples.table("big", rows)]
    html, text = diff.html(found, HERE), diff.text(found, HERE)
    assert html.count("<tr>") <= 1_002
    assert "4,000 more rows" in html
    assert text.count("\n") < 40
    assert "4,980 more rows" in text


def test_nothing_that_differs_is_one_sentence() -> None:
    found = samples.diff()
    found.tables = []
    assert "feature/reviews holds what main holds" in diff.text(found, HERE)


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ("+ column qty int4 not null", ("+", "column", "t.qty", "int4 not null")),
        ("+ column two words int4", ("+", "column", "t.two words", "int4")),
        ("- column qty", ("−", "column", "t.qty", "")),
        ("~ renamed from old", ("~", "renamed", "t", "from old")),
        ("~ comment none → “x”", ("~", "comment", "t", "none → “x”")),
        ("+ primary key (a, b)", ("+", "primary key", "t", "(a, b)")),
        ("- foreign key (a) → u (b)", ("−", "foreign key", "t", "(a) → u (b)")),
        ("+ unique index t_a (a)", ("+", "unique index", "t.t_a", "(a)")),
        ("- table", ("−", "table", "t", "")),
        ("something else", (None, "", "t", "something else")),
    ],
)
def test_a_change_of_structure_in_its_parts(change: str, parts: tuple[str | None, str, str, str]) -> None:
    assert parsed("t", change, ["two words"]) == parts


def test_conflicts_stand_by_table_with_three_values_and_what_settles_them() -> None:
    html, text = previewed(samples.conflicts())
    assert re.search(r"214 price +19 +21 +18\.5", text)
    assert re.search(r"388 stock +NULL +40 +0\n", text)
    assert "− row deleted" in text
    assert "~ body edited “Lid closes now.”" in text
    assert "%helios branch merge feature/reviews --into main --take source" in text
    assert "--settle 'products(214).price=source'" in text
    assert html.count('scope="rowgroup"') == 3


def test_every_kind_of_conflict_has_lines() -> None:
    for conflict in [*samples.conflicts(), *samples.other_conflicts()]:
        for line in conflict_lines.of(conflict, "feature/reviews", "main"):
            of_rows = conflict.kind in conflict_lines.OF_ROWS or conflict.kind == "schema"
            assert all(conflict_lines.words(line)[1:]) or (not of_rows and line.said), conflict
            assert all(conflict_lines.drawn(line)[1:]) or (not of_rows and line.said), conflict


def test_conflicts_of_constraints_offer_no_side() -> None:
    text = previewed(samples.other_conflicts()[1:3])[1]
    assert "--take" not in text
    assert "--settle" not in text
    assert "two rows of products would have the same sku “A-7”" in text


def test_a_constraint_says_nothing_of_rows_that_nobody_told() -> None:
    check = samples.conflict("products", "check", {"object": "positive"}, ["stock"], None, None, None)
    html, text = previewed([*samples.other_conflicts()[1:5], check])
    assert "no such row" not in html + text
    assert "After the merge rows of products would break its CHECK positive." in text
    assert "5 places are in conflict." in text


def test_a_conflict_of_copies_counts_them() -> None:
    assert re.search(r"whole row +2 copies +no such row +5 copies", previewed([samples.other_conflicts()[5]])[1])


def test_every_command_is_read_by_the_magics_as_it_is_meant() -> None:
    source, target = 'it\'s a "branch" {x} $HOME', "main"
    result = samples.merge([*samples.conflicts(), *samples.other_conflicts()[-1:]], source=source)
    text = conflicts.text(conflicts.of_result(result), MAIN)
    lines = [line.strip() for line in text.splitlines() if line.startswith("  %helios")]
    assert len(lines) == 3
    for line in lines:
        request = grammar.parse(line.removeprefix("%helios "))
        assert isinstance(request, requests.BranchMerge)
        assert (request.name, request.into) == (source, target)
        settled = resolutions(request.settle, result)
        assert [each.key for each in settled] == ([{"id": 214}, {"id": 388}, {"id": 88}] if settled else [])
    assert settled[0].take == "source"


def test_conflicts_beyond_those_listed_are_counted() -> None:
    text = previewed(samples.conflicts(), counts={"modify_modify": 250}, truncated=True)[1]
    assert "250 places were changed on both sides, the first 4 shown" in text


def test_a_merge_that_fits_offers_itself() -> None:
    text = previewed([])[1]
    assert "all of it fits" in text
    assert "no conflicts" in text
    assert text.splitlines()[-2] == "  %helios branch merge feature/reviews --into main"


def test_a_merge_is_one_sentence_and_nothing_to_merge_says_so() -> None:
    first = merged.merge_text(samples.merge(merged=True), MAIN).splitlines()[0]
    assert first == "Merged feature/reviews into main: + 35 ~ 5 − 3 rows in 2 tables, 1 change of schema"
    nothing = samples.merge(merged=True, changes=MergeChanges(tables=[], rows=0))
    assert "main is already up to date with feature/reviews" in merged.merge_text(nothing, MAIN)


def test_two_sides_of_one_hue_are_told_apart() -> None:
    names = [f"b/{at}" for at in range(20)]
    for source in names:
        for target in names:
            if branch.hue(source) != branch.hue(target):
                continue
            assert branch.source_hue(source, target) != branch.hue(target)


def test_errors_about_branches_show_what_goes_on_from_them() -> None:
    result: MergeResult = samples.merge(samples.conflicts())
    details = {"source": "feature/reviews", "target": "main", "conflicts": result.conflicts, "counts": {}}
    html = errors.html(MergeConflictError("4 conflicts", details=details), MAIN)
    assert "products(214).price=source" in html
    assert "<script" not in html
    moved = NotFastForwardError("main has moved on", details={"source": "x", "target": "main"})
    assert any("%helios branch merge x --into main" in line for line in errors.text(moved, MAIN))
    children = HasChildrenError("x has children", details={"children": ["a b"]})
    assert any("%helios branch delete 'a b'" in line for line in errors.text(children, MAIN))
    assert "MERGE_CONFLICT" in errors.html(MergeConflictError("x", details={"conflicts": "odd"}), MAIN)


def test_a_numeric_keeps_its_places() -> None:
    """JSON has 19 for 19.00."""
    change = RowChange(key={"id": 1}, columns=["total"], old={"id": 1, "total": 19}, new={"id": 1, "total": 7.5})
    types = {"id": "int4", "total": "numeric(10,2)"}
    table = TableDiff(
        table="orders", schema=[], inserted=0, updated=1, deleted=0, rows=[change], types=types, old_types=types
    )
    found = BranchDiff(branch="b", against="main", tables=[table], rows=1)
    assert "19.00 → 7.50" in diff.text(found, MAIN)
    assert "19.00" in diff.html(found, MAIN)
