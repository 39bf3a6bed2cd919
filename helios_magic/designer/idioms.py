"""Phrases whose words mean something else one by one: dashes behind a title, idioms, possessives in the plural."""

from __future__ import annotations

import re

from helios_magic.designer.words import is_plural, snake, words

_SETS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), meaning)
    for pattern, meaning in (
        (r"^As an? [^,.;]{3,40}?,? (?=(?:I|we) (?!can\b|will\b|should\b|must\b|may\b|want\b))", ""),
        (r"\beach other['’]s\b|\bone another['’]s\b", "their"),
        (r"(?<!['’\w])([a-z]\w+s)['’](?= [a-z])", r"\1's"),
        (r"\b(who|that) (?:did|does|do) the (?:job|work)\b", ""),
        (r"\bfrom (?:one )?([a-z]+) to (?:another|the next|\1)\b", r"between two \1s"),
        (r"\bhangs? off\b", "belong to"),
        (r"\bsign up with (?=an?\b|the\b|one\b)", "join "),
        (r"\bsigns up with (?=an?\b|the\b|one\b)", "joins "),
        (r"\b(home|away) (?=(?:team|side|club|player|squad)s?\b)", r"\1-"),
        (r"\ba home and an away[- ](\w+)\b", r"a home-\1 and an away-\1"),
        (r"\bin (?:an?|some) (?:certain |given |fixed )?year\b", "in some year"),
    )
)
_DASH = re.compile(r"\s+(?:-|–|—|--)\s+")


def plainly(text: str) -> str:
    """A sentence with each idiom put as what it means."""
    text = _titled(text)
    for pattern, meaning in _SETS:
        text = pattern.sub(meaning, text)
    return text


def _titled(text: str) -> str:
    """`translation bureau - clients send us projects`: what stands before the first dash is a title, as before a colon.

    Other dashes only part what the commas part.
    """
    title, *rest = _DASH.split(text, maxsplit=1)
    if not rest or re.search(r"[:,.;()]", title) or _verbal(title):
        return text
    return f"{title}: {rest[0]}"


def _verbal(title: str) -> bool:
    """Whether the words before the dash say something: then it is no title."""
    said, known = title.lower().split(), words()
    if not 0 < len(said) <= 4:
        return True
    ties = known.classes["be"] | known.classes["modals"] | known.classes["determiners"] | {"have", "has"}
    doing = [word for word in said[1:] if known.forms.get(word, ("", ""))[1] in {"s", "base"}]
    return bool(ties & set(said)) or any(
        known.forms[word][0] not in known.nouns_too and not is_plural(snake(word)) for word in doing
    )
