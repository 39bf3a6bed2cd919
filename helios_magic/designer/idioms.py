"""Phrases whose words mean something else one by one: idioms, and possessives in the plural."""

from __future__ import annotations

import re

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
        (r"(?<!\bis )(?<!\bare )(?<!\bbe )\b(?:made up|composed|put together) of\b", "with"),
        (r"\bin (?:pairs|twos|groups|teams)(?: of \w+)?(?= and\b|[,.;]|$)", ""),
        (r"\bin (?:an?|some) (?:certain |given |fixed )?year\b", "in some year"),
    )
)


def plainly(text: str) -> str:
    """A sentence with each idiom put as what it means."""
    for pattern, meaning in _SETS:
        text = pattern.sub(meaning, text)
    return text
