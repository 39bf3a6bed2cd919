"""A merge that was not done: what fits, and every cell that both sides changed, with the commands that settle it.

Sides are called by their branches' names.  Shown for a dry run, and for the 409 of a merge that met conflicts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import UNSET

from helios_magic.display import commands, conflict_lines, footer, merged
from helios_magic.display.branch import chip, frame, hue, source_hue, tone
from helios_magic.display.characters import cut, pad, plain, width
from helios_magic.display.conflict_lines import Line
from helios_magic.display.footer import Where
from helios_magic.display.markup import escape, icon
from helios_magic.display.quantities import count, counted
from helios_magic.display.style import style
from helios_magic.models.branches import Conflict, MergeResult
from helios_magic.session.settling import addresses

#: Conflicts for which the command that settles them one by one is written out.
_EXAMPLES = 3
_CELLS = 36


@dataclass(frozen=True, slots=True)
class Preview:
    """What stands against a merge of `source` into `target`.

    `counted` is the number of all conflicts, of which `conflicts` are the first.  `fits` says in a few words what
    else there is to merge, None where nobody knows (the answer of a merge that failed does not count it).
    """

    source: str
    target: str
    conflicts: list[Conflict]
    counted: int
    fits: str | None = None
    note: str = "Nothing is written until you merge."
    strategy: str | None = None


def of_result(result: MergeResult) -> Preview:
    """The preview that a dry run answers."""
    total = len(result.conflicts) if result.counts is UNSET else sum(result.counts.values())
    fits = "" if result.changes is None else merged.numbers_text(result.changes)
    note = "Nothing is written until you merge."
    if result.reason == "NOT_FAST_FORWARD":
        note = f"{result.target} has moved on, so this needs a three-way merge. {note}"
    return Preview(result.source, result.target, result.conflicts, total, fits, note, result.strategy)


def of_details(details: Mapping[str, Any]) -> Preview | None:
    """The preview in the details of a MERGE_CONFLICT; None where they hold no conflicts that we can read."""
    try:
        conflicts = msgspec.convert(details.get("conflicts"), list[Conflict], from_attributes=True)
        counts = msgspec.convert(details.get("counts") or {}, dict[str, int])
        source, target = (msgspec.convert(details.get(side), str) for side in ("source", "target"))
    except msgspec.ValidationError:
        return None
    total = max(len(conflicts), sum(counts.values()))
    return Preview(source, target, conflicts, total, None, "Nothing was written.") if conflicts else None


def html(preview: Preview, where: Where) -> str:
    """Header, what fits, a table of cells by table, the commands."""
    degrees = source_hue(preview.source, preview.target)
    source, target = chip(preview.source, degrees=degrees), chip(preview.target)
    parts = [
        f'<div class="hm-ph"><b>Merge</b>{source}<span class="hm-q">into</span>{target}</div>',
        f'<div class="hm-no">{icon("info")}<span>{escape(_sentence(preview))}</span></div>',
    ]
    if preview.conflicts:
        parts.append(_table(preview, source, target, degrees))
    parts.append(_commands_html(preview))
    parts.append(footer.html(where, *_counted(preview)))
    return f"<div {frame(preview.target, 'hm-br')}>{style('branches')}{''.join(parts)}</div>"


def table_html(preview: Preview) -> str:
    """The table and the commands alone, for the card of an error that says the rest."""
    degrees = source_hue(preview.source, preview.target)
    source, target = chip(preview.source, degrees=degrees), chip(preview.target)
    return _table(preview, source, target, degrees) + _commands_html(preview)


def text(preview: Preview, where: Where) -> str:
    """The same, aligned by display cells."""
    lines = [f"Merge {plain(preview.source)} into {plain(preview.target)}", plain(_sentence(preview))]
    lines += table_text(preview)
    return "\n".join([*lines, footer.text(where, "".join(_counted(preview)))])


def table_text(preview: Preview) -> list[str]:
    """The table and the commands alone, as lines."""
    lines = []
    if preview.conflicts:
        heads = ("Cell", "Before the split", *(cut(plain(name), _CELLS) for name in (preview.target, preview.source)))
        grid = {
            table: [line for conflict in group for line in conflict_lines.of(conflict, preview.source, preview.target)]
            for table, group in _by_table(preview)
        }
        rows = {table: [conflict_lines.words(line) for line in of_table] for table, of_table in grid.items()}
        every = [("", *heads[1:]), *(row for of_table in rows.values() for row in of_table)]
        sizes = [max(width(row[at]) for row in every) + (2 if not at else 0) for at in range(4)]
        lines += ["", _joined(heads, sizes), "─" * (sum(sizes) + 6)]
        for table, of_table in rows.items():
            lines.append(plain(table))
            for row, line in zip(of_table, grid[table], strict=True):
                lines.append(_joined(("  " + row[0], *row[1:]), sizes))
                lines += [f"    {sentence}" for sentence in map(plain, line.said)]
    return [*lines, "", *(f"{plain(what)}\n  {plain(command)}" for what, command in _commands(preview))]


def _joined(row: tuple[str, ...], sizes: list[int]) -> str:
    return "  ".join(pad(cell, size) for cell, size in zip(row, sizes, strict=True)).rstrip()


def _by_table(preview: Preview) -> list[tuple[str, list[Conflict]]]:
    """In the order in which the server lists them."""
    found: dict[str, list[Conflict]] = {}
    for conflict in preview.conflicts:
        found.setdefault(conflict.table, []).append(conflict)
    return list(found.items())


def _sentence(preview: Preview) -> str:
    """`43 changes fit. 4 places were changed on both sides. Nothing is written until you merge.`"""
    parts = []
    if preview.fits:
        parts.append(f"{preview.fits} {'fit' if preview.conflicts else 'to merge, and all of it fits'}.")
    if preview.conflicts:
        of_rows = sum(each.kind in conflict_lines.OF_ROWS for each in preview.conflicts)
        one = preview.counted == 1
        changed, clash = ("was changed", "is in conflict") if one else ("were changed", "are in conflict")
        what = f"{changed} on both sides" if of_rows == len(preview.conflicts) else clash
        shown = f", the first {count(len(preview.conflicts))} shown" if preview.counted > len(preview.conflicts) else ""
        parts.append(f"{counted(preview.counted, 'place')} {what}{shown}.")
    elif preview.fits == "":
        parts.append(f"{preview.target} already has all that {preview.source} has.")
    return " ".join([*parts, preview.note])


def _counted(preview: Preview) -> tuple[str, str]:
    words = f" {'conflict' if preview.counted == 1 else 'conflicts'}"
    return (count(preview.counted), words) if preview.counted else ("no", words)


def _table(preview: Preview, source: str, target: str, degrees: int | None) -> str:
    head = "".join(
        f'<th scope="col">{name}</th>' for name in ("Cell", "Before the split", f"Keep {target}", f"Take {source}")
    )
    bodies = []
    for table, group in _by_table(preview):
        rows = "".join(
            _row(line, preview.target, degrees)
            for conflict in group
            for line in conflict_lines.of(conflict, preview.source, preview.target)
        )
        heading = f'<th scope="rowgroup" colspan="4"><bdi>{escape(table)}</bdi></th>'
        bodies.append(f'<tbody><tr class="hm-grp">{heading}</tr>{rows}</tbody>')
    return (
        '<div class="hm-g"><table class="hm-bt hm-co" aria-label="Conflicts">'
        f"<thead><tr>{head}</tr></thead>{''.join(bodies)}</table></div>"
    )


def _row(line: Line, target: str, degrees: int | None) -> str:
    drawn = conflict_lines.drawn(line)
    row = (
        f'<tr><th scope="row">{drawn[0]}</th><td class="hm-mo">{drawn[1]}</td>'
        f"<td {tone(hue(target), 'hm-mo')}>{drawn[2]}</td>"
        f"<td {tone(degrees, 'hm-mo')}>{drawn[3]}</td></tr>"
    )
    if line.said:
        row += f'<tr><td class="hm-wo" colspan="4">{escape(" ".join(line.said))}</td></tr>'
    return row


def _commands(preview: Preview) -> list[tuple[str, str]]:
    """What one may do, in words, and the line that does it."""
    source, target = preview.source, preview.target
    settled = [each for each in preview.conflicts if each.kind in conflict_lines.OF_ROWS]
    rest = len(preview.conflicts) - len(settled)
    if not preview.conflicts:
        # What a person writes names the sides by what they are: the wire's ours and theirs would not.
        side = {"ours": "target", "theirs": "source"}.get(preview.strategy or "")
        options = [] if side is None else ["--take", side]
        return [] if preview.fits == "" else [("Merge it", commands.merge(source, target, *options))]
    found: list[tuple[str, str]] = []
    if settled and not rest:
        found = [
            (f"Take {source} everywhere", commands.merge(source, target, "--take", "source")),
            (f"Keep {target} everywhere", commands.merge(source, target, "--take", "target")),
        ]
    if settled:
        every = [address for conflict in settled for address in addresses(conflict)]
        more = ", and so on for each" if len(every) > _EXAMPLES or preview.counted > len(preview.conflicts) else ""
        words = f"Settle one by one: source is {source}, target is {target}, or write a value{more}"
        found.append((words, commands.merge(source, target, *commands.settle(every[:_EXAMPLES], "source"))))
    if rest:
        first = f"{counted(rest, 'conflict')} of constraints or definitions cannot be settled by taking a side. Mend "
        found.append((f"{first}what is said above on either branch, then merge again", commands.merge(source, target)))
    return found


def _commands_html(preview: Preview) -> str:
    found = _commands(preview)
    if not found:
        return ""
    lines = "".join(f"<span>{escape(what)}</span><code>{escape(command)}</code>" for what, command in found)
    return f'<div class="hm-cm">{lines}</div>'
