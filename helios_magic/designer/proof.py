"""Every script is run before anyone sees it: SQLite here, DuckDB in a scratch database that is handed in.

PostgreSQL's script runs in DuckDB too, which knows its types and defaults, without what only PostgreSQL has: actions
on delete, `jsonb`, keys added late.  MySQL's is parsed.  What was done is told, so that nobody takes one for another.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence

from helios_magic.designer.ddl import Script

#: Runs statements in an empty DuckDB and forgets them; raises what DuckDB says against one.
Scratch = Callable[[Sequence[str]], None]

_ACTIONS = re.compile(r" ON DELETE (?:SET NULL|CASCADE)(?=[,\n]|$)")
_JSONB = re.compile(r"^(  (?:\w+|\"(?:[^\"]|\"\")*\")) jsonb", re.MULTILINE)


def prove(script: Script, scratch: Scratch) -> str:
    """Run a script, and say how it was run.  A statement that fails raises: that is a fault of the designer."""
    if script.dialect == "sqlite":
        _in_sqlite(script)
        return "run in SQLite"
    if script.dialect == "mysql":
        _parsed(script)
        return "parsed as MySQL"
    if script.dialect == "duckdb":
        scratch(script.statements)
        return "run in DuckDB"
    scratch([_JSONB.sub(r"\1 json", _ACTIONS.sub("", each.ddl)) for each in (*script.tables, *script.indexes)])
    return "run in DuckDB without actions on delete and keys added late"


def _in_sqlite(script: Script) -> None:
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        for statement in script.statements:
            connection.execute(statement)
    finally:
        connection.close()


def _parsed(script: Script) -> None:
    import sqlglot
    from sqlglot import exp

    for statement in script.statements:
        if not isinstance(sqlglot.parse_one(statement, dialect="mysql"), exp.Create | exp.Alter):
            raise sqlglot.ParseError(f"no statement of MySQL's: {statement}")
