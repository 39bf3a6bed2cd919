"""A description as the texts of its sentences, phrases that mean one word already put as that word."""

from __future__ import annotations

import re

_BULLET = re.compile(r"^\s*(?:[-*•–—▪]|\d+[.)])\s+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|;|\.$")
_LONGEST = 3000
"""Characters of the longest sentence that is read as one."""
#: Phrases that mean what one word means, before anything is looked at word by word.
_PHRASES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), meaning)
    for pattern, meaning in (
        (r"\b(?:e\.g\.|for example|for instance),?", "such_as "),
        (r"\bsuch as\b", "such_as"),
        (r"\bi\.e\.,?|\bvs\.|,?\s*(?:etc\.?|and so on)", " "),
        (r"['’]d like to\b|\bwould like to\b|\bwould love to\b", " will"),
        (r"\b(?:wants?|needs?|wish(?:es)?|plans?|ha[sd]|have|able|allowed|going|required|possible) to\b(?! a\b)",
         "will"),
        (r"\b(?:one|zero|1|0)(?: or |\.\.)(?:more|several|many|n|\*)\b|\bany number of\b", "many"),
        (r"\bbetween (?:(?:two|2|three) or more|several|multiple|many)\b", "with many"),
        (r"\b(?:two|2|three|3) or more\b", "many"),
        (r"\b(?:each|every|all|any|some|most) of (?:the|these|those|our)\b", "each"),
        (r"\bat least (?:one|two|three|\d+)\b|\bmore than one\b|\ba (?:few|couple of)\b", "many"),
        (r"\b(?:exactly|only|just|precisely) (?:one|1)\b|\bat most one\b|\b(?:a|one) single\b|\bzero or one\b", "one"),
        (r"\b(?:lots|plenty) of\b", "many"),
        (
            r"\b(?:an?|the)? ?(?:(?:ordered|full) )?(?:list|set|sequence|collection|lot|variety|range|bunch)s? of\b",
            " many",
        ),
        (r"\ba number of\b", "many"),
        (r"\b(?:the )?(?:number|count) of ((?:[a-z]+ )?[a-z]+)\b", r"the \1 count"),
        (r"\bis (?:a )?(?:part|member|child) of\b", "belongs to"),
        (r"\bare (?:part|members|children) of\b", "belong to"),
        (r"\bkeeps (?:track|(?:a )?records?) of\b", "tracks"),
        (r"\bkeep(?:ing)? (?:track|(?:a )?records?) of\b", "track"),
        (r"\baccording to\b", "by"),
        (r"\btakes place\b", "belongs"),
        (r"\btake place\b", "belong"),
        (r"\bis (?:made up|composed|comprised) of\b|\bconsists of\b", "contains"),
        (r"\bare (?:made up|composed|comprised) of\b|\bconsist of\b", "contain"),
        (r"\bis (?:responsible for|in charge of)\b", "manages"),
        (r"\bare (?:responsible for|in charge of)\b", "manage"),
        (r"\bin turn\b|\bin (?:an?|the) (?:certain|given|fixed|specific|particular|right) order\b", " "),
        (r"\b(at|in|on|to|for|from|with|by) which (\w+) (?:does|do|did) ((?:(?:each|every|the|an?) )?\w+) (\w+)",
         r"\3 will \4 \1 a \2"),
        (r"\b(?:do|does|did) ((?:(?:each|every|the|an?) )?\w+) (\w+)\b", r"\1 will \2"),
        (r"\b(?:sign|signs|signed) up (?:for|to)\b", "enroll in"),
        (r"\bhands? in\b", "submit"),
        (r"\bas well as\b|\balong with\b|\btogether with\b|\bin addition to\b|\bplus\b|\+", " and "),
        (r"\b(?:many|m|n)[- ]?(?:to|:)[- ]?(?:many|m|n)\b", "many_to_many"),
        (r"\b(?:one[- ]to[- ]many|1[-: ](?:n|m)|one[- ]to[- ]one|many[- ]to[- ]one|1:1)\b", ""),
        (r"\b(?:each|one) ?(?:-)?(?:other|another)\b", "each_other"),
        (r"\bover time\b|\bin order\b|\bat (?:any|a certain|the same) time\b|\breal[- ]time\b|\bat once\b", " "),
    )
)  # fmt: skip
_STORY = re.compile(r"\bas an? ([^,]{2,40}?),? i (?:can|will|should|must|may)\b", re.IGNORECASE)


def texts(prose: str) -> list[tuple[str, bool]]:
    """The sentences in order, each with whether it is a point of a list."""
    return [
        (text.strip(), bullet)
        for line, bullet in _lines(prose)
        for part in _SENTENCE.split(_meant(line))
        for text in _pieces(part)
        if re.search(r"\w", text)
    ]


def _pieces(text: str) -> list[str]:
    """A sentence; one that never ends is cut at its commas, else at its words."""
    pieces = []
    while len(text) > _LONGEST:
        cut = max(text.rfind(",", 0, _LONGEST), 0) or max(text.rfind(" ", 0, _LONGEST), 0) or _LONGEST
        pieces.append(text[:cut])
        text = text[cut:]
    return [*pieces, text]


def _meant(text: str) -> str:
    text = _unchained(text)
    for pattern, meaning in _PHRASES:
        text = pattern.sub(meaning, text)
    return _STORY.sub(r"\1 will", text)


def _unchained(text: str) -> str:
    """`shows > episodes > chapters`: two sentences, with the middle in both."""
    first, *rest = text.split(">")
    for place, part in enumerate(rest, 1):
        middle = place < len(rest) and not re.search(r"[-<.,;:]", part)
        first += f">{part};{part}" if middle else f">{part}"
    return first


def _lines(prose: str) -> list[tuple[str, bool]]:
    """Lines, where a line break means something; a wrapped paragraph is one."""
    joined: list[tuple[str, bool]] = []
    fresh = True
    for line in prose.splitlines():
        bullet = _BULLET.match(line)
        text = line[bullet.end() :] if bullet else line.strip().lstrip("#").strip()
        if not text:
            fresh = True
        elif bullet or fresh or text[0].isupper() or re.match(r"(?:\w+[ -]){0,3}\w+\s*[(:]", text):
            joined.append((text, bullet is not None))
            fresh = False
        else:
            joined[-1] = (f"{joined[-1][0]} {text}", joined[-1][1])
    return joined
