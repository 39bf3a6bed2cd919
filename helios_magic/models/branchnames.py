"""What a branch may be called (decisions.md, "Branches": git's rules, `git check-ref-format`)."""

from __future__ import annotations

import re

LONGEST = 255

_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]")
_WORDS = {" ": "a blank", "\t": "a tab", "\n": "a line break", "\x7f": "a control character"}


def refusal(name: str) -> str | None:
    """Why `name` is no branch name, in words that continue “the branch name …”; None where it is one."""
    if not name:
        return "is empty"
    if len(name) > LONGEST:
        return f"has {len(name)} characters, and {LONGEST} are allowed"
    if name in {"HEAD", "@"}:
        return f"is {name}, which has a meaning of its own"
    forbidden = _FORBIDDEN.search(name)
    if forbidden is not None:
        return f"has {_shown(forbidden[0])} in it"
    if any("\ud800" <= character <= "\udfff" for character in name):
        return "has half a character in it"
    return _misplaced(name)


def _misplaced(name: str) -> str | None:
    for sequence in ("..", "@{", "//"):
        if sequence in name:
            return f"has {sequence} in it"
    for mark in ("-", "/", "."):
        if name.startswith(mark):
            return f"begins with {mark}"
    for end in ("/", ".", ".lock"):
        if name.endswith(end):
            return f"ends with {end}"
    for part in name.split("/"):
        if part.startswith("."):
            return "has a part that begins with ."
        if part.endswith(".lock"):
            return "has a part that ends with .lock"
    return None


def _shown(character: str) -> str:
    if character in _WORDS:
        return _WORDS[character]
    return "a control character" if character < " " else character
