"""An Arrow answer on the wire: an IPC stream whose schema metadata carries the envelope without its rows.

decisions.md, "SQL": `Accept: application/vnd.apache.arrow.stream` answers a SELECT as an Arrow IPC stream.  Both ends
of the wire use these two functions, so there is one definition of the format.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

ENVELOPE = b"helios.envelope"
"""The key of the schema metadata that holds the envelope as JSON; its `data` leaves the rows out."""


def write_stream(table: pa.Table, envelope: bytes | None = None) -> pa.Buffer:
    """The table as an IPC stream; with `envelope` in the schema's metadata, as an answer has it."""
    import pyarrow as pa

    if envelope is not None:
        table = _with_envelope(table, envelope)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def write_stream_to(sink: pa.NativeFile, table: pa.Table, envelope: bytes) -> None:
    """The same into a file or memory, from where it stands, without a second copy."""
    import pyarrow as pa

    table = _with_envelope(table, envelope)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)


def stream_size(table: pa.Table, envelope: bytes) -> int:
    """How many bytes the stream takes."""
    import pyarrow as pa

    sink = pa.MockOutputStream()
    write_stream_to(sink, table, envelope)
    size: int = sink.size()
    return size


def _with_envelope(table: pa.Table, envelope: bytes) -> pa.Table:
    return table.replace_schema_metadata({**(table.schema.metadata or {}), ENVELOPE: envelope})


def stream_pieces(table: pa.Table, envelope: bytes, rows: int = 65_536) -> Iterator[bytes]:
    """What `write_stream` would return, made and handed on piece by piece, so that it is never whole in memory."""
    import pyarrow as pa

    table = _with_envelope(table, envelope)
    sink = io.BytesIO()
    with pa.ipc.new_stream(pa.PythonFile(sink, mode="w"), table.schema) as writer:
        for batch in table.to_batches(max_chunksize=rows):
            writer.write_batch(batch)
            yield sink.getvalue()
            sink.seek(0)
            sink.truncate()
    yield sink.getvalue()


def read_stream(body: bytes | pa.Buffer) -> tuple[pa.Table, bytes | None]:
    """The table and the envelope's JSON; the rows are views of `body`, not copies.

    Raises `pyarrow.ArrowInvalid` when the body is no IPC stream.
    """
    import pyarrow as pa

    with pa.ipc.open_stream(body) as reader:
        table = reader.read_all()
    metadata = dict(table.schema.metadata or {})
    envelope = metadata.pop(ENVELOPE, None)
    return table.replace_schema_metadata(metadata or None), envelope
