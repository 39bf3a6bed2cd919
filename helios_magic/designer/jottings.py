"""Notes as people jot them down — lists in one line, `w/`, `incl.` — spelled out as the prose they stand for."""

from __future__ import annotations

import re

_MARK = re.compile(r"\s+(?:[-*•–—▪]|\(?\d{1,2}[.)])\s+(?=\w)")
_TITLE = re.compile(r"^((?:[\w&/'’-]+ ){0,5}[\w&/'’-]+)\s+[-–—]\s+(?=\w)")
_TITLE_VERB = re.compile(r"\b(?:is|are|has|have|must|should|can|will|need|needs|want|wants)\b", re.IGNORECASE)
_CALLED = r"features?|requirements?|functions?|functionality|scope|modules?|entities|needed|wanted|to (?:be )?stored?"
_NAMES = r"(?-i:[A-Z][\w'’-]*(?: (?:(?:or|and) )?[A-Z][\w'’-]*)*)"
_BOOKED = r"books?|booking|reserves?|reserving"
_LOGGED = r"logs?|tracks?|records?|enters?|reports?"
_SQL = r"postgres(?:ql)?|mysql|mariadb|sqlite|duckdb|(?:uuid|primary|foreign|surrogate|composite) keys?|uuids?|utc"
_SQL_TOO = r"use|using|with|as|in|and|for|all|only|everywhere|times?|dates?|timestamps?|stored?|primary|ids?|are|is"
_WORKED = r"(?: (?:they|he|she) (?:work(?:ed|s)?|spen[dt]s?))?(?= (?:on|for|per|against|to)\b|[,.;]|$)"
_SPELLED: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), meaning)
    for pattern, meaning in (
        (rf"(?:^|(?<=[.;] ))(?=[^.;]*\b(?:{_SQL})\b)(?:(?:{_SQL}|{_SQL_TOO})\b[, ]*)+(?:[.;]|$)", ""),
        (r"\bw/o\b", "without"),
        (r"\bw/\s*", "with "),
        (r"\b(?:incl|inc)\.?\s+(?=\w)", "including "),
        (r"\bno\.\s+(?=of\b)", "number "),
        (r"\bmgmt\b", "management"),
        (r"\bqty\b", "quantity"),
        (r"(?:^|(?<=\. ))(?:\w+ )?(?:" + _CALLED + r")\s*:\s+", ""),
        (rf",? (?:à la|a la|similar to|like|inspired by|as in) {_NAMES}(?=[,.;:)]|$)", ""),
        (r"\blet(?:s|ting)? them\b", "they can"),
        (r"\blet(?:s|ting)? ((?:(?:the|our|my|its|their) )?\w+s)\b", r"\1 can"),
        (rf"\b({_BOOKED}) (?:an?|their|his|her|one|the) (?:spot|place) (?=(?:in|on|at|for)\b)", r"\1 "),
        (rf"\b({_BOOKED}) (?=(?:in|on|at|for) (?:an?|the|one|their)\b)(?:in|on|at|for) ", r"\1 "),
        (r"\b(?:the |an? )?charts? of accounts\b", "the accounts"),
        (r"\bfor (?:late|overdue) returns?\b", ""),
        (r"\b(?:an? |the |its )?(message|comment|e-?mail) threads?\b", r"\1s"),
        (r"\b(?:ends|starts|begins|finishes|concludes) with (?=(?:an?|one|its|several|many)\b)", "has "),
        (r"\b(?:end|start|begin|finish|conclude) with (?=(?:an?|one|their|several|many)\b)", "have "),
        (r" at the (?:door|entrance|counter|(?:front )?desk|reception|till|box office)\b", ""),
        (r"\bboth (?:sides|parties)\b", "both"),
        (r"\b((?:\w+ )?\w+s) become (\w+s)\b", r"\2 arise from \1"),
        (r"\b((?:an?|each|every) (?:\w+ )?\w+) becomes (an? \w+)\b", r"\2 arises from \1"),
        (rf"\b({_LOGGED}) (?:their |his |her |the )?(?:working |work )?(?:hours|time){_WORKED}", r"\1 time entries"),
        (r"^as an? [^,.]{2,40}?,? (?=i (?:want|need)\b(?! to\b))", ""),
        # Tasks with subtasks (self-reference): tasks in tasks.
        (r"\bsub-?(\w+s) \((?:self[- ]?referen\w+|recursive|nested|hierarchical)\)", r"nested \1"),
        (r"\s*\((?:self[- ]?referen\w+|recursive|nested|hierarchical|see \w+|optional|required|unique)\)", ""),
        # Posts (each one filed under a category)
        (r"\b(\w+) \((?:each|every)(?: one| of them)?,? (\w+ed|kept|held|sold|made|built|run|led|bought) ",
         r"\1 (each is \2 "),
    )
)  # fmt: skip


def points(line: str) -> list[str]:
    """The points of a list that was written in one line, as lines; any other line alone."""
    line = _titled(line)
    marks = list(_MARK.finditer(line))
    if len(marks) < 2 or len({mark.group().strip()[-1:] for mark in marks}) > 1:
        return [line]
    ends = [*[mark.start() for mark in marks[1:]], len(line)]
    rest = [line[mark.end() : end] for mark, end in zip(marks, ends, strict=True)]
    return [line[: marks[0].start()], *(f"- {point}" for point in rest)]


def _titled(line: str) -> str:
    """`Social network - users follow each other`: a title, and what it is about."""
    title = _TITLE.match(line)
    more = len(_MARK.findall(line)) > 1
    if title is None or more or _TITLE_VERB.search(title[1]):
        return line
    return f"{title[1]}: {line[title.end() :]}"


def spelled_out(text: str) -> str:
    """A text without abbreviations and asides."""
    for pattern, meaning in _SPELLED:
        text = pattern.sub(meaning, text)
    return text
