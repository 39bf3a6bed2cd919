"""Files of older formats: those of format 3 have no embedding spaces, of format 2 no comments on indexes and types.

Those of format 1 were made before there were branches: they are given identities and counters of the database's own.
Their sequences are DuckDB's.  Each becomes a counter that goes on where the sequence stood; its id is made of its
name, so that copies of one file, or a second try after a crash, come to the same.
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

from helios_magic.engine import catalog, failures
from helios_magic.engine.dialect import bookkeeping
from helios_magic.engine.instance import Attachment, Instance
from helios_magic.engine.names import literal, quoted
from helios_magic.engine.sequences import Sequences, drawing, encoded
from helios_magic.errors import ServerError
from helios_magic.schema import Sequence

if TYPE_CHECKING:
    import duckdb

FORMAT = 4
"""The format of the files that this version makes."""

_COUNTERS = uuid.UUID("6f4f2f6e-6d61-4769-8c2e-736571756e63")
_CALL = re.compile(r"\b(?P<function>nextval|currval)\('(?P<name>(?:[^']|'')*)'\)")
_SERIAL = re.compile(r"""nextval\('"(?:[^']|'')*'\)""")
"""How the default of a serial column was written; one that a user wrote begins without a quote."""
_NATIVE = """SELECT schema_name, sequence_name, start_value, increment_by, min_value, max_value, cycle, last_value
    FROM duckdb_sequences() WHERE database_name = current_database() AND NOT temporary ORDER BY 1, 2"""
_DEFAULTS = """SELECT schema_name, table_name, column_name, column_default FROM duckdb_columns()
    WHERE database_name = current_database() AND schema_name <> '_helios' AND contains(column_default, 'nextval(')"""
_VIEWS = """SELECT table_schema, table_name, definition FROM _helios.constraints
    WHERE kind = 'v' AND regexp_matches(definition, '\\b(nextval|currval)\\(')"""


def bring(instance: Instance, file: Attachment, sequences: Sequences) -> None:
    """Bring an attached file to `FORMAT`, sealed or not: what it says does not change.

    Raises `ServerError` where that fails; the file is as it was then, and not attached any more.
    """
    import duckdb

    cursor = instance.cursor(file, "nothing")
    try:
        upgrade(cursor, sequences)
    except duckdb.Error as error:
        cursor.close()
        instance.detach(file.alias)
        raise ServerError(
            "the database's file could not be brought to the format of this version",
            hint="It is as it was; the version that made it still reads it.",
            details={"reason": "format", "cause": failures.scrub(str(error).partition("\n")[0])},
        ) from None
    cursor.close()


def upgrade(cursor: duckdb.DuckDBPyConnection, sequences: Sequences) -> None:
    """Bring the file in which the cursor's names resolve to `FORMAT`, in one transaction; twice is once.

    The counters are recorded before the file is: after a crash between the two they are raised to where they are.
    """
    cursor.execute("BEGIN TRANSACTION")
    try:
        if not _ask(cursor, _HAS_IDENTITIES):
            _upgrade(cursor, sequences)
        cursor.execute(catalog.COMMENTS)
        cursor.execute(catalog.SPACES)
        cursor.execute("COMMIT")
    except BaseException:
        cursor.execute("ROLLBACK")
        raise


_HAS_IDENTITIES = """SELECT 1 FROM duckdb_tables() WHERE database_name = current_database()
    AND schema_name = '_helios' AND table_name = 'tables'"""


def _upgrade(cursor: duckdb.DuckDBPyConnection, sequences: Sequences) -> None:
    native = [_sequence(*row) for row in _ask(cursor, _NATIVE)]
    by_name = {(sequence.schema, sequence.name): sequence for sequence, _ in native}
    owners: dict[str, tuple[str, str, str]] = {}
    defaults, views = _ask(cursor, _DEFAULTS), _ask(cursor, _VIEWS)
    cursor.execute(catalog.UPGRADE)
    cursor.execute(catalog.SEQUENCES)
    for schema, table, column, default in defaults:
        place = f"{quoted(schema)}.{quoted(table)}"
        cursor.execute(f"ALTER TABLE {place} ALTER COLUMN {quoted(column)} SET DEFAULT {_drawing(default, by_name)}")
        if _SERIAL.fullmatch(default):
            owners[_named(_CALL.fullmatch(default), by_name).counter] = (schema, table, column)
    for schema, name, query in views:
        _replace_view(cursor, schema, name, _drawing(query, by_name))
    for sequence, upcoming in native:
        sequences.raise_to(sequence, upcoming)
        owner = owners.get(sequence.counter, (None, None, None))
        for step in bookkeeping.record("sequences", [bookkeeping.sequence_row(sequence, owner)]):
            cursor.execute(step)
        cursor.execute(f"DROP SEQUENCE {quoted(sequence.schema)}.{quoted(sequence.name)}")


def _sequence(
    schema: str, name: str, start: int, increment: int, minimum: int, maximum: int, cycle: bool, last: int | None
) -> tuple[Sequence, int]:
    """The sequence, and the number that it draws next.  DuckDB forgets where one began once it was used."""
    counter = f"sq_{uuid.uuid5(_COUNTERS, f'{quoted(schema)}.{quoted(name)}').hex}"
    upcoming = start if last is None else last + increment
    began = start if last is None else minimum if increment > 0 else maximum
    made = Sequence(
        name, schema, counter=counter, start=began, increment=increment, minimum=minimum, maximum=maximum, cycle=cycle
    )
    return made, upcoming


def _named(match: re.Match[str] | None, by_name: dict[tuple[str, str], Sequence]) -> Sequence:
    if match is None:
        raise AssertionError("a default that draws names its sequence")
    schema, _, name = match["name"].replace("''", "'").partition('."')
    return by_name[schema.strip('"').replace('""', '"'), name.removesuffix('"').replace('""', '"')]


def _drawing(text: str, by_name: dict[tuple[str, str], Sequence]) -> str:
    """A default or a query with its calls of DuckDB's functions turned into ours."""

    def ours(match: re.Match[str]) -> str:
        sequence = _named(match, by_name)
        if match["function"] == "nextval":
            return drawing(sequence)
        return f"pg_currval({literal(encoded(sequence))}, current_connection_id())"

    return _CALL.sub(ours, text)


def _replace_view(cursor: duckdb.DuckDBPyConnection, schema: str, name: str, query: str) -> None:
    at = f"schema_name = {literal(schema)} AND table_name = {literal(name)}"
    columns = _ask(
        cursor,
        f"SELECT column_name FROM duckdb_columns() WHERE database_name = current_database() AND {at} "
        "ORDER BY column_index",
    )
    listed = ", ".join(quoted(column) for (column,) in columns)
    cursor.execute(f"CREATE OR REPLACE VIEW {quoted(schema)}.{quoted(name)} ({listed}) AS {query}")
    cursor.execute(
        f"UPDATE _helios.constraints SET definition = {literal(query)} WHERE kind = 'v' "
        f"AND table_schema = {literal(schema)} AND table_name = {literal(name)}"
    )


def _ask(cursor: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return cursor.execute(query).fetchall()
