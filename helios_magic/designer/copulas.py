"""What `is` says of its subjects: `is in a box`, `is a washer or a dryer`, `is good at styles`."""

from __future__ import annotations

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.facts import Chooses, Hangs, Is, Noun, Owns
from helios_magic.designer.possessions import Possessions
from helios_magic.designer.properties import acts, is_property, looks_like_entity, property_kind


class Copulas(Possessions):
    """How to read what stands behind a form of be."""

    def _stated(self, subjects: list[Noun]) -> None:
        """`is with one doctor`, `is a person`: only a preposition says something."""
        if self._peek().kind != "prep":
            self._is(subjects)
            return
        preposition = self._peek().word
        self.at += 1
        for target in self._group(owned=True):
            for subject in subjects:
                bare = "_" not in target.name and not (target.plural or target.one)
                if preposition in {"of", "on"} and is_property(target) and bare and not acts(target):
                    self._fact(Owns(subject, target))  # rooms are of a type
                elif preposition == "of":
                    self._acts(subject, "belong", target, "to", passive=False)  # a bin is of a waste type
                elif not subject.system:
                    self._fact(Hangs(subject, "in" if preposition == "with" else preposition, target))
        further = self._joined() == "," and self._peek(1).kind == "prep" and self._peek(1).word != "with"
        if further and self._peek(2).kind == "np" and not (self._begins_clause(2) or self._opens_clause(3)):
            self.at += 1  # which rooms are in which residence, on what floor, of what type
            self._stated(subjects)

    def _opens_clause(self, place: int) -> bool:
        """`, and in each district several stations are set up`: the next clause begins with its preposition."""
        while self._peek(place).kind == "prep" and self._peek(place + 1).kind == "np":
            place += 2
        return self._peek(place).kind in {"np", "pronoun"} and self._begins_clause(place)

    def _is(self, subjects: list[Noun]) -> None:
        """`there is a lease on every plot`, `a machine is a washer or a dryer`, `tasks are open`"""
        start = self.at
        if subjects and self._adjective():
            self.at += 1  # artists are good at styles
            self._stated(subjects)
            return
        said = self._group(owned=True) if self._peek().noun is not None else []
        if subjects and len(said) == 1 and not (said[0].determiner or said[0].plural or said[0].one):
            said = []  # tasks are open
        if not subjects:
            self._there_is(said, asked=start > 1 and self.chunks[start - 2].word == "what")
            return
        if said and said[0].plural and not is_property(said[0]):
            self.said = said[0]
        for noun in said:
            if noun.many and len(subjects) == 1:
                self._fact(Owns(subjects[0], noun))  # a route is a sequence of waypoints
        sorts = any(chunk.kind == "and" and chunk.word == "or" for chunk in self.chunks[start : self.at])
        if len(said) > 1 and sorts and len(subjects) == 1:
            self._fact(Chooses(subjects[0], tuple(noun.name for noun in said)))
        if len(said) == 1 and len(subjects) == 1 and not subjects[0].system:
            self._fact(Is(subjects[0], said[0]))
        for noun in subjects:
            if (
                not said
                and property_kind(noun.name) is None
                and (noun.plural or noun.determiner in {"a", "an", "each", "every"})
            ):
                self._listed(noun)

    def _there_is(self, said: list[Noun], *, asked: bool) -> None:
        """`for each film there are several prints`, `and what is the rent?`"""
        subject = self.context.subject
        if asked and subject is not None and all(map(is_property, said)):
            for noun in said:
                self._fact(Owns(subject, noun))
            return
        for noun in said:
            self._listed(noun)
            before = self.chunks[0].noun
            if self._follows_from() and before is not None and noun.plural and looks_like_entity(before):
                self._fact(Owns(before, noun))  # most tools exist twice, so there are several copies
        self._fronts(said)
        if said and not is_property(said[0]):
            self.context.subject = self.said = said[0]

    def _follows_from(self) -> bool:
        return any(chunk.kind == "boundary" and chunk.word == "so" for chunk in self.chunks[: self.at])

    def _fronts(self, targets: list[Noun]) -> None:
        """`During an appointment the doctor writes prescriptions`: they are the appointment's."""
        front = self.context.front
        for target in targets:
            if front is not None and not (target.system or target.temporal or is_property(target)):
                self._fact(Hangs(target, "at", front))

    def _adjective(self) -> bool:
        """Whether a bare word that names nothing stands before a preposition: `good at`."""
        noun, then = self._peek().noun, self._peek(1)
        said = noun is not None and (noun.determiner or noun.plural or noun.many or noun.one)
        bare = noun is not None and len(noun.words) == 1 and not said
        return (
            bare and noun is not None and then.kind == "prep" and then.word not in {"of", "with", "from"}
            and self._peek(2).noun is not None and not is_property(noun) and catalogue().nearest(noun.name) is None
        )  # fmt: skip
