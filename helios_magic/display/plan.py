"""A plan: one sentence of finding, then the tree.  Times are each step's own and add up to the whole.

A plan that was not run shows no times at all, so that none can be mistaken for measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import structs

from helios_magic.display import footer
from helios_magic.display.branch import frame
from helios_magic.display.characters import cut, pad, plain, width
from helios_magic.display.footer import Where
from helios_magic.display.markup import attribute, escape, icon
from helios_magic.display.quantities import count, counted, duration, times
from helios_magic.display.steps import describe
from helios_magic.display.style import style
from helios_magic.models.sql import Explanation, PlanNode

#: From here on a wrong estimate is marked.
_FAR = 10
_NEAR = 1.1
_SLOW_MS = 20
_BAR_CELLS = 12
_STEP_CELLS = 64
_NOT_RUN = "The statement was not run; add --analyze to measure it"


@dataclass(frozen=True, slots=True)
class Row:
    """One step: `guides` draw the tree (o nothing, b a line through, t a branch, l the last branch)."""

    guides: str
    title: str
    note: str
    own_ms: float | None
    share: float
    expected: int | None
    met: int | None
    worst: bool = False

    @property
    def rows(self) -> str:
        """`2,500 → 120,340`, or `about 2,500` where nothing ran"""
        if self.met is None:
            return "" if self.expected is None else f"about {count(self.expected)}"
        return f"{'?' if self.expected is None else count(self.expected)} → {count(self.met)}"

    @property
    def verdict(self) -> tuple[str, bool]:
        """How far the estimate was off in words, and whether that is far."""
        if self.met is None or self.expected is None:
            return "", False
        if self.met == self.expected:
            return "exact", False
        low, high = sorted((max(self.met, 1), max(self.expected, 1)))
        factor = high / low
        if factor < _NEAR:
            return "as expected", False
        return f"{times(factor)} times {'more' if self.met > self.expected else 'fewer'}", factor >= _FAR


def rows(explanation: Explanation) -> list[Row]:
    """The tree as lines, top down, the slowest step marked."""
    flat = list(_walk(_folded(explanation.plan), ""))
    total = sum(node.actual_ms or 0 for _, node in flat)
    slowest = max((node for _, node in flat), key=lambda node: node.actual_ms or 0)
    made = []
    for guides, node in flat:
        title, note = describe(node)
        share = (node.actual_ms or 0) / total if total else 0
        own = node.actual_ms if explanation.analyze else None
        met = node.actual_rows if explanation.analyze else None
        worst = explanation.analyze and node is slowest and share > 0 and len(flat) > 1
        made.append(Row(guides, title, note, own, share, node.estimated_rows, met, worst))
    return made


def finding(lines: list[Row]) -> tuple[str, str]:
    """Where the time went, in one sentence; and the estimate that was furthest off, in another."""
    worst = next((line for line in lines if line.worst), None)
    if worst is None:
        return "", ""
    share = f"{worst.share:.0%}"
    first = (
        f"{share} of the time is one step: {_lower(worst.title)}."
        if worst.share >= 0.5
        else f"No step stands out. The slowest, {_lower(worst.title)}, takes {share} of the time."
    )
    far = [line for line in lines if line.verdict[1]]
    off = worst if worst in far else max(far, key=_factor, default=None)
    if off is None or off.met is None or off.expected is None:
        return first, ""
    met = f"met {count(off.met)}" if off.met else "met none"
    place = "" if off is worst else f" in {_lower(off.title)}"
    return first, f"The planner expected {counted(off.expected, 'row')}{place} and {met}."


def html(explanation: Explanation, where: Where) -> str:
    lines = rows(explanation)
    body = "".join(_html_row(line, explanation.analyze, hot=line.worst and _slow(explanation)) for line in lines)
    label = f"Plan, {counted(len(lines), 'step')}"
    heads = ("Step", "Own time", "Rows expected, met") if explanation.analyze else ("Step", "Rows expected")
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    first, second = finding(lines)
    found = ""
    if first:
        warned = second != "" or (_slow(explanation) and any(line.worst and line.share >= 0.5 for line in lines))
        sign = icon("warn" if warned else "info")
        tone = " hm-wa" if warned else ""
        found = f'<div class="hm-fi{tone}">{sign}<span><b>{escape(first)}</b> {escape(second)}</span></div>'
    return (
        f"<div {frame(where.branch, 'hm-p')}>{style('plan')}{found}"
        f'<div class="hm-g"><table class="hm-pt" aria-label={attribute(label)}>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        f"{footer.html(where, '', _closing(explanation, lines))}</div>"
    )


def text(explanation: Explanation, where: Where) -> str:
    lines = rows(explanation)
    titles = [cut(_drawn(line.guides) + plain(f"{line.title}  {line.note}".rstrip()), _STEP_CELLS) for line in lines]
    size = max(map(width, ["Step", *titles]))
    own = [_own(line) for line in lines]
    own_size = max(map(width, own))
    out = [part for part in (" ".join(part for part in finding(lines) if part),) if part]
    for line, title, took in zip(lines, titles, own, strict=True):
        verdict, far = line.verdict
        mark = "  ← " if far or line.worst else "  "
        said = ", ".join(
            part for part in ("slowest" if line.worst else "", verdict if line.met is not None else "") if part
        )
        bar = f"{pad('█' * round(line.share * _BAR_CELLS) or '▏', _BAR_CELLS)}  {pad(took, own_size, right=True)}  "
        out.append(
            f"{pad(title, size)}  {bar if explanation.analyze else ''}{line.rows}{mark if said else ''}{said}".rstrip()
        )
    out.append(footer.text(where, _closing(explanation, lines)))
    return "\n".join(out)


def _folded(node: PlanNode) -> PlanNode:
    """The tree without its projections: they only pass rows on, and hide the steps that do the work.

    Their time goes to the step below, so that the times still add up.
    """
    children = [_folded(child) for child in node.children]
    if node.node_type.lower() == "projection" and len(children) == 1:
        (child,) = children
        if child.actual_ms is None or node.actual_ms is None:
            return child
        return structs.replace(child, actual_ms=child.actual_ms + node.actual_ms)
    return structs.replace(node, children=children)


def _walk(node: PlanNode, guides: str) -> Iterator[tuple[str, PlanNode]]:
    yield guides, node
    # What stands under a last branch has blanks above it, under any other the line goes on.
    inherited = guides.replace("t", "b").replace("l", "o")
    for child in node.children:
        yield from _walk(child, inherited + ("l" if child is node.children[-1] else "t"))


def _factor(line: Row) -> float:
    low, high = sorted((max(line.met or 0, 1), max(line.expected or 0, 1)))
    return high / low


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]


def _own(line: Row) -> str:
    return "" if line.own_ms is None else f"{duration(line.own_ms)}, {line.share:.0%}"


def _closing(explanation: Explanation, lines: list[Row]) -> str:
    steps = counted(len(lines), "step")
    if not explanation.analyze:
        return _NOT_RUN
    examined = explanation.rows_examined
    facts = [f"{duration(explanation.execution_time_ms)} in all"] if explanation.execution_time_ms is not None else []
    facts += [steps, *([f"{counted(examined, 'row')} read"] if examined is not None else [])]
    return ", ".join((*facts, "ran once with timing on"))


def _drawn(guides: str) -> str:
    return "".join({"o": "  ", "b": "│ ", "t": "├ ", "l": "└ "}[guide] for guide in guides)


def _slow(explanation: Explanation) -> bool:
    """Whether there is anything to warn of: a share of nothing is nothing."""
    return (explanation.execution_time_ms or 0) >= _SLOW_MS


def _html_row(line: Row, analyze: bool, *, hot: bool) -> str:
    marks = "".join(f'<i class="{guide}"></i>' for guide in line.guides)
    tree = f'<span class="hm-tw">{marks}</span>' if marks else ""
    note = f"<span>{escape(line.note)}</span>" if line.note else ""
    step = f'<td class="hm-op"><div class="hm-st">{tree}<b>{escape(line.title)}</b>{note}</div></td>'
    row = '<tr class="hm-hot">' if hot else '<tr class="hm-top">' if line.worst else "<tr>"
    verdict, far = line.verdict
    sign = icon("warn", small=True) + " " if far and line.worst else ""
    said = f'<span class="{"hm-off" if far else "hm-fine"}">{sign}{escape(verdict)}</span>' if verdict else ""
    if not analyze:
        return f"<tr>{step}<td>{escape(line.rows)}</td></tr>"
    bar = (
        f'<span class="hm-sh"><i style="width:{line.share * 100:.1f}%"></i></span>'
        f'<span class="hm-tm">{escape(_own(line))}</span>'
        f"{'<span class=hm-fine>slowest</span>' if line.worst and not hot else ''}"
    )
    return f"{row}{step}<td>{bar}</td><td>{escape(line.rows)}{said}</td></tr>"
