"""Parties and things that are named in passing — `by which beekeeper`, `on behalf of a relative` — put as clauses."""

from __future__ import annotations

import re

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.words import plural, property_word, singular, snake, words

_ASKING = r"know|record|note|see|track|log|write down|remember|register|document|store|list|keep track of|keep"
_BE = "is|are|was|were"
_ONE = r"(?:an?|each|every|the)"
_REST = r"(?:(?!s with )[^;.]){0,120}?"
_PLAIN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), meaning)
    for pattern, meaning in (
        # Inspections (by which beekeeper, when): somebody takes part, as if it had been said.
        (r"\((by|with|for|at|in|on|from|to) which (\w+)\)", r"\1 one \2"),
        (r"\bpicks? up and (?=(?:deliver|return|bring)s?\b)", ""),
        (r"\bon behalf of\b|\bin the name of\b", "for"),
        (r"\b(made|built|sewn|printed|tailored|cut|cooked|produced) to (?:order|measure)\b", r"\1"),
        (r"\b(day|week|month|year|season|term|one|step) by \1\b", ""),
        (rf"\b({_ASKING}) who (?:came|comes|went|goes|turned up|turns up|showed up|took part) (?:to|at|in|for) ",
         r"\1 which people attended "),
        (r"\bwho and which (\w+)\b", r"which people and which \1"),
        (r",? and (?:the )?(?:remainder|rest|balance) (?:at|on|upon|after|before|when|later) [^,.;]+(?=[,.;]|$)", ""),
        (r"\b(?:logged|tracked|recorded|billable|worked) (?:working )?(?:time|hours)\b(?! entr)", "time entries"),
        (r"\b(?:time|hours) (?:spent|worked|logged)\b", "time entries"),
        (r"\bwaiting[- ]lists? of (?:the )?((?:\w+ )?\w+s)\b", r"\1 with a position"),
        (r"\blots of (?=an? \w)", "lots for "),
        (r"(?<=\w) first(?= and (?:the|an?) |,? then\b|[,.;]|$)", ""),
        (rf"\breads? (?:{_ONE}|their|all|the) ((?:\w+ )?meter)s?\b", r"record the \1 readings"),
        (r"\b((?:\w+ )?meter)s are read\b", r"\1 readings are recorded"),
        # Sites are divided into trenches and these into contexts: the verb is said once for both.
        (rf"\b({_BE}) (\w+(?:ed|it|ut)) into ((?:\w+ )?\w+s),? and (?:these|those|they|each(?: of them)?) into ",
         r"\1 \2 into \3; \3 are \2 into "),
        (r"\b(above|over|before|upstream) (?:or|and) (?:below|under|after|downstream)\b", r"\1"),
        (r"\b(\w+)s (?:that|which) (?:can|may|might) be \w+s (?:to|of|for) other \1s\b", r"\1s with a parent \1"),
        (r"\b((?:alternative|alternate|former|previous|earlier) (?:names|titles|addresses|phone numbers|spellings))\b",
         r"many \1"),
        # Incidents with a type, who and which vehicles attended: people and vehicles take part in them.
        (rf"\b(\w+)s((?: with {_REST})?), (?:and )?which people and which (\w+s) (?:attended|took part|went)\b,?",
         r"\1s\2; every \1 involves many people and many \3; "),
        (rf"\b(\w+s) ((?:of|for|with) {_REST}), ((?:stored|kept|held|housed) (?:in|at|on) an? [\w ]+)(?=[.;]|$)",
         r"\1 \2; \1 are \3"),
        # Blog with several authors: posts, tags
        (r"^([A-Z][\w-]*(?: \w+){0,2}) with ((?:several|many|multiple|various|two|three) [\w ]+): ", r"\1: \2; "),
    )
)  # fmt: skip
_USED = re.compile(rf"\b(?:{_ASKING}) which (\w+(?: \w+)?) ({_ONE} \w+) ([a-z]+)\b(?=[,.;?]|$| and\b)")
_APPLIES = re.compile(r"\b(appl(?:y|ies|ied)) to ([a-z]+)\b(?! \w+s\b)")


_DONE_BY = re.compile(
    r"\b(\w+s) ((?:can|may) be|are) ((?:\w+ed [^.;]*?, )?)(\w+ed) and (\w+ed)( on)? by (?:other )?(\w+s)\b"
)


def _both_done(found: re.Match[str]) -> str:
    """`posts can be liked and commented on by users`: users like posts, and users comment on posts."""
    things, auxiliary, before, *verbs, on, who = found.groups(default="")
    known = [words().forms.get(verb, ("", ""))[0] for verb in verbs]
    if not all(known) or not all(verb in words().deeds for verb in known):
        return found[0]
    rest = f"{things} {auxiliary} {before.rstrip(', ')}; " if before else ""
    return f"{rest}{who} {known[0]} {things}; {who} {known[1]}{on} {things}"


