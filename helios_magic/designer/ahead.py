"""What stands further on in a sentence: whether a noun begins a clause of its own, where a list ends."""

from __future__ import annotations

from helios_magic.designer.context import Place
from helios_magic.designer.facts import Noun
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

    def _pair_begins(self, ahead: int) -> bool:
        """`…, feedings and readings are taken`: whether two nouns are the subject of a verb."""
        two = self._peek(ahead).kind == "np" and self._peek(ahead + 1).kind == "and"
        return two and self._peek(ahead + 2).kind == "np" and self._begins_clause(ahead + 2)

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

    def _finite_before(self) -> bool:
        return any(chunk.kind in {"verb", "be"} for chunk in self.chunks[self.began : self.at])

    def _gaps(self, ahead: int) -> bool:
        """`and each phase into activities`: another subject of the verb before, which is not said again."""
        last = self.last
        between = self._peek(ahead + 1)
        return last is not None and between.kind == "prep" and between.word == last[1] != "of" and self._each(ahead)

    def _each(self, ahead: int) -> bool:
        noun = self._peek(ahead).noun
        return noun is not None and (noun.plural or noun.determiner in {"each", "every", "a", "an"})

    def _whole(self, noun: Noun) -> bool:
        """`Job board with employers, postings, candidates`: what the first sentence names is the whole."""
        verbal = any(chunk.kind in {"verb", "be", "modal", "colon"} for chunk in self.chunks)
        first = self.sentence.first and self.chunks[0].noun == noun and self.at == 2
        several = sum(chunk.kind == "comma" for chunk in self.chunks) > 1
        return first and several and not verbal and not noun.plural and noun.determiner in {"", "a", "an"}
