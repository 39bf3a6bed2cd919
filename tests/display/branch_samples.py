"""Branches, differences and conflicts: one set as a shop would have them, one that is meant to break a page."""

from __future__ import annotations

import datetime as dt
from typing import Any

from helios_magic.models.branches import (
    Branch,
    BranchDiff,
    BranchList,
    Conflict,
    MergeChanges,
    MergeResult,
    RowChange,
    TableChanges,
    TableDiff,
)

NOW = dt.datetime(2026, 11, 14, 14, 30, tzinfo=dt.UTC)
HOSTILE = 'a"</bdi><script>alert(1)</script>\u202e gnp'
LONG = "experiment/" + "semantic-search-over-docstrings-" * 6 + "revisited-1536"


def branch(name: str, parent: str | None = "main", days: float = 0, **facts: Any) -> Branch:
    """A branch that was made some days before `NOW`."""
    known = {"status": "active", "ahead": 0, "behind": 0, "tables": 7, "storage_bytes": 12_000, **facts}
    made = NOW - dt.timedelta(days=days)
    return Branch(id="b", name=name, parent=parent, created_at=made, is_default=parent is None, **known)


def shop() -> BranchList:
    """The tree of the design."""
    return listed(
        branch("fix/emoji-names", "feature/reviews", 0.035, ahead=3),
        branch("feature/reviews", days=2.23, ahead=47, behind=6, storage_bytes=1_400_000),
        branch("dev/prices-2027", days=0.14, ahead=1204, storage_bytes=208_000),
        branch("feature/ratings", days=12, status="merged", storage_bytes=0),
        branch("demo/رمضان", days=17, ahead=2, storage_bytes=8_000),
        branch("main", None, 103, storage_bytes=51_000_000),
    )


def listed(*branches: Branch) -> BranchList:
    return BranchList(branches=list(branches), total=len(branches))


def deep(number: int) -> BranchList:
    """A chain of branches, each made from the one before."""
    names = ["main", *(f"step/{at}" for at in range(number))]
    return listed(
        branch("main", None, number),
        *(branch(name, names[at], number - at, ahead=1) for at, name in enumerate(names[1:])),
    )


def many(number: int) -> BranchList:
    """Every third one made from its neighbour; every fifth merged."""
    return listed(
        branch("main", None, 400),
        *(
            branch(
                f"work/{at}",
                f"work/{at - 1}" if at % 3 == 1 else "main",
                number - at,
                status="merged" if at % 5 == 0 else "active",
                ahead=at % 7,
            )
            for at in range(number)
        ),
    )


def hostile() -> BranchList:
    return listed(
        branch(HOSTILE, ahead=1, behind=2),
        branch(LONG, HOSTILE, 1, ahead=12_345, behind=99, storage_bytes=123_456_789_012),
        branch("lost", "gone", 3),
        branch("main", None, 500),
    )


def change(key: dict[str, Any], old: dict[str, Any] | None, new: dict[str, Any] | None) -> RowChange:
    differing = [name for name in new if old.get(name) != new[name]] if old is not None and new is not None else []
    return RowChange(key=key, columns=differing or list(new or old or {}), old=old, new=new)


def table(name: str, rows: list[RowChange], *schema: str, counts: tuple[int, int, int] | None = None) -> TableDiff:
    kinds = [(row.old is None, row.new is None) for row in rows]
    own = (kinds.count((True, False)), kinds.count((False, False)), kinds.count((False, True)))
    inserted, updated, deleted = counts or own
    return TableDiff(table=name, schema=list(schema), inserted=inserted, updated=updated, deleted=deleted, rows=rows)


