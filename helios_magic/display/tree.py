"""The branches of a database as a tree: where one stands, what each has that its parent has not, what it takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from helios_magic.display import commands, footer, moments, rail_picture
from helios_magic.display.branch import MAIN, chip, frame, hue, tone
from helios_magic.display.characters import cut, pad, plain, width
from helios_magic.display.footer import Where
from helios_magic.display.markup import attribute, escape
from helios_magic.display.quantities import count, counted, size
from helios_magic.display.rails import Line, lines
from helios_magic.display.style import style
from helios_magic.models.branches import Branch, BranchList

#: Branches that one tree shows; the newest, with what they were made from.
_MOST = 500
_NAME_CELLS = 56
_HEADINGS = ("Branch", "Made", "Against its parent", "Own size")


@dataclass(frozen=True, slots=True)
class Tree:
    """What `%helios branch` shows.

    `where.branch` is where one stands, `now` the time there (aware; dates are told in its time zone), `protected`
    whether main asks before a cell writes to it.
    """

    listed: BranchList
    where: Where
    now: dt.datetime
    protected: bool = False


def html(tree: Tree) -> str:
    """Newest work on top, rails drawn; under it the commands that go on from here."""
    shown = lines(_kept(tree))
    pictures = rail_picture.svg(shown, tree.where.branch)
    body = "".join(_row(tree, line, picture) for line, picture in zip(shown, pictures, strict=True))
    head = "".join(f'<th scope="col"{" class=hm-r" if at > 1 else ""}>{name}</th>' for at, name in enumerate(_HEADINGS))
    follow = "".join(f"<span><code>{escape(command)}</code> {escape(what)}</span>" for command, what in _follow(tree))
    strong, rest = _counted(tree, len(shown))
    return (
        f"<div {frame(tree.where.branch, 'hm-br')}>{style('branches')}"
        f'<div class="hm-g"><table class="hm-bt hm-tr" aria-label="Branches, newest work on top">'
        f'<thead><tr><th scope="col"><span class="hm-vh">Made from</span></th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
        f'<div class="hm-cm">{follow}</div>{footer.html(tree.where, strong, rest)}</div>'
    )


def text(tree: Tree) -> str:
    """The same with box characters, aligned by display cells."""
    shown = lines(_kept(tree))
    rails = rail_picture.text(shown, tree.where.branch)
    grid = [("  " + _HEADINGS[0], *_HEADINGS[1:])]
    for line, rail in zip(shown, rails, strict=True):
        name = "  ".join([cut(plain(line.branch.name), _NAME_CELLS), *_tags(tree, line)])
        ahead, behind = _against(line.branch)
        own = size(line.branch.storage_bytes)
        made = moments.short(line.branch.created_at, tree.now)
        parted = f"{cut(plain(line.branch.parent or ''), _NAME_CELLS)} {behind}" if behind else ""
        grid.append((f"{rail} {name}", made, ", ".join(filter(None, (ahead, parted))), own))
    sizes = [max(width(row[at]) for row in grid) for at in range(4)]
    rows = ["  ".join(pad(cell, sizes[at], right=at == 3) for at, cell in enumerate(row)).rstrip() for row in grid]
    rows.insert(1, "─" * (sum(sizes) + 6))
    follow = [f"{plain(command)}  {what}" for command, what in _follow(tree)]
    return "\n".join([*rows, *follow, footer.text(tree.where, "".join(_counted(tree, len(shown))))])


def _kept(tree: Tree) -> Sequence[Branch]:
    """All branches; of very many the newest, where one stands, and what these were made from."""
    branches = tree.listed.branches
    if len(branches) <= _MOST:
        return branches
    known = {branch.name: branch for branch in branches}
    first = [known[name] for name in (tree.where.branch, MAIN) if name in known]
    kept: dict[str, Branch] = {}
    for branch in [*first, *sorted(branches, key=lambda branch: branch.created_at, reverse=True)]:
        at: Branch | None = branch
        while at is not None and at.name not in kept:
            kept[at.name] = at
            at = known.get(at.parent or "")
        if len(kept) >= _MOST:
            break
    return list(kept.values())


def _counted(tree: Tree, shown: int) -> tuple[str, str]:
    total = max(tree.listed.total, len(tree.listed.branches))
    fewer = f", the newest {count(shown)} shown" if shown < total else ""
    return count(total), f" {'branch' if total == 1 else 'branches'}{fewer}"


def _row(tree: Tree, line: Line, picture: str) -> str:
    branch = line.branch
    here = branch.name == tree.where.branch
    ahead, behind = _against(branch)
    parent = line.ancestors[-1].name if line.ancestors else None
    spoken = f'<span class="hm-vh">{escape(parent)}</span>' if parent else ""
    tags = "".join(f' <span class="hm-tag">{tag}</span>' for tag in _tags(tree, line))
    parted = f'<bdi class="hm-pa" dir="auto">{escape(branch.parent or "")}</bdi> {behind}' if behind else ""
    against = (
        ahead + (f'<span class="hm-q">{", " if ahead else ""}{parted}</span>' if behind else "")
        if branch.ahead or behind
        else f'<span class="hm-q">{ahead}</span>'
    )
    made = f"<span title={attribute(branch.created_at.isoformat())}>{moments.short(branch.created_at, tree.now)}</span>"
    current = ' aria-current="true"' if here else ""
    return (
        f"<tr {tone(hue(branch.name))}{current}><td>{picture}{spoken}</td>"
        f'<th scope="row">{chip(branch.name)}{tags}</th><td class="hm-q">{made}</td>'
        f'<td class="hm-r">{against}</td><td class="hm-r hm-q">{size(branch.storage_bytes)}</td></tr>'
    )


def _tags(tree: Tree, line: Line) -> list[str]:
    facts = (
        ("here", line.branch.name == tree.where.branch),
        ("merged", line.merged),
        ("protected", line.branch.name == MAIN and tree.protected),
    )
    return [tag for tag, holds in facts if holds]


def _against(branch: Branch) -> tuple[str, str]:
    """`6 writes ahead`, and what the parent did since: `went on by 2`; empty where there is nothing to say."""
    if branch.parent is None:
        return "", ""
    behind = f"went on by {count(branch.behind)}" if branch.behind else ""
    if branch.ahead:
        return f"{counted(branch.ahead, 'write')} ahead", behind
    return "" if behind or branch.status == "merged" else "nothing changed yet", behind


def _follow(tree: Tree) -> list[tuple[str, str]]:
    """What one can do from here, and what it does."""
    here = next((branch for branch in tree.listed.branches if branch.name == tree.where.branch), None)
    if len(tree.listed.branches) < 2:
        return [("%helios branch create NAME", "makes one from here; nothing is copied until someone writes")]
    go = ("%helios branch use NAME", "goes to another")
    if here is None or here.parent is None:
        return [go]
    return [
        (commands.branch("diff"), "shows what is here and not on its parent"),
        (commands.merge(here.name, here.parent), "brings it there"),
        go,
    ]
