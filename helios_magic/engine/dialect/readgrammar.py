"""What PostgreSQL's queries have and sqlglot's grammar reads otherwise: typed literals, intervals, joins, lists."""

from __future__ import annotations

from typing import Any

from sqlglot import exp
from sqlglot.tokens import TokenType  # type: ignore[attr-defined]

from helios_magic.engine.dialect.writegrammar import WritingParser

_FIELDS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")


_COMPARING = frozenset({TokenType.EQ, TokenType.NEQ, TokenType.LT, TokenType.GT, TokenType.LTE, TokenType.GTE})
_IS = (TokenType.IS, TokenType.ISNULL, TokenType.NOTNULL)
_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.GT, exp.LTE, exp.GTE)
_OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.CASE})
_CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.END})


class ReadingParser(WritingParser):
    """An interval keeps its text whole, `type 'text'` binds before `::`, and a join says what it joins by."""

    def _parse_interval(self, require_interval: bool = True, parse_function_unit: bool = True) -> Any:
        """INTERVAL 'text' [field [TO field]]: sqlglot would take the text apart, and lose what it does not know."""
        index = self._index
        if not self._match(TokenType.INTERVAL) or not self._match(TokenType.STRING, advance=False):
            self._retreat(index)
            return None
        text = self._parse_primary()
        first = self._interval_field()
        unit: exp.Expression | None = first
        if first is not None and self._match_text_seq("TO"):
            unit = exp.IntervalSpan(this=first, expression=self._interval_field())
        return self.expression(exp.Interval(this=text, unit=unit))

    def _parse_window(self, this: Any, alias: bool = False) -> Any:
        """FILTER (WHERE …): sqlglot would do without the WHERE."""
        if self._match_pair(TokenType.FILTER, TokenType.L_PAREN, advance=False):
            after = self._index + 2
            if after < len(self._tokens) and self._tokens[after].token_type != TokenType.WHERE:
                self.raise_error("Expected WHERE", self._tokens[after])
        return super()._parse_window(this, alias=alias)

    def _parse_is(self, this: Any) -> Any:
        """IS DISTINCT FROM takes no second IS: sqlglot would set brackets round the first."""
        found = super()._parse_is(this)
        if isinstance(found, (exp.NullSafeEQ, exp.NullSafeNEQ)) and self._curr.token_type in _IS:
            self.raise_error("IS does not chain", self._curr)
        return found

    def _parse_equality(self, parse_is: bool = True) -> Any:
        """A comparison compares no comparison: PostgreSQL wants brackets in a < b < c and in a = b > c."""
        start = self._index
        found = super()._parse_equality(parse_is)
        compared = found.this if isinstance(found, exp.Is) else found
        if isinstance(compared, exp.Paren) and self._tokens[start].token_type != TokenType.L_PAREN:
            compared = compared.this  # sqlglot's own brackets, of what stands before IS
        if isinstance(compared, _COMPARISONS) and (
            isinstance(compared.this, _COMPARISONS) or isinstance(compared.expression, _COMPARISONS)
        ):
            self.raise_error("Comparisons do not chain", self._second_comparison(start))
        return found

    def _second_comparison(self, start: int) -> Any:
        depth, seen = 0, 0
        for token in self._tokens[start : self._index]:
            depth += (token.token_type in _OPENING) - (token.token_type in _CLOSING)
            seen += token.token_type in _COMPARING and not depth
            if seen == 2:
                return token
        return self._prev

    def _interval_field(self) -> exp.Expression | None:
        if self._curr is None or self._curr.text.upper() not in _FIELDS:
            return None
        self._advance()
        field = exp.Var(this=self._prev.text.lower())
        if field.name == "second" and self._match(TokenType.L_PAREN):
            field.set("precision", self._parse_number())
            self._match_r_paren()
        return field

    def _parse_type(self, parse_interval: bool = True, fallback_to_identifier: bool = False) -> Any:
        index = self._index
        if not fallback_to_identifier and self._curr is not None and self._curr.token_type != TokenType.STRING:
            literal = self._typed_literal()
            if literal is not None:
                return self._parse_column_ops(literal)
            self._retreat(index)
        return super()._parse_type(parse_interval, fallback_to_identifier)

    def _typed_literal(self) -> exp.Expression | None:
        """DATE '2024-01-31': the text is the type's, whatever casts follow."""
        follower = self._next
        if follower is None or follower.token_type not in (TokenType.STRING, TokenType.L_PAREN, TokenType.VAR):
            return None
        if self._curr.token_type == TokenType.INTERVAL or self._curr.token_type not in self.TYPE_TOKENS:
            return None
        kind = self._parse_types(check_func=True, allow_identifiers=False)
        if not isinstance(kind, exp.DataType) or not self._match(TokenType.STRING, advance=False):
            return None
        return self.expression(exp.Cast(this=self._parse_primary(), to=kind))

    def _parse_join(self, skip_join_token: bool = False, *rest: Any, **more: Any) -> Any:
        comma = self._match(TokenType.COMMA, advance=False)
        join = super()._parse_join(skip_join_token, *rest, **more)
        if join is None or comma or skip_join_token:
            return join
        given = any(join.args.get(part) for part in ("on", "using", "method"))
        if not given and (join.args.get("kind") or "") != "CROSS":
            self.raise_error("Required keyword: 'on'")
        return join

    def _parse_string_as_identifier(self) -> Any:
        """A name is never written as a text."""
        return None

    def _parse_expressions(self) -> list[Any]:
        """A comma is followed by something."""
        found = super()._parse_expressions()
        if self._prev is not None and self._prev.token_type == TokenType.COMMA:
            self.raise_error("Required keyword: 'expression'")
        return found
