"""What is said of a noun behind it: relative clauses, with and without their pronoun, and participles."""

from __future__ import annotations

from dataclasses import replace

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.facts import Hangs, Meets, Noun, Owns, Shares
from helios_magic.designer.pronouns import Pronouns
from helios_magic.designer.properties import acts, is_property, looks_like_entity
from helios_magic.designer.stands import Chunk
from helios_magic.designer.words import words

_VERBAL = frozenset({"verb", "be", "modal"})


class Relatives(Pronouns):
    """How to read the clauses that hang on a noun."""

    def _phrase(self) -> Noun | None:
        """Read a noun phrase: what `phrases` adds."""
        raise NotImplementedError

    def _owned(self, owner: Noun, verb: str) -> None:
        """Read what a noun has: what `phrases` adds."""
        raise NotImplementedError

    def _predicates(self, subjects: list[Noun]) -> None:
        """Read the verbs that follow: what `grammar` adds."""
        raise NotImplementedError

    def _participle(self, noun: Noun, chunk: Chunk) -> None:
        """`made by artists`, `standing in them`"""
        preposition = ""
        while self._peek().kind == "and" and self._peek(1).kind == "participle":
            chunk = self._peek(1)
            self.at += 2
        if self._peek().kind == "prep":
            preposition = self._peek().word
            self.at += 1
        item = self._peek().noun
        if not preposition and chunk.form == "ing" and words().verbs.get(chunk.word) == "has":
            self._owned(noun, chunk.word)  # captures at a site storing weight and age
            return
        several = preposition == "with" and item is not None and item.plural and not item.possessive
        if several or (preposition in {"by", "with"} and item is not None and is_property(item) and not acts(item)):
            self._owned(noun, "with")  # described by name, length and difficulty
            return
        kept = self.context.mentioned
        self.narrow += 1
        earlier = self.context.before if self._peek().word in {"it", "them"} else None
        target = self._phrase() if earlier is None else earlier
        self.at += earlier is not None
        self.narrow -= 1
        if target is not None:
            self._acts(noun, chunk.word, target, preposition, passive=chunk.form == "past")
        self.context.mentioned = kept

    def _of_the_head(self, noun: Noun, chunk: Chunk) -> bool:
        """`captures at sites storing the weight`: a place in passing has no weight."""
        item = self._peek(1).noun
        holds = chunk.form == "ing" and words().verbs.get(chunk.word) == "has"
        return holds and item is not None and is_property(item) and catalogue().kind(noun.name) == "place"

    def _agrees(self, noun: Noun) -> bool:
        """`events of a person that happen`: the verb of a relative clause tells whether its noun is in the plural."""
        verb = self._peek(1)
        if noun.determiner in {"a", "an", "each", "every"} and noun.plural:
            return verb.form != "base"  # a species, which belongs to a genus
        if verb.kind == "be":
            return noun.plural if verb.word in {"are", "were"} else verb.word == "be" or not noun.plural
        if verb.kind == "verb" and verb.form in {"base", "s"}:
            return noun.plural == (verb.form == "base")
        return True

    def _reduced(self, noun: Noun) -> bool:
        """`the recipes the subscriber has chosen`, `the practices we serve`: a clause that begins without a pronoun."""
        subject = self._peek()
        if subject.kind == "np" and subject.noun is not None and noun.plural and self._borne_by(subject.noun):
            return True
        if noun.temporal or self.chunks[0].kind in {"relative", "boundary", "prep"}:
            return False
        stated = (
            subject.kind == "np"
            and subject.noun is not None
            and subject.noun.determiner in {"the", "a", "an", "each", "every"}
        )
        speaks = subject.kind == "pronoun" and subject.word in {"we", "i", "they", "he", "she", "it"}
        return (stated or speaks) and self._peek(1).kind in _VERBAL

    def _borne_by(self, people: Noun) -> bool:
        """`tools members can borrow`: what the people do, they do to what was named just before."""
        place = 1
        while self._peek(place).kind in {"modal", "be"}:
            place += 1
        verbal = self._peek(place).kind == "verb" and self._peek(place + 1).kind not in {"np", "owner", "infinitive"}
        bare = people.plural and not (people.determiner or people.many)
        return verbal and bare and catalogue().kind(people.name) == "person"

    def _relative(self, noun: Noun, word: str, before: str = "") -> None:
        if word == "whose":
            self._owned(noun, "have")
            return
        if self._peek().kind in _VERBAL and not before:
            self._predicates([noun])
            return
        kept = self.context.subject
        others = self._subjects()
        if others and not noun.system and not others[0].system and not (word == "where" and self._of_speaker(noun)):
            self._within(noun, others, word, before)
        if self._peek().kind in _VERBAL and others:
            if noun.system or (word == "where" and self._of_speaker(noun)):
                self._predicates(others[:1])
            else:
                self._about(noun, others[0])
        self.context.subject = kept

    def _of_speaker(self, noun: Noun) -> bool:
        """`translation agency where clients order projects`: whose database it is."""
        organisations = words().classes["organisations"]
        return self.sentence.first and not noun.plural and bool({noun.head, noun.name} & organisations)

    def _subjects(self) -> list[Noun]:
        """What the relative clause is about; several only where all are properties."""
        first = self._phrase()
        nouns = [] if first is None else [first]
        while nouns and self._joined() in {"and", ","} and self._peek(1).noun is not None:
            following = self._peek(1).noun
            if following is None or not is_property(following):
                break
            self.at += 2
            nouns.append(following)
        return nouns

    def _within(self, noun: Noun, others: list[Noun], word: str, before: str) -> None:
        """What the noun has to do with the subject of its relative clause."""
        other, place, passive = others[0], 0, False
        while self._peek(place).kind in {"modal", "be"}:
            passive = passive or self._peek(place).kind == "be"
            place += 1
        verb, gap = self._peek(place), self._peek(place + 1)
        if before and is_property(others[-1]):
            for each in others:
                self._fact(Owns(replace(noun, one=False), each))  # a screening in which the blood pressure is measured
        elif before == "of" and words().verbs.get(verb.word) == "has":
            self._fact(Owns(other, replace(noun, many=True)))  # dormitories, of which a hut has several
        elif before == "by" and passive and verb.kind == "verb":
            self._acts(other, verb.word, noun, before, passive=True)
        elif word in {"that", "which", "whom"} and verb.kind == "verb" and gap.noun is None and not before:
            self._acts(other, verb.word, noun, "", passive=False)  # slots that teams can book
        elif before == "for" and passive and other.plural and words().verbs.get(verb.word) == "many":
            self._fact(Shares(noun, other))  # dishes, for which toppings can be chosen
        else:
            self._fact(Meets(noun, other, self._role()))

    def _role(self) -> str:
        """`plays white`: as what it takes part."""
        verb, noun = self._peek(), self._peek(1).noun
        bare = noun is not None and not noun.plural and not noun.determiner and not looks_like_entity(noun)
        return noun.name if verb.kind == "verb" and bare and noun is not None else ""

    def _about(self, noun: Noun, other: Noun) -> None:
        """The rest of a relative clause: `where one member plays white and another plays black`."""
        while self._peek().kind in _VERBAL:
            self.at += 1
        target = self._peek().noun
        if target is not None:
            self.at += 1
            if other.system and not is_property(target):
                self._fact(Hangs(target, "from", noun))  # craftsmen from whom we receive invoices
            elif looks_like_entity(target):
                self._fact(Meets(noun, target))
        if self._joined() == "and" and self._peek(1).kind == "pronoun" and self._peek(2).kind == "verb":
            self.at += 2
            self._fact(Meets(noun, other, self._role()))
            self.at += 2 if self._peek(1).noun is not None else 1
