"""Changes in one sentence, never saying more than is known."""

from __future__ import annotations

import pytest

from helios_magic.display import change
from helios_magic.display.footer import Where


@pytest.mark.parametrize(
    ("command", "statement", "sentence"),
    [
        ("CREATE TABLE", 'create table "Order Items" (id int)', "Table Order Items created"),
        ("CREATE TABLE", "CREATE TABLE IF NOT EXISTS t (id int)", "Table t created unless it was there"),
        ("DROP TABLE", "DROP TABLE IF EXISTS t", "Table t dropped if it was there"),
        ("TRUNCATE TABLE", "truncate only t", "Table t emptied"),
        ("TRUNCATE TABLE", "TRUNCATE TABLE t", "Table t emptied"),
        ("DROP VIEW", "DROP VIEW v", "View v dropped"),
    ],
)
def test_definitions(command: str, statement: str, sentence: str) -> None:
    assert change.of_statement(command, 0, statement, Where("main")).sentence == sentence
