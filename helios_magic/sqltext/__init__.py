"""What can be said of SQL by reading it, without a parser and without a database.

`scan` turns PostgreSQL text into tokens that know where they stand; everything else here is made from them.
"""

from __future__ import annotations

from helios_magic.sqltext.binding import bind_names
from helios_magic.sqltext.places import Plain, find_identifier, plain_quotes, position
from helios_magic.sqltext.scanner import Token, UnclosedError, scan
from helios_magic.sqltext.statements import Piece, split, statement_kind

__all__ = [
    "Piece",
    "Plain",
    "Token",
    "UnclosedError",
    "bind_names",
    "find_identifier",
    "plain_quotes",
    "position",
    "scan",
    "split",
    "statement_kind",
]
