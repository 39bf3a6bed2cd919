"""A sentence cut into its words and signs."""

from __future__ import annotations

import re

from helios_magic.designer.words import adverb, is_plural, property_word, words

_TOKEN = re.compile(r"[^\W_][\w]*(?:[-'’.@][^\W_][\w]*)*|[(),:/&=]|->|→|<->|>")


def tokens(text: str) -> list[str]:
    """The words, commas, colons, brackets and arrows of a sentence, without adverbs in -ly."""
    return _plain(_TOKEN.findall(text.replace("’", "'")))


def camel(said: list[str]) -> bool:
    """Whether one is written as `WorkOrder` is: a noun phrase in one word."""
    return any(re.search(r"[a-z]{2}[A-Z][a-z]{2}", token) for token in said)


def _plain(said: list[str]) -> list[str]:
    """Without adverbs in -ly; but a monthly fee is a name."""
    kept: list[str] = []
    for word, following, then in zip(said, [*said[1:], ""], [*said[2:], "", ""], strict=False):
        if not adverb(word.lower()):
            kept.append(word)
        elif _names(word.lower(), following.lower()) and not is_plural(then):
            kept.append(f"{word.lower()}-")
    return [re.sub("^-", "", word) for word in " ".join(kept).replace("- ", "-").split(" ") if word]


def _names(word: str, following: str) -> bool:
    """`monthly fee`, but not `daily stages`"""
    return word in words().classes["adverbs"] and property_word(following) and not is_plural(following)
