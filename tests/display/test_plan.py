"""Plans: a finding, the tree, times that add up, estimates against what was met."""

from __future__ import annotations

from typing import Any

from helios_magic.display import plan
from helios_magic.display.footer import Where
from helios_magic.models.sql import Explanation, PlanNode
from tests.display.reading import read

WHERE = Where("dev/prices-2027", "shop")


def node(kind: str, details: dict[str, Any], rows: tuple[int, int], ms: float, *children: PlanNode) -> PlanNode:
    return PlanNode(
        node_type=kind,
        details=details,
        estimated_rows=rows[0],
        actual_rows=rows[1],
        actual_ms=ms,
        children=list(children),
    )


def explanation(*, analyze: bool) -> Explanation:
    items = node("SEQ_SCAN", {"Table": "order_items"}, (2500, 120_340), 331)
    orders = node("INDEX_SCAN", {"Table": "orders"}, (9800, 10_112), 7)
    join = node("HASH_JOIN", {"Conditions": "i.order_id = o.id"}, (2100, 31_870), 33, items, orders)
    products = node("Seq Scan", {"Table": "shop.public.products"}, (1204, 1204), 1)
    top = node("HASH_JOIN", {"Conditions": "i.product_id = p.id"}, (2100, 31_870), 11, join, products)
    root = node("HASH_GROUP_BY", {"Groups": ["products.name"]}, (900, 1118), 28, top)
    return Explanation(
        plan=root, plan_text="", analyze=analyze, execution_time_ms=411 if analyze else None, rows_examined=131_656
    )


def test_the_finding_comes_first_and_the_worst_step_is_marked() -> None:
    lines = plan.text(explanation(analyze=True), WHERE).split("\n")
    assert lines[0] == (
        "81% of the time is one step: read all of order_items. The planner expected 2,500 rows and met 120,340."
    )
    assert [line.split("  ")[0].rstrip() for line in lines[1:-1]] == [
        "Group",
        "└ Hash join",
        "",
        "",
        "",
        "",
    ]
    assert lines[4] == (
        "  │ ├ Read all of order_items  Seq Scan  ██████████    331 ms, 81%  2,500 → 120,340  ← slowest, 48 times more"
    )
    assert lines[6].endswith("1,204 → 1,204  exact")
    assert lines[-1].startswith("411 ms in all, 6 steps, 131,656 rows read, ran once with timing on · shop · dev")


def test_the_shares_add_up() -> None:
    assert round(sum(row.share for row in plan.rows(explanation(analyze=True))), 6) == 1


def test_html_carries_the_same_facts() -> None:
    root = read(plan.html(explanation(analyze=True), WHERE))
    assert root.find(cls="hm-fi")[0].text.startswith("81% of the time is one step: read all of order_items.")
    hot = root.find("tr", "hm-hot")
    assert len(hot) == 1
    assert hot[0].text == "Read all of order_itemsSeq Scan331 ms, 81%2,500 → 120,340 48 times more"
    assert len(root.find("tbody")[0].find("tr")) == 6


def test_a_plan_that_was_not_run_shows_no_times() -> None:
    planned = explanation(analyze=False)
    for shown in (plan.text(planned, WHERE), read(plan.html(planned, WHERE)).text):
        assert "The statement was not run" in shown
        assert "about 2,500" in shown
        assert "ms" not in shown.replace("items", "")
        assert "→" not in shown


def test_no_step_stands_out() -> None:
    children = [node("SEQ_SCAN", {"Table": f"t{n}"}, (10, 10), 10) for n in range(4)]
    even = Explanation(
        plan=node("UNION", {}, (40, 40), 5, *children),
        plan_text="",
        analyze=True,
        execution_time_ms=45,
        rows_examined=40,
    )
    assert plan.text(even, WHERE).startswith("No step stands out. The slowest, read all of t0, takes 22% of the time.")


def test_an_unknown_step_keeps_the_engines_word() -> None:
    odd = Explanation(
        plan=node("QUANTUM_LEAP", {"x": "<b>"}, (1, 1), 1),
        plan_text="",
        analyze=True,
        execution_time_ms=1,
        rows_examined=None,
    )
    assert "Quantum Leap" in plan.text(odd, WHERE)


def test_projections_are_folded_and_their_time_is_kept() -> None:
    scan = node("SEQ_SCAN", {"Table": 'shop.public."order"'}, (10, 10), 4)
    root = node(
        "PROJECTION", {}, (10, 10), 1, node("ORDER_BY", {}, (10, 10), 2, node("Projection", {}, (10, 10), 3, scan))
    )
    shown = plan.rows(Explanation(plan=root, plan_text="", analyze=True, execution_time_ms=10, rows_examined=10))
    assert [(line.title, line.own_ms) for line in shown] == [("Sort", 3), ("Read all of order", 7)]
    assert sum(line.share for line in shown) == 1


def test_the_slowest_step_of_a_fast_plan_is_marked_without_alarm() -> None:
    fast = explanation(analyze=True)
    fast.execution_time_ms = 4
    root = read(plan.html(fast, WHERE))
    assert root.find("tr", "hm-hot") == []
    (marked,) = root.find("tr", "hm-top")
    assert "331 ms, 81%slowest" in marked.text
