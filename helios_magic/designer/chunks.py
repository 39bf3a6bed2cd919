"""Sentences, and their words in groups: noun phrases, verbs, prepositions, commas, brackets."""

from __future__ import annotations

from dataclasses import dataclass, replace

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.facts import Noun
from helios_magic.designer.prose import texts
from helios_magic.designer.stands import Chunk
from helios_magic.designer.tokens import camel
from helios_magic.designer.verbs import Words
from helios_magic.designer.words import is_plural, property_word, singular, snake, words

_NUMBERS = frozenset(("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve", "twenty"))
_BEHIND = frozenset(("due", "owed", "outstanding", "overdue", "needed", "concerned"))
"""Adjectives that stand behind their noun."""
_LONGEST = 12
"""Words of a noun phrase behind which no verb is looked for: it is none that anybody would say."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, or one line of a list (`bullet`)."""

    text: str
    chunks: tuple[Chunk, ...]
    bullet: bool = False
    first: bool = False
    further: bool = False
    """Behind a semicolon: what the sentence speaks of is still the same."""


def _lacks_verb(chunks: list[Chunk]) -> bool:
    """Whether the main clause has no verb, though it is followed by one that has: `bartenders work shifts, which …`."""
    kinds = [chunk.kind for chunk in chunks]
    first = next((place for place, kind in enumerate(kinds) if kind in {"relative", "boundary"}), len(kinds))
    verbs = {"verb", "be", "modal", "participle", "colon", "shares", "infinitive"}
    return 0 < first < len(kinds) and not verbs & set(kinds[:first]) and bool(verbs & set(kinds[first:]))


def _goes_on(word: str, before: Noun) -> bool:
    """Whether a noun may follow `many` or `another`; a verb of their number that is nothing else ends the phrase."""
    lemma, form = words().forms.get(word, ("", ""))
    return form != ("base" if before.many else "s") or lemma in words().nouns_too


def sentences(prose: str) -> list[Sentence]:
    """The description's sentences, in order."""
    found: list[Sentence] = []
    for text, bullet, further in texts(prose):
        chunks = _Chunker(text).chunks()
        if not bullet and _lacks_verb(chunks):
            again = _Chunker(text, lenient=True).chunks()
            chunks = chunks if _lacks_verb(again) else again
        found.append(Sentence(text, tuple(chunks), bullet, first=not found, further=further))
    return found


