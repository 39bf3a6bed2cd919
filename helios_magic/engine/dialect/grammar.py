"""PostgreSQL's grammar as this dialect reads it, and DuckDB's as it prints it: two sqlglot dialects.

Functions keep the name the user wrote (`exp.Anonymous`): what a name means is decided by our own table of PostgreSQL
functions, not by sqlglot's guesses between dialects.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.postgres import Postgres
from sqlglot.generators.duckdb import DuckDBGenerator
from sqlglot.parsers.postgres import PostgresParser
from sqlglot.tokens import TokenType  # type: ignore[attr-defined]

from helios_magic.engine.dialect.failures import unsupported
from helios_magic.engine.dialect.readgrammar import ReadingParser
from helios_magic.sqltext import Token, tokens

#: Characters from which on a statement is read in slices.
_LONG = 10_000
_NOT_LINES = re.compile(r"[^\n]+")
#: Functions with a grammar of their own; every other is a name and its arguments.
_SPECIAL = ("CAST", "EXTRACT", "SUBSTRING", "TRIM", "POSITION", "OVERLAY")


class Operator(exp.Expression, exp.Binary):
    """An operator that sqlglot has no faithful node for; `operator` is its spelling (`->`, `#>>`)."""

    arg_types = {"this": True, "expression": True, "operator": True}  # noqa: RUF012 - sqlglot's own form


class Absolute(exp.Expression):
    """The prefix operator `@`."""


class Variadic(exp.Expression):
    """VARIADIC before the last argument of a function."""


class Sql(exp.Expression):
    """DuckDB text with holes: `template` has {0}, {1}, … where the printed `expressions` go."""

    arg_types = {"template": True, "expressions": False}  # noqa: RUF012 - sqlglot's own form


class Member(exp.Expression):
    """`key VALUE value` and `key: value` in JSON_OBJECT."""

    arg_types = {"this": True, "expression": True}  # noqa: RUF012 - sqlglot's own form


class Row(exp.Expression):
    """A row as a value: its `names`, and in `expressions` what stands under each."""

    arg_types = {"names": True, "expressions": False}  # noqa: RUF012 - sqlglot's own form


def _row(generator: Any, node: Row) -> str:
    """Only who knows a row takes it apart; one that is left over has no place in DuckDB's text."""
    raise unsupported("a row as a value here", hint="Name its columns, or use to_jsonb(…).")


def _sql(generator: Any, node: Sql) -> str:
    return str(node.args["template"]).format(*(generator.sql(part) for part in node.expressions))


def _ordered(generator: Any, node: exp.Ordered) -> str:
    """Where the NULLs go is always written: sqlglot leaves it out where it takes it for DuckDB's own default."""
    direction = " DESC" if node.args.get("desc") else ""
    return f"{generator.sql(node.this)}{direction} NULLS {'FIRST' if node.args.get('nulls_first') else 'LAST'}"


def _operator(sign: str) -> Any:
    def build(parser: Any, this: exp.Expression | None, to: exp.Expression | None = None) -> exp.Expression:
        return Operator(this=this, expression=to, operator=sign)

    return build


def _at_or_dollar(parser: Any) -> exp.Expression | None:
    """sqlglot has one token for the `$` of $1 and for the operator @."""
    if parser._prev.text == "@":
        return Absolute(this=parser._parse_unary())
    parameter: exp.Expression | None = parser._parse_parameter()
    return parameter


Check = Callable[[], None]
"""Raises if the statement is to stop."""


def nothing_stops() -> None:
    """The `Check` that never raises."""


