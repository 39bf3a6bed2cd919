"""The line under every output: branch, what happened, how long it took, what it is called."""

from __future__ import annotations

from dataclasses import dataclass

from helios_magic.display.branch import chip
from helios_magic.display.characters import plain
from helios_magic.display.markup import escape, icon
from helios_magic.display.quantities import duration


@dataclass(frozen=True, slots=True)
class Where:
    """Where an output comes from: the branch always, the database where it is known, the time where it was measured."""

    branch: str
    database: str | None = None
    duration_ms: float | None = None


def html(where: Where, strong: str, rest: str = "", *, also: tuple[str, ...] = (), name: str | None = None) -> str:
    """`strong` stands out (`12,480`), `rest` follows it (` rows, 8 shown`); `also` are further facts."""
    facts = [f"<span><b>{escape(strong)}</b>{escape(rest)}</span>"] if strong or rest else []
    if where.duration_ms is not None:
        facts.append(_fact(duration(where.duration_ms)))
    facts.extend(_fact(text) for text in also)
    if name:
        facts.append(f'<span class="hm-d">as <code>{escape(name)}</code></span>')
    if where.database:
        facts.append(
            f'<span class="hm-e">{icon("database", small=True)} <bdi dir="auto">{escape(where.database)}</bdi></span>'
        )
    if not strong and not rest and facts:
        facts[0] = facts[0].replace(' class="hm-d"', "", 1)
    return f'<div class="hm-f">{chip(where.branch)}{"".join(facts)}</div>'


def text(where: Where, first: str, *, also: tuple[str, ...] = (), name: str | None = None) -> str:
    """`12,480 rows, 8 shown · 12 ms · shop · feature/reviews · as latest`"""
    facts = [first] if first else []
    if where.duration_ms is not None:
        facts.append(duration(where.duration_ms))
    facts.extend(also)
    facts.extend(plain(place) for place in (where.database, where.branch) if place)
    if name:
        facts.append(f"as {name}")
    return " · ".join(facts)


def _fact(text: str) -> str:
    return f'<span class="hm-d">{escape(text)}</span>'
