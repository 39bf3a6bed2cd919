"""The rails of a branch tree, line by line: SVG for notebooks, box characters for terminals.

A filled dot is a place one can stand, a ring a branch that was merged, a halo where one is.
"""

from __future__ import annotations

from collections.abc import Sequence

from helios_magic.display.branch import hue, tone
from helios_magic.display.rails import Line
from helios_magic.models.branches import Branch

#: Pixels: between two lanes, from the edge to the first, height of a line, width of a picture of few lanes.
_LANE, _EDGE, _HEIGHT, _WIDTH = 22, 14, 34, 92
_MIDDLE = _HEIGHT // 2
#: Pixels that the lanes of a deep tree share, and the least that one of them takes.
_ROOM, _LEAST = 240, 3
#: Lanes that a terminal draws.
_TEXT_LANES = 16


def svg(lines: Sequence[Line], here: str) -> list[str]:
    """A picture per line; one above the other they make the tree."""
    deepest = max((line.depth for line in lines), default=0)
    lane = max(min(_LANE, _ROOM / max(deepest, 1)), _LEAST)
    width = max(_WIDTH, round(_EDGE + deepest * lane + _LANE))
    pictures = []
    for at, line in enumerate(lines):
        above = lines[at - 1] if at else None
        below = lines[at + 1] if at + 1 < len(lines) else None
        parts = [*_passing(line, lane), *_own(line, above, below, lane), _dot(line, here, lane)]
        # One pixel more than the line is high, so that rails run through the hairlines.
        pictures.append(
            f'<svg class="hm-ra" width="{width}" height="{_HEIGHT + 1}" viewBox="0 0 {width} {_HEIGHT + 1}"'
            f' aria-hidden="true">{"".join(parts)}</svg>'
        )
    return pictures


def text(lines: Sequence[Line], here: str) -> list[str]:
    """`│ ╭─●` for each line."""
    return [_boxes(line) + _mark(line, here) for line in lines]


def _mark(line: Line, here: str) -> str:
    if line.branch.name == here:
        return "◉"
    return "○" if line.merged else "●"


def _boxes(line: Line) -> str:
    boxes = ["│ " if passes else "  " for passes in line.passing[:-1]]
    if line.ancestors:
        boxes.append("├─" if line.passing[-1] else "╭─")
    return "".join(boxes[:_TEXT_LANES])


def _passing(line: Line, lane: float) -> list[str]:
    """Rails of ancestors that only run past; the root's runs to the top always."""
    return [
        _rail(ancestor, f"M{_x(at, lane)} 0V{_HEIGHT + 1}")
        for at, (ancestor, passes) in enumerate(zip(line.ancestors, line.passing, strict=True))
        if passes or not at
    ]


def _own(line: Line, above: Line | None, below: Line | None, lane: float) -> list[str]:
    """The branch's own rail to its parent, and what comes into its dot from above."""
    x, step = _x(line.depth, lane), lane / _LANE
    parts: list[str] = []
    if line.ancestors:
        parent = line.ancestors[-1]
        start = 2 if line.merged else _HEIGHT - 1
        direct = line.stands_on(below)
        if line.depth > 1 and not line.passing[-1] and not direct:
            parts.append(_rail(parent, f"M{_x(line.depth - 1, lane)} {start}V{_HEIGHT + 1}"))
        if direct:
            parts.append(_rail(line.branch, f"M{x} {_MIDDLE}V{_HEIGHT + 1}"))
        else:
            down = f"c0 9 {_n(-8 * step)} 15 {_n(-22 * step)} 16"
            if line.merged:
                over = f"M{_x(line.depth - 1, lane)} 2c{_n(14 * step)} 1 {_n(22 * step)} 6 {_n(22 * step)} 15"
                parts.append(_rail(line.branch, over + down))
            else:
                parts.append(_rail(line.branch, f"M{x} {_MIDDLE}{down}"))
    straight = above is not None and above.stands_on(line)
    if line.children > straight:
        parts.append(_rail(line.branch, f"M{x} 0V{_MIDDLE}"))
    if above is not None and straight:
        curve = f"M{_x(above.depth, lane)} 0c0 12 {_n(-10 * step)} 16 {_n(-22 * step)} 17"
        parts.append(_rail(above.branch, curve))
    return parts


def _dot(line: Line, here: str, lane: float) -> str:
    x = _x(line.depth, lane)
    place = f'cx="{x}" cy="{_MIDDLE}"'
    standing = line.branch.name == here
    kind = "hm-ri" if line.merged else "hm-hm" if hue(line.branch.name) is None else ""
    dot = f'<circle {_tone(line.branch, kind)} {place} r="{4 if line.merged else 5.5 if standing else 5}"/>'
    return dot + (f'<circle {_tone(line.branch, "hm-ha")} {place} r="8.5"/>' if standing else "")


def _rail(branch: Branch, path: str) -> str:
    return f'<path {_tone(branch, *(("hm-ro",) if hue(branch.name) is None else ()))} d="{path}"/>'


def _tone(branch: Branch, *classes: str) -> str:
    return tone(hue(branch.name), *(name for name in classes if name))


def _x(depth: int, lane: float) -> str:
    return _n(_EDGE + depth * lane)


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
