"""One PostgreSQL statement on its way to DuckDB: scan, parse, resolve, rewrite, print.

Resolving is the allow-list too: a statement, clause, function or relation that no rule knows is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError, TokenError

from helios_magic.engine.dialect import (
    commenting,
    createtable,
    ddl,
    longlists,
    modifying,
    settings_statements,
    tablestatements,
    utilities,
    writes,
)
from helios_magic.engine.dialect.collecting import uncollected
from helios_magic.engine.dialect.depth import with_room
from helios_magic.engine.dialect.expressions import load_rules
from helios_magic.engine.dialect.failures import SYNTAX, UNSUPPORTED, Refusal, batch_instead, query_error, sign_place
from helios_magic.engine.dialect.grammar import Check, nothing_stops, parse, text
from helios_magic.engine.dialect.literalrows import LiteralRows, OtherwiseError, RowError, literal_rows
from helios_magic.engine.dialect.pgcatalog.results import shown
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.prepared import Prepared
from helios_magic.engine.dialect.queries import Binder
from helios_magic.engine.dialect.rowbounds import RowBound, row_bound
from helios_magic.engine.dialect.sequencecalls import refuse_mixture
from helios_magic.engine.dialect.setoperations import selected
from helios_magic.engine.dialect.unread import unread
from helios_magic.errors import QueryCancelledError, QueryError, QueryTimeoutError
from helios_magic.schema import Schema
from helios_magic.sqltext import Plain, Token, UnclosedError, plain_quotes, scan, split
from helios_magic.sqltext import tokens as read_tokens

load_rules()

_TRANSACTION = {"begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release"}
_KNOWN = {"select", "insert", "update", "delete", "merge", "with", "values", "table", "create", "drop", "alter",
          "truncate", "comment", "show", "set", "reset", "refresh"}  # fmt: skip
_REFUSED = {
    "copy", "attach", "detach", "use", "install", "load", "pragma", "export", "import", "call", "checkpoint",
    "execute", "prepare", "deallocate", "explain", "vacuum", "analyze", "listen", "notify", "unlisten", "lock",
    "declare", "fetch", "close", "move", "grant", "revoke", "do", "reindex", "cluster", "discard",
    "describe", "summarize", "pivot", "unpivot", "from", "force", "security", "reassign", "unload",
}  # fmt: skip
#: Characters from which on the scanner is stopped in between.
_LONG = 10_000
_DEEPEST = 2_500
"""Brackets in brackets."""
#: Of a table, of a column.
_UNDEFINED = ("42P01", "42703")
_HINTS = {
    "explain": "Send the statement to /sql/explain (in a notebook: %%helios explain).",
    "copy": "Load rows with POST /tables/{name}/rows (in a notebook: %helios load).",
    "use": "A database is chosen by its address; a branch by the field branch.",
}


def prepare(query: str, schema: Schema, check: Check = nothing_stops) -> Prepared:
    """What DuckDB is to run for one PostgreSQL statement on a branch whose structure is `schema`.

    Pure, but for the identities of new sequences: the same text and schema give the same answer.  Raises `QueryError`
    (sqlstate, position, line, column, hint) for SQL that cannot run, `ValidationError` for several statements and
    for a transaction's own.  `check` is called every few milliseconds and may raise, to stop it.
    """
    if "\0" in query:
        nul = query.index("\0")
        raise query_error(query, "22021", "the query has a NUL character, which text cannot hold", offset=nul)
    found = literal_rows(query, check)
    if found is None:
        with uncollected(query):
            return _listed(query, schema, check)
    try:
        return _whole(found.short, schema, check, found)
    except (QueryTimeoutError, QueryCancelledError):
        raise
    except QueryError as error:
        raise found.placed(error) from None
    except OtherwiseError:
        return _whole(query, schema, check)
    except RowError as error:
        row = error.row
    try:
        _whole(found.only(row), schema, check)
    except QueryError as error:
        raise found.placed(error, row, rows=1) from None
    return _whole(query, schema, check)


def _listed(query: str, schema: Schema, check: Check) -> Prepared:
    found = longlists.long_lists(query)
    if found is not None:
        try:
            prepared = _whole(found.short, schema, check, lists=found.members)
        except (QueryTimeoutError, QueryCancelledError):
            raise
        except QueryError as error:
            position = int(error.details.get("position") or len(query))
            if error.sqlstate in _UNDEFINED and position <= found.begin + 1:
                # What stands before the lists is the same in both, and members name nothing.
                raise query_error(query, error.sqlstate, error.message, offset=position - 1, hint=error.hint) from None
            return _whole(query, schema, check)
        except longlists.OtherwiseError:
            return _whole(query, schema, check)
        if not longlists.cut_short(prepared):
            return prepared
    return _whole(query, schema, check)


def _whole(
    query: str,
    schema: Schema,
    check: Check,
    found: LiteralRows | None = None,
    lists: Sequence[Sequence[str]] = (),
) -> Prepared:
    tokens = _scan(query, check)
    _one_statement(query, tokens)
    check()

    def binder() -> Binder:
        return Binder(schema, check=check, literal_rows=found, long_lists=lists)

    try:
        return _prepare(query, tokens, binder())
    except RecursionError:
        pass
    try:
        return with_room(lambda: _prepare(query, tokens, binder()))
    except RecursionError:
        raise query_error(query, "54001", "the statement is nested too deeply") from None


def _prepare(query: str, tokens: list[Token], binder: Binder) -> Prepared:
    check, found = binder.check, binder.literal_rows
    plain = plain_quotes(query, tokens=tokens)
    try:
        table = tablestatements.resolve(Binder(binder.schema, check=check), plain.text, tokens)
        table = table or utilities.resolve(Binder(binder.schema, check=check), plain.text, tokens)
        if table is not None:
            return _print(table, RowBound())
        tree = _parse(query, tokens, plain, check)
        bound = row_bound(tree, binder.schema)
        if found is not None:
            bound = replace(bound, most_rows=len(found.rows))
        check()
        plan = _resolve(tree, binder, [token for token in tokens if token.code])
        if binder.foreseen:
            raise binder.foreseen[0]
        if bound.reading != "nothing":
            refuse_mixture(plan.binder)
        check()
        return _print(plan, RowBound() if plan.kind == "ddl" else bound)
    except Refusal as refusal:
        offset = plain.original(refusal.place) if refusal.place is not None else None
        if offset is not None and refusal.sign is not None:
            end = refusal.sign[1]
            offset = sign_place(query, tokens, refusal, offset, None if end is None else plain.original(end))
        raise query_error(query, refusal.sqlstate, refusal.message, offset=offset, hint=refusal.hint) from None


def _scan(query: str, check: Check) -> list[Token]:
    found: list[Token] = []
    try:
        if len(query) < _LONG:
            return scan(query)
        for token in read_tokens(query):
            found.append(token)
            if not len(found) & 4095:
                check()
    except UnclosedError as error:
        opened = query[error.start : error.start + 20]
        message = f"{error.what} is never closed: it opens at {opened!r}"
        raise query_error(query, SYNTAX, message, offset=error.start) from None
    return found


def _one_statement(query: str, tokens: list[Token]) -> None:
    pieces = split(query, tokens=tokens)
    if not pieces:
        raise query_error(query, SYNTAX, "the query is empty", offset=0, hint="Send one SQL statement.")
    if len(pieces) > 1:
        raise batch_instead(f"one statement at a time: this query has {len(pieces)}")
    first = next(token for token in tokens if token.code and token.text != ";")
    lone = next((token for token in tokens if token.text == "$"), None)
    if lone is not None:
        raise query_error(query, SYNTAX, 'syntax error at or near "$"', offset=lone.start)
    _refuse_depth(query, tokens)
    _refuse_strings_side_by_side(query, tokens)
    if first.text == "(":
        return
    name = first.name
    if first.kind == "word" and name in _TRANSACTION:
        raise batch_instead(f"{first.text.upper()} does not work here: every statement is its own transaction")
    if name in _REFUSED and first.kind == "word":
        message = f"{first.text.upper()} is not supported"
        raise query_error(query, UNSUPPORTED, message, offset=first.start, hint=_HINTS.get(name))
    if name not in _KNOWN or first.kind != "word":
        raise query_error(query, SYNTAX, f'syntax error at or near "{first.text}"', offset=first.start)


def _refuse_depth(query: str, tokens: list[Token]) -> None:
    """What no parser here reads is refused before one spends seconds on it."""
    if len(query) <= _DEEPEST:
        return
    depth = 0
    for token in tokens:
        if token.text in ("(", "["):
            depth += 1
            if depth > _DEEPEST:
                raise query_error(query, "54001", "the statement is nested too deeply", offset=token.start)
        elif token.text in (")", "]"):
            depth -= 1


def _refuse_strings_side_by_side(query: str, tokens: list[Token]) -> None:
    """Two literals are one where a line ends between them, and nothing at all on one line."""
    before, line_ended = None, True
    for token in tokens:
        if token.kind == "string":
            if before == "string" and not line_ended:
                raise query_error(query, SYNTAX, f'syntax error at or near "{token.text}"', offset=token.start)
            before, line_ended = "string", False
        elif not token.code:
            line_ended = line_ended or "\n" in token.text
        else:
            before = token.kind


def _parse(query: str, tokens: list[Token], plain: Plain, check: Check) -> exp.Expression:
    try:
        trees = [
            tree
            for tree in parse(plain.text, check, tokens if plain.text == query else None)
            if isinstance(tree, exp.Expression)
        ]
    except ParseError as error:
        raise _syntax(query, tokens, plain, error) from None
    except (TokenError, SqlglotError):
        raise query_error(query, SYNTAX, "syntax error") from None
    return trees[0]


def _syntax(query: str, tokens: list[Token], plain: Plain, error: ParseError) -> QueryError:
    details = error.errors[0] if error.errors else {}
    word = str(details.get("highlight") or "")
    start = len(str(details.get("start_context") or ""))
    line, column = int(details.get("line") or 1), int(details.get("col") or 1)
    lines = plain.text.split("\n")
    # sqlglot's column is that of the word's last character.
    offset = sum(len(before) + 1 for before in lines[: line - 1]) + column - len(word)
    code = [token for token in tokens if token.code]
    if not word or start < 0:
        return query_error(query, SYNTAX, "syntax error at end of input", offset=code[-1].end)
    offset = max(0, plain.original(max(0, offset)))
    near = next((token for token in code if token.start <= offset < token.end), None)
    if near is None:
        return query_error(query, SYNTAX, f'syntax error at or near "{word}"')
    clause = unread(code, near)
    if clause is not None:
        return query_error(query, UNSUPPORTED, f"{clause} is not supported", offset=near.start)
    if near is code[-1] and "Required keyword" in str(details.get("description")):
        return query_error(query, SYNTAX, "syntax error at end of input", offset=near.end)
    return query_error(query, SYNTAX, f'syntax error at or near "{near.text}"', offset=near.start)


def _resolve(tree: exp.Expression, binder: Binder, tokens: list[Token]) -> Plan:
    if modifying.applies(tree):
        return modifying.resolve(binder, tree)
    if isinstance(tree, exp.Values):
        tree = selected(tree)
    into = createtable.into_of(tree)
    if into is not None:
        return createtable.select_into(binder, tree, into)
    if isinstance(tree, exp.Query):
        body, fields = binder.query(tree, top=True)
        names = tuple(f.name for f in fields)
        types = tuple(_result_type(f.type) for f in fields)
        body = shown(binder, body, fields)
        return Plan("select", "SELECT", [body], returns_rows=True, columns=names, types=types, binder=binder)
    if isinstance(tree, (exp.Insert, exp.Update, exp.Delete, exp.Merge)):
        return writes.resolve(binder, tree)
    if isinstance(tree, exp.Command | exp.Set):
        return settings_statements.resolve(binder, tree, tokens)
    return ddl.resolve(binder, tree, tokens)


def _result_type(name: str) -> str | None:
    if name.endswith("[][]"):
        return _result_type(name[:-2])  # PostgreSQL's types do not say how many dimensions an array has
    return None if name in ("unknown", "record") or name.startswith("unknown") else name


def _print(plan: Plan, bound: RowBound) -> Prepared:
    steps = [step if isinstance(step, str) else text(step) for step in plan.steps]
    after_writes = list(plan.after_writes)
    if plan.kind == "ddl" and plan.binder.schema.comments:
        steps.append(commenting.SWEEP)
        after_writes += [commenting.SWEEP] if after_writes else []
    used = [_parameters(step) for step in steps]
    binder = plan.binder
    return Prepared(
        kind=plan.kind,
        command=plan.command,
        steps=tuple(steps),
        step_parameters=tuple(used),
        parameters=max((number for numbers in used for number in numbers), default=0),
        returns_rows=plan.returns_rows,
        columns=tuple(plan.columns) if plan.columns is not None else None,
        types=tuple(plan.types) if plan.types is not None else None,
        reads=tuple(sorted(binder.reads, key=lambda t: (t.schema, t.name))),
        writes=tuple(sorted(binder.writes, key=lambda t: (t.schema, t.name))),
        changes=tuple(binder.writing.changes) if len(steps) > 1 else (),
        changes_schema=plan.kind == "ddl",
        after_writes=tuple(after_writes),
        most_rows=bound.most_rows,
        limit_parameter=bound.limit_parameter,
        reading=bound.reading if len(steps) == 1 else "freely",
    )


def _parameters(step: str) -> tuple[int, ...]:
    if "$" not in step:
        return ()
    return tuple(sorted({int(token.text[1:]) for token in scan(step) if token.kind == "parameter"}))
