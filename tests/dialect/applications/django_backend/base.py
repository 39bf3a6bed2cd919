"""`DatabaseWrapper` as Django wants it: PostgreSQL's, with a cursor that compares."""

from __future__ import annotations

from typing import Any, ClassVar

import psycopg
from django.db.backends.postgresql import base

from tests.dialect.applications.recorder import Recorder


class DatabaseWrapper(base.DatabaseWrapper):
    """Every statement is its own transaction, on both sides: ours has no other."""

    recorder: ClassVar[Recorder | None] = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        connection.autocommit = True
        connection.cursor_factory = Compared
        return connection

    def _set_autocommit(self, autocommit: bool) -> None:
        """The flag is Django's alone."""

    def _commit(self) -> None:
        """Nothing is open."""

    def _rollback(self) -> None:
        """Nothing is open."""

    def _savepoint(self, sid: str) -> None:
        """Nothing is open."""

    _savepoint_rollback = _savepoint_commit = _savepoint


class Compared(base.Cursor):
    """What Django sends, as its client-side cursor binds it."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        text = self.mogrify(query, params) if params is not None else str(query)
        recorder = DatabaseWrapper.recorder
        if recorder is None:
            return super().execute(query, params, **options)
        try:
            result = super().execute(query, params, **options)
        except psycopg.Error as error:
            recorder.compare(text, None, None, (), error.sqlstate)
            raise
        if self.description is None:
            recorder.compare(text, None, None, ())
            return result
        rows = self.fetchall()
        if rows:
            self.scroll(0, mode="absolute")
        recorder.compare(text, None, [column.name for column in self.description], rows)
        return result
