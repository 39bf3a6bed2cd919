"""Questions inside a sentence, as the properties and the clauses that they ask for: `how long` is a duration."""

from __future__ import annotations

import re

_BE = r"(?:is|are|was|were)"
_END = r"(?=(?: and| or)?(?:[,.;?]|$| and\b| or\b))"
_IT = r"(?:it|they|he|she|each|this|these)"
_SAID = rf"(?: (?:live|work|stay|there|attend|come|came|has|have|{_BE}|{_IT})\b)+"
_ASKED: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), meaning)
    for pattern, meaning in (
        (r"\bhow many of (?:each|them|it)\b", "the quantity"),
        (rf"\bhow many (\w+) and (\w+){_SAID}", r"the \1 count and the \2 count"),
        (rf"\bhow many (\w+){_SAID}", r"the \1 count"),
        (rf"\bhow much(?: {_IT} (?:costs?|paid|pays?|{_BE}))?(?=[ ,.?;]|$)", "the amount"),
        (rf"\bhow long(?: {_IT} (?:takes?|lasts?|{_BE}|took|lasted))?(?=[ ,.?;]|$)", "the duration"),
        (rf"\bhow urgent(?: {_BE} {_IT}| {_IT} {_BE})?(?=[ ,.?;]|$)", "the urgency"),
        (r"\b(?:since|from) when (?:and )?(?:until|till|to) when\b", "the start date and the end date"),
        (rf"\bwhere {_IT} {_BE} \w+(?:ed|nd|en|pt|ld|ght)\b{_END}", "the place"),
        (rf"\bwhen {_IT} {_BE} \w+(?:ed|nd|en|pt|ld|ght)\b{_END}", "the date"),
        (rf"\b(?:on|at) what (day|date|time)(?: {_IT} {_BE} \w+)?(?=[ ,.?;]|$)", "the date"),
        (rf"\bon which ({_IT}) ({_BE}) (\w+),? and (by|at|in|from|to|for) which (\w+)", r", and \1 \2 \3 \4 a \5"),
        (r"\bwhat (?:i|we|they|he|she) (?:paid|pays?)\b", "the price"),
        (rf"\bwhere (?:i|we|they|he|she) (?:got|bought|found|saw) (?:it|them)\b{_END}", "the place"),
        (rf"\b(?:on|at) which (?:day|date){_END}", "the date"),
        (r"\bstating when\b", "with the time"),
        (r"\b(?:when(?:ever)?|if|in case) there(?: is| are|['’]s) (?:an?|any) \w+,? ", ""),
        (r"(?:,? because )?\b(?:we|i) (?:must|need to|will|can|have to|want to) (?:know|see|tell) (?=which)", ", "),
        # A question about two things asks for how they are related.
        (rf"\bwhich (\w+) ({_BE}) ((?:\w+ )?(?:in|at|on|by|for|to|from|with)) which (\w+s)\b", r"\1 \2 \3 many \4"),
        (r"\bwhich ((?:\w+ )?\w+) ((?:\w+ ){1,3})which (\w+[^s\W]s)\b", r"which \1 \2many \3"),
    )
)  # fmt: skip


def answered(text: str) -> str:
    """A text with its inner questions put as what would answer them."""
    for pattern, meaning in _ASKED:
        text = pattern.sub(meaning, text)
    return text
