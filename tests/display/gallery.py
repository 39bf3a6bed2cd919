"""Every kind of output once, on hostile and friendly data: for looking at, and for measuring in a browser."""

from __future__ import annotations

from helios_magic.display import change, errors, lists, plan, result, status
from helios_magic.display.change import BatchLine
from helios_magic.display.errors import Excerpt
from helios_magic.display.footer import Where
from helios_magic.display.lists import Listing
from helios_magic.errors import ConnectionFailedError, QueryError, RateLimitedError
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
        lists.html(Listing(("Table",), [], where, "table", "main has no tables yet.")),
        status.html("Connected", [("target", ":memory:")], where),
    ]
