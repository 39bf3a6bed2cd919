"""The entity-relationship picture: SVG for notebooks and files, Mermaid's text for documents.

Places and lines are graphlay's: a layered layout with square lines, the same for the same tables.  A line's end says
how many: a crow's foot for many, one bar for one; a ring for a key that may be empty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape as _escape
from typing import Any

from helios_magic.display.characters import cut, one_line, width
from helios_magic.display.entities import Entities, Entity, Field, Tie
from helios_magic.display.quantities import counted
from helios_magic.display.style import PICTURE

#: Pixels: a table's title, one of its rows, and its sides; a cell of a name, and of a type (a smaller, fixed font).
_TITLE, _ROW, _SIDE, _MARK = 26, 18, 10, 24
_CELL, _SMALL = 7.0, 6.4
#: Cells of the longest name, and of the longest type, that are written out.
_NAME, _TYPE = 28, 18
#: From so many tables on only keys are drawn, and how many columns there are beside them.
MANY = 24
_EDGE = 16
_NAMESPACE = ' xmlns="http://www.w3.org/2000/svg"'

_COLOURS = (
    "--l:{};--w:{};--f1:{};--q:{};--ln:{};--ed:{};--br:{}",
    ("#fff", "#f6f6f6", "#1f1f1f", "#5c5c5c", "#c9c9c9", "#767676", "#1565c0"),
    ("#212121", "#2b2b2b", "#e8e8e8", "#a8a8a8", "#4a4a4a", "#8f8f8f", "#64b5f6"),
)


@dataclass(frozen=True, slots=True)
class Box:
    """A table with its place on the page; `rows` are what is written of it."""

    entity: Entity
    rows: tuple[Field, ...]
    more: int
    x: float = 0.0
    y: float = 0.0

    @property
    def wide(self) -> float:
        names = max((width(_cut(row.name)) for row in self.rows), default=0)
        types = max((width(_short(row.type)) for row in self.rows), default=0)
        body = _MARK + names * _CELL + 12 + types * _SMALL
        return max(body, width(_cut(self.entity.name)) * _CELL + 8, 110) + 2 * _SIDE

    @property
    def high(self) -> float:
        return _TITLE + (len(self.rows) + bool(self.more)) * _ROW + 6


def svg(drawn: Entities, *, alone: bool = False) -> str:
    """The picture; `alone` makes a file of it, with its own colours for light and dark."""
    boxes, lines, size = _placed(drawn)
    wide, high = size
    head = (
        f'<svg{_NAMESPACE if alone else ""} class="hm-erd" width="{wide:.0f}" height="{high:.0f}" '
        f'viewBox="0 0 {wide:.0f} {high:.0f}" role="img" aria-label="{_text(sentence(drawn))}">'
    )
    style = f"<style>{_own_colours()}{PICTURE}</style>" if alone else ""
    back = f'<rect width="{wide:.0f}" height="{high:.0f}" style="fill:var(--l)"/>' if alone else ""
    return f"{head}{style}{back}{''.join(lines)}{''.join(map(_box, boxes))}</svg>"


def sentence(drawn: Entities) -> str:
    """`6 tables: users, orders, …; 5 relations: orders → users, …`, for those who do not see the picture."""
    tables = ", ".join(one_line(each.name) for each in drawn.entities[:40])
    ties = ", ".join(f"{one_line(tie.child)} → {one_line(tie.parent)}" for tie in drawn.ties[:60])
    said = f"{counted(len(drawn.entities), 'table')}: {tables}."
    return f"{said} {counted(len(drawn.ties), 'relation')}: {ties}." if ties else said


def mermaid(drawn: Entities) -> str:
    """The same as `erDiagram`, which GitHub, GitLab and JupyterLab draw.

    Mermaid takes letters, digits, `_` and `-` in names; where others were, the name stands beside them in quotes.
    """
    keys = _keys(drawn)
    lines = ["erDiagram"]
    for entity in drawn.entities:
        key = keys[entity.name]
        shown = "" if key == entity.name else f'["{_quoted(entity.name)}"]'
        lines.append(f"    {key}{shown} {{")
        for field in entity.fields:
            mark = {"UQ": "UK"}.get(field.mark, field.mark)
            name = _word(field.name) or "column"
            said = "" if name == field.name else f' "{_quoted(field.name)}"'
            lines.append(f"        {_word(field.type) or 'unknown'} {name}{' ' + mark if mark else ''}{said}")
        lines.append("    }")
    for tie in drawn.ties:
        parent = "|o" if tie.optional else "||"
        child = "o|" if tie.one else "o{"
        label = _quoted(", ".join(tie.columns))
        lines.append(f'    {keys[tie.parent]} {parent}--{child} {keys[tie.child]} : "{label}"')
    return "\n".join(lines) + "\n"


def _keys(drawn: Entities) -> dict[str, str]:
    keys: dict[str, str] = {}
    for place, entity in enumerate(drawn.entities):
        key = _word(entity.name)
        keys[entity.name] = key if key and key not in keys.values() else f"t{place}_{key}"
    return keys


def _word(text: str) -> str:
    """What Mermaid takes as a name."""
    made = re.sub(r"[^A-Za-z0-9_]+", "_", text).strip("_")
    return made if not made[:1].isdigit() else f"_{made}"


def _quoted(text: str) -> str:
    return one_line(text).replace('"', "'")


def _placed(drawn: Entities) -> tuple[list[Box], list[str], tuple[float, float]]:
    """Boxes and lines where they belong, and the size of the page."""
    import graphlay

    keys_only = len(drawn.entities) > MANY
    boxes = [_sized(entity, keys_only=keys_only) for entity in drawn.entities]
    at = {box.entity.name: place for place, box in enumerate(boxes)}
    graph = graphlay.Graph()
    for box in boxes:
        graph.node(width=box.wide, height=box.high)
    for tie in drawn.ties:
        graph.edge(at[tie.parent], at[tie.child])
    layout = graphlay.layout(graph, options=_options(len(boxes)))
    placed = [
        Box(box.entity, box.rows, box.more, node["center"]["x"] - box.wide / 2, node["center"]["y"] - box.high / 2)
        for box, node in zip(boxes, layout.nodes, strict=True)
    ]
    edges = layout.edges
    xs = [x for box in placed for x in (box.x, box.x + box.wide)] + [p["x"] for e in edges for p in e["points"]]
    ys = [y for box in placed for y in (box.y, box.y + box.high)] + [p["y"] for e in edges for p in e["points"]]
    left, top = min(xs, default=0) - _EDGE, min(ys, default=0) - _EDGE
    moved = [Box(box.entity, box.rows, box.more, box.x - left, box.y - top) for box in placed]
    lines = [
        _line(tie, [(point["x"] - left, point["y"] - top) for point in edge["points"]])
        for tie, edge in zip(drawn.ties, edges, strict=True)
    ]
    return moved, lines, (max(xs, default=0) - left + _EDGE, max(ys, default=0) - top + _EDGE)


def _options(boxes: int) -> dict[str, Any]:
    """Room for the marks at a line's ends; a long row of layers is folded to the shape of a page."""
    options: dict[str, Any] = {"spacing": {"layer_gap": 64.0, "node_gap": 26.0, "stub": 20.0}}
    if boxes > 6:
        options["wrap"] = {"viewport_aspect": 1.5}
    return options