class _Chunker(Words):
    """Goes through a sentence's words from left to right."""

    def chunks(self) -> list[Chunk]:
        while self.at < len(self.tokens):
            self._next()
        return self.found

    def _next(self) -> None:
        word, known = self._word(), words().classes
        if word == "(":
            self._bracket()
        elif word == "there" and self._word(1) in known["be"] | known["modals"]:
            self._add("boundary", word)
            self.finite = False
        elif word == ")" or word in known["adverbs"] or word == "not":
            self.at += 1
        elif self._sign(word) or self._function_word(word):
            return
        elif not self._verb():
            if word in known["prepositions"]:
                self._add("prep", word)
            else:
                self._noun()

    def _sign(self, word: str) -> bool:
        """Commas, colons, arrows, and the marks that `_PHRASES` left."""
        known = words().classes
        if word in {",", "/", "&"} or word in known["conjunctions"]:
            self._add("comma" if word == "," else "and", word)
            self.finite = False
        elif word in known["boundaries"]:
            self._add("boundary", word)
            self.finite = False
        elif word == ":":
            self._add("colon", word)
            self.finite = False
        elif word == "<->":
            self._add("shares")
        elif word in {"->", "→", "=", ">"}:
            self._add("verb", "have" if word in {"=", ">"} else "belong", form="s")
        elif word == "many_to_many":
            self._add("shares")
        elif word in {"such_as", "including"}:
            self._add("prep", "such as" if word == "such_as" else "with")
        elif word == "each_other" or (word == "others" and self._follows("verb")):
            self.found.append(Chunk("np", noun=Noun((), other=True, many=True)))
            self.at += 1
        else:
            return False
        return True

    def _function_word(self, word: str) -> bool:
        known = words().classes
        if word == "what":
            asks = self._word(2) in known["be"] | known["modals"]  # what repairs were requested
            says = words().forms.get(self._word(1), ("", ""))[1] in {"s", "base"} and not asks
            if says or self._word(1) in known["be"]:
                self._add("relative", word)
            else:
                self.at += 1
            return True
        if word == "which" and self._asks():
            self.tokens[self.at] = word = "each"
        if word in known["relatives"] and not (
            word == "that" and self._is_noun(1) and not self._follows("np", "verb", "bracket")
        ):
            self._add("relative", word)
            self.finite = False
        elif word in known["modals"]:
            self._add("modal", word)
        elif word in {"has", "have", "had", "having"} and self._perfect():
            self._add("modal", "have")
        elif word in {"get", "gets", "got"} and words().forms.get(self._word(1), ("", ""))[1] == "past":
            self._add("be", word)  # lessons get booked
        elif word in known["be"]:
            self._add("be", word)
        elif word in known["pronouns"] or (word in {"each", "both", "these", "all", "some"} and self._pronominal()):
            self._add("pronoun", word)
        else:
            return False
        return True

    def _asks(self) -> bool:
        """`which guests have accepted which invitation`: an article, as in a question."""
        if not self._is_noun(1) or self._word(1) in words().classes["determiners"] | words().classes["pronouns"]:
            return False
        if self._follows("prep") and "?" in self.text:
            return True
        if self._follows("prep"):
            return len(self.found) > 1 and self.found[-2].kind in {"verb", "infinitive"}
        listed = self._follows("and", "comma") and "?" in self.text and self._word(1) not in words().forms
        return self._last is None or listed or self._follows("verb", "infinitive", "colon")

    def _pronominal(self) -> bool:
        """`each`, `both` standing alone: a verb, a preposition or the end comes next."""
        following = self._word(1)
        known = words()
        if following in known.classes["be"] | known.classes["modals"] | known.classes["prepositions"] | {"", ","}:
            return True
        lemma, form = known.forms.get(following, ("", ""))
        if form == "ing" and self._word() == "each":
            counted = known.classes["determiners"] | known.classes["many"] | {"one"}
            return self._follows("comma") and self._word(2) in counted  # policies, each covering one vehicle
        if self._word() == "each" and form == "past" and self._word(2) in {"by", "with", "to", "from"}:
            return True  # routes, each identified by a code
        if form not in {"base", "s"} or (self._word() in {"these", "all", "some", "both"} and form == "s"):
            return False
        clear = known.classes["determiners"] | known.classes["many"] | known.classes["prepositions"]
        one = self._word() == "each"
        if one and form == "base" and (self._last is None or self._follows("comma", "colon")):
            return False  # each stand pours
        return lemma not in known.nouns_too or (one == (form == "s") and self._word(2) in clear - {"of"})

    def _bracket(self) -> None:
        depth, start = 0, self.at
        while self.at < len(self.tokens):
            depth += {"(": 1, ")": -1}.get(self.tokens[self.at], 0)
            self.at += 1
            if depth == 0:
                break
        inside = " ".join(each for each in self.tokens[start + 1 : self.at] if each not in "()")
        self.found.append(Chunk("bracket", inside=inside.replace(" ,", ",")))

    def _noun(self) -> None:
        before = self._quantified()
        alone = self._word(-1) in {"one", "another"}
        if (before.one or before.other) and alone and words().forms.get(self._word(), ("", ""))[1] == "s":
            self.found.append(Chunk("pronoun", "another" if before.other else "one"))
            return
        if (before.many or before.other) and not _goes_on(self._word(), before):
            self.found.append(Chunk("pronoun", "another" if before.other else "several"))  # many belong to none
            return
        said, ended = self._said(before)
        if said:
            self.found.append(Chunk("owner" if ended else "np", noun=replace(before, words=tuple(said))))
        elif before.many and self._follows("verb", "infinitive"):
            self.found.append(Chunk("pronoun", "several"))  # dormitories, of which a hut has several
        elif before.other:
            self.found.append(Chunk("np", noun=before))  # a more experienced one
        elif before.one and before.determiner != "each":
            self.found.append(Chunk("pronoun", "one"))
        elif self.at < len(self.tokens) and not self._is_noun(0) and before == Noun(()):
            self.at += 1

    def _quantified(self) -> Noun:
        """Articles and words such as many, one, another, their: a noun without its words yet."""
        known, noun = words().classes, Noun(())
        while True:
            word = self._word()
            if word in {"other", "another"}:
                noun = replace(noun, other=True)
            elif word in {"their", "its", "his", "her"}:
                noun = replace(noun, possessive=True, determiner=word)
            elif word in known["determiners"]:
                noun = replace(noun, determiner=word)
            elif word in known["many"]:
                noun = replace(noun, many=True, counted=word in _NUMBERS)
            elif word in {"one", "single"}:
                noun = replace(noun, one=True)
            else:
                return noun
            self.at += 1

    def _said(self, before: Noun) -> tuple[list[str], bool]:
        """The words of a noun phrase, and whether they end in `'s`."""
        known, said, ended = words().classes, list[str](), False
        while self._is_noun(0) and not ended:
            word = self._word()
            if word in known["determiners"] | known["adverbs"] | known["pronouns"]:
                break
            if said and (word in known["many"] | {"one"} or camel(self.tokens[self.at - 1 : self.at + 1])):
                break
            if said and (self._season(said[-1]) or self._too_many(before)):
                said = self._parted(said)
                break
            if said and self._clause_of_others(said[-1]):
                break
            if 0 < len(said) <= _LONGEST and self._closes(replace(before, words=tuple(said))):
                break
            if said and word in _BEHIND and is_plural(snake(said[-1])) and self._word(1) in {",", "and", "or", ""}:
                self.at += 1  # premiums due
                break
            ended = word.endswith("'s") or (word.endswith("s'") and len(word) > 2)
            said.append(self.tokens[self.at].removesuffix("'s"))
            self.at += 1
            said = self._with_of(said)
        if said and self._ends_in(said[-1]):
            said.append(self.tokens[self.at])
            self.at += 1
        return said, ended

    def _clause_of_others(self, last: str) -> bool:
        """`tools members can borrow`: a clause about other people begins; nobody puts two plurals into one noun."""
        known, word = words(), self._word()
        if not is_plural(snake(last)) or last.lower() in known.classes["mass"] or not is_plural(snake(word)):
            return False
        lemma, form = known.forms.get(self._word(1), ("", ""))
        ends = self._word(2) in {"", ",", "and"} | known.classes["prepositions"]
        acts = self._word(1) in known.classes["modals"] or (form == "base" and (ends or lemma not in known.nouns_too))
        return acts and catalogue().kind(snake(word)) == "person"

    def _ends_in(self, last: str) -> bool:
        """`depth from, depth to`, `valid until`, `the time taken`: the word here is the last of the name."""
        if self._word(1) not in {",", "and", "", ")"}:
            return False
        if self._word() in {"from", "to", "until"}:
            return property_word(last) or last.lower() == "valid"
        return last.lower() in {"time", "date"} and words().forms.get(self._word(), ("", ""))[1] == "past"

    def _parted(self, said: list[str]) -> list[str]:
        """`for a job spare parts are used`: the first noun without what the catalogue knows as part of the second."""
        for first in range(1, len(said)):
            if catalogue().exact(snake("_".join([*said[first:], self._word()]))) is not None:
                self.at -= len(said) - first
                return said[:first]
        return said

    def _too_many(self, before: Noun) -> bool:
        """`after a rental costumes are sent`: one of something is not followed by several in the same phrase."""
        word, known = self._word(), words()
        one = before.determiner in {"a", "an", "each", "every"} and not before.many
        fronted = len(self.found) == 1 and self.found[0].word in {"during", "after", "before", "in", "at"}
        acts = words().forms.get(self._word(1), ("", ""))[1] == "base" and self._starts_noun(2)
        acts = acts or self._word(1) in words().classes["modals"]
        if fronted and before.determiner and acts and is_plural(snake(word)):
            return True  # during their stay people order extras
        several = is_plural(snake(word)) and word not in known.classes["mass"] and word not in known.uncountable
        return one and several and self._word(1) in known.classes["be"] | known.classes["modals"]

    def _season(self, word: str) -> bool:
        """`During the season technicians …`: a time that opens the sentence is no part of the next noun."""
        fronted = len(self.found) == 1 and self.found[0].kind == "prep"
        return fronted and word in words().classes["temporal"] and is_plural(snake(self._word()))

    def _closes(self, noun: Noun) -> bool:
        """Whether the word here is the verb of the noun phrase so far."""
        word = self._word()
        if catalogue().exact(snake("_".join([*noun.words[-2:], word]))) or catalogue().exact(
            snake(f"{noun.words[-1]}_{word}")
        ):
            return False  # a satisfaction survey
        if snake(f"{noun.words[-1]}_{word}") in words().classes["marks"]:
            return False  # an ear tag
        owned = self._follows("owner") or (self._last is not None and self._last.word == "whose")
        inflected = self._inflected(replace(noun, determiner="its") if owned else noun)
        if inflected is None or (len(noun.words) == 1 and self._qualifies(noun.words[0].lower())):
            return False  # `saved searches`, `a due date`: so far there is only an adjective
        before = self.found
        if owned:
            noun = replace(noun, determiner="its")
        self.found = [*before, Chunk("np", noun=noun)]
        reading = self._reading(word, *inflected)
        self.found = before
        return bool(reading)

    @staticmethod
    def _qualifies(word: str) -> bool:
        known = words()
        return (
            known.forms.get(word, ("", ""))[1] == "past"
            or word in known.classes["dropped"] | known.classes["adjectives"]
        )

    def _with_of(self, said: list[str]) -> list[str]:
        """`chain` and what follows, where the catalogue knows a chain of ownership."""
        if self._word() == "of" and self._is_noun(1):
            name = snake("_".join([singular(snake(said[-1])), "of", self._word(1)]))
            if catalogue().names.get(name) or catalogue().names.get(singular(name)):
                self.at += 2
                return [*said, "of", self.tokens[self.at - 1]]
        return said
