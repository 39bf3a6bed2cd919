"""What a pronoun stands for: the nearest noun of its number that the clauses before were about."""

from __future__ import annotations

from dataclasses import replace

from helios_magic.designer.ahead import Ahead
from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.facts import Noun
from helios_magic.designer.properties import is_property
from helios_magic.designer.stands import Chunk
from helios_magic.designer.words import words

_DESCRIBER = Noun(("system",))
"""Whoever describes the database is no part of it."""
_PEOPLE = frozenset({"she", "he", "him"})
_MANY = frozenset({"they", "them"})


class Pronouns(Ahead):
    """How to find the noun that a pronoun stands for."""

    def _pronoun(self, chunk: Chunk) -> Noun | None:
        """The noun behind the pronoun here; the place moves past it, and past `of them` behind it."""
        before = self._peek(-1).kind
        first = self.at == 0
        self.at += 1
        of = ""
        if chunk.word in {"one", "another", "some"} or self._peek().kind == "prep":
            of = self._skip_of_which()
        if chunk.word in {"we", "i", "you"} or self._asked(chunk, first=first):
            return _DESCRIBER
        if chunk.word in {"each", "one", "both", "some"}:
            begins = self._peek().kind in {"be", "verb", "modal"} and not of
            return self._one_of(first=first or begins, of=of)
        if chunk.word == "several":
            return self._several_of(before, of)
        if chunk.word in {"these", "those"} and self.context.object is not None:
            return self.context.object
        if chunk.word in _PEOPLE and self.context.person is not None:
            return self.context.person
        if chunk.word in {"it", *_MANY}:
            return self._last_said(chunk.word in _MANY, done_to=before in {"verb", "infinitive", "prep"})
        return self.context.subject

    def _of_others(self, noun: Noun) -> Noun | None:
        """`a session produces takes of their songs`: not the takes' but the bands' of the clause before."""
        if noun.determiner != "their" or self._peek(-2).word != "of" or self._peek(-3).noun is None:
            return None
        known = (self.context.subject, self.context.previous)
        return next((each for each in known if each and each.plural and not each.system), None)

    def _asked(self, chunk: Chunk, *, first: bool) -> bool:
        """`It shall store routes`: what is to be built, as the sentences before."""
        if not first or chunk.word != "it" or not self.reading.of_system:
            return False
        return self._peek().word in {"shall", "must", "should"} and self._peek(1).word in words().system_verbs

    def _several_of(self, before: str, of: str) -> Noun | None:
        """`a shift needs several of them`: of what was named before, and is not what the clause is about."""
        context, earlier = self.context, self.chunks[: self.at]
        subject = context.subject.name if context.subject else ""
        if not any(each.kind == "relative" for each in earlier):
            nouns = [each.noun for each in earlier if each.noun is not None and each.noun.plural]
            near = [noun for noun in nouns if noun.name != subject and not is_property(noun)]
            known = near[-1] if of == "them" and near else context.previous
            acted = before in {"verb", "infinitive"} or known is not context.previous
            if acted and known is not None and not known.system:
                return replace(known, many=True, one=False, determiner="")
        several = context.mentioned if before != "verb" else (context.object or context.mentioned)
        return replace(several, many=True) if several is not None and several.name != subject else None

    def _one_of(self, *, first: bool, of: str) -> Noun | None:
        """`each of them is recorded`: of the sentence before; `jobs, each with a deadline`: of what stands there."""
        context = self.context
        if first or of == "them":
            known = (context.subject, context.topic if first else None, context.object)
            return next((each for each in known if each and each.plural), context.mentioned)
        if self.front_only():
            return context.front
        return context.mentioned

    def front_only(self) -> bool:
        """`As to the songs, we know the title and the duration of each`"""
        return self.context.front is not None and self._peek(-2).kind == "prep" and self._peek().kind == "end"

    def _last_said(self, plural: bool, *, done_to: bool) -> Noun | None:
        """`it` is one, `them` are several; an object is hardly what the clause itself is about."""
        context = self.context
        order: tuple[Noun | None, ...] = (context.subject, context.object)
        if done_to:
            order = (context.object, context.subject)
        if done_to and not plural:
            order = (context.object, context.previous, context.subject)
        said = [each for each in (*order, context.front) if each is not None and not (done_to and is_property(each))]
        thing = context.object is not None and not is_property(context.object)
        if self._peek(-2).word == "attend" and not plural:
            doer = context.subject.name if context.subject else ""
            known = (context.before, context.subject, context.previous, context.topic)
            events = [each for each in known if each is not None and catalogue().kind(each.name) == "event"]
            if context.front is not None and context.front.name != doer:
                return context.front
            if events:
                return events[0]
        if done_to and thing and not plural and context.object != context.subject:
            return context.object  # nobody does it to himself
        fitting = [each for each in said if (each.several if plural else not each.plural or each.many)]
        return next(iter(fitting or said), None)

    def _skip_of_which(self) -> str:
        """Past `of them`, `of which`; the last word of it."""
        last = ""
        while self._peek().kind in {"prep", "relative", "pronoun"} and self._peek().word in {
            "of", "which", "whom", "them", "these",
        }:  # fmt: skip
            last = self._peek().word
            self.at += 1
        return last
