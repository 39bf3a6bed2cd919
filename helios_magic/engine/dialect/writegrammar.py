"""What PostgreSQL's data-modifying statements have and sqlglot's grammar lacks."""

from __future__ import annotations

from typing import Any

from sqlglot import exp
from sqlglot.parsers.postgres import PostgresParser
from sqlglot.tokens import TokenType  # type: ignore[attr-defined]


class WritingParser(PostgresParser):
    """OVERRIDING … VALUE, RETURNING WITH (OLD AS o), WHERE CURRENT OF, and MERGE's INSERT in all its forms.

    What is read beside the tree is kept in a node's `meta`: `overriding` (user or system), `aliases` (of old and
    new), `cursor` (its name).
    """

    def _parse_insert_table(self) -> exp.Expr | None:
        this = super()._parse_insert_table()
        overriding = self._parse_overriding()
        if this is not None and overriding is not None:
            this.meta["overriding"] = overriding
        return this

    def _parse_overriding(self) -> str | None:
        if not self._match_text_seq("OVERRIDING"):
            return None
        for word in ("USER", "SYSTEM"):
            if self._match_text_seq(word, "VALUE"):
                return word.lower()
        self.raise_error("Expected USER VALUE or SYSTEM VALUE")
        return None

    def _parse_table(self, schema: bool = False, joins: bool = False, *args: Any, **options: Any) -> exp.Expr | None:
        """A subquery or VALUES in UPDATE … FROM and DELETE … USING may be joined as a table may."""
        this = super()._parse_table(schema, joins, *args, **options)
        if joins and isinstance(this, (exp.Subquery, exp.Values)) and not this.args.get("joins"):
            this.set("joins", list(self._parse_joins()) or None)
        return this

    def _parse_returning(self) -> exp.Returning | None:
        if not self._match(TokenType.RETURNING, advance=False):
            return None
        aliases: dict[str, exp.Expr | None] = {}
        self._advance()
        if self._match(TokenType.WITH):
            self._match_l_paren()
            while True:
                which = "old" if self._match_text_seq("OLD") else "new" if self._match_text_seq("NEW") else None
                if which is None or which in aliases or not self._match(TokenType.ALIAS):
                    self.raise_error("Expected OLD AS or NEW AS")
                    return None
                aliases[which] = self._parse_id_var()
                if not self._match(TokenType.COMMA):
                    break
            self._match_r_paren()
        clause = self.expression(exp.Returning(expressions=self._parse_csv(self._parse_expression), into=False))
        clause.meta["aliases"] = aliases
        return clause

    def _parse_where(self, skip_where_token: bool = False) -> exp.Where | None:
        if not skip_where_token and self._match(TokenType.WHERE, advance=False):
            index = self._index
            self._advance()
            if self._match_text_seq("CURRENT", "OF"):
                where = self.expression(exp.Where(this=exp.Boolean(this=True)))
                where.meta["cursor"] = self._parse_id_var()
                return where
            self._retreat(index)
        return super()._parse_where(skip_where_token)

    def _parse_when_matched(self) -> exp.Whens:
        whens = []
        while self._match(TokenType.WHEN):
            matched = not self._match(TokenType.NOT)
            if not self._match_text_seq("MATCHED"):
                self.raise_error("Expected MATCHED")
            source = False
            if not matched and not self._match_text_seq("BY", "TARGET"):
                source = bool(self._match_text_seq("BY", "SOURCE"))
            condition = self._parse_disjunction() if self._match(TokenType.AND) else None
            if not self._match(TokenType.THEN):
                self.raise_error("Expected THEN")
            then = self._parse_merge_action()
            whens.append(self.expression(exp.When(matched=matched, source=source, condition=condition, then=then)))
        if not whens:
            self.raise_error("Expected WHEN")
        return self.expression(exp.Whens(expressions=whens))

    def _parse_merge_action(self) -> exp.Expression | None:
        if self._match(TokenType.UPDATE):
            if not self._match(TokenType.SET):
                self.raise_error("Expected SET")
            return self.expression(exp.Update(expressions=self._parse_csv(self._parse_update_assignment)))
        if self._match(TokenType.DELETE):
            return self.expression(exp.Var(this="DELETE"))
        if self._match_text_seq("DO", "NOTHING"):
            return self.expression(exp.Var(this="DO NOTHING"))
        if not self._match(TokenType.INSERT):
            self.raise_error("Expected INSERT, UPDATE, DELETE or DO NOTHING")
        columns = None
        if self._match(TokenType.L_PAREN, advance=False):
            columns = self._parse_wrapped_csv(self._parse_id_var)
        overriding = self._parse_overriding()
        if self._match_text_seq("DEFAULT", "VALUES"):
            insert = self.expression(exp.Insert(this=exp.Tuple(expressions=columns or []), default=True))
        else:
            if not self._match(TokenType.VALUES):
                self.raise_error("Expected VALUES")
            values = self._parse_value()
            insert = self.expression(exp.Insert(this=exp.Tuple(expressions=columns or []), expression=values))
        insert.meta["overriding"] = overriding
        return insert
