"""What can be said of SQL by reading it, without a parser and without a database.

`scan` turns PostgreSQL text into tokens that know where they stand; everything else here is made from them.
"""

from __future__ import annotations

from helios_magic.sqltext.binding import bind_names
from helios_magic.sqltext.blanking import without_literals
from helios_magic.sqltext.branch_statement import (
    BranchStatement,
    CreateBranch,
    DropBranch,
    MergeBranch,
    ShowBranches,
    branch_kind,
    branch_statement,
)
from helios_magic.sqltext.places import Plain, find_identifier, plain_quotes, position
from helios_magic.sqltext.scanner import Token, UnclosedError, scan, tokens
from helios_magic.sqltext.statements import Piece, split, statement_kind

__all__ = [
    "BranchStatement",
    "CreateBranch",
    "DropBranch",
    "MergeBranch",
    "Piece",
    "Plain",
    "ShowBranches",
    "Token",
    "UnclosedError",
    "bind_names",
    "branch_kind",
    "branch_statement",
    "find_identifier",
    "plain_quotes",
    "position",
    "scan",
    "split",
    "statement_kind",
    "tokens",
    "without_literals",
]
