"""What can be said of SQL by reading it, without a parser and without a database.

`scan` turns PostgreSQL text into tokens that know where they stand; everything else here is made from them.
"""

from __future__ import annotations

from helios_magic.sqltext.binding import bind_names
from helios_magic.sqltext.places import Spaced, find_identifier, position, space_placeholders
from helios_magic.sqltext.scanner import Token, UnclosedError, scan
from helios_magic.sqltext.statements import Piece, split, statement_kind

__all__ = [
    "Piece",
    "Spaced",
    "Token",
    "UnclosedError",
    "bind_names",
    "find_identifier",
    "position",
    "scan",
    "space_placeholders",
    "split",
    "statement_kind",
]
