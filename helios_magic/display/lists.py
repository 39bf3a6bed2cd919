"""Lists: tables, databases, history, help.  One small table each, with a footer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from helios_magic.display import footer
from helios_magic.display.branch import frame
from helios_magic.display.characters import pad, plain, width
from helios_magic.display.footer import Where
from helios_magic.display.markup import attribute, escape
from helios_magic.display.quantities import count
from helios_magic.display.style import style


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows of short texts under headings; `right` names the columns that hold numbers.

    `empty` is what is said, with its mend, when there are no rows.
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    where: Where
    noun: str
    empty: str
    right: frozenset[int] = frozenset()
    closing: tuple[str, ...] = ()
    many: str | None = None
    """The plural, where it is not the noun with an s."""


def text(listing: Listing) -> str:
    if not listing.rows:
        return f"{listing.empty}\n{footer.text(listing.where, '', also=listing.closing)}"
    grid = [list(listing.headings), *([plain(cell) for cell in row] for row in listing.rows)]
    sizes = [max(width(row[at]) for row in grid) for at in range(len(listing.headings))]
    lines = [
        "  ".join(pad(cell, sizes[at], right=at in listing.right) for at, cell in enumerate(row)).rstrip()
        for row in grid
    ]
    lines.insert(1, "─" * (sum(sizes) + 2 * (len(sizes) - 1)))
    return "\n".join(
        [*lines, footer.text(listing.where, f"{count(len(listing.rows))} {_noun(listing)}", also=listing.closing)]
    )


def html(listing: Listing) -> str:
    if not listing.rows:
        body = f'{style()}<div class="hm-m">{escape(listing.empty)}</div>'
        return f"<div {frame(listing.where.branch)}>{body}{footer.html(listing.where, '', also=listing.closing)}</div>"
    head = "".join(
        f'<th scope="col" class="{_side(listing, at)}"><b>{escape(name)}</b></th>'
        for at, name in enumerate(listing.headings)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{_side(listing, at)}" dir="auto"{_title(cell)}>{escape(cell)}</td>'
            for at, cell in enumerate(row)
        )
        + "</tr>"
        for row in listing.rows
    )
    foot = footer.html(listing.where, count(len(listing.rows)), f" {_noun(listing)}", also=listing.closing)
    return (
        f'<div {frame(listing.where.branch)}>{style("table")}<div class="hm-s"><table class="hm-t">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{foot}</div>"
    )


def _title(cell: str) -> str:
    """What a narrow column cuts is told when one points at it."""
    return f" title={attribute(cell)}" if len(cell) > 40 else ""


def _noun(listing: Listing) -> str:
    return listing.noun if len(listing.rows) == 1 else listing.many or listing.noun + "s"


def _side(listing: Listing, at: int) -> str:
    return "hm-k hm-r" if at in listing.right else "hm-k"
