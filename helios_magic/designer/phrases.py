"""Noun phrases: groups of them, and everything that hangs on one: brackets, prepositions, participles, relatives."""

from __future__ import annotations

from dataclasses import replace

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.examples import Examples
from helios_magic.designer.facts import Acts, Between, Hangs, Noun, Owns, Shares
from helios_magic.designer.properties import bare, is_property, looks_like_entity, property_kind
from helios_magic.designer.stands import Chunk
from helios_magic.designer.words import singular, words


def _named_for(owner: Noun, held: Noun) -> bool:
    """`reporter's name`: a property that is named for somebody who is not kept."""
    said = owner.determiner or owner.plural or owner.possessive or owner.sure
    return not said and is_property(held) and catalogue().kind(owner.name) == "person"


def _had(noun: Noun) -> bool:
    """`the price per room`; but `one feedback per interview` is a thing."""
    return (is_property(noun) and not (noun.one and property_kind(noun.name) == "long")) or noun.temporal


class Phrases(Examples):
    """How to read the noun phrases from a place on."""

    # Groups of nouns

    def _group(self, *, owned: bool) -> list[Noun]:
        """`A, B and C`, each with what hangs on it.

        Where the list is the object of a verb, a noun that is followed by a verb of its own begins the next clause.
        """
        nouns: list[Noun] = []
        closed = False
        owner = self._peek().noun if self._peek().kind == "owner" and not self._names_it() else None
        while True:
            noted, said_of = len(self.reading.facts), self._peek(1).kind == "participle"
            noun = self._phrase()
            if noun is None:
                return nouns
            if said_of and len(nouns) == 1 and nouns[0].plural and noun.plural:
                said = [fact for fact in self.reading.facts[noted:] if isinstance(fact, Acts) and fact.subject == noun]
                self.reading.facts.extend(replace(fact, subject=nouns[0]) for fact in said)  # phones and cars given to
            also = is_property(noun) or (bare(noun) and bool(nouns) and is_property(nouns[0]))
            if nouns and owner is not None and also and not noun.determiner:
                self._fact(Owns(owner, noun))  # a donor's name, blood group and date of birth
                self.owner_of[noun] = owner
            nouns = [*self._of_the_same(nouns, noun), *self._others(), noun]
            said_again = self._peek(-1).kind == "pronoun" and self._peek(-1).word in {"it", "them"}
            if owned and said_again and any(chunk.kind == "relative" for chunk in self.chunks[: self.at]):
                return nouns  # the learner, the instructor who gave it, and the car
            joined = self._joined()
            if not joined or (closed and joined == "," and not self.speaker):
                return nouns
            if owned and joined == "," and (self.inset or self._past_list() or self._goes_on_listing()):
                return nouns
            closed = closed or (joined == "and" and len(nouns) > 1)
            ahead = 1 if joined != ",and" else 2
            if self._peek(ahead).kind not in {"np", "owner"}:
                return nouns
            pair = joined == "," and self._finite_before() and self._pair_begins(ahead)
            if (owned or self._finite_before()) and (pair or self._begins_clause(ahead) or self._gaps(ahead)):
                return nouns
            if owned and joined == "," and not closed and self._apposed(noun, self._peek(ahead).noun):
                self.at += ahead + 1  # a leaseholder, mostly a relative
                return nouns
            self.at += ahead

    def _names_it(self) -> bool:
        """`reporter's name`: whether the owner here is no more than a part of a property's name."""
        owner, held = self._peek().noun, self._peek(1).noun
        return owner is not None and held is not None and self._peek(1).kind == "np" and _named_for(owner, held)

    def _of_the_same(self, nouns: list[Noun], noun: Noun) -> list[Noun]:
        """`the result and the PGN of each game`: the properties before it are the game's as well."""
        owner = self.owner_of.get(noun)
        while owner is not None and nouns and is_property(nouns[-1]) and nouns[-1] not in self.owner_of:
            self._fact(Owns(owner, nouns[-1]))
            self.owner_of[nouns[-1]] = owner
            nouns = nouns[:-1]
        return nouns

    def _others(self) -> list[Noun]:
        others, self.also = self.also, []
        return others

    def _apposed(self, noun: Noun, other: Noun | None) -> bool:
        """Whether the noun behind the comma only says more of the one before it."""
        single = {"a", "an"}
        alone = self._peek(2).kind not in {"and", "comma", "prep", "bracket"} and self._peek(-2).kind != "comma"
        return (
            alone and other is not None and noun.determiner in single and other.determiner in single
            and not noun.plural and not other.plural and not is_property(other)
        )  # fmt: skip

    def _phrase(self) -> Noun | None:
        """One noun phrase and everything that hangs on it."""
        chunk = self._peek()
        if chunk.kind == "pronoun":
            meant = self._pronoun(chunk)
            if meant is not None and chunk.word in {"each", "one"} and self._peek().kind in {"prep", "participle"}:
                if chunk.word == "one" and self._peek().word == "per":
                    meant = replace(meant, one=True, many=False)
                return self._hanging(meant)  # jobs, one for each language
            return meant
        if chunk.kind == "owner" and chunk.noun is not None:
            held = self._peek(1).noun
            if held is not None and self._names_it():
                self.at += 2
                return replace(chunk.noun, words=(*chunk.noun.words, *held.words))  # the date, inspector's name
            owner = self._mention(chunk.noun)
            self.at += 1
            owned = self._phrase()
            known = owned is not None and "_" in owned.name and catalogue().exact(owned.name) is not None
            if owned is not None and known:
                owned = replace(owned, possessive=True, determiner="its")  # the patient's insurance company
            theirs = owned is not None and catalogue().kind(owner.name) == "person" and not owner.system
            if owned is not None and theirs and owned.head in words().classes["organisations"]:
                owned = replace(owned, possessive=True, determiner="its")  # the patient's insurer
            whole = owned is not None and not owned.plural and owned.head in words().classes["organisations"]
            if owned is not None and (known or theirs or not whole):
                self._fact(Owns(owner, owned))
            return owned
        if chunk.noun is None:
            return None
        self.at += 1
        noun, possessor = chunk.noun, self._whose(chunk.noun)
        if possessor is not None and not (self._peek(-2).word == "by" and looks_like_entity(noun)):
            self._fact(Owns(possessor, noun))
        noun = self._mention(noun)
        said = words().told.get(noun.words[0].lower().removesuffix("ed").removesuffix("d")) if noun.words else None
        if said is not None and len(noun.words) > 1 and noun.words[0].endswith("ed"):
            self._fact(Owns(noun, Noun((said,))))  # numbered plots
        return self._hanging(noun)

    def _whose(self, noun: Noun) -> Noun | None:
        return self._of_others(noun) or self._possessor(noun)

    def _possessor(self, noun: Noun) -> Noun | None:
        """Whose it is: `their employees` are those of whom the clause is about, `its price` that of what was named."""
        if not noun.possessive:
            return None
        subject = self.context.subject
        if (
            noun.determiner == "their"
            and subject is not None
            and subject.several
            and not self.context.mentioned_several
        ):
            return subject  # riders sign up in the app and top up their wallet
        if subject is not None and subject.system and self.context.front is not None:
            return self.context.front  # when a delivery arrives I type in its lines
        if self.speaker and subject is not None and not (subject.plural or subject.system):
            return subject  # when a delivery arrives from a supplier I type in its lines
        if subject is not None and noun.determiner == "its" and subject.head in words().classes["organisations"]:
            return None if not subject.plural else self.context.mentioned  # the club lends tents to its members
        if noun.plural and self.narrow and subject is not None and subject.plural and not is_property(noun):
            return subject
        return self.context.mentioned

    def _hanging(self, noun: Noun) -> Noun:
        while True:
            chunk = self._peek()
            if chunk.kind == "bracket":
                if self.narrow and self._described(noun):
                    return noun
                self.at += 1
                self._bracket(noun, chunk.inside)
            elif (
                chunk.kind == "prep"
                and (self._peek(1).kind in {"np", "owner"} or self._peek(1).word in {"it", "them"})
                and not (self.narrow and chunk.word != "of" and not self._meeting(noun, chunk))
            ):
                self.at += 1
                noun = self._preposition(noun, chunk.word)
            elif chunk.kind == "participle":
                if self.narrow and self._of_the_head(noun, chunk):
                    return noun
                self.at += 1
                self._participle(noun, chunk)
            elif chunk.kind == "relative" or (chunk.kind == "prep" and self._peek(1).kind == "relative"):
                if self.narrow and chunk.kind == "relative" and not self._agrees(noun):
                    return noun
                before = chunk.word if chunk.kind == "prep" else ""
                self.at += 2 if before else 1
                self._relative(noun, self._peek(-1).word, before)
            elif chunk.kind == "shares":
                self._shares([noun])
            elif self._reduced(noun):
                self._relative(noun, "that")
            elif chunk.kind == "comma" and self._goes_on():
                self.at += 1
            else:
                return noun

    def _meeting(self, noun: Noun, chunk: Chunk) -> bool:
        """`before their appointment with an artist`: what one has with somebody is with him, not what is before it."""
        other = self._peek(1).noun
        one = other is not None and other.determiner in {"a", "an"} and not other.plural
        somebody = one and other is not None and catalogue().kind(other.name) == "person"
        return somebody and chunk.word == "with" and catalogue().kind(noun.name) == "event"

    def _described(self, noun: Noun) -> bool:
        """`invoices to owners (number, date)`: what was described before hardly is again; the bracket is the head's."""
        return noun.name in self.context.described

    def _preposition(self, noun: Noun, preposition: str) -> Noun:
        target = self._peek().noun
        if target is None:
            meant = self._named_before() or self._phrase()  # comments under them
            if meant is not None and not meant.system:
                self._fact(Hangs(noun, preposition, meant))
            return noun
        if preposition == "such as":
            kept = self.context.mentioned
            self._examples()
            self.context.mentioned = kept
            return noun
        if (
            preposition in {"with", "including", "via"}
            and not noun.system
            and noun.name != "table"
            and not self._whole(noun)
        ):
            self._owned(noun, "with")
            return noun
        if preposition in {"with", "for", "including"} and (noun.system or noun.name == "table" or self._whole(noun)):
            for each in self._group(owned=True):
                if each.plural or looks_like_entity(each):
                    self._listed(each)
            return noun
        if preposition == "of" and self._is_name(noun, target):
            self.at += 1
            return noun.of(target)
        if preposition == "of" and self._of_moment(noun, target):
            self.at += 1
            return self._each_of(noun, target)
        before = self._peek(-4).noun if self._peek(-3).kind == "and" else None
        self._hung(noun, preposition, target)
        if preposition == "per" and before is not None and before.plural and not is_property(before):
            self._fact(Hangs(before, preposition, target))  # feedings and water tests per pond
        return noun

    def _named_before(self) -> Noun | None:
        """In a mere list `playgrounds, the equipment on them`: the several things that were named last."""
        if self._peek().word != "them" or any(
            chunk.kind in {"verb", "be", "modal"} for chunk in self.chunks[: self.at]
        ):
            return None
        nouns = [chunk.noun for chunk in self.chunks[: max(self.at - 2, 0)] if chunk.noun is not None]
        named = next((noun for noun in reversed(nouns) if noun.plural and not is_property(noun)), None)
        self.at += named is not None
        return named

    def _goes_on(self) -> bool:
        """After a comma: `, which …`, or `, with …` that is said of the whole phrase."""
        following = self._peek(1)
        if following.kind == "prep" and self._peek(2).kind == "relative":
            asked = self._peek(3).noun
            return not self.narrow or (asked is not None and is_property(asked))
        if following.kind == "participle":
            before = self._peek(-1).noun
            listed = before is not None and (bare(before) or is_property(before))
            return not self.narrow and self._peek(2).kind == "prep" and not listed
        if following.kind == "relative":
            return following.word in {"which", "who", "whose"}
        either = self._peek(-2).kind == "and" and self._peek(-2).word == "or"
        return not self.narrow and following.word == "with" and not either

    def _hung(self, noun: Noun, preposition: str, target: Noun) -> None:
        kept = self.context.mentioned
        self._bracket_of(noun, target)
        self.narrow += 1
        parent = self._phrase_of(target)
        unit_price = preposition == "per" and bare(parent) and "_" not in parent.name
        if unit_price and (property_kind(noun.name) == "money" or noun.head == "rate"):
            self.narrow -= 1
            self.context.mentioned = kept
            return  # the price per bottle
        parts = noun.determiner == "the" and preposition == "in" and parent.plural and not is_property(noun)
        if parts and self._peek().word == "with" and looks_like_entity(parent):
            self.at += 1
            self._owned(parent, "with")  # the borehole in intervals with a rock type
        unit = preposition == "in" and is_property(noun) and not (parent.determiner or parent.many or parent.one)
        if unit and catalogue().exact(parent.name) is None:
            preposition = "as"  # an area in square metres
        if preposition == "between":
            other = None
            if self._joined() == "and" and self._peek(1).noun is not None:
                self.at += 1
                other = self._phrase()
            self._fact(Between(noun, parent) if other is None else Hangs(noun, "of", parent))
            if other is not None:
                self._fact(Hangs(noun, "of", other))
        elif preposition in {"of", "per"} and _had(noun) and not is_property(parent):
            self._had_by(noun, parent, several=preposition == "per" and noun.possessive)
        elif self._client(preposition, parent):
            pass
        elif preposition not in {"as", "without", "than", "like"} and not (parent.temporal and parent.plural):
            if self._peek().kind == "comma" and self._peek(1).kind == "shares":
                self.at += 2  # tags on tickets, n:m
                self._fact(Shares(noun, parent))
            self._fact(Hangs(noun, preposition, parent))
            self._also_for(noun, preposition)
            self._also_per(noun, preposition)
            while self._joined() == "and" and bare(parent) and bare(self._peek(1).noun) and not self._begins_clause(1):
                self.at += 2  # for sale or rent
        self.narrow -= 1
        self.context.mentioned = kept

    def _also_per(self, noun: Noun, preposition: str) -> None:
        """`rules per flag and environment`"""
        while preposition == "per" and self._joined() == "and" and self._counted_too(self._peek(1).noun):
            self.at += 2
            self._fact(Hangs(noun, preposition, self._mention(self._peek(-1).noun or noun)))

    @staticmethod
    def _counted_too(noun: Noun | None) -> bool:
        """Whether a noun behind `per one and` is another that it is counted by."""
        bare = noun is not None and not (noun.plural or noun.determiner or noun.one)
        return bare and noun is not None and not (noun.temporal or is_property(noun))

    def _client(self, preposition: str, parent: Noun) -> bool:
        """`the system shall manage bus transport for a district`: whom it is built for."""
        one = parent.determiner in {"a", "an", "our", "the"} and not parent.plural
        organised = catalogue().kind(parent.name) in {"place", "group"}
        return self.sentence.first and self.speaker and preposition == "for" and one and organised

    def _had_by(self, noun: Noun, parent: Noun, *, several: bool) -> None:
        """`the length of a trail`; but `their progress per lesson` is kept for each of them and each lesson."""
        if several and looks_like_entity(parent):
            self._listed(Noun((*parent.words, *noun.words), many=True))
            return
        if noun.name in words().uncountable and catalogue().exact(noun.name) is not None and not noun.determiner:
            self._listed(replace(noun, many=True))  # stock per store
            self._fact(Hangs(replace(noun, many=True), "per", parent))
            return
        self._fact(Owns(parent, noun))
        self.owner_of[noun] = parent

    def _bracket_of(self, noun: Noun, target: Noun) -> None:
        """`every treatment of a field (product, dose)`: the bracket is about the treatment; the field is only one."""
        one = target.determiner in {"a", "an", "the"} and not target.plural
        if one and (noun.plural or noun.determiner in {"each", "every"}) and self._peek(1).kind == "bracket":
            inside = self.chunks.pop(self.at + 1).inside
            self._bracket(noun, inside)

    def _also_for(self, noun: Noun, preposition: str) -> None:
        """`ratings for restaurants and couriers`"""
        following = self._peek(1).noun
        if preposition == "per" and self._joined() == "and" and following is not None and bare(following):
            if not is_property(following) and not self._begins_clause(1):
                self.at += 2
                self._fact(Hangs(noun, preposition, following))  # five solves per competitor and round
            return
        if preposition not in {"for", "about", "against", "to", "from"} or self._joined() != "and" or following is None:
            return
        said = following.plural or (preposition == "to" and following.determiner in {"a", "an", "one"})
        own = {preposition, "against", "for", "to"}
        again = self._peek(2).kind == "prep" and self._peek(2).word in own  # and rooms to lessons
        if looks_like_entity(following) and said and not again and not self._begins_clause(1):
            self.at += 2
            self._fact(Hangs(noun, preposition, following))

    def _phrase_of(self, target: Noun) -> Noun:
        phrase = self._phrase()
        return target if phrase is None else phrase

    def _is_name(self, noun: Noun, target: Noun) -> bool:
        """`proof of delivery` is one noun: neither has an article, both are singular, and nothing is said of it."""
        bare = not (target.determiner or target.many or target.one or target.plural)
        return bare and not noun.plural

    def _of_moment(self, noun: Noun, target: Noun) -> bool:
        """`its year of registration`, `the day of the funeral`: of nothing that is kept itself."""
        said = is_property(replace(noun, many=False)) or noun.temporal
        kept = target.plural or target.one or target.determiner in {"each", "every"}
        kept = kept or catalogue().nearest(target.name) is not None
        return said and not kept and not is_property(target)

    def _each_of(self, noun: Noun, target: Noun) -> Noun:
        """`the dates of birth and death`: one of each; all but the last are the owner's like the last."""
        one = replace(noun, words=(*noun.words[:-1], singular(noun.words[-1].lower())))
        while noun.plural and self._joined() == "and" and bare(self._peek(1).noun) and not self._begins_clause(1):
            self.also.append(one.of(target))
            self.at += 1
            target = self._peek().noun or target
            self.at += 1
        return one.of(target)

    def _shares(self, subjects: list[Noun]) -> None:
        """`many-to-many between students and courses`"""
        self.at += 1
        while self._peek().kind == "prep" or (self._peek().noun is not None and self._peek().noun.system):  # type: ignore[union-attr]
            self.at += 1
        targets = self._group(owned=True) if self._peek().noun is not None else []
        both = [noun for noun in [*subjects, *targets] if not noun.system]
        if len(both) >= 2:
            self._fact(Shares(both[-2], both[-1]))
        for noun in targets:
            self._listed(noun)
