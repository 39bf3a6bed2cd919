"""The lines a person types to do what an output speaks of, quoted so that the magics read them as they are meant."""

from __future__ import annotations

import re
from collections.abc import Sequence

from helios_magic.display.characters import pieces

# What a shell-like reader, and IPython's own `{…}` and `$…`, leave alone.
_BARE = re.compile(r"(?![-%!?])[\w./+:@%~^&,=<>-]+")


def branch(verb: str, *words: str) -> str:
    """`%helios branch use feature/reviews`; options begin with `--` and stay bare."""
    return " ".join(["%helios branch", verb, *(word if word.startswith("--") else quoted(word) for word in words)])


def merge(source: str, target: str, *options: str) -> str:
    """`%helios branch merge feature/reviews --into main`, and further options, the values among them."""
    return branch("merge", source, "--into", target, *options)


def quoted(word: str) -> str:
    """A word of a line, in quotes where it needs them."""
    if _BARE.fullmatch(word) and not any(tagged for _, tagged in pieces(word)):
        return word
    quote = '"' if "'" in word and '"' not in word else "'"
    return quote + word.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote


def settle(addresses: Sequence[str], choice: str) -> list[str]:
    """`--settle 'products(214).price=source'` for each address, as words for `merge`."""
    return [word for address in addresses for word in ("--settle", f"{address}={choice}")]
