"""Every kind of output once, on hostile and friendly data: for looking at, and for measuring in a browser."""

from __future__ import annotations

from helios_magic.display import (
    catalog,
    change,
    conflicts,
    described,
    diff,
    errors,
    latency,
    lists,
    merged,
    meters,
    plan,
    result,
    status,
    tree,
)
from helios_magic.display.change import BatchLine
from helios_magic.display.errors import Excerpt
from helios_magic.display.footer import Where
from helios_magic.display.lists import Listing
from helios_magic.errors import (
    ConnectionFailedError,
    HasChildrenError,
    MergeConflictError,
    NotFastForwardError,
    QueryError,
    RateLimitedError,
)
from helios_magic.models.branches import BranchCreated, BranchDeleted
from tests.display import branch_samples as samples
from tests.display import metrics_samples
from tests.display.test_catalog import LISTED, SHOWN
from tests.display.test_plan import explanation

BRANCHES = (
    "main", "fix/null-stock", "dev/prices", "feature/reviews", "draft/shop-v2", "fix/emoji-names", "feature/ratings",
    "dev/prices-2027", "demo/رمضان",
)  # fmt: skip


def outputs() -> list[str]:
    """HTML of each output."""
    where = Where("feature/reviews", "shop", 12.3)
    table = result.ResultTable(
        ["id", "customer", "body", "votes"],
        ["int8", "text", "text", "int4"],
        [
            [1, 2, 3],
            ["Zoë Müller", "ليلى حدّاد", "user\u202egnp.exe"],
            ["two\nlines", "", "<b>x</b>" * 40],
            [5, None, 0],
        ],
        10_000,
        where,
        found=14_602,
        name="latest",
    )
    query = QueryError("users has no column “emial”", hint="Did you mean email?", details={"sqlstate": "42703"})
    limited = RateLimitedError("60 queries a minute are used up", hint="The free tier starts again in 18 seconds.")
    return [
        result.html(table),
        result.html(result.ResultTable(["a"], ["int4"], [[]], 0, Where("main", "shop"))),
        *(change.html(change.of_statement("UPDATE", 1204, "UPDATE products SET x = 1", Where(b))) for b in BRANCHES),
        change.html(change.of_load(14_602, "functions", 310, where)),
        change.batch_html([BatchLine("SELECT 1", "1 row")], "all committed, in one transaction", where),
        plan.html(explanation(analyze=True), where),
        plan.html(explanation(analyze=False), where),
        errors.html(query, where, Excerpt("SELECT 1\nWHERE u.emial = 'x'", 17, 22)),
        errors.html(limited, where),
        errors.html(ConnectionFailedError("shop.heliosdb.io did not answer in 30 seconds"), Where("main")),
        lists.html(Listing(("Table", "Rows"), [("users", "4,012")], where, "table", "none", right=frozenset({1}))),
        lists.html(catalog.tables(LISTED, where)),
        described.html(SHOWN),
        lists.html(Listing(("Table",), [], where, "table", "main has no tables yet.")),
        status.html("Connected", [("target", ":memory:")], where),
        *branches(),
        *metrics(),
    ]


def metrics() -> list[str]:
    """Usage and latency."""
    where, now = Where("main", "shop"), metrics_samples.NOW
    return [
        meters.html(meters.meters(metrics_samples.USAGE, metrics_samples.MINUTE, now), "shop, November 2026.", where),
        meters.html(meters.meters(metrics_samples.UNLIMITED, None, now), "shop, November 2026.", where),
        *(
            latency.html(each, where, now)
            for each in (metrics_samples.BUSY, metrics_samples.FIRST, metrics_samples.IDLE)
        ),
    ]


def branches() -> list[str]:
    """HTML of each output that is about branches."""
    main, here = Where("main", "shop"), Where("feature/reviews", "shop")
    made = BranchCreated(id="b", name="feature/reviews", parent="main", created_at=samples.NOW, creation_time_us=48.3)
    details = {"source": "feature/reviews", "target": "main", "conflicts": samples.conflicts(), "counts": {}}
    return [
        tree.html(tree.Tree(samples.shop(), here, samples.NOW, protected=True)),
        diff.html(samples.diff(), here),
        conflicts.html(conflicts.of_result(samples.merge(samples.conflicts())), main),
        conflicts.html(conflicts.of_result(samples.merge(samples.other_conflicts())), main),
        conflicts.html(conflicts.of_result(samples.merge()), main),
        conflicts.html(conflicts.of_result(samples.merge(source="fix/emoji-names", target="draft/x")), main),
        tree.html(tree.Tree(samples.hostile(), main, samples.NOW)),
        tree.html(tree.Tree(samples.deep(9), main, samples.NOW)),
        tree.html(tree.Tree(samples.many(14), Where("work/7"), samples.NOW)),
        tree.html(tree.Tree(samples.listed(samples.branch("main", None)), main, samples.NOW)),
        merged.merge_html(samples.merge(merged=True), main),
        merged.merge_html(samples.merge(merged=True, fast_forward=True, changes=None), main),
        merged.created_html(made, main),
        merged.created_html(made, here, here=True),
        merged.deleted_html(BranchDeleted(name="feature/reviews", deleted=True), main),
        errors.html(
            MergeConflictError("merging “feature/reviews” into “main” meets 4 conflicts", details=details), main
        ),
        errors.html(
            NotFastForwardError(
                "“main” has moved on by 6 writes since “feature/reviews” split from it",
                hint="Merge with strategy three-way.",
                details={"source": "feature/reviews", "target": "main"},
            ),
            main,
        ),
        errors.html(
            HasChildrenError("feature/reviews has children", details={"children": ["fix/emoji-names", "b"]}), main
        ),
    ]
