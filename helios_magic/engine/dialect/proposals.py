"""The rows that an INSERT … ON CONFLICT proposes: whole, numbered, and checked before any conflict is looked for.

PostgreSQL fills in defaults, draws from sequences and checks NOT NULL and CHECK for every proposed row, also for one
that will meet a row with its key; DuckDB would do so only for the rows that it inserts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.changesets import carrier, default_text, raising
from helios_magic.engine.dialect.failures import Refusal
from helios_magic.engine.dialect.grammar import READING, text
from helios_magic.engine.dialect.scope import Field, Scope, Source
from helios_magic.engine.dialect.typed import Node, quoted
from helios_magic.schema import Column, Table

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


def stored(table: Table) -> list[Column]:
    """The columns that a row is stored with; generated ones are made of them."""
    return [column for column in table.columns if column.generated is None]


def proposed(binder: Binder, table: Table, columns: list[Column], body: Node) -> str:
    """A query for all stored columns under their names, and `_at`, the order."""
    given = {column.name for column in columns}
    _write_out_defaults(binder, body, columns)
    listed = ", ".join(quoted(f"v{i}") for i in range(len(columns)))
    number = {column.name: i for i, column in enumerate(columns)}
    values = []
    for column in stored(table):
        value = (
            f"CAST(_rows.v{number[column.name]} AS {carrier(binder, column)})"
            if column.name in given
            else default_text(binder, column)
        )
        values.append(f"{value} AS {quoted(column.name)}")
    # OFFSET keeps DuckDB from numbering and drawing in several threads.
    rows = f"(SELECT * FROM ({text(body)}) AS _body({listed}) OFFSET 0) AS _rows"
    return f"SELECT {', '.join(values)}, row_number() OVER () AS _at FROM {rows}"


def one_default_row(binder: Binder, table: Table) -> str:
    """The row of DEFAULT VALUES."""
    values = ", ".join(f"{default_text(binder, c)} AS {quoted(c.name)}" for c in stored(table))
    return f"SELECT {values}, 1 AS _at"


def checked(binder: Binder, table: Table, rows: str) -> str:
    """The proposed rows, each refused (23502, 23514) where the table would not take it."""
    whens = [
        raising(
            f"{quoted(column.name)} IS NULL",
            "23502",
            f'null value in column "{column.name}" of relation "{table.name}" violates not-null constraint',
        )
        for column in stored(table)
        if not column.nullable or column.name in table.primary_key
    ]
    for name, condition in _conditions(binder, table):
        message = f'new row for relation "{table.name}" violates check constraint "{name}"'
        whens.append(raising(f"({condition}) IS FALSE", "23514", message))
    if not whens:
        return rows
    return f"SELECT * FROM ({rows}) AS _p WHERE CASE {' '.join(whens)} ELSE true END"


def _conditions(binder: Binder, table: Table) -> list[tuple[str, str]]:
    """CHECK conditions over the proposed rows; one of a generated column is left to the insert itself."""
    from helios_magic.engine.dialect.expressions import visit

    found = []
    fields = [Field(c.name, c.type) for c in stored(table)]
    scope = Scope(sources=[Source(table.name, fields, table, "_p")])
    generated = {c.name for c in table.columns if c.generated is not None}
    for check in sorted(table.checks, key=lambda check: check.name):
        tree = READING.parse(f"SELECT {check.condition}")[0]
        if not isinstance(tree, exp.Select) or any(column.name in generated for column in tree.find_all(exp.Column)):
            continue
        try:
            found.append((check.name, text(visit(binder, tree.expressions[0], scope))))
        except Refusal:
            continue
    return found


def _write_out_defaults(binder: Binder, body: Node, columns: list[Column]) -> None:
    """DEFAULT among VALUES as what it stands for."""
    if not isinstance(body, exp.Values):
        return
    from helios_magic.engine.dialect.assignments import default_of, is_default

    for row in body.expressions:
        values = []
        for value, column in zip(row.expressions, columns, strict=True):
            if is_default(value):
                default_text(binder, column)  # notes what it draws from
            values.append(default_of(column) if is_default(value) else value)
        row.set("expressions", values)
