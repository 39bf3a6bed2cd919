"""Questions inside a sentence, as the properties and the clauses that they ask for: `how long` is a duration."""

from __future__ import annotations

import re

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.words import plural, words

_BE = r"(?:is|are|was|were)"
_END = r"(?=(?: and| or)?(?:[,.;?]|$| and\b| or\b))"
_IT = r"(?:it|they|he|she|each|this|these)"
_INTO = r"(?:into|in|on|onto|to)"
_HOW_MUCH = r"how (?:many|much)(?: of (?:each|them|it))?"
_SAID = rf"(?: (?:live|work|stay|there|attend|come|came|has|have|{_BE}|{_IT})\b)+"
_ASKED: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), meaning)
    for pattern, meaning in (
        # What went into which, and how much of it: the one has some of the other.
        (rf"\bwhich (\w+s) (?:\w+ ){{1,2}}{_INTO} which ([\w-]+),? and {_HOW_MUCH}",
         r"each \2 contains many \1 with a quantity"),
        (r"\ban? (?:\w+ )?(amount|quantity|number|share|percentage) of each of (?:many|several|the|its) (\w+)",
         r"many \2 with the \1"),
        (rf"\bhow many {_BE} \w+(?:ed|en|ld|ut|ght)\b,?(?: (?:on|at) (?:which|what) (?:day|date)\b)",
         "the quantity and the date"),
        (rf"\bhow many {_BE} \w+(?:ed|en|ld|ut|ght)\b", "the quantity"),
        (r"\bhow many of (?:each|them|it)\b", "the quantity"),
        (rf"\bhow many (\w+) and (\w+){_SAID}", r"the \1 count and the \2 count"),
        (rf"\bhow many (\w+){_SAID}", r"the \1 count"),
        (r"\bhow much (\w+) (?:each|every|an?|the) (\w+) (?:g[ai]ve|yield|produce|br[io](?:ng|ught))(?:s|e?d)?\b",
         r"each \2 with the \1 amount"),
        (rf"\bhow much(?: {_IT} (?:costs?|paid|pays?|{_BE}))?(?=[ ,.?;]|$)", "the amount"),
        (rf"\bhow long(?: {_IT} (?:takes?|lasts?|{_BE}|took|lasted))?(?=[ ,.?;]|$)", "the duration"),
        (rf"\bhow urgent(?: {_BE} {_IT}| {_IT} {_BE})?(?=[ ,.?;]|$)", "the urgency"),
        (r"\b(?:since|from) when (?:and )?(?:until|till|to) when\b", "the start date and the end date"),
        (rf"\b(at|in|on|to|for|from|with|by) which (\w+) ((?:an?|the|each) \w+) ({_BE}|has been) (\w+ed)\b(?: the)?",
         r"\3 \4 \5 \1 a \2, with the"),
        (rf"\bwhere {_IT} {_BE} \w+(?:ed|nd|en|pt|ld|ght)\b{_END}", "the place"),
        (rf"\bwhen {_IT} {_BE} \w+(?:ed|nd|en|pt|ld|ght)\b{_END}", "the date"),
        (rf"\b(?:on|at) what (day|date|time)(?: {_IT} {_BE} \w+)?(?=[ ,.?;]|$)", "the date"),
        (rf"\bon which ({_IT}) ({_BE}) (\w+),? and (by|at|in|from|to|for) which (\w+)", r", and \1 \2 \3 \4 a \5"),
        (rf"\bwhat (?:{_BE}|is) (?:broken|wrong|damaged|missing|done|observed|found){_END}", "the description"),
        (r"\bwhat (?:i|we|they|he|she) (?:paid|pays?)\b", "the price"),
        (r"\bwhen (?:it|they) (?:came|comes?|was|were|is|are) (?:brought |given |sent )?back\b", "the return date"),
        (rf"\bsince when(?= and\b)|\bsince when{_END}", "the start date"),
        (rf"\bwho (?:has|had|took|got|borrowed) (?:it|them){_END},? ?", ""),
        (r"\bwho (?:came|attended|was there|was present) and how many (\w+) (?:they|each) \w+",
         r"which people attended it with the \1 count"),
        (r"\bwho (?:came|attended|was there|was present)\b", "which people attended it"),
        (rf"\bwhere (?:i|we|they|he|she) (?:got|bought|found|saw) (?:it|them)\b{_END}", "the place"),
        (rf"\b(?:on|at) which (?:day|date){_END}", "the date"),
        (r"\bstating when\b", "with the time"),
        (r"^when(?:ever)? there(?: is|['’]s) an? ([\w-]+),? ", r"for each \1 "),
        (r"\b(?:when(?:ever)?|if|in case) there(?: is| are|['’]s) (?:an?|any) [\w-]+,? ", ""),
        (r"(?:,? because )?\b(?:we|i) (?:must|need to|will|can|have to|want to) (?:know|see|tell) (?=which)", ", "),
        (r"\bwhich (?:\w+ed )?([\w-]+) (?:is|are|was|were|has been) (?:lent|loaned|lent out|on loan) to whom\b",
         r"the loans of many \1s"),
        # A question about two things asks for how they are related.
        (rf"\bwhich (\w+) ({_BE}) ((?:\w+ )?(?:in|at|on|by|for|to|from|with)) which (\w+s)\b", r"\1 \2 \3 many \4"),
        (r"\bwhich ((?:\w+ )?\w+) ((?:\w+ ){1,3})which (\w+[^s\W]s)\b", r"which \1 \2many \3"),
    )
)  # fmt: skip