def _sized(entity: Entity, *, keys_only: bool) -> Box:
    rows = tuple(field for field in entity.fields if field.mark) if keys_only else entity.fields
    rows = rows[:60]
    return Box(entity, rows, len(entity.fields) - len(rows))


def _box(box: Box) -> str:
    wide, high = box.wide, box.high
    name = _text(box.entity.name)
    parts = [
        f'<g transform="translate({box.x:.1f} {box.y:.1f})"><title>{name}</title>',
        f'<rect class="e-b" width="{wide:.1f}" height="{high:.1f}" rx="2"/>',
        f'<rect class="e-t" x=".5" y=".5" width="{wide - 1:.1f}" height="{_TITLE - 1}" rx="2"/>',
        f'<path class="e-r" d="M0 {_TITLE}H{wide:.1f}"/>',
        f'<text class="e-n" x="{_SIDE}" y="17">{_text(_cut(box.entity.name))}</text>',
    ]
    y = _TITLE + 15
    for row in box.rows:
        parts.append(_row(row, wide, y))
        y += _ROW
    if box.more:
        more = counted(box.more, "more column", "more columns")
        parts.append(f'<text class="e-y" x="{_SIDE + _MARK}" y="{y}">{more}</text>')
    return "".join(parts) + "</g>"


def _row(row: Field, wide: float, y: int) -> str:
    mark = f'<text class="e-m" x="{_SIDE}" y="{y}">{row.mark}</text>' if row.mark else ""
    key = " e-k" if row.mark == "PK" else ""
    full = f"<title>{_text(row.name)}</title>" if _cut(row.name) != row.name else ""
    return (
        f'{mark}<text class="e-c{key}" x="{_SIDE + _MARK}" y="{y}">{full}{_text(_cut(row.name))}</text>'
        f'<text class="e-y" x="{wide - _SIDE:.1f}" y="{y}" text-anchor="end">{_text(_short(row.type))}</text>'
    )


