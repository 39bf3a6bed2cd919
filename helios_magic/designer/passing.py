"""Parties and things that are named in passing — `by which beekeeper`, `on behalf of a relative` — put as clauses."""

from __future__ import annotations

import re

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.words import plural, words

_ASKING = r"know|record|note|see|track|log|write down|remember|register|document|store|list|keep track of|keep"
_ONE = r"(?:an?|each|every|the)"
_PLAIN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), meaning)
    for pattern, meaning in (
        # Inspections (by which beekeeper, when): somebody takes part, as if it had been said.
        (r"\((by|with|for|at|in|on|from|to) which (\w+)\)", r"\1 a \2"),
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
    )
)  # fmt: skip
_USED = re.compile(rf"\b(?:{_ASKING}) which (\w+(?: \w+)?) ({_ONE} \w+) ([a-z]+)\b(?=[,.;?]|$| and\b)")
_APPLIES = re.compile(r"\b(appl(?:y|ies|ied)) to ([a-z]+)\b(?! \w+s\b)")


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


def put_as_clauses(text: str) -> str:
    """A text in which those who take part in passing are named as the grammar reads it."""
    for pattern, meaning in _PLAIN:
        text = pattern.sub(meaning, text)
    return _APPLIES.sub(_application, _USED.sub(_taken, text))
