"""Tables as a list, and one table in full."""

from __future__ import annotations

from helios_magic.display import catalog, described, lists
from helios_magic.display.described import Described
from helios_magic.display.footer import Where
from helios_magic.display.result import ResultTable
from helios_magic.models.tables import CheckInfo, ColumnInfo, ForeignKeyInfo, IndexInfo, TableInfo, TableList
from tests.display.reading import read

WHERE = Where("dev/prices", "shop")


def column(name: str, kind: str, **more) -> ColumnInfo:
    facts = {"nullable": True, "primary_key": False, "unique": False, "default": None, "references": None, **more}
    return ColumnInfo(name=name, type=kind, **facts)


def table(name: str, rows: int, size: int | None, *columns: ColumnInfo, **more) -> TableInfo:
    facts = {"schema": "public", "kind": "table", "indexes": [], "foreign_keys": [], **more}
    return TableInfo(name=name, columns=list(columns), row_count_estimate=rows, size_bytes=size, **facts)


def key(name: str, columns: list[str], references: str, **more) -> ForeignKeyInfo:
    facts = {"references_columns": ["id"], "on_delete": "NO ACTION", "on_update": "NO ACTION", **more}
    return ForeignKeyInfo(name=name, columns=columns, references=references, **facts)


ORDERS = table(
    "orders",
    20_000,
    732_000,
    column("id", "int8", nullable=False, primary_key=True, unique=True, identity="ALWAYS"),
    column("user_id", "int4", nullable=False, references="users.id"),
    column("total", "numeric(10,2)", default="0", comment="With <tax>"),
    column("twice", "numeric", generated="total * 2"),
    indexes=["orders_pkey", "orders_user"],
    index_details=[
        IndexInfo(name="orders_pkey", columns=["id"], unique=True, primary=True, definition=None),
        IndexInfo(name="orders_user", columns=["user_id"], unique=False, primary=False, definition=None),
    ],
    foreign_keys=[key("orders_user_id_fkey", ["user_id"], "users", on_delete="CASCADE")],
    checks=[CheckInfo(name="orders_total_check", condition="total >= 0")],
    comment="What people bought",
)
USERS = table("users", 3000, 4_000_000, column("id", "int4"))
BIG = table("big_orders", 0, None, column("id", "int8"), kind="view", definition="SELECT id FROM orders")
LISTED = TableList(tables=[ORDERS, USERS, BIG, table("Odd", 1, None, column("a", "text"), schema="shop")])
SAMPLE = ResultTable(["id", "total"], ["int8", "numeric"], [[1, 2], ["1.50", None]], 2, WHERE)
SHOWN = Described(ORDERS, [("order_items", key("i", ["order_id"], "orders"))], SAMPLE, WHERE)


def names(**chosen) -> list[str]:
    return [row[0] for row in catalog.tables(LISTED, WHERE, **chosen).rows]


def test_rows_and_sizes_are_listed() -> None:
    shown = lists.text(catalog.tables(LISTED, WHERE)).split("\n")
    assert shown[0].split() == ["Table", "Rows", "Size", "Columns", "Refers", "to"]
    assert shown[2].split() == ["big_orders", "view", "id", "int8"]
    assert shown[3].split("  ")[-2:] == ["id int8, user_id int4, total numeric(10,2), twice numeric", "users"]
    assert shown[-1] == "4 tables · shop · dev/prices"


def test_tables_are_sorted_and_chosen() -> None:
    assert names() == ["big_orders", "orders", "users", "shop.Odd"]
    assert names(sort="rows")[:2] == ["orders", "users"]
    assert names(sort="size")[:2] == ["users", "orders"]
    assert names(pattern="ORDER") == ["big_orders", "orders"]
    assert names(pattern="o*") == ["orders"]
    assert names(pattern="shop.?dd") == ["shop.Odd"]
    some = lists.text(catalog.tables(LISTED, WHERE, pattern="order"))
    assert some.endswith("2 tables · of 4 · shop · dev/prices")
    assert lists.text(catalog.tables(LISTED, WHERE, pattern="zzz")).startswith(
        "No table of dev/prices is called like “zzz”; it has 4 tables."
    )


def test_a_table_is_described_in_text() -> None:
    lines = described.text(SHOWN).split("\n")
    assert lines[0] == "orders  table, 20,000 rows, 732 kB, 4 columns"
    assert lines[1] == "What people bought"
    assert lines[3].split() == ["Column", "Type", "NULL", "Default", "Keys", "Comment"]
    assert lines[5].split("  ")[0] == "id"
    assert "NOT NULL  GENERATED ALWAYS AS IDENTITY            PK" in lines[5]
    assert "FK → users.id" in lines[6]
    assert lines[7].endswith("With <tax>")
    assert "GENERATED ALWAYS AS (total * 2) STORED" in lines[8]
    assert "  users  on delete cascade  (user_id) → (id)" in lines
    assert "  order_items  (order_id) → (id)" in lines
    assert "  orders_total_check  total >= 0" in lines
    assert "First 2 rows" in lines
    assert lines[-1] == "shop · dev/prices"


def test_html_carries_the_same_facts() -> None:
    root = read(described.html(SHOWN))
    shown = root.text
    for fact in (
        "orderstable, 20,000 rows, 732 kB, 4 columns", "What people bought", "GENERATED ALWAYS AS IDENTITY",
        "FK → users.id", "With <tax>", "orders_user(user_id)", "total >= 0", "users(user_id) → (id)on delete cascade",
        "order_items(order_id) → (id)", "First 2 rows", "1.50",
    ):  # fmt: skip
        assert fact in shown
    assert [tag.text for tag in root.find(cls="hm-tag")] == ["PK", "FK → users.id"]


def test_a_view_shows_its_query() -> None:
    view = Described(BIG, [], None, WHERE)
    assert "big_orders  view, 1 column" in described.text(view)
    assert described.text(view).endswith("Query\n  SELECT id FROM orders\n\nshop · dev/prices")
    assert "SELECT id FROM orders" in read(described.html(view)).text
