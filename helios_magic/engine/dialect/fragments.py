"""Reading a statement's words, with the parser's trees for the expressions, types and queries within it."""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from helios_magic.engine.dialect.failures import SYNTAX, Refusal
from helios_magic.engine.dialect.grammar import READING
from helios_magic.engine.dialect.typed import Node
from helios_magic.engine.dialect.words import Words
from helios_magic.sqltext import Token, scan

_OPENING, _CLOSING = ("(", "[", "{"), (")", "]", "}")


class Reader(Words):
    """The tokens of a statement from left to right, and its text, in which every tree keeps its place."""

    def __init__(self, text: str) -> None:
        super().__init__([token for token in scan(text) if token.code])
        self._text = text

    def peek_name(self) -> str:
        """The next word, folded; empty for anything else."""
        token = None if self.done else self._tokens[self._at]
        return token.name if token is not None and token.kind == "word" else ""

    def at(self, *names: str, after: int = 0) -> bool:
        """Whether one of these words comes next, or that many tokens later."""
        here = self._at + after
        if here >= len(self._tokens):
            return False
        token = self._tokens[here]
        return token.kind == "word" and token.name in names

    def back(self) -> None:
        self._at -= 1

    def is_symbol(self, *symbols: str) -> bool:
        return not self.done and self._tokens[self._at].text in symbols

    def is_after(self, symbol: str) -> bool:
        """Whether this mark stands behind the next token."""
        return self._at + 1 < len(self._tokens) and self._tokens[self._at + 1].text == symbol

    def symbol(self, text: str) -> bool:
        """Go past a mark, where it comes next."""
        found = self.is_symbol(text)
        self._at += found
        return found

    def expect(self, text: str) -> None:
        if not self.symbol(text):
            raise self.unexpected()

    @property
    def end(self) -> int:
        """Where the last token that was read ends."""
        return self._tokens[self._at - 1].end

    def finish(self) -> None:
        """Raise unless all was read."""
        if not self.done:
            raise self.unexpected()

    def unexpected(self) -> Refusal:
        if self.done:
            return Refusal(SYNTAX, "syntax error at end of input", place=self._tokens[-1].end)
        return self.refusal(self._tokens[self._at])

    def identifier(self) -> str:
        return self._identifier()

    def columns(self) -> tuple[str, ...]:
        """Names between brackets."""
        self.expect("(")
        names = [self.identifier()]
        while self.symbol(","):
            names.append(self.identifier())
        self.expect(")")
        return tuple(names)

    def brackets(self) -> tuple[int, int]:
        """Go past a pair of brackets; where its inside begins and ends."""
        if not self.is_symbol("("):
            raise self.unexpected()
        opened, depth = self._tokens[self._at], 0
        while not self.done:
            token = self._tokens[self._at]
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
            self._at += 1
            if depth == 0:
                return opened.end, token.start
        raise self.unexpected()

    def bracketed(self) -> Node:
        """An expression in brackets."""
        return self._expression(*self.brackets())

    def call(self) -> Node:
        """A function's name and its arguments."""
        start = self.place
        self.name()
        return self._expression(start, self.brackets()[1] + 1)

    def written(self, start: int, end: int) -> str:
        """A piece of the text with its names folded, and without comments."""
        tokens = [token for token in self._tokens if start <= token.start and token.end <= end]
        told = ""
        for before, token in zip([None, *tokens], tokens, strict=False):
            apart = before is not None and before.end < token.start
            told += (" " if apart else "") + (token.text.lower() if token.kind == "word" else token.text)
        return told

    def piece(self, start: int, end: int) -> Node:
        """A piece of the text as an expression."""
        return self._expression(start, end)

    def expression(self, ends: Callable[[Token], bool] = lambda _: False) -> Node:
        """An expression up to a comma, the brackets around it, or a token that ends it; its first never does."""
        start = self.place
        return self._expression(start, self._skip(ends))

    def kind(self, ends: Collection[str] = ()) -> Node:
        """A type, up to a comma, the brackets around it, or one of the words."""
        start = self.place
        end = self._skip(lambda token: token.kind == "word" and token.name in ends)
        cast = self._parsed("SELECT NULL::", start, end).expressions[0]
        if not isinstance(cast, exp.Cast):
            raise self._near(start)
        return cast.args["to"]  # type: ignore[no-any-return]

    def query(self, end: int) -> Node:
        """The query from here to the token that ends at `end`."""
        start = self.place
        while not self.done and self._tokens[self._at].end <= end:
            self._at += 1
        return self._parsed("", start, end)

    def rest(self) -> list[Token]:
        """The tokens not read yet."""
        return self._tokens[self._at :]

    def _skip(self, ends: Callable[[Token], bool]) -> int:
        """Where the part ends that begins here."""
        depth, first = 0, self._at
        if self.done or self.is_symbol(",", ")"):
            raise self.unexpected()
        while not self.done:
            token = self._tokens[self._at]
            if depth == 0 and (token.text in (",", ")") or (self._at > first and ends(token))):
                break
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
            self._at += 1
        return self._tokens[self._at - 1].end

    def _expression(self, start: int, end: int) -> Node:
        select = self._parsed("SELECT ", start, end)
        others = [part for name, part in select.args.items() if name != "expressions" and part]
        if not isinstance(select, exp.Select) or others or len(select.expressions) != 1:
            raise self._near(start)
        found = select.expressions[0]
        if isinstance(found, exp.Alias):
            raise self._near(start)
        return found.pop()  # type: ignore[no-any-return]

    def _parsed(self, lead: str, start: int, end: int) -> Node:
        """A piece of the text as a tree whose places are those in the whole text; `lead` fits before any piece."""
        built = " " * (start - len(lead)) + lead + self._text[start:end]
        try:
            trees = [tree for tree in READING.parse(built) if isinstance(tree, exp.Expression)]
        except ParseError as error:
            raise self._broken(built, error) from None
        except SqlglotError:
            raise self._near(start) from None
        if len(trees) != 1:
            raise self._near(start)
        return trees[0]

    def _broken(self, built: str, error: ParseError) -> Refusal:
        told = error.errors[0] if error.errors else {}
        line, column = int(told.get("line") or 1), int(told.get("col") or 1)
        word = str(told.get("highlight") or "")
        lines = built.split("\n")
        return self._near(sum(len(before) + 1 for before in lines[: line - 1]) + column - max(1, len(word)))

    def _near(self, offset: int) -> Refusal:
        token = next((t for t in self._tokens if t.end > offset), None)
        if token is None:
            return Refusal(SYNTAX, "syntax error at end of input", place=self._tokens[-1].end)
        return self.refusal(token)
