"""What a statement answered, and its way to pandas, polars and Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from helios_magic.errors import UsageError
from helios_magic.models.pgtypes import pg_type
from helios_magic.models.sql import SqlResult

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from helios_magic.client.answers import AnswerMeta


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to one statement.

    `table` holds the rows of a SELECT or of RETURNING (None where the statement yields none); its fields carry their
    PostgreSQL type.  `affected_rows` is None for a SELECT.  `duration_ms` is the service's own time.
    """

    command: str | None
    table: pa.Table | None = field(default=None, repr=False)
    affected_rows: int | None = None
    duration_ms: float | None = None
    rows_examined: int | None = None
    request_id: str | None = None

    @property
    def columns(self) -> list[str]:
        """Column names, in order; a name may come twice."""
        return [] if self.table is None else list(self.table.column_names)

    @property
    def types(self) -> list[str]:
        """PostgreSQL type names with modifiers, one per column."""
        return [] if self.table is None else [pg_type(field) for field in self.table.schema]

    @property
    def row_count(self) -> int:
        """Rows in `table`; 0 where there is none."""
        return 0 if self.table is None else int(self.table.num_rows)

    def to_arrow(self) -> pa.Table | None:
        """The rows as they came, not copied."""
        return self.table

    def to_pandas(self, *, owned: bool = False) -> pd.DataFrame:
        """The rows as a DataFrame (dtypes: see `client.frames`).

        With `owned` it may take the memory of `table` over instead of copying it: look at the table no more.
        A statement without rows gives an empty DataFrame, with `command` and `affected_rows` in its `attrs`.
        """
        if self.table is None:
            import pandas as pd

            frame = pd.DataFrame()
            frame.attrs = {"command": self.command, "affected_rows": self.affected_rows}
            return frame
        from helios_magic.client.frames import to_frame

        return to_frame(self.table, owned=owned)

    def to_polars(self) -> pl.DataFrame:
        """The rows as a polars DataFrame.  Raises UsageError when polars is not installed or a name comes twice."""
        try:
            import polars as pl
        except ImportError:
            raise UsageError(
                "polars is not installed in this kernel.", hint="Install it: pip install 'helios-magic[polars]'"
            ) from None
        if self.table is None:
            return pl.DataFrame()
        if len(set(self.columns)) < len(self.columns):
            twice = next(name for name in self.columns if self.columns.count(name) > 1)
            raise UsageError(
                f"The result has two columns “{twice}”, and polars allows one.", hint=f'Rename one: … AS "{twice}_2".'
            )
        from helios_magic.client.polars_tables import for_polars

        frame = pl.from_arrow(for_polars(self.table))
        assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table becomes a DataFrame, never a Series
        return frame


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """The results of a batch, one per statement, and whether they are committed."""

    results: list[Result]
    committed: bool


def result_of(data: SqlResult, meta: AnswerMeta | None = None, table: pa.Table | None = None) -> Result:
    """A `Result` of an answer: its Arrow table, or one made of its JSON rows."""
    if table is None:
        table = _table_of(data)
    return Result(
        command=_known(data.command) or _command(data),
        table=table,
        affected_rows=_known(data.affected_rows),
        duration_ms=meta.duration_ms if meta is not None else None,
        rows_examined=meta.rows_examined if meta is not None else None,
        request_id=meta.request_id if meta is not None else None,
    )


def _table_of(data: SqlResult) -> pa.Table | None:
    from helios_magic.client.rows import table_of_objects, table_of_rows

    columns: Sequence[str] | None = _known(data.columns)
    if columns is not None:
        return table_of_rows(columns, _known(data.types), _known(data.rows) or [])
    types, returning = _known(data.returning_types), _known(data.returning)
    if types is None and not returning:
        return None
    return table_of_objects(returning or [], types)


def _command(data: SqlResult) -> str | None:
    return "SELECT" if data.columns is not UNSET else None


def _known(value: Any) -> Any:
    return None if value is UNSET else value
