"""A design made on a branch: what is there stays as it is, what is missing is added, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helios_magic.errors import NotFoundError
from helios_magic.schema import quoted

if TYPE_CHECKING:
    from helios_magic.models.tables import Design, TableInfo
    from helios_magic.session.session import Session


@dataclass(frozen=True, slots=True)
class Applied:
    """What was made on `branch`: `new` says whether the branch was, `columns` what known tables got."""

    branch: str
    new: bool
    tables: tuple[str, ...]
    columns: tuple[str, ...]


def apply(session: Session, design: Design, branch: str) -> Applied:
    """Make what a design (in PostgreSQL's dialect) has and the branch has not, in one transaction.

    A branch that is not there is made from the current one, and goes again where the DDL fails.  Raises what the
    statements raise.
    """
    new = not _exists(session, branch)
    if new:
        session.create_branch(branch)
    try:
        there = {table.name: table for table in session.tables(branch).tables if table.schema == "public"}
        statements, tables, columns = _missing(design, there)
        if statements:
            session.batch(statements, branch=branch)
    except BaseException:
        if new:
            session.delete_branch(branch)
        raise
    return Applied(branch, new, tables, columns)


def _exists(session: Session, branch: str) -> bool:
    from helios_magic.session.finding import check_branch

    try:
        check_branch(session.client, branch)
    except NotFoundError:
        return False
    return True


def _missing(design: Design, there: Mapping[str, TableInfo]) -> tuple[list[str], tuple[str, ...], tuple[str, ...]]:
    """Statements, and what they make: whole tables, and columns of tables that are there."""
    statements, tables, columns = [], [], []
    for table in design.tables:
        if table.name not in there:
            statements.append(table.ddl)
            tables.append(table.name)
            continue
        known = {column.name for column in there[table.name].columns}
        for column in table.columns:
            if column["name"] not in known:
                statements.append(_added(table.name, column))
                columns.append(f"{table.name}.{column['name']}")
    made = set(tables)
    statements += [each["ddl"] for each in design.constraints if each["table"] in made]
    for index in design.indexes:
        fresh = any(f"{index['table']}.{column}" in columns for column in index["columns"])
        if index["table"] in made or fresh:
            statements.append(index["ddl"])
    return statements, tuple(tables), tuple(columns)


def _added(table: str, column: Mapping[str, Any]) -> str:
    """A column for a table that may hold rows already: it is empty there, whatever the design says."""
    references = ""
    if column.get("references"):
        parent, _, key = column["references"].rpartition(".")
        references = f" REFERENCES {quoted(parent)} ({quoted(key)})"
    return f"ALTER TABLE {quoted(table)} ADD COLUMN {quoted(column['name'])} {column['type']}{references}"