def diff() -> BranchDiff:
    """The difference of the design, and one of every other kind of line."""
    review = {"id": 9050, "product_id": 214, "rating": 5, "body": "Fits.", "helpful_votes": None, "by": "Leila"}
    tables = [
        table("reviews", [change({"id": 9050}, None, review)], "+ column helpful_votes int4", counts=(35, 1, 3)),
        table(
            "products",
            [
                change({"id": 214}, {"id": 214, "price": 19.0}, {"id": 214, "price": 18.5}),
                change({"id": 388}, {"id": 388, "stock": None}, {"id": 388, "stock": 0}),
                change({"id": 391}, {"id": 391, "name": ""}, {"id": 391, "name": "ليلى حدّاد"}),
                change({"id": 392}, {"id": 392, "name": "Lamp", "stock": 4}, None),
            ],
            "~ type price float4 → numeric(10,2)",
            "+ check positive (price > 0)",
            "+ unique (name)",
            counts=(0, 6, 1),
        ),
        table("users", [], "~ renamed from people", counts=(0, 1, 0)),
        table("carts", [], "- table"),
        table(HOSTILE, [change({"a": 1, "b": "x"}, {"t": HOSTILE}, {"t": LONG * 3})]),
    ]
    return BranchDiff(branch="feature/reviews", against="main", tables=tables, rows=48)


def conflicts() -> list[Conflict]:
    """Those of the design."""
    return [
        conflict("products", "modify_modify", {"id": 214}, ["price"],
                 {"price": 19.0}, {"price": 21.0}, {"price": 18.5}),
        conflict("products", "modify_modify", {"id": 388}, ["stock"], {"stock": None}, {"stock": 40}, {"stock": 0}),
        conflict(
            "users", "modify_modify", {"id": 88}, ["name"],
            {"name": "Leila"}, {"name": "Leila Haddad"}, {"name": "ليلى حدّاد"},
        ),
        conflict(
            "reviews", "delete_modify", {"id": 9041}, ["body"],
            {"id": 9041, "body": "Lid does not close."}, None, {"id": 9041, "body": "Lid closes now."},
        ),
    ]  # fmt: skip


def other_conflicts() -> list[Conflict]:
    """One of every other kind."""
    sku = {"id": 501, "sku": "A-7", "name": HOSTILE}
    definition = {"definition": "price numeric(10,2) not null"}
    return [
        conflict("products", "add_add", {"id": 500}, ["name", "stock"], None, {"id": 500, "name": "Lamp", "stock": 1},
                 {"id": 500, "name": "Chair", "stock": None}),
        conflict("products", "unique", {"id": 501}, ["sku"], None, {**sku, "id": 502}, sku),
        conflict("products", "not_null", {"id": 9}, ["sku"], None, None, {"id": 9, "sku": None}),
        conflict("products", "check", {"id": 10}, ["stock"], None, None, {"id": 10, "stock": -2}),
        conflict("orders", "foreign_key", {"id": 7}, ["user_id"], {"user_id": 3}, None, {"user_id": 3}),
        conflict("log", "cardinality", {"line": "x", "level": 2}, [], {"copies": 2}, None, {"copies": 5}),
        conflict("products", "schema", {"object": "column price"}, ["price"], {"definition": "price float4"},
                 definition, {"definition": "price int8"}),
        conflict(HOSTILE, "modify_modify", {"k": HOSTILE}, ["t"], {"t": ""}, {"t": LONG * 2}, {"t": "NULL"}),
    ]  # fmt: skip


def conflict(
    name: str, kind: Any, key: dict[str, Any], columns: list[str],
    base: dict[str, Any] | None, target: dict[str, Any] | None, source: dict[str, Any] | None,
) -> Conflict:  # fmt: skip
    return Conflict(table=name, kind=kind, key=key, columns=columns, base=base, target=target, source=source)


def merge(conflicts: list[Conflict] | None = None, **facts: Any) -> MergeResult:
    """A merge of `feature/reviews` into main, 43 rows and a change of structure."""
    changes = MergeChanges(
        tables=[
            TableChanges(table="reviews", inserted=35, updated=1, deleted=3, schema=["+ column helpful_votes int4"]),
            TableChanges(table="products", inserted=0, updated=4, deleted=0, schema=[]),
        ],
        rows=43,
    )
    known = {
        "merged": False,
        "fast_forward": False,
        "changes": changes,
        "strategy": "three-way",
        "source": "feature/reviews",
        "target": "main",
        "merge_time_us": 41_230.0,
        **facts,
    }
    return MergeResult(conflicts=conflicts or [], **known)
