"""What stands further on in a sentence: whether a noun begins a clause of its own, where a list ends."""

from __future__ import annotations

from helios_magic.designer.context import Place
from helios_magic.designer.properties import is_property


class Ahead(Place):
    """How to look ahead, without moving."""

    def _begins_clause(self, ahead: int) -> bool:
        """Whether the noun at `ahead` is the subject of a verb."""
        place = ahead + 1
        while True:
            chunk, then = self._peek(place), self._peek(place + 1)
            if chunk.kind == "bracket":
                place += 1
            elif then.kind == "np" and (chunk.kind == "prep" or (chunk.kind == "and" and chunk.word == "or")):
                place += 2
                if chunk.word == "between" and self._peek(place).kind == "and" and self._peek(place + 1).kind == "np":
                    place += 2
            else:
                break
        if chunk.kind == "comma" and then.kind == "relative":
            place = self._past_clause(place + 2)
        return self._peek(place).kind in {"verb", "be", "modal"}

    def _past_clause(self, place: int) -> int:
        """Behind the comma that ends a relative clause: `polling stations, which belong to a district, report …`."""
        while self._peek(place).kind not in {"comma", "end"}:
            place += 1
        return place + 1

    def _goes_on_listing(self) -> bool:
        """Whether a list that a title opened goes on: `School bus: routes with stops, buses, drivers, pupils`."""
        titled = any(chunk.kind == "colon" for chunk in self.chunks[: self.at])
        following = self._peek(1).noun
        commas = [place for place, chunk in enumerate(self.chunks) if chunk.kind == "comma"]
        more = len(commas) > 3 and any(place > self.at for place in commas)
        return titled and more and following is not None and following.plural and not is_property(following)

    def _past_list(self) -> bool:
        """Whether commas part clauses from here on: `objects come in for repair, reports, treatments use materials`."""
        place = 1
        while self._peek(place).kind in {"np", "owner"}:
            if self._begins_clause(place):
                return place > 1
            while self._peek(place + 1).kind == "bracket" or (
                self._peek(place + 1).kind == "prep" and self._peek(place + 2).kind == "np"
            ):
                place += 1 if self._peek(place + 1).kind == "bracket" else 2
            if self._peek(place + 1).kind != "comma":
                return False
            place += 2
        return False
