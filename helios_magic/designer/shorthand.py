"""Notation as words: `2,000`, `paid or not`, `electricity yes/no`, `from – to`, `when and by whom`."""

from __future__ import annotations

import re

from helios_magic.designer.words import property_word, singular, snake, words

_END = r"(?=[,.;:)]|$)"
_LISTED = r"(?<=[,(:] )"
_NOTED: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), meaning)
    for pattern, meaning in (
        (r"(?<=\d),(?=\d{3}\b)", ""),
        (r"\b(?:[Nn]o|[Nn]r)\.(?=[,;)]| [a-z(]|$)", "number"),
        (r"(\w)\(s\)", r"\1s"),
        (r"\b([A-Z])&([A-Z])\b", r"\1and\2"),
        (r"\bkWh\b", "kwh"),
        (r"\bMWh\b", "mwh"),
        (r" ?\((?:\w{1,2} ?[x×] ?)+\w{1,2}\)", ""),
        (r"\b([Ee])-(?=mails?\b)", r"\1"),
        (r",? ?(?:\.\.\.|…)(?=\))", ""),
        (r"\b([A-Z]\w+s) [A-Z]?\d* ?(?:to|through|–|-) [A-Z]\d*\b(?=[,.;]| with\b)", r"\1"),
        (r"\b(?:from|start) ?(?:–|—|-|/|\.\.\.|…) ?(?:to|until|till|end)\b", "start date, end date"),
        (r"\bdate ?/ ?time\b", "time"),
        (rf"{_LISTED}([a-z]+(?:ed|id)) or not{_END}", r"is_\1"),
        (rf"{_LISTED}[a-z]+ed ?/ ?(?:not )?[a-z]+ed{_END}", "status"),
        (r"\bwhen and by whom\b", "the time and the done_by"),
        (r"\bby whom and when\b", "the done_by and the time"),
        (r",? unique together(?=[,.;]|$)", ""),
        (r"\bat (?:regular |fixed |certain |irregular )?intervals\b", ""),
        (r"\b(?:exists?|comes?) (?:several|many|two|multiple) times\b", "exists"),
        (r"\bthe times (?:per|a) (day|week|month)\b", r"the frequency"),
        (r"\bas well(?! as\b)", ""),
    )
)
_HEADS = re.compile(r"\b(an?|the) ([\w-]+)(?= and (?:an?|the) ([\w-]+)((?: [a-z]+){1,2}))")
_ENDS = {"start": "start", "begin": "start", "open": "start", "end": "end", "finish": "end", "close": "end"}
_MOMENT = re.compile(r"\b(the|an?) (time|date|day) (?:at which |on which |when )?(?:it|they|he|she) ([a-z]+)\b")
_INSET = re.compile(r"\b(and|or),? (?:if|when|where|unless) [^,.;]{3,40}, (?=the\b|an?\b|its\b|their\b)")
"""`and, if the guest cancelled, the reason`: a list goes on behind a condition."""
_REASON = re.compile(
    r"^(?:since|because|as(?! to| for| an?\b)) [^,.;]{3,80}, (?=we\b|i\b|it\b|the (?:system|application)\b)",
    re.IGNORECASE,
)
"""Why something is kept is not what is kept."""


_YES = r"yes(?: ?/ ?| or )no"
_EITHER = re.compile(rf"\b((?:an? )?)([A-Za-z]+(?: [a-z]+)??)(?: \({_YES}\)|,? {_YES}\b)")
_NESTED = re.compile(r"\b([\w-]+s) (?:are|can be|may be) (?:nested|hierarchical)\b(?: \([^()]*\))?", re.IGNORECASE)
_NUMBER = r"(?:two|three|four|five|six|seven|eight|nine|ten|\d+)"
_BEHIND = r"(?=[,.;:)]| (?:and|or|with|in|at|on|for|from|to|by|is|are|was|who|which|that|has|can|may|must)\b|$)"
_ONE_OF = re.compile(rf"\b(?:every )?one of (?:the|these|those|our|my|their)(?: {_NUMBER})? ([a-z]+s)\b{_BEHIND}")
_COUNT = re.compile(r"\b(?:the |an? )?(?:number|count) of ([a-z]+s)(?= (?:per|in|on|at) )")
_BY_ONE = r"\b(?:by|to|with|for|from) an? (\w+)"
_BOTH = re.compile(rf"({_BY_ONE}\b[^.;]*?{_BY_ONE}), both(?: of them)? (\w+s)\b")
"""`created by a requester and assigned to an agent, both of them users`"""


def written_out(text: str) -> str:
    """A text with its notation put as words."""
    for pattern, meaning in _NOTED:
        text = pattern.sub(meaning, text)
    text = _REASON.sub("", _INSET.sub(r"\1 ", text))
    text = _ONE_OF.sub(lambda found: f"one {singular(found[1])}", text)
    text = _COUNT.sub(lambda found: f"the {singular(found[1])} count", text)
    text = _NESTED.sub(_in_another, _EITHER.sub(_flag, text))
    text = _BOTH.sub(r"\1; \2s are \4; \3s are \4", text)
    return _HEADS.sub(_both_heads, _MOMENT.sub(_named_moment, text))


def _flag(found: re.Match[str]) -> str:
    """`electricity yes/no`, `a water connection (yes or no)`"""
    return f"{found[1]}has_{found[2].replace(' ', '_')}"


def _in_another(found: re.Match[str]) -> str:
    """`locations are nested`: one may lie in another."""
    one = singular(snake(found[1]))
    return f"each {one} may belong to another {one}"


def _both_heads(found: re.Match[str]) -> str:
    """`a first-response and a resolution time` are two times, where the first word is no noun of its own."""
    _, first, other, following = found.groups()
    adjective = "-" in first or first.istitle() or first in words().classes["halves"]
    head = next((word for word in following.split() if property_word(singular(word))), None)
    named = property_word(snake(first)) or property_word(snake(other)) or head is None
    return found[0] if named or not adjective else f"{found[0]} {head}"


def _named_moment(found: re.Match[str]) -> str:
    """`the time it ended`: the end time."""
    lemma = words().forms.get(found[3], ("", ""))[0]
    side = _ENDS.get(lemma)
    return f"{found[1]} {side} {found[2]}" if side else found[0]