def _taken(found: re.Match[str]) -> str:
    """`we know which gear a session used`: a session used several of them."""
    lemma, form = words().forms.get(found[3], ("", ""))
    if form not in {"past", "s"}:
        return found[0]
    many = found[1] if found[1].endswith("s") else plural(found[1])
    return f"we note that {found[2]} {lemma}s many {many}"


def _application(found: re.Match[str]) -> str:
    """`people apply to adopt`: they file applications for it."""
    noun = words().deeds.get(found[2]) or words().called.get(found[2]) or catalogue().happening(found[2])
    if noun is None or words().forms.get(found[2], ("", ""))[1] != "base":
        return found[0]
    return f"{'files' if found[1] == 'applies' else 'file'} {noun} applications"


_WHICH = re.compile(r"\b(by|with|for|at|in|on) which (\w+)(?=[,.;)]|$)")
_OF_SOME = re.compile(r"\b(an?) (\w+) of (?:some|an?|one) (\w+)\b(?=[,.;]| and\b|$)")
_SUB = re.compile(r"\bsub-?([a-z]+s)\b")
_NESTED = re.compile(r"(^|, |: |and )(?:nested|hierarchical|threaded|recursive) (\w+s)\b(?!:)")
_TWO_SORTS = re.compile(r"(?<![\w-] )\b([a-z]+) and ([a-z]+) ([a-z]+s)\b(?=[,.;]|$| with\b| and\b)")


def _which(found: re.Match[str]) -> str:
    """`examinations by which optometrist`; but `on which day`, `which inks were used in which appointments`."""
    asked = re.search(r"\bwhich\b[^,.;]*$", found.string[: found.start()])
    plain = singular(found[2]) == found[2] and found[2] not in words().classes["temporal"]
    return f"{found[1]} one {found[2]}" if plain and not asked else found[0]


def _sort_of(text: str) -> str:
    """`an animal has a breed of some species`: breeds are kept, where the catalogue knows breeds of a species."""
    for found in _OF_SOME.finditer(text):
        _, sort, whole = found.groups()
        entry = catalogue().exact(sort)
        parents = {singular(name) for known in entry.belongs_to for name in known.parents} if entry else set()
        if singular(whole) in parents and property_word(sort):
            several = plural(sort)
            rest = text.replace(found[0], f"{found[1]} {sort}", 1).rstrip(" .")
            return f"{rest}; all {several} are kept; each {sort} belongs to a {whole}."
    return text


def _part_of_its_kind(found: re.Match[str]) -> str:
    """`tasks, subtasks`: tasks in tasks, unless the catalogue tells the two apart."""
    apart = catalogue().exact(singular(f"sub{found[1]}")) is not None
    spoken_of = re.search(rf"\b{found[1]}\b", found.string) is not None
    return found[0] if apart or not spoken_of else f"nested {found[1]}"


def _nested(text: str) -> str:
    """`events at a place, nested places`: a place may lie in another."""
    found = _NESTED.search(text)
    if found is None:
        return text
    one = singular(found[2])
    rest = (text[: found.start()] + found[1] + found[2] + text[found.end() :]).rstrip(" .")
    return f"{rest}; each {one} may belong to another {one}."


def _both_sorts(found: re.Match[str]) -> str:
    """`theory and practical exams`: exams of two sorts, or two things that the catalogue tells apart."""
    first, second, things = found.groups()
    known = catalogue()
    said = words().classes
    function = said["determiners"] | said["prepositions"] | said["many"] | said["pronouns"] | said["adverbs"]
    if {first, second} & function or known.exact(things) is None or singular(first) != first:
        return found[0]
    if property_word(first) or known.exact(first) is not None or words().forms.get(first, ("", ""))[1] in {"base", "s"}:
        return found[0]
    apart = [known.exact(snake(f"{each} {things}")) for each in (first, second)]
    if apart[0] is not None and apart[1] is not None and apart[0] is not apart[1]:
        return f"{first} {things} and {second} {things}"
    return found[0] if property_word(singular(things)) else f"{things} ({first}, {second})"


def put_as_clauses(text: str) -> str:
    """A text in which those who take part in passing are named as the grammar reads it."""
    for pattern, meaning in _PLAIN:
        text = pattern.sub(meaning, text)
    text = _WHICH.sub(_which, _DONE_BY.sub(_both_done, text))
    text = _TWO_SORTS.sub(_both_sorts, _nested(_SUB.sub(_part_of_its_kind, _sort_of(text))))
    return _APPLIES.sub(_application, _USED.sub(_taken, text))