def _line(tie: Tie, points: list[tuple[float, float]]) -> str:
    """From the parent's end to the child's."""
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    said = f"{tie.child}.{', '.join(tie.columns)} → {tie.parent}"
    child = _bar(points[-1], points[-2], 9) if tie.one else _foot(points[-1], points[-2])
    parent = (
        _ring(points[0], points[1]) if tie.optional else _bar(points[0], points[1], 9) + _bar(points[0], points[1], 13)
    )
    return (
        f'<g class="e-e"><title>{_text(said)}</title><path class="e-l" style="stroke:transparent;stroke-width:9" '
        f'd="{path}"/><path class="e-l" d="{path}"/>{parent}{child}</g>'
    )


def _towards(end: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """The direction from a line's end into the line; lines are square."""
    across, down = other[0] - end[0], other[1] - end[1]
    return ((across > 0) - (across < 0), 0.0) if abs(across) >= abs(down) else (0.0, (down > 0) - (down < 0))


def _bar(end: tuple[float, float], other: tuple[float, float], away: float) -> str:
    (x, y), (i, j) = end, _towards(end, other)
    x, y = x + i * away, y + j * away
    return f'<path class="e-l" d="M{x - j * 5:.1f} {y - i * 5:.1f}L{x + j * 5:.1f} {y + i * 5:.1f}"/>'


def _ring(end: tuple[float, float], other: tuple[float, float]) -> str:
    (x, y), (i, j) = end, _towards(end, other)
    return f'{_bar(end, other, 6)}<circle class="e-o" cx="{x + i * 13:.1f}" cy="{y + j * 13:.1f}" r="4"/>'


def _foot(end: tuple[float, float], other: tuple[float, float]) -> str:
    (x, y), (i, j) = end, _towards(end, other)
    toes = "".join(f"M{x + i * 11:.1f} {y + j * 11:.1f}L{x + j * s:.1f} {y + i * s:.1f}" for s in (-6, 6))
    return f'<path class="e-l" d="{toes}"/>'


def _own_colours() -> str:
    pattern, light, dark = _COLOURS
    return f"svg{{{pattern.format(*light)}}}@media(prefers-color-scheme:dark){{svg{{{pattern.format(*dark)}}}}}"


def _cut(name: str) -> str:
    return cut(one_line(name), _NAME)


def _short(kind: str) -> str:
    return cut(one_line(kind), _TYPE)


def _text(text: str) -> str:
    return _escape(one_line(text))
