"""Bulk loading: a frame, a table or a file becomes Arrow bodies, each one transaction at the server."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from helios_magic.client.insertion import InsertFallback, cannot_load
from helios_magic.errors import ApiError, ConnectionFailedError, HeliosError, UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from helios_magic.client.client import Client

LoadMode = Literal["append", "replace", "create"]
MODES: tuple[LoadMode, ...] = ("append", "replace", "create")
#: Called after each chunk with the rows written so far and, where it is known, the rows there are.
Progress = Callable[[int, int | None], None]

CHUNK_BYTES = 32 * 2**20
#: The largest Arrow stream that a request may bring.
LARGEST_BODY_BYTES = 2 * 2**30


@dataclass(frozen=True, slots=True)
class Source:
    """What is to be loaded, as Arrow tables one after the other; `total` rows where that is known beforehand."""

    tables: Iterator[pa.Table]
    total: int | None


def load(
    client: Client,
    rows: Any,
    table: str,
    *,
    mode: LoadMode = "append",
    branch: str = "main",
    progress: Progress | None = None,
    whole: bool = False,
    chunk_bytes: int = CHUNK_BYTES,
) -> int:
    """Write `rows` to `table` and return how many there were.

    `rows` is a pandas or polars DataFrame, a pyarrow Table, or the path of a .csv or .parquet file (types inferred from
    the file; read in pieces, never whole).  Column names are kept as they are.  A pandas index is left out unless it
    has a name; then its levels are columns too.

    `mode`: `append` needs the table, `create` must not find it, `replace` empties it first and makes it where it is
    missing.

    A load is cut into chunks of about `chunk_bytes`, each one transaction with an `Idempotency-Key`, so that a chunk
    sent twice is written once.  With `whole` (in process) a frame or table is one chunk: all or nothing.  When a later
    chunk fails, the chunks before it stay; with `create` the half-filled table is dropped again; the error's message
    says what was written and `details["written"]` how many rows.  `replace` is always one chunk, a file too, so that
    a failure leaves the rows that were there; over HTTP it takes 2 GiB at most.

    Raises UsageError for what cannot be read, and the error tree of the client.
    """
    if mode not in MODES:
        raise UsageError(f"There is no load mode “{mode}”.", hint=f"Known modes: {', '.join(MODES)}.")
    source = read_source(rows, chunk_bytes)
    if mode == "replace":
        source = _in_one_piece(source, None if whole else LARGEST_BODY_BYTES)
        whole = True
    return _Load(client, source, table, mode, branch, progress, None if whole else chunk_bytes).run()


class _Load:
    """One load under way: what is written, and how the next chunk travels."""

    def __init__(
        self,
        client: Client,
        source: Source,
        table: str,
        mode: LoadMode,
        branch: str,
        progress: Progress | None,
        chunk_bytes: int | None,
    ) -> None:
        self._client = client
        self._source = source
        self._table = table
        self._mode: LoadMode = mode
        self._branch = branch
        self._progress = progress
        self._chunk_bytes = chunk_bytes
        self._key = uuid.uuid4().hex
        self._written = 0
        self._chunks = 0
        self._fallback: InsertFallback | None = None

    def run(self) -> int:
        try:
            for piece in self._source.tables:
                for chunk in _cut(piece, self._chunk_bytes):
                    self._write(chunk)
        except HeliosError as error:
            self._tell(error)
            raise
        return self._written

    def _write(self, chunk: pa.Table) -> None:
        first = self._chunks == 0
        # What comes after the first chunk adds to what the first one made.
        mode: LoadMode = self._mode if first else "append"
        if self._fallback is None:
            try:
                done = self._client.load(
                    self._table, chunk, mode=mode, branch=self._branch, key=f"{self._key}-{self._chunks}"
                )
                self._written += done.inserted
            except (ApiError, ConnectionFailedError) as error:
                if not first or not cannot_load(error):
                    raise
                self._fallback = InsertFallback(self._client, self._table, self._branch)
        if self._fallback is not None:
            self._written += self._fallback.write(chunk, mode)
        self._chunks += 1
        if self._progress is not None:
            self._progress(self._written, self._source.total)

    def _tell(self, error: HeliosError) -> None:
        """Say in the error what the load leaves behind."""
        if self._chunks == 0:
            # A server that failed, or whose answer was lost, may have written all the same.
            left = "Nothing was written." if isinstance(error, ApiError) and error.status < 500 else None
            if left is not None and self._mode == "replace":
                left = "Nothing was written; the rows that were there stay."
        elif self._mode == "create" and self._dropped():
            left, self._written = "Nothing was written: the half-filled table was dropped again.", 0
        else:
            of = "" if self._source.total is None else f" of {self._source.total:,}"
            left = f"{self._written:,}{of} rows were written to {self._table} and stay there."
        error.details["written"] = self._written
        if left is not None:
            error.message = f"{error.message.rstrip('.')}. {left}"
            error.args = (error.message,)

    def _dropped(self) -> bool:
        from helios_magic.schema import quoted

        try:
            self._client.sql(f"DROP TABLE {quoted(self._table)}", branch=self._branch)
        except HeliosError:
            return False
        return True


# Sources


def read_source(rows: Any, chunk_bytes: int = CHUNK_BYTES) -> Source:
    """`rows` as Arrow.  Raises UsageError for anything that is no frame, table or known file."""
    import pyarrow as pa

    if isinstance(rows, (str, os.PathLike)):
        return _read_file(Path(rows).expanduser(), chunk_bytes)
    if isinstance(rows, pa.RecordBatch):
        rows = pa.table(rows)
    if not isinstance(rows, pa.Table):
        kind = type(rows)
        package = kind.__module__.partition(".")[0]
        if package == "pandas" and kind.__name__ == "DataFrame":
            rows = _of_pandas(rows)
        elif package == "polars" and kind.__name__ == "DataFrame":
            rows = rows.to_arrow()
        else:
            raise UsageError(
                f"A {kind.__name__} cannot be loaded.",
                hint="Known: a pandas or polars DataFrame, a pyarrow Table, the path of a .csv or .parquet file.",
            )
    _check_names(rows.column_names)
    return Source(iter([rows]), rows.num_rows)


def _in_one_piece(source: Source, limit: int | None) -> Source:
    """All rows as one table.  Raises UsageError where they are more than a request may bring."""
    import pyarrow as pa

    rows = pa.concat_tables(list(source.tables))
    if limit is not None and rows.nbytes > limit:
        raise UsageError(
            f"The rows are {rows.nbytes / 2**30:.1f} GiB; a table is replaced in one request, which takes 2 GiB.",
            hint="Load them with mode create into another table, then drop this one and rename that.",
        )
    return Source(iter([rows]), rows.num_rows)


def _of_pandas(frame: Any) -> pa.Table:
    import pyarrow as pa

    named = any(name is not None for name in frame.index.names)
    if any(not isinstance(name, str) for name in frame.columns):
        wrong = next(name for name in frame.columns if not isinstance(name, str))
        raise UsageError(f"The column {wrong!r} has no name in text.", hint="Rename it: df.columns = […]")
    if named:
        frame = frame.reset_index()
    _check_names(list(frame.columns))
    try:
        return pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as problem:
        raise UsageError(
            f"A column holds values of several kinds: {str(problem).splitlines()[0]}",
            hint="Give it one type first, for example df[column].astype(str).",
        ) from None


def _check_names(names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise UsageError(f"Two columns are called “{name}”.", hint="Rename one; a table's columns differ in name.")
        if not name:
            raise UsageError("A column has an empty name.", hint="Give every column a name.")
        seen.add(name)
    if not names:
        raise UsageError("There is no column to load.")


def _read_file(path: Path, chunk_bytes: int) -> Source:
    kinds = {".csv": _read_csv, ".parquet": _read_parquet}
    kind = kinds.get(path.suffix.lower())
    if kind is None:
        raise UsageError(
            f"“{path.name}” is neither a .csv nor a .parquet file.", hint="Read it into a DataFrame and load that."
        )
    if not path.is_file():
        raise UsageError(f"There is no file {path}.")
    return kind(path, chunk_bytes)


def _read_csv(path: Path, chunk_bytes: int) -> Source:
    """A CSV file in blocks; its types come from the first block, as pyarrow infers them."""
    import pyarrow as pa
    from pyarrow import csv

    options = csv.ReadOptions(block_size=min(chunk_bytes, 8 * 2**20))
    try:
        reader = csv.open_csv(path, read_options=options)
    except (pa.ArrowInvalid, OSError) as problem:
        raise UsageError(f"{path.name} cannot be read as CSV: {problem}") from None
    _check_names(reader.schema.names)

    def pieces() -> Iterator[pa.Table]:
        empty = True
        batch = None
        while True:
            try:
                batch = reader.read_next_batch()
            except StopIteration:
                break
            except pa.ArrowInvalid as problem:
                raise UsageError(
                    f"{path.name} cannot be read on: {problem}",
                    hint="Types are taken from the first rows; read the file with pandas to choose them.",
                ) from None
            empty = False
            yield pa.Table.from_batches([batch])
        if empty:
            yield reader.schema.empty_table()

    return Source(pieces(), None)


def _read_parquet(path: Path, chunk_bytes: int) -> Source:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as problem:
        raise UsageError(f"{path.name} cannot be read as Parquet: {problem}") from None
    schema = file.schema_arrow.remove_metadata()
    _check_names(schema.names)

    def pieces() -> Iterator[pa.Table]:
        empty = True
        with file:
            for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE):
                empty = False
                yield pa.Table.from_batches([batch]).replace_schema_metadata(None)
        if empty:
            yield schema.empty_table()

    return Source(pieces(), file.metadata.num_rows)


_ROWS_AT_ONCE = 131_072


def _cut(table: pa.Table, chunk_bytes: int | None) -> Iterator[pa.Table]:
    """The table in slices of about `chunk_bytes`; an empty one is a slice too: it makes or empties its table."""
    if chunk_bytes is None or table.nbytes <= chunk_bytes:
        yield table
        return
    step = max(1, table.num_rows * chunk_bytes // table.nbytes)
    for start in range(0, table.num_rows, step):
        yield table.slice(start, step)
