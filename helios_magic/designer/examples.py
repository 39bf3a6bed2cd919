"""What is named behind `such as`: examples, which are no tables."""

from __future__ import annotations

from helios_magic.designer.brackets import Brackets
from helios_magic.designer.facts import Noun


class Examples(Brackets):
    """How to read examples."""

    def _examples(self) -> None:
        """`services such as flowers or music, and one invoice`: the list goes on behind its examples."""
        closed = False
        self.narrow += 1
        while self._phrase() is not None:
            joined = self._joined()
            ahead = 2 if joined == ",and" else 1
            chunk = self._peek(ahead)
            if not joined or chunk.kind != "np" or self._begins_clause(ahead) or (closed and joined.startswith(",")):
                break
            if chunk.noun is not None and not self._example(chunk.noun):
                break
            closed = closed or joined == "and"
            self.at += ahead
        self.narrow -= 1
        while self._peek().kind == "and" and self._example(self._peek(1).noun):
            self.at += 2  # equipment such as hoses and pumps is carried

    @staticmethod
    def _example(noun: Noun | None) -> bool:
        return noun is not None and not (noun.determiner or noun.many or noun.one)
