"""nextval, currval, lastval and setval as functions of a DuckDB instance, over the counters of its database.

DuckDB calls them with a vector of rows at once, in its own threads.  They take the counter's lock and the store's;
neither is ever held by anyone who waits for DuckDB.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from helios_magic.engine.sequences import SequenceRefusal, Sequences, decoded
from helios_magic.schema import Sequence

if TYPE_CHECKING:
    import duckdb

_PARAMETERS = {
    "pg_nextval": ("VARCHAR", "UBIGINT"),
    "pg_currval": ("VARCHAR", "UBIGINT"),
    "pg_lastval": ("UBIGINT",),
    "pg_setval": ("VARCHAR", "BIGINT", "BOOLEAN", "UBIGINT"),
}


def install(connection: duckdb.DuckDBPyConnection, functions: Mapping[str, Callable[..., Any]]) -> None:
    """Register what `functions` made, which is to be kept as long as the instance: DuckDB does not keep it."""
    import duckdb

    for name, function in functions.items():
        connection.create_function(  # type: ignore[call-overload]
            name,
            function,
            [duckdb.sqltype(kind) for kind in _PARAMETERS[name]],
            duckdb.sqltype("BIGINT"),
            type="arrow",
            null_handling="special",
            side_effects=True,  # else DuckDB would call once and keep the answer
        )


def functions(sequences: Sequences) -> dict[str, Callable[..., Any]]:
    """By name; what is drawn comes from `sequences`."""
    held = weakref.ref(sequences)

    def source() -> Sequences:
        found = held()
        if found is None:
            raise SequenceRefusal("57P01", "the database was closed while the statement ran")
        return found

    # DuckDB would evaluate annotations.
    def nextval(texts, connections):  # type: ignore[no-untyped-def]
        return _nextval(source(), texts, connections)

    def currval(texts, connections):  # type: ignore[no-untyped-def]
        return _currval(source(), texts, connections)

    def lastval(connections):  # type: ignore[no-untyped-def]
        return _lastval(source(), connections)

    def setval(texts, values, called, connections):  # type: ignore[no-untyped-def]
        return _setval(source(), texts, values, called, connections)

    return {"pg_nextval": nextval, "pg_currval": currval, "pg_lastval": lastval, "pg_setval": setval}


def _nextval(sequences: Sequences, texts: Any, connections: Any) -> Any:
    import pyarrow as pa

    count = len(texts)
    if count == 0:
        return pa.array([], pa.int64())
    sequence = decoded(texts[0].as_py())
    pieces = sequences.take(sequence, count)
    drawn = sequences.drawn(connections[0].as_py())
    drawn.numbers[sequence.counter] = drawn.last = pieces[-1][-1]
    numbers = pieces[0] if len(pieces) == 1 else [number for piece in pieces for number in piece]
    return pa.array(numbers, pa.int64())


def _currval(sequences: Sequences, texts: Any, connections: Any) -> Any:
    import pyarrow as pa

    if len(texts) == 0:
        return pa.array([], pa.int64())
    sequence = decoded(texts[0].as_py())
    number = sequences.drawn(connections[0].as_py()).numbers.get(sequence.counter)
    if number is None:
        raise SequenceRefusal("55000", f'currval of sequence "{sequence.name}" is not yet defined in this session')
    return pa.array([number] * len(texts), pa.int64())


def _lastval(sequences: Sequences, connections: Any) -> Any:
    import pyarrow as pa

    if len(connections) == 0:
        return pa.array([], pa.int64())
    number = sequences.drawn(connections[0].as_py()).last
    if number is None:
        raise SequenceRefusal("55000", "lastval is not yet defined in this session")
    return pa.array([number] * len(connections), pa.int64())


def _setval(sequences: Sequences, texts: Any, values: Any, called: Any, connections: Any) -> Any:
    """PostgreSQL's `setval`, on the counter that all branches share: each goes on from the number that was set."""
    import pyarrow as pa

    answers: list[int | None] = []
    for text, value, was_called in zip(texts.to_pylist(), values.to_pylist(), called.to_pylist(), strict=True):
        if value is None or was_called is None:
            answers.append(None)
            continue
        sequence = decoded(text)
        _check_bounds(sequence, value)
        sequences.put(sequence, value + sequence.increment if was_called else value)
        if was_called:
            sequences.drawn(connections[0].as_py()).numbers[sequence.counter] = value
        answers.append(value)
    return pa.array(answers, pa.int64())


def _check_bounds(sequence: Sequence, value: int) -> None:
    if not sequence.minimum <= value <= sequence.maximum:
        bounds = f"({sequence.minimum}..{sequence.maximum})"
        raise SequenceRefusal(
            "22003", f'setval: value {value} is out of bounds for sequence "{sequence.name}" {bounds}'
        )
