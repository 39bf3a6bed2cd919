"""`Prescription: issued to a patient; consists of lines.` as whole sentences about what the line is headed by."""

from __future__ import annotations

import re
from itertools import pairwise

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.words import is_plural, singular, snake, words

_HEADED = re.compile(r"^(?P<head>(?:[A-Za-z][\w'’-]*)(?: [\w'’-]+){0,3})(?P<more> ?\([^()]*\))?\s*:\s+(?P<rest>.+)$")
_APPOSED = re.compile(r"^(?:an?|the) (?:[\w-]+ ){1,3}?(?P<tie>of|for|from|between|at|on|in|to|by|with|against) ")
_PURPOSE = re.compile(r"^([A-Z][\w-]*(?: [\w-]+){0,2}) for [a-z]+ing (an? [\w-]+)[^:,.;]*:")
"""`Crane bookings for lifting a boat in or out: date`: what is done is done to one of these."""
_ONE_OF = re.compile(r"^(\w+s): (?:every|each) (?:single )?(?:piece|item|one|unit|individual)\b", re.IGNORECASE)
"""`Costumes: every single piece has …`: one of them."""
_SPEAKER = re.compile(r"^(?:q|a|question|answer|interviewer|client|me|you)\s*\d*\s*:\s*(?=\S)", re.IGNORECASE)


def spelled(line: str) -> str:
    """A line, each of its parts that lacks a subject given the heading as one; who speaks is left out."""
    line = _PURPOSE.sub(r"\1 of \2:", _ONE_OF.sub(r"each \1", _SPEAKER.sub("", line)))
    headed = _HEADED.match(line)
    if headed is None or _says(headed["head"]):
        return line
    head, parts = headed["head"], re.split(r"(?<=;)\s+", headed["rest"])
    subject = head if is_plural(snake(head)) else f"each {head[0].lower()}{head[1:]}"
    told = [_told(subject, part) for part in parts]
    if told[0] is None and not any(told):
        return line
    first = f"{subject}{headed['more'] or ''} {told[0]}" if told[0] else f"{head}{headed['more'] or ''}: {parts[0]}"
    later = zip(told[1:], parts[1:], strict=True)
    return " ".join([first, *(f"{subject} {each}" if each else part for each, part in later)])


def _told(subject: str, part: str) -> str | None:
    """What the part says of the subject, as the rest of a sentence; None where it has no gap for a subject."""
    first, _, rest = part.partition(" ")
    be = "are" if is_plural(snake(subject)) else "is"
    lemma, form = words().forms.get(first.lower(), ("", ""))
    following = rest.partition(" ")[0].lower().strip(",;")
    known = words().classes
    clear = following in known["determiners"] | known["many"] | {"one", "its", "their"}
    if form == "s" and (following in known["be"] | known["modals"] or _a_thing(first, following)):
        return None  # finds are bagged per context
    if form == "s" and (clear or lemma not in words().nouns_too):
        return part
    if first.lower() in known["modals"]:
        return part
    if form == "past" and following in known["prepositions"]:
        return f"{be} {part}"
    if re.match(r"what (?:is|are|was) ", part):
        return f"{be} {part.split(' ', 2)[2]}"
    apposed = _APPOSED.match(part)
    inside = part[: apposed.start("tie")].split()[2:] if apposed is not None else []
    if any(words().forms.get(word.lower(), ("", ""))[1] == "s" for word in inside) or _has_verb(part):
        return None  # trips: a boat goes out on a date
    if (
        apposed is not None
        and apposed["tie"] != "of"
        and _takes_part(part[: apposed.start("tie")].split()[-1], subject)
    ):
        return None
    if apposed is not None:
        return f"{apposed['tie']} {part[apposed.end() :]}"
    return None


def _a_thing(word: str, following: str) -> bool:
    """`finds with a material`"""
    return following in {"with", "of", "per"} and catalogue().knows(snake(word))


def _has_verb(part: str) -> bool:
    """`a vote on a bill stores one ballot`: a clause of its own."""
    ahead = words().classes["determiners"] | words().classes["many"] | {"one"}
    said = [word.strip(",").lower() for word in part.split()]
    return any(words().forms.get(word, ("", ""))[1] == "s" and then in ahead for word, then in pairwise(said[3:]))


def _takes_part(word: str, subject: str) -> bool:
    """`stays: a boat in a berth`: a thing or a person of its own, and not another word for the heading."""
    entry = catalogue().exact(snake(word))
    return (
        entry is not None
        and entry.kind in {"thing", "person"}
        and entry is not catalogue().nearest(singular(snake(subject)))
    )


def _says(head: str) -> bool:
    """Whether the words before the colon are a clause already."""
    known = words()
    return any(
        word in known.classes["be"] | known.classes["modals"] | known.classes["prepositions"] | {"have", "has", "and"}
        for word in head.lower().split()
    )
