"""Texts that hurt parsers: what each must answer, or be refused with.

Each is a function, for some are long; beside it stands the value that one row of one column holds, or the SQLSTATE
of the refusal.  Answers are PostgreSQL's; a refusal for depth is ours where DuckDB goes no deeper.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

DEEP = "54001"


def _nested(opening: str, closing: str, count: int, inside: str = "1") -> str:
    return "SELECT " + opening * count + inside + closing * count


HOSTILE: dict[str, tuple[Callable[[], str], Any]] = {
    "1,000 nested parentheses": (lambda: _nested("(", ")", 1000), 1),
    "parentheses that are never closed": (lambda: "SELECT " + "(" * 1000, "42601"),
    "20,000 nested parentheses": (lambda: _nested("(", ")", 20_000), DEEP),
    "200 nested functions": (lambda: _nested("abs(", ")", 200), 1),
    "2,000 nested functions": (lambda: _nested("abs(", ")", 2000), DEEP),
    "100 nested subqueries": (lambda: _nested("(SELECT ", ")", 100), 1),
    "300 nested CASE": (lambda: _nested("CASE WHEN true THEN ", " END", 300), 1),
    "a CASE of 1,000 branches": (
        lambda: "SELECT CASE 7 " + " ".join(f"WHEN {i} THEN {i * 2}" for i in range(1000)) + " END", 14
    ),
    "1,000 AND": (lambda: "SELECT " + " AND ".join(["1 < 2"] * 1000), True),
    "1,000 OR": (lambda: "SELECT " + " OR ".join(f"1 = {i}" for i in range(1000)), True),
    "500 AND and OR in turn": (lambda: "SELECT " + " AND ".join(["1 < 2 OR false"] * 500), True),
    "2,000 NOT": (lambda: "SELECT " + "NOT " * 2000 + "true", DEEP),
    "500 pluses": (lambda: "SELECT " + " + ".join(["1"] * 500), 500),
    "500 UNION ALL": (lambda: "SELECT count(*) FROM (" + " UNION ALL ".join(["SELECT 1"] * 500) + ") x", 500),
    "an IN list of 10,000": (lambda: f"SELECT 9999 IN ({', '.join(map(str, range(10_000)))})", True),
    "an IN list of 10,000 texts": (lambda: "SELECT 'x' IN (" + ", ".join(f"'{i}'" for i in range(10_000)) + ")", False),
    "10,000 OR of one column": (
        lambda: f"SELECT count(*) FROM (SELECT 7 AS a) x WHERE {' OR '.join(f'a = {i}' for i in range(10_000))}", 1
    ),
    "10,000 AND of one column": (
        lambda: f"SELECT count(*) FROM (SELECT 7 AS a) x WHERE {' AND '.join(f'a <> {i}' for i in range(10_000))}", 0
    ),
    "10,000 OR of a text": (lambda: "SELECT " + " OR ".join(f"'x' = '{i}'" for i in range(10_000)), False),
    "1,000 UNION": (lambda: "SELECT count(*) FROM (" + " UNION ".join(["SELECT 1"] * 1000) + ") x", 1),
    "50,000 OR of a column that is none": (lambda: "SELECT 1 WHERE 1 = 2 " + "or a = '" * 100_000, "42703"),
    "300,000 quotes": (lambda: "SELECT 1 WHERE 1 = 2 OR " + " ''" * 300_000, "42601"),
    "a literal of 1 MB": (lambda: "SELECT length('" + "ab''" * 250_000 + "')", 750_000),
    "a dollar-quoted literal of 1 MB": (lambda: "SELECT length($x$" + "'$$\\" * 250_000 + "$x$)", 1_000_000),
    "a name of 100,000 characters": (lambda: f"SELECT {'n' * 100_000} FROM numbers", "42703"),
    "a comment of 1 MB": (lambda: f"SELECT /* {'x' * 1_000_000} */ 1", 1),
    "2,000 nested comments": (lambda: "/*" * 2000 + "*/" * 2000 + "SELECT 1", 1),
    "a comment that is never closed": (lambda: "SELECT 1 " + "/*" * 100_000, "42601"),
    "a comment at every place": (
        lambda: "/*+ hint */ SELECT--x\n1/**/+/* a /* b */ c */2 -- ; '\n AS/**/x /* ' */ -- end", 3
    ),
    "a literal in two lines with a comment between": (lambda: "SELECT 'a' -- b\n 'c'", "ac"),
    "a semicolon in a comment": (lambda: "SELECT 1 /* ; SELECT 2 */ -- ; SELECT 3", 1),
    "NUL": (lambda: "SELECT 'a\0b'", "22021"),
    "NUL outside of a literal": (lambda: "SELECT \0 1", "22021"),
    "an open quote": (lambda: "SELECT 'abc", "42601"),
    "an open quote after many": (lambda: "SELECT '" + "x'' " * 100_000, "42601"),
    "an open identifier": (lambda: 'SELECT "abc', "42601"),
    "an open dollar quote": (lambda: "SELECT $a$ x $b$", "42601"),
    "an open E quote": (lambda: r"SELECT E'a\'", "42601"),
    "an open U& quote": (lambda: r"SELECT U&'a", "42601"),
    "an E string": (lambda: r"SELECT E'\'\n\x41\u00e9\\'", "'\nAé\\"),
    "30,000 dollars": (lambda: "SELECT " + "$a " * 30_000, "42601"),
    "an identifier of Unicode": (lambda: 'SELECT größe."naïve ☃" FROM (SELECT 5 AS "naïve ☃") AS größe', 5),
    "an identifier in Arabic": (lambda: "SELECT الاسم FROM (SELECT 6 AS الاسم) AS t", 6),
    "nothing": (lambda: "   \n\t", "42601"),
    "a comment alone": (lambda: "-- nothing\n/* at all */", "42601"),
    "a semicolon alone": (lambda: ";", "42601"),
    "several statements": (lambda: "SELECT 1; SELECT 2", "ValidationError"),
    "a semicolon at the end": (lambda: "SELECT 1;;", 1),
    "a word that is none": (lambda: "SELEKT 1", "42601"),
    "a lone bracket": (lambda: ")", "42601"),
    "a control character": (lambda: "SELECT \x01 1", "42601"),
    "a number of 10,000 digits": (lambda: "SELECT " + "9" * 10_000, "0A000"),
    "a parameter of 100 digits": (lambda: "SELECT $" + "9" * 100, "08P01"),
}  # fmt: skip


def one_megabyte() -> str:
    """An INSERT of 26,000 rows into numbers (id int, name text)."""
    rows = ",\n".join(f"({i}, 'the name of number {i}, it''s long')" for i in range(26_000))
    return f"INSERT INTO numbers (id, name) VALUES {rows}"
