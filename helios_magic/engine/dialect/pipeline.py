"""One PostgreSQL statement on its way to DuckDB: scan, parse, check, resolve, rewrite, print."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from helios_magic.engine.dialect.failures import SYNTAX, UNSUPPORTED, batch_instead, query_error
from helios_magic.engine.dialect.prepared import Kind, Prepared
from helios_magic.schema import Schema
from helios_magic.sqltext import Spaced, Token, UnclosedError, scan, space_placeholders, split

_TRANSACTION = {"begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release"}
_KINDS: dict[type[exp.Expression], tuple[Kind, str]] = {
    exp.Query: ("select", "SELECT"),
    exp.Insert: ("insert", "INSERT"),
    exp.Update: ("update", "UPDATE"),
    exp.Delete: ("delete", "DELETE"),
}


def prepare(query: str, schema: Schema) -> Prepared:
    """What DuckDB is to run for one PostgreSQL statement on a branch whose structure is `schema`.

    Pure: the same text and schema give the same answer.  Raises `QueryError` (sqlstate, position, line, column,
    hint) for SQL that cannot run, `ValidationError` for several statements and for a transaction's own.
    """
    tokens = _scan(query)
    _one_statement(query, tokens)
    spaced = space_placeholders(query, tokens=tokens)
    tree = _parse(query, tokens, spaced)
    kind, command = _kind(query, tree)
    sql = tree.sql(dialect="duckdb")
    used = tuple(sorted({int(token.text[1:]) for token in tokens if token.kind == "parameter"}))
    return Prepared(
        kind=kind,
        command=command,
        steps=(sql,),
        step_parameters=(used,),
        parameters=max(used, default=0),
        returns_rows=kind == "select" or bool(tree.args.get("returning")),
        changes_schema=kind == "ddl",
    )


def _scan(query: str) -> list[Token]:
    try:
        return scan(query)
    except UnclosedError as error:
        opened = query[error.start : error.start + 20]
        raise query_error(
            query, SYNTAX, f"{error.what} is never closed: it opens at {opened!r}", offset=error.start
        ) from None


def _one_statement(query: str, tokens: list[Token]) -> None:
    pieces = split(query)
    if not pieces:
        raise query_error(query, SYNTAX, "the query is empty", offset=0, hint="Send one SQL statement.")
    if len(pieces) > 1:
        raise batch_instead(f"one statement at a time: this query has {len(pieces)}")
    first = next(token for token in tokens if token.code and token.text != ";")
    if first.kind == "word" and first.name in _TRANSACTION:
        raise batch_instead(f"{first.text.upper()} does not work here: every statement is its own transaction")


def _parse(query: str, tokens: list[Token], spaced: Spaced) -> exp.Expression:
    try:
        return sqlglot.parse_one(spaced.text, dialect="postgres")
    except SqlglotError as error:
        raise query_error(query, SYNTAX, f"syntax error: {error}") from None


def _kind(query: str, tree: exp.Expression) -> tuple[Kind, str]:
    for node, kind in _KINDS.items():
        if isinstance(tree, node):
            return kind
    if isinstance(tree, exp.Create) and tree.kind == "TABLE":
        return "ddl", "CREATE TABLE"
    raise query_error(query, UNSUPPORTED, f"{tree.key.upper()} is not supported")