class Reading(Postgres):
    """PostgreSQL in."""

    # An index stays as it was written; PostgreSQL and DuckDB both count from 1.
    INDEX_OFFSET = 0

    class Tokenizer(Postgres.Tokenizer):
        # A dollar always begins a parameter: dollar quotes are plain ones before the text comes here.  sqlglot would
        # look for the end of a quote at each, and lose a character where the text has '' further on.
        HEREDOC_STRINGS: ClassVar[list[str | tuple[str, str]]] = []
        SINGLE_TOKENS: ClassVar[dict[str, TokenType]] = {
            **Postgres.Tokenizer.SINGLE_TOKENS,
            "$": TokenType.PARAMETER,
        }
        # pgvector's: each needs a token of its own, and these are of no other use in PostgreSQL.
        KEYWORDS: ClassVar[dict[str, TokenType]] = {
            **Postgres.Tokenizer.KEYWORDS,
            "<=>": TokenType.LLRR_ARROW,
            "<#>": TokenType.DCOLONDOLLAR,
            "<+>": TokenType.DCOLONPERCENT,
        }

    class Parser(ReadingParser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS = {name: PostgresParser.FUNCTION_PARSERS[name] for name in _SPECIAL}  # noqa: RUF012
        NO_PAREN_FUNCTION_PARSERS = {  # noqa: RUF012
            name: parser for name, parser in PostgresParser.NO_PAREN_FUNCTION_PARSERS.items() if name in ("ANY", "CASE")
        }
        # An arrow is an operator of json in an argument too, never a lambda.
        LAMBDAS = {TokenType.FARROW: PostgresParser.LAMBDAS[TokenType.FARROW]}  # noqa: RUF012
        JSON_OPERATORS = {  # noqa: RUF012
            TokenType.ARROW: _operator("->"),
            TokenType.DARROW: _operator("->>"),
            TokenType.HASH_ARROW: _operator("#>"),
            TokenType.DHASH_ARROW: _operator("#>>"),
            TokenType.PLACEHOLDER: _operator("?"),
            TokenType.LR_ARROW: _operator("<->"),
            TokenType.LLRR_ARROW: _operator("<=>"),
            TokenType.DCOLONDOLLAR: _operator("<#>"),
            TokenType.DCOLONPERCENT: _operator("<+>"),
        }
        # They bind like any other operator, not like a product.
        FACTOR = {  # noqa: RUF012
            token: node
            for token, node in PostgresParser.FACTOR.items()
            if token not in (TokenType.LR_ARROW, TokenType.LLRR_ARROW)
        }
        PLACEHOLDER_PARSERS = {**PostgresParser.PLACEHOLDER_PARSERS, TokenType.PARAMETER: _at_or_dollar}  # noqa: RUF012

        check = staticmethod(nothing_stops)

        def _parse_expression(self) -> Any:
            self.check()
            return super()._parse_expression()

        def _parse_lambda(self, alias: bool = False) -> Any:
            if self._match(TokenType.VARIADIC):
                return Variadic(this=super()._parse_lambda(alias=alias))
            found = super()._parse_lambda(alias=alias)
            if found is not None and (self._match(TokenType.COLON) or self._match_text_seq("VALUE")):
                return self.expression(Member(this=found, expression=self._parse_disjunction()))
            return found

        def _warn_unsupported(self) -> None:
            """What sqlglot cannot read becomes an error of ours; its log line would be noise."""


class Printing(DuckDB):
    """DuckDB out."""

    INDEX_OFFSET = 0

    class Generator(DuckDBGenerator):
        TRANSFORMS = {  # noqa: RUF012
            **DuckDBGenerator.TRANSFORMS,
            exp.Anonymous: lambda self, node: self.func(node.name, *node.expressions, normalize=False),
            exp.Ordered: _ordered,
            Sql: _sql,
            Row: _row,
            exp.Parameter: lambda self, node: f"${node.name}",
        }


READING = Reading()
PRINTING = Printing()


def parse(
    query: str, check: Check = nothing_stops, scanned: Sequence[Token] | None = None
) -> list[exp.Expression | None]:
    """The trees of a PostgreSQL text; `check` is called at every expression.  `scanned` are its tokens, if known."""
    parser: Any = READING.parser()
    parser.check = check
    read = READING.tokenize(query) if len(query) < _LONG else _sliced(query, check, scanned)
    check()
    trees: list[exp.Expression | None] = parser.parse(read, query)
    return trees


def _sliced(query: str, check: Check, scanned: Sequence[Token] | None) -> list[Any]:
    """A long text's tokens, read slice by slice, for a megabyte takes sqlglot a second or more."""
    found: list[Any] = []
    at = 0
    for piece, texts in _slices(tokens(query) if scanned is None else scanned, check):
        check()
        line, column = query.count("\n", 0, at), at - (query.rfind("\n", 0, at) + 1)
        for token in READING.tokenize(piece):
            if token.text.startswith("\0"):
                token.text = texts[int(token.text[1:])]
            if token.line == 1:
                token.col += column
            token.line += line
            token.start += at
            token.end += at
            found.append(token)
        at += len(piece)
    return found


def _slices(scanned: Iterable[Token], check: Check) -> Iterator[tuple[str, list[str]]]:
    """Pieces of the query, each but the last up to a comma, and the long literals that a sign stands for in each.

    The sign has as many characters and lines: sqlglot puts a literal together character by character, in a time that
    grows with the square of its length.
    """
    parts: list[str] = []
    texts: list[str] = []
    begin = 0
    for count, token in enumerate(scanned):
        written = token.text
        if token.kind == "string" and len(written) > _LONG // 10 and written[0] == "'":
            sign = f"'\0{len(texts)}'"
            texts.append(written[1:-1].replace("''", "'"))
            written = sign + _NOT_LINES.sub(lambda line: " " * len(line[0]), written[len(sign) :])
        parts.append(written)
        if written == "," and token.end - begin > _LONG:
            yield "".join(parts), texts
            parts, texts, begin = [], [], token.end
        elif not count & 4095:
            check()
    yield "".join(parts), texts


def text(node: exp.Expression) -> str:
    """A rewritten tree as DuckDB's SQL."""
    return PRINTING.generate(node, copy=False)
