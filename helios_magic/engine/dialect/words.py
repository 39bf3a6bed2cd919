"""Reading a statement from its words, where the parser loses some."""

from __future__ import annotations

from collections.abc import Sequence

from helios_magic.engine.dialect.failures import SYNTAX, Refusal
from helios_magic.sqltext import Token


class Words:
    """The tokens of a statement, read from left to right."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens, self._at = [token for token in tokens if token.text != ";"], 0

    @property
    def done(self) -> bool:
        return self._at >= len(self._tokens)

    @property
    def place(self) -> int:
        return self._tokens[min(self._at, len(self._tokens) - 1)].start

    def take(self, *names: str) -> bool:
        """Go past these words, where they come next."""
        here = self._tokens[self._at : self._at + len(names)]
        if [token.name for token in here if token.kind == "word"] != list(names):
            return False
        self._at += len(names)
        return True

    def next(self) -> Token:
        if self.done:
            raise Refusal(SYNTAX, "syntax error at end of input", place=self._tokens[-1].end)
        self._at += 1
        return self._tokens[self._at - 1]

    def name(self) -> list[str]:
        """A name with its qualifiers."""
        parts = [self._identifier()]
        while not self.done and self._tokens[self._at].text == ".":
            self._at += 1
            parts.append(self._identifier())
        return parts

    def number(self) -> int:
        token = self.next()
        sign = -1 if token.text == "-" else 1
        if token.text in ("-", "+"):
            token = self.next()
        if token.kind != "number" or not token.text.isdigit():
            raise self.refusal(token)
        return sign * int(token.text)

    def _identifier(self) -> str:
        token = self.next()
        if token.kind not in ("word", "identifier"):
            raise self.refusal(token)
        return token.name

    @staticmethod
    def refusal(token: Token) -> Refusal:
        return Refusal(SYNTAX, f'syntax error at or near "{token.text}"', place=token.start)
