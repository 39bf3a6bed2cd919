"""Which words of a sentence are verbs, and how: by their form, by what stands around them, by the catalogue."""

from __future__ import annotations

import re
from dataclasses import dataclass

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.facts import Noun
from helios_magic.designer.stands import Chunk, Stand
from helios_magic.designer.tokens import camel
from helios_magic.designer.words import is_plural, property_word, singular, snake, words

_WHITHER = frozenset({"to", "from", "after", "through"})
"""Prepositions that hardly follow anything but a verb."""
_HAS_BEHIND = ("np", "bracket", "comma", "and", "pronoun", "relative", "participle")
_ENDS = frozenset({"", ",", "and", "or"})
_BY = frozenset({"by", "in", "at", "from", "into"})
_PARTICLES = frozenset({"up", "out", "off", "down", "away", "back"})


@dataclass(slots=True)
class Words(Stand):
    """Whether a verb stands at a place in a sentence's words."""

    def _verb(self) -> bool:
        word = self._word()
        inflected = self._inflected(self._subject())
        if word == "to" and self._word(1) == "be" and words().forms.get(self._word(2), ("", ""))[1] == "past":
            self._add(
                "verb" if self._follows("be") else "participle", words().forms[self._word(2)][0], steps=3, form="past"
            )
            return True
        if word == "to" and words().forms.get(self._word(1), ("", ""))[1] == "base" and not self._noun_ahead(1):
            self._add("infinitive", self._word(1), steps=2)
            return True
        if inflected is None:
            return False
        lemma, form = inflected
        reading = self._reading(word, lemma, form)
        if reading == "gapped":
            self.found.append(Chunk("be", "are"))
            reading = "verb"
        if reading:
            whole = f"{lemma}_{self._word(1)}"
            ends = whole in words().alone and self._word(2) in words().classes["prepositions"] | _ENDS
            phrasal = whole in words().classes["phrasal"] and (self._starts_noun(2) or self._word(2) == "by" or ends)
            self._add(reading, whole if ends else lemma, steps=1 + phrasal, form=form)
            self.finite = self.finite or reading == "verb"
        return bool(reading)

    def _perfect(self) -> bool:
        """`has been sent`, `have accepted their invitation`: a participle comes next, and is no adjective."""
        known = words()
        ahead = 2 if self._word(1) in known.classes["adverbs"] else 1
        if self._word(ahead) == "been":
            return True
        after = self._word(ahead + 1)
        clear = known.classes["determiners"] | known.classes["many"] | known.classes["prepositions"]
        clear |= known.classes["conjunctions"] | known.classes["pronouns"] | known.classes["relatives"] | {"", ","}
        return known.forms.get(self._word(ahead), ("", ""))[1] == "past" and after in clear

    def _inflected(self, subject: Noun | None) -> tuple[str, str] | None:
        """Lemma and form of a verb; of one that nobody listed, where its ending and its place give it away."""
        word, known = self._word(), words()
        if "_" in word:
            return None  # seeds_germinated
        if word in known.forms:
            return known.forms[word]
        if self._last is not None and self._last.word == "who" and re.fullmatch(r"[a-z]+(?:s|ed)", word):
            return singular(word).removesuffix("ed"), "past" if word.endswith("ed") else "s"
        if self._follows("modal") and word.isalpha() and self._is_noun(0) and word not in known.classes["adverbs"]:
            return word, "base"
        joined = self._follows("and", "comma") and (self._passive_before() or self._participle_before())
        if word.endswith("ed") and len(word) > 4 and (subject is not None or self._follows("be") or joined):
            return word.removesuffix("ed"), "past"
        following = self._word(1) in (known.classes["determiners"] | known.classes["prepositions"]) - {"of"}
        single = subject is not None and not subject.plural and subject.determiner in known.classes["generic"]
        if subject is not None and subject.plural and self._unlisted(word):
            return word, "base"
        if word.endswith("s") and catalogue().exact(snake(word)) is None and subject is not None:
            acts = self._word(1) in known.classes["determiners"] | known.classes["many"] or self._several_follow()
            if (single and following) or (acts and subject.determiner and not subject.plural):
                return singular(word), "s"
        return None

    def _several_follow(self) -> bool:
        """`the department empties bins`: a noun in the plural, and no longer one, stands after the word."""
        plain = self._is_noun(1) and is_plural(snake(self._word(1))) and self._word(1) not in words().forms
        return plain and not (self._word(2) and self._is_noun(2))

    def _unlisted(self, word: str) -> bool:
        """`clients bring matters`: between two nouns in the plural there is hardly anything but a verb."""
        if is_plural(word) or not word.isalpha() or catalogue().exact(word) is not None or self._compound():
            return False
        if not self._is_noun(0) or word in words().classes["determiners"] | words().classes["adverbs"]:
            return False
        if self.at == 0 or self._word(-1) in words().classes["mass"] or property_word(word):
            return False
        known = words().classes
        plain = self._is_noun(1) and is_plural(snake(self._word(1)))
        plain = plain and (self._word(1) not in words().forms or catalogue().exact(self._word(1)) is not None)
        clear = (
            known["determiners"] | known["many"] | ({"to", "from", "after", "through"} if not self.finite else set())
        )
        return is_plural(snake(self._word(-1))) and (plain or self._word(1) in clear)

    def _noun_ahead(self, ahead: int) -> bool:
        """`to order items`, or `to orders`: only a word that is a noun as well may be one here."""
        lemma = words().forms[self._word(ahead)][0]
        return lemma in words().nouns_too and not self._starts_noun(ahead + 1)

    def _reading(self, word: str, lemma: str, form: str) -> str:
        """`verb`, `participle`, or nothing where the word is (part of) a noun here."""
        if self._follows("modal"):
            perfect = self._last is not None and self._last.word == "have"
            same = lemma in words().same_past
            return "verb" if same or form == ("past" if perfect else "base") else ""
        if self._follows("be"):
            done = form in {"past", "ing"} or lemma in words().same_past
            return "verb" if done and not self._describes() else ""
        if word in {"has", "have"} and self._follows(*_HAS_BEHIND):
            return "verb"
        if lemma in words().same_past and self._follows("and") and self._passive_before() and self._word(1) in _BY:
            return "verb"  # translated by one and proofread by another
        if form == "past" and word not in {lemma}:
            return self._past(lemma)
        if form == "ing":
            return self._gerund()
        if self._follows("and", "comma") and form == "base" and self._word(1) == "each_other":
            return "verb"  # users with a profile, follow each other
        if self._compound():
            return ""
        return self._present(word, lemma, "base" if word == lemma else form)  # users set goals

    def _describes(self) -> bool:
        """`are registered users`: an adjective."""
        return self._word(1) != "" and self._is_noun(1) and self._word(1) not in words().classes["adverbs"] | {"to"} \
            and self._word(1) not in words().classes["determiners"]  # fmt: skip

    def _compound(self) -> bool:
        """Whether the word and the next make a noun that the catalogue knows: `review comments`, `order items`."""
        if self._word() in {"start", "end"} and self._word(1) in {"date", "time", "point"}:
            return self._follows("and", "comma")  # a start date and end date
        if self._follows("np") and self._last is not None and self._last.noun is not None and self._last.noun.plural:
            said = snake(self._last.noun.words[-1]) if self._last.noun.words else ""
            if is_plural(said) and said not in words().classes["mass"] and is_plural(snake(self._word(1))):
                return False  # volunteers work shifts
        return (
            not self.lenient
            and self._is_noun(1)
            and (
                catalogue().knows(snake(f"{self._word()}_{self._word(1)}"))
                or self._word(1) in words().classes["offices"]
            )
        )

    def _past(self, lemma: str) -> str:
        known = words().classes
        following = self._word(1) if self._word(1) not in known["adverbs"] else self._word(2)
        if self._last is not None and self._last.word == "who":
            return "verb"
        if self._follows("np", "bracket", "pronoun", "relative"):
            if self._follows("np") and following in _ENDS and self._gapped_before():
                return "gapped"
            if following in known["prepositions"]:
                return "participle"
            objects = known["determiners"] | known["many"] | {"which", "what", "it", "them"}
            return "verb" if following in objects else "participle"
        if self._follows("and") and len(self.found) > 1 and self.found[-2].kind == "participle":
            return "participle"  # cards sent and received
        if self._follows("and", "comma") and self._passive_before() and following in known["prepositions"] | _ENDS:
            return "verb"
        if self._follows("and") and self._participle_before() and following in known["prepositions"] | {""}:
            return "participle"  # created by a requester and assigned to an agent
        return "participle" if following in known["prepositions"] and self._follows("comma") else ""

    @property
    def finite_before(self) -> bool:
        """Whether there was a verb before this clause or in it."""
        return any(chunk.kind == "verb" for chunk in self.found)

    def _passive_before(self) -> bool:
        """Whether the last verb was passive: `are packed in boxes, shipped to …`, but `consists of jobs, run on …`."""
        last = next((chunk for chunk in reversed(self.found) if chunk.kind == "verb"), None)
        pairs = zip(self.found, self.found[1:], strict=False)
        same = last is not None and (last.form == "past" or last.word in words().same_past)
        return same and any(one.kind == "be" and two.kind == "verb" for one, two in pairs)

    def _gapped_before(self) -> bool:
        """`diagnoses are noted and medicines prescribed`: what stands before the `and` is passive, and so is this."""
        joined = len(self.found) > 4 and [chunk.kind for chunk in self.found[-5:-2]] == ["np", "be", "verb"]
        return joined and self.found[-2].kind in {"and", "comma"}

    def _participle_before(self) -> bool:
        before = self.found[:-1]
        return not self.finite and [chunk.kind for chunk in before[-3:]] == ["participle", "prep", "np"]

    def _gerund(self) -> str:
        known = words().classes
        if self._follows("comma") and self.finite_before and self._word(1) in known["determiners"] | known["many"]:
            return "verb"  # guests book a room, paying a deposit
        if self._follows("prep") and self._last and self._last.word in {"for", "by", "of"} and self._starts_noun(1):
            systems = words().forms[self._word()][0] in words().system_verbs
            does = systems or self._word(1) in known["determiners"] | known["many"]
            return "infinitive" if does and not self._compound() else ""
        if self._follows("pronoun") and self._last is not None and self._last.word == "each":
            return "participle"
        if self._follows("np") and self._last and self._last.noun and self._last.noun.plural:
            following = self._word(1)
            clear = following in known["prepositions"] | known["determiners"] | known["many"]
            holds = words().verbs.get(words().forms[self._word()][0]) == "has"
            holds = holds and (is_plural(snake(following)) or self._property_ahead())
            holds = holds or (words().forms[self._word()][0] in words().classes["offering"] and self._is_noun(1))
            return "participle" if clear or holds else ""
        return ""

    def _names_something(self, form: str, auxiliary: frozenset[str]) -> bool:
        """Whether the word is the subject of another verb: `takes are recorded`, `…, invoices contain lines`."""
        passing = self._follows("pronoun") and self._last is not None and self._last.word == "it" and self._in_passing()
        if self._word(1) in auxiliary:
            return passing or not self._follows("relative", "pronoun")  # during it diagnoses are noted
        return passing or (form == "s" and self._follows("and", "comma") and self._acts_next())

    def _present(self, word: str, lemma: str, form: str) -> str:
        auxiliary = words().classes["be"] | words().classes["modals"] | {"has", "have"}
        if self._names_something(form, auxiliary):
            return ""
        noun_too = lemma in words().nouns_too or catalogue().exact(lemma) is not None
        noun_too = noun_too or (form == "s" and catalogue().keeps(lemma))  # finds with material and dating
        noun_too = noun_too or catalogue().exact(singular(word)) is not None  # diagnoses made at an appointment
        if self._last is None or (self._follows("boundary") and lemma in words().system_verbs):
            return "verb" if self._imperative(lemma, form) and self._word(2) not in auxiliary else ""
        if self._follows("relative") and self._last is not None and self._last.word == "who":
            return "verb"
        if self._follows("relative") and noun_too and words().forms.get(self._word(1), ("", ""))[1] in {"base", "s"}:
            return ""  # where sites have gateways
        if self._follows("relative", "pronoun"):
            object_like = self._last is not None and self._last.word in {"us", "me", "them"}
            return "" if object_like and not (len(self.found) > 1 and self.found[-2].word == "of") else "verb"
        if self._follows("np", "bracket"):
            subject = self._subject()
            if subject is None:
                return ""
            if form == "base" and not subject.plural and not self._several():
                relative = any(chunk.kind == "relative" for chunk in self.found)
                return "verb" if relative and not noun_too and self._starts_noun(1) else ""
            if not noun_too:
                return "verb"
            after = 2 if self._word(1) in words().classes["adverbs"] else 1
            follows = self._starts_noun(after) or self._word(after) in words().classes["prepositions"] | {
                "which",
                "each_other",
            }
            follows = (
                follows
                or self._word(1) in {"up", "out", "off", "down", "away", "back"}
                or self._gap()
                or self._verbs_follow(form)
                or self._ends_clause(subject, word, form)
            )
            counted_as_one = subject.determiner in {"a", "an", "each", "every"} and not subject.many
            counted_as_one = counted_as_one or (
                bool(subject.determiner) and subject.head in words().classes["collective"]
            )
            several = (subject.plural and not counted_as_one) or (form == "base" and self._several())
            counted = words().classes["determiners"] | words().classes["many"]
            named = len(self.found) == 1 and (self._word(1) in counted or camel(self.tokens[self.at + 1 : self.at + 2]))
            asked = len(self.found) > 1 and self.found[-2].word == "which" and self._word(1) in counted | {"which"}
            agrees = several == (form == "base") and (
                form == "base" or bool(subject.determiner) or subject.one or named or asked
            )
            return "verb" if follows and agrees and not self.finite else ""
        if self._follows("and", "comma") and any(chunk.kind in {"verb", "be"} for chunk in self.found):
            same = any(self._agreed(chunk, form) for chunk in self.found)
            same = same or (form == "base" and self._modal_before())
            listed = len(self.found) > 1 and self.found[-2].kind == "np" and self._word(1) in {",", "and", "or", ""}
            if not noun_too:
                same = same or self._modal_before()  # can take courses and gets a mark
                return "verb" if same and not (listed and form == "base") else ""
            known = words().classes
            clear = self._word(1) in known["determiners"] | known["many"] | (known["prepositions"] - {"of", "with"})
            clear = clear or self._word(1) in {"which", "whether", "how", "when", "who", "what", "other", "another"}
            bare = (form == "base" or (form == "s" and same)) and self._plural_ahead()
            return "verb" if same and (clear or bare or self._one_more(form)) else ""
        return ""

    def _acts_next(self) -> bool:
        """Whether the next word is nothing but the verb of a subject in the plural."""
        lemma, form = words().forms.get(self._word(1), ("", ""))
        return form == "base" and lemma not in words().nouns_too and self._starts_noun(2)

    def _one_more(self, form: str) -> bool:
        """`hold a position, request leave, …` behind two verbs; `like and comment on posts`."""
        known = words()
        joint = self._word(1) in {"and", "or"} and known.forms.get(self._word(2), ("", ""))[1] == form
        if joint and self._word(3) in known.classes["prepositions"] | known.classes["determiners"]:
            return True
        several = sum(chunk.kind == "verb" and chunk.form == form for chunk in self.found) > 1
        return several and self._is_noun(1) and catalogue().exact(snake(self._word(1))) is not None

    def _ends_clause(self, subject: Noun, word: str, form: str) -> bool:
        """`annual reports follow`; `customers raise tickets, agents answer, …`"""
        if form != "base" or not subject.plural or self._word(1) not in _ENDS:
            return False
        if not self._word(1):
            return word != "count"
        if len(self.found) > 1 and self.found[-2].kind == "np":
            return True  # castings clients run, …
        listed = len(self.found) > 1 and self.found[-2].kind == "comma" and self.finite_before
        return listed and len(subject.words) == 1 and catalogue().kind(subject.name) == "person"

    @staticmethod
    def _agreed(chunk: Chunk, form: str) -> bool:
        """Whether a verb of this form may go on where that one stood: not `comments` behind `can be`."""
        if chunk.kind == "be":
            return chunk.word not in ({"are", "were", "be", "been"} if form == "s" else {"is", "was"})
        return chunk.kind == "verb" and chunk.form == form

    def _imperative(self, lemma: str, form: str) -> bool:
        """`store payments`: what the system is asked to do."""
        asked = form == "base" and self._starts_noun(1) and lemma in words().system_verbs | {"include", "have"}
        asked = asked or (lemma == "tell" and self._word(1) in words().classes["pronouns"])
        titled = lemma in words().nouns_too and not is_plural(snake(self._word(1)))
        titled = titled and (self._word(2) == "where" or (self._word(2) == "in" and self._word(3) == "which"))
        return asked and not titled and self._word(1) not in words().classes["be"]  # support desk in which …

    def _gap(self) -> bool:
        """`questions, which creators answer`: the verb of a relative clause may end it."""
        before = self.found[-2] if len(self.found) > 1 else None
        subject = self._subject()
        clause = before is not None and before.kind == "np" and subject is not None and bool(subject.determiner)
        relative = before is not None and (before.kind == "relative" or clause)  # certifications a diver holds
        return relative and not (self._word(1) and self._is_noun(1))

    def _verbs_follow(self, form: str) -> bool:
        """`water, prune and fertilise`"""
        known = words()
        listed = known.forms.get(self._word(2), ("", ""))
        if self._word(1) == "and" and listed[1] == form and self._word(3) in {"on", "to", "for"}:
            return True  # visitors rate and comment on exhibits
        return self._word(1) in {",", "and", "or"} and listed[1] == form and listed[0] not in known.nouns_too

    def _several(self) -> bool:
        """Whether the subject is more than one noun: `driver and vehicle`, `members of our club`."""
        place = 4 if len(self.found) > 3 and self.found[-3].kind == "participle" else 3  # objects shown in a hall get
        if len(self.found) >= place and self.found[-2].kind == "prep" and (head := self.found[-place].noun) is not None:
            return head.plural
        return len(self.found) > 1 and self.found[-2].kind == "and"

    def _modal_before(self) -> bool:
        return any(chunk.kind == "modal" for chunk in self.found)
