"""Reading a result piece by piece, so that an answer that is too large is refused before it fills the memory.

DuckDB's memory limit does not count the Arrow tables that it hands out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from helios_magic.errors import QueryError

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_ROWS = 122_880
"""Rows of a piece whose columns have a fixed width: a row group."""
_FEWEST, _MOST = 2048, 32_768
"""Rows of a piece that may hold texts, lists or documents: at least one vector, for each value may be large."""
_WIDE = 2**17
"""Bytes of a wide row: a piece of such rows takes no more than the whole answer may."""
_PIECE = 8 * 2**20
"""Pieces of the fewest rows are put together up to this many bytes: what comes after pays for each piece."""
_FIXED = frozenset(
    {"boolean", "tinyint", "smallint", "integer", "bigint", "hugeint", "utinyint", "usmallint", "uinteger", "ubigint"}
    | {"float", "double", "decimal", "date", "time", "timestamp", "timestamp with time zone", "interval", "uuid"}
)


def read(relation: duckdb.DuckDBPyRelation, most: int) -> pa.Table:
    """Run a relation and read its rows.  Raises QueryError once they take more than `most` bytes."""
    import pyarrow as pa

    fixed = all(kind.id in _FIXED for kind in relation.types)
    rows = _ROWS if fixed else min(max(most // _WIDE, _FEWEST), _MOST)
    reader = relation.to_arrow_reader(rows)
    whole: list[pa.RecordBatch] = []
    part: list[pa.RecordBatch] = []
    total = waiting = 0
    try:
        for batch in reader:
            part.append(batch)
            waiting += batch.nbytes
            if total + waiting > most:
                raise too_large(most)
            if waiting >= _PIECE or rows > _FEWEST:
                whole += _together(part)
                total, waiting, part = total + waiting, 0, []
    except OSError as error:
        raise _as_duckdb(error) from None
    finally:
        reader.close()
    return pa.Table.from_batches([*whole, *_together(part)], schema=reader.schema)


def too_large(most: int) -> QueryError:
    """The refusal of an answer of more than `most` bytes."""
    return QueryError(
        f"the answer is larger than the {_size(most)} that one may have",
        hint="Ask for fewer rows or columns, or page through it with a WHERE on a key and a LIMIT.",
        details={"sqlstate": "54000", "reason": "memory", "limit_bytes": most},
    )


def _together(part: list[pa.RecordBatch]) -> list[pa.RecordBatch]:
    import pyarrow as pa

    if len(part) < 2:
        return part
    return list(pa.Table.from_batches(part).combine_chunks().to_batches())


def _as_duckdb(error: OSError) -> duckdb.Error | OSError:
    """DuckDB's error again: past the first piece Arrow hands it on with its text only."""
    import duckdb

    kind, found, _ = str(error).partition(" Error: ")
    known: type[duckdb.Error] = {
        "INTERRUPT": duckdb.InterruptException,
        "Out of Memory": duckdb.OutOfMemoryException,
        "Conversion": duckdb.ConversionException,
        "Out of Range": duckdb.OutOfRangeException,
        "Invalid Input": duckdb.InvalidInputException,
        "Constraint": duckdb.ConstraintException,
        "IO": duckdb.IOException,
        "INTERNAL": duckdb.InternalException,
        "FATAL": duckdb.FatalException,
        "TransactionContext": duckdb.TransactionException,
        "Not implemented": duckdb.NotImplementedException,
        "Permission": duckdb.PermissionException,
        "Binder": duckdb.BinderException,
        "Catalog": duckdb.CatalogException,
        "Sequence": duckdb.SequenceException,
        "Serialization": duckdb.SerializationException,
        "Dependency": duckdb.DependencyException,
    }.get(kind, duckdb.Error)
    return known(str(error)) if found else error


def _size(count: int) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{max(1, count // 2**20)} MiB"