_WHETHER = re.compile(
    r"\bwhether (?:or not )?(?:they|he|she|it|somebody|someone|the \w+) "
    rf"(?:({_BE}|has been|have been) |has |have )?(\w+)\b{_END}"
)


def _flag(found: re.Match[str]) -> str:
    """`whether they attended`, `whether it is paid`"""
    form = words().forms.get(found[2].lower(), ("", ""))[1]
    if found[1] is None and form != "past":
        return found[0]
    return f"the {'is' if found[1] else 'has'}_{found[2].lower()}"


def _deed(found: re.Match[str]) -> str:
    """`what has been prescribed`: the prescriptions."""
    lemma = words().forms.get((found[1] or found[2]).lower(), ("", ""))[0]
    noun = words().deeds.get(lemma) or words().called.get(lemma) or words().careful.get(lemma)
    if noun is None:
        return "it" if found[2] else found[0]
    return f"the {plural(noun)}" if found[1] else f"each {noun}"


_IN_STATE = re.compile(
    r"^(?:if|when(?:ever)?) an? ([\w-]+) (?:comes? back|is|gets|becomes|was|arrives|goes) (\w+(?:ed|st|en)),? "
    r"(?=(?:we|i|it|the|this)\b)",
    re.IGNORECASE,
)


def _state(found: re.Match[str]) -> str:
    """`If a piece comes back damaged we note …`: that is noted of the damage."""
    lemma = words().forms.get(found[2].lower(), ("", ""))[0]
    noun = words().called.get(lemma, lemma)
    entry = catalogue().exact(noun) if noun else None
    return f"for each {noun} of a {found[1]} " if entry is not None and entry.name == plural(noun) else found[0]


_ON_DOING = re.compile(
    r"^when(?:ever)? an? ([\w-]+) (\w+s) an? ([\w-]+),? "
    r"(?:he or she|he|she|it|they|we|i) (?:must |shall |should )?(?:writes?|notes?|records?|logs?|enters?)(?: down)? ",
    re.IGNORECASE,
)


def _of_the_deed(found: re.Match[str]) -> str:
    """`When a member inspects a hive he notes the date`: the date of the inspection."""
    lemma, form = words().forms.get(found[2].lower(), ("", ""))
    noun = catalogue().happening(lemma) if form == "s" else None
    said = f"each {noun} belongs to a {found[1]} and to a {found[3]}; for each {noun} we note "
    return said if noun else found[0]


_WHAT_IS_DONE = re.compile(
    rf"\bwhat (?:has been|have been) (\w+)\b(?=[,.;:]|$)|\bwhat {_BE} (\w+)\b(?= (?:is|are|gets?|will|must|can)\b)"
)


_UNITS = r"(?:kilos|(?:kilo)?gram(?:me)?s|kg|lit(?:re|er)s|gallons|pounds|tonn?e?s|met(?:re|er)s|bags|crates)"
_AMOUNT = re.compile(rf"\b(?:the |how many )?{_UNITS} of ([a-z]+) (?:that (?:is|are|was|were) )?([a-z]+)(?=[ ,.;])")


def _amounts(found: re.Match[str]) -> str:
    """`kilos of honey harvested`: harvests of it, each with a quantity."""
    lemma, form = words().forms.get(found[2].lower(), ("", ""))
    noun = catalogue().happening(lemma) if form == "past" else None
    return f"{plural(noun)} with a quantity" if noun else found[0]


def answered(text: str) -> str:
    """A text with its inner questions put as what would answer them."""
    for pattern, meaning in _ASKED:
        text = pattern.sub(meaning, text)
    text = _AMOUNT.sub(_amounts, text)
    text = _ON_DOING.sub(_of_the_deed, text)
    return _IN_STATE.sub(_state, _WHAT_IS_DONE.sub(_deed, _WHETHER.sub(_flag, text)))
