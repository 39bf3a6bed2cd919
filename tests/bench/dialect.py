"""What preparing a statement costs: cached, and new beside sqlglot's own parse and print of the same text.

    pip install '.[test]' && python -m tests.bench.dialect

Goals (p50): a cached statement under 20 µs, a new one at most 3 times `sqlglot.transpile(read="postgres",
write="duckdb")`; what is hostile is answered in under a second, an INSERT of 1 MB in under five.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import time
from collections.abc import Callable

import sqlglot

import helios_magic
from helios_magic.engine.dialect import prepare
from helios_magic.engine.dialect.grammar import nothing_stops
from helios_magic.engine.plans import Plans
from helios_magic.errors import HeliosError
from helios_magic.schema import Column, ForeignKey, Schema, Table
from tests.bench.timing import medians
from tests.dialect.bad_input import HOSTILE, one_megabyte


def _table(name: str, columns: str, *, key: str = "id", foreign: tuple[ForeignKey, ...] = ()) -> Table:
    pairs = (column.split(" ", 1) for column in columns.split("; "))
    listed = tuple(Column(name, kind, nullable=name != key) for name, kind in pairs)
    return Table(name, listed, primary_key=(key,), unique=((key,),), foreign_keys=foreign)


SCHEMA = Schema(
    (
        _table(
            "orders",
            "id int8; user_id int4; product_id int4; quantity int4; total numeric(10,2); placed_at timestamptz; "
            "meta jsonb",
            foreign=(ForeignKey("orders_user_id_fkey", ("user_id",), "users", ("id",), "CASCADE"),),
        ),
        _table("products", "id int4; name text; price numeric(10,2); tags text[]; stock int4"),
        _table("users", "id int4; name varchar(80); email text; age int4; created_at timestamp; active bool"),
    )
)

STATEMENTS = (
    "SELECT 1",
    "SELECT * FROM users",
    "SELECT id, name FROM users WHERE id = $1",
    "SELECT * FROM users WHERE email = 'a@b.c' LIMIT 1",
    "SELECT count(*) FROM orders",
    "SELECT u.name, o.total FROM users u JOIN orders o ON o.user_id = u.id WHERE o.total > 100 ORDER BY o.total DESC",
    """SELECT u.id, count(o.id) AS n, sum(o.total) FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.id
    HAVING count(o.id) > 2 ORDER BY n DESC LIMIT 10 OFFSET 20""",
    "INSERT INTO users (id, name, email) VALUES ($1, $2, $3)",
    "INSERT INTO products (id, name, price) VALUES (1, 'a', 1.5), (2, 'b', 2.5), (3, 'c', 3) RETURNING id",
    "INSERT INTO users (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET name = excluded.name",
    "UPDATE products SET stock = stock - $1 WHERE id = $2 AND stock >= $1",
    "UPDATE orders SET total = total * 1.1, meta = meta || '{\"a\": 1}' WHERE user_id IN (SELECT id FROM users)",
    "DELETE FROM orders WHERE placed_at < now() - interval '30 days'",
    "SELECT date_trunc('month', placed_at) AS month, sum(total) FROM orders GROUP BY 1 ORDER BY 1",
    "SELECT name, CASE WHEN age < 18 THEN 'minor' WHEN age < 65 THEN 'adult' ELSE 'senior' END AS bracket FROM users",
    "SELECT meta->>'source' AS source, count(*) FROM orders WHERE meta @> '{\"paid\": true}' GROUP BY 1",
    "SELECT name, rank() OVER (PARTITION BY active ORDER BY age DESC NULLS LAST) FROM users",
    """WITH big AS (SELECT user_id, sum(total) AS s FROM orders GROUP BY user_id) SELECT u.name, b.s FROM big b
    JOIN users u ON u.id = b.user_id WHERE b.s > (SELECT avg(s) FROM big)""",
    "SELECT * FROM products WHERE name ILIKE '%phone%' AND price BETWEEN 100 AND 500 ORDER BY price, name LIMIT 20",
    "SELECT coalesce(name, 'none'), upper(email), length(name) FROM users WHERE active AND age IS NOT NULL",
    "SELECT id FROM users WHERE id = ANY($1)",
    "SELECT id FROM products WHERE 'x' = ANY(tags) OR array_length(tags, 1) > 3",
    "SELECT DISTINCT ON (user_id) user_id, id, total FROM orders ORDER BY user_id, placed_at DESC",
    "SELECT extract(year FROM created_at)::int AS y, to_char(created_at, 'YYYY-MM') FROM users",
    "SELECT a.name, b.name FROM users a, users b WHERE a.id < b.id AND a.age = b.age",
    "SELECT name FROM users UNION SELECT name FROM products ORDER BY 1",
    "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 100) SELECT sum(n) FROM t",
    "SELECT p.id, p.name, (SELECT count(*) FROM orders o WHERE o.product_id = p.id) AS sold FROM products p",
    "SELECT * FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id AND o.total > 1000)",
    "SELECT round(avg(total), 2), max(total), min(placed_at) FROM orders WHERE quantity > 0",
    """SELECT u.name, p.name, o.quantity * p.price AS amount FROM orders o JOIN users u ON u.id = o.user_id
    JOIN products p ON p.id = o.product_id
    WHERE o.placed_at >= '2026-01-01' AND u.active ORDER BY amount DESC LIMIT 50""",
    "SELECT string_agg(name, ', ' ORDER BY name) FROM products WHERE stock = 0",
    "SELECT (total / nullif(quantity, 0))::numeric(10,2), total::float8, quantity % 3 FROM orders",
)


def new_and_cached(rounds: int) -> None:
    ratios, ours, theirs, hits = [], [], [], []
    plans = Plans()
    for statement in STATEMENTS:
        plans.get(1, statement, SCHEMA, nothing_stops)
        took = medians(
            {
                "ours": lambda text=statement: prepare(text, SCHEMA),
                "sqlglot": lambda text=statement: sqlglot.transpile(text, read="postgres", write="duckdb"),
            },
            rounds,
        )
        ours.append(took["ours"])
        theirs.append(took["sqlglot"])
        ratios.append(took["ours"] / took["sqlglot"])
        began = time.perf_counter()
        for _ in range(100):
            plans.get(1, statement, SCHEMA, nothing_stops)
        hits.append((time.perf_counter() - began) / 100)
        shown = " ".join(statement.split())[:80]
        print(f"  {took['ours'] * 1e6:7.0f} µs {took['sqlglot'] * 1e6:7.0f} µs {ratios[-1]:5.2f}  {shown}")
    print(f"cached: p50 {statistics.median(hits) * 1e6:.1f} µs, slowest {max(hits) * 1e6:.1f} µs (goal: under 20 µs)")
    print(f"new: p50 {statistics.median(ours) * 1e6:.0f} µs, sqlglot {statistics.median(theirs) * 1e6:.0f} µs")
    print(f"  ratio p50 {statistics.median(ratios):.2f}, worst {max(ratios):.2f} (goal: p50 at most 3)")


def hostile() -> None:
    session = helios_magic.connect(":memory:")
    session.run("CREATE TABLE numbers (id int PRIMARY KEY, name text)")
    for name, (make, _) in HOSTILE.items():
        print(f"  {_timed(lambda make=make: session.run(make())):7.3f} s  {name}")
    text = one_megabyte()
    took = _timed(lambda: session.run(text))
    print(f"INSERT of {len(text) / 1e6:.2f} MB: {took:.2f} s (goal: under 5 s)")
    session.close()


def _timed(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    with contextlib.suppress(HeliosError):
        run()
    return time.perf_counter() - began


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=20)
    new_and_cached(arguments.parse_args().rounds)
    hostile()


if __name__ == "__main__":
    main()
