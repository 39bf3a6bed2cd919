"""An Arrow answer as a file that server and client both map: what the client needs of it, it needs no copy of.

    8 bytes        where the stream begins, little-endian, filled up to `_ALIGNED`
    columns        those of fixed width without NULLs, each in one piece as numpy keeps it, filled up to `_ALIGNED`
    stream         the rest as an IPC stream (`models.arrowstream`); its schema's metadata say what lies before it

On the wire, and in the answer of a server, the same columns come in many pieces, which a DataFrame cannot be made of
without copying.  Putting them together costs the server nothing: it copies them anyway.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helios_magic.models.arrowstream import read_stream, stream_size, write_stream_to

if TYPE_CHECKING:
    import pyarrow as pa

_ALIGNED = 64
_WHERE = struct.Struct("<Q")
_SCHEMA, _PLACES, _ROWS = b"helios.schema", b"helios.places", b"helios.rows"


@dataclass(frozen=True)
class Layout:
    """How a table lies in the file: the columns before the stream, by place; where the stream is; bytes in all."""

    places: tuple[int, ...]
    rest: pa.Table
    stream_at: int
    size: int


def lay_out(table: pa.Table, envelope: bytes) -> Layout:
    """Plan the file of a table and its envelope without rows."""
    places = tuple(place for place, column in enumerate(table.columns) if _width(column.type) and not column.null_count)
    rest = table.select([place for place in range(table.num_columns) if place not in places])
    told = {
        _SCHEMA: table.schema.serialize().to_pybytes(), _PLACES: json.dumps(places), _ROWS: str(table.num_rows),
    }  # fmt: skip
    rest = rest.replace_schema_metadata({**(rest.schema.metadata or {}), **told})
    stream_at = _ALIGNED + sum(_room(table.schema.types[place], table.num_rows) for place in places)
    return Layout(places, rest, stream_at, stream_at + stream_size(rest, envelope))


def write_map(sink: pa.NativeFile, table: pa.Table, envelope: bytes, layout: Layout) -> None:
    """Write the file from its beginning; whatever is behind `layout.size` bytes stays as it was."""
    sink.write(_WHERE.pack(layout.stream_at).ljust(_ALIGNED, b"\0"))
    for place in layout.places:
        column = table.column(place)
        width = _width(column.type)
        for chunk in column.chunks:
            sink.write(chunk.buffers()[1].slice(chunk.offset * width, len(chunk) * width))
        sink.write(bytes(_room(column.type, table.num_rows) - width * table.num_rows))
    write_stream_to(sink, layout.rest, envelope)


def read_map(memory: memoryview) -> tuple[pa.Table, bytes | None]:
    """The table and the envelope's JSON; the rows are views of `memory`, and can be written to where that can.

    Raises `pyarrow.ArrowInvalid` when this is no such file.
    """
    import pyarrow as pa

    if len(memory) < _ALIGNED:
        raise pa.ArrowInvalid("the file is too short")
    (stream_at,) = _WHERE.unpack_from(memory)
    rest, envelope = read_stream(pa.py_buffer(memory[stream_at:]))
    metadata = rest.schema.metadata or {}
    if _SCHEMA not in metadata:
        raise pa.ArrowInvalid("the file does not say which columns it holds")
    schema, rows = pa.ipc.read_schema(pa.py_buffer(metadata[_SCHEMA])), int(metadata[_ROWS])
    columns: dict[int, pa.ChunkedArray | pa.Array] = {}
    at = _ALIGNED
    for place in json.loads(metadata[_PLACES]):
        kind = schema.types[place]
        piece = pa.py_buffer(memory[at : at + _width(kind) * rows])
        columns[place] = pa.Array.from_buffers(kind, rows, [None, piece], null_count=0)
        at += _room(kind, rows)
    others = iter(rest.columns)
    arrays = [columns[place] if place in columns else next(others) for place in range(len(schema))]
    return pa.Table.from_arrays(arrays, schema=schema), envelope


def _width(kind: pa.DataType) -> int:
    """Bytes of one value, where each has as many and numpy or pandas keep them alike; 0 elsewhere."""
    import pyarrow.types as kinds

    like_numpy = (kinds.is_integer, kinds.is_floating, kinds.is_timestamp, kinds.is_decimal, kinds.is_date)
    return kind.bit_width // 8 if any(like(kind) for like in like_numpy) else 0


def _room(kind: pa.DataType, rows: int) -> int:
    """What a column takes in the file, in bytes."""
    return -(-_width(kind) * rows // _ALIGNED) * _ALIGNED
