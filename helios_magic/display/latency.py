"""Latency over a period: lines that are told apart by their dash and named where they end, and the slowest queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from itertools import pairwise

from helios_magic.display import footer
from helios_magic.display.branch import chip, frame
from helios_magic.display.characters import one_line, pad, plain, width
from helios_magic.display.footer import Where
from helios_magic.display.markup import attribute, escape
from helios_magic.display.moments import short
from helios_magic.display.quantities import count, counted, duration
from helios_magic.display.style import style
from helios_magic.models.metrics import Performance, Point, SlowQuery

_PERIODS = {"1h": "last hour", "24h": "last 24 hours", "7d": "last 7 days", "30d": "last 30 days"}
_SIZE = (760, 176)
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 88, 20, 22
_SPARKS = "▁▂▃▄▅▆▇█"
_SHOWN, _QUERY = 5, 72
Line = tuple[str, str, Callable[[Point], float | None]]
_LINES: tuple[Line, ...] = (("p95", "hm-l95", lambda point: point.p95), ("p50", "hm-l50", lambda point: point.p50))


def text(performance: Performance, where: Where, now: dt.datetime) -> str:
    """`now` is aware; moments are told in its time zone."""
    lines = [f"Latency, {_PERIODS[performance.period]}", f"  {_sentence(performance)}"]
    known = [point.p95 for point in performance.series if point.p95 is not None]
    if known:
        top = max(known)
        sparks = "".join(_spark(point.p95, top) for point in _folded(performance.series))
        lines.append(f"  p95  {sparks}  to {duration(top)}")
    slow = performance.slow_queries[:_SHOWN]
    if slow:
        times = [duration(query.duration_ms) for query in slow]
        size = max(map(width, times))
        lines += ["", "Slowest queries"]
        lines += [
            f"  {pad(time, size, right=True)}  {plain(_cut(query.query))}  {plain(query.branch)}"
            for query, time in zip(slow, times, strict=True)
        ]
    return "\n".join([*lines, footer.text(where, counted(performance.queries.count, "query", "queries"))])


def html(performance: Performance, where: Where, now: dt.datetime) -> str:
    body = _chart(performance, now) if any(point.count for point in performance.series) else ""
    if not body:
        body = '<div class="hm-z">No query ran in this time. What runs from now on is counted.</div>'
    foot = footer.html(
        where, count(performance.queries.count), " query" if performance.queries.count == 1 else " queries"
    )
    return (
        f"<div {frame(where.branch, 'hm-la')}>{style('metrics')}"
        f'<div class="hm-ph"><b>Latency</b> <span class="hm-q">{escape(_PERIODS[performance.period])}. '
        f"{escape(_sentence(performance))}</span></div>{body}{_slowest(performance.slow_queries, now)}{foot}</div>"
    )


def _sentence(performance: Performance) -> str:
    latency = performance.latency_ms
    if not performance.queries.count or latency.p50 is None:
        return "No query ran."
    known = (("Half within", latency.p50), ("95 % within", latency.p95), ("99 % within", latency.p99))
    parts = [f"{name} {duration(value)}" for name, value in known if value is not None]
    errors = performance.queries.errors
    return ", ".join([*parts, *([counted(errors, "error")] if errors else [])]) + "."


def _chart(performance: Performance, now: dt.datetime) -> str:
    wide, high = _SIZE
    series = performance.series
    top = _ceiling(max((point.p95 or point.p50 or 0.0) for point in series))
    across = (wide - _LEFT - _RIGHT) / max(len(series) - 1, 1)

    def place(at: int, value: float) -> tuple[float, float]:
        return _LEFT + at * across, high - _BOTTOM - value / top * (high - _TOP - _BOTTOM)

    grid = "".join(
        _tick(place(0, value * top / 3)[1], duration(value * top / 3) if value else "0") for value in range(4)
    )
    curves = "".join(_curve(series, read, cls, place) for _, cls, read in _LINES)
    label = attribute(f"Latency, {_PERIODS[performance.period]}: {_sentence(performance)}")
    return (
        f'<div class="hm-g"><svg class="hm-ch" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}" role="img" '
        f"aria-label={label}>{grid}{_moments(series, now, place)}{curves}{_ends(performance, place)}</svg></div>"
    )


def _tick(y: float, label: str) -> str:
    wide = _SIZE[0]
    return (
        f'<path class="hm-gr" d="M{_LEFT} {y:.1f}H{wide - _RIGHT}"/>'
        f'<text class="hm-q" x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{escape(label)}</text> '
    )


def _moments(series: Sequence[Point], now: dt.datetime, place: Callable[[int, float], tuple[float, float]]) -> str:
    """Five moments under the line: the hour within two days, the day beyond."""
    days = (series[-1].at - series[0].at) > dt.timedelta(days=2)
    marks = sorted({round(step * (len(series) - 1) / 4) for step in range(5)})
    written = []
    for at in marks:
        local = series[at].at.astimezone(now.tzinfo)
        label = f"{local.day} {local:%b}" if days else f"{local:%H:%M}"
        written.append(
            f'<text class="hm-q" x="{place(at, 0)[0]:.1f}" y="{_SIZE[1] - 6}" text-anchor="middle">{label}</text> '
        )
    return "".join(written)


def _curve(
    series: Sequence[Point],
    read: Callable[[Point], float | None],
    cls: str,
    place: Callable[[int, float], tuple[float, float]],
) -> str:
    """A line where neighbouring steps had queries; a step that stands alone is a dot."""
    spots = {at: place(at, value) for at, point in enumerate(series) if (value := read(point)) is not None}
    path, dots, before = [], [], -2
    for at, (x, y) in spots.items():
        if at - 1 in spots or at + 1 in spots:
            path.append(f"{'L' if before == at - 1 else 'M'}{x:.1f} {y:.1f}")
        else:
            dots.append(f'<circle class="{cls}" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>')
        before = at
    line = f'<path class="{cls}" d="{"".join(path)}"/>' if path else ""
    return line + "".join(dots)


def _ends(performance: Performance, place: Callable[[int, float], tuple[float, float]]) -> str:
    """Each line's name and last value, kept apart."""
    ends: list[tuple[float, float, str]] = []
    for name, _, read in _LINES:
        known = [(at, value) for at, point in enumerate(performance.series) if (value := read(point)) is not None]
        if known:
            at, value = known[-1]
            x, y = place(at, value)
            ends.append((x, y, f"{name} {duration(value)}"))
    ends.sort(key=lambda end: end[1])
    for first, second in pairwise(range(len(ends))):
        gap = ends[second][1] - ends[first][1]
        if gap < 14:
            x, y, label = ends[second]
            ends[second] = (x, y + 14 - gap, label)
    spill = max((y for _, y, _ in ends), default=0) - (_SIZE[1] - _BOTTOM)
    return "".join(
        f'<text class="hm-en" x="{x + 8:.1f}" y="{y + 4 - max(spill, 0):.1f}">{escape(label)}</text> '
        for x, y, label in ends
    )


def _slowest(slow: Sequence[SlowQuery], now: dt.datetime) -> str:
    if not slow:
        return ""
    rows = "".join(
        f'<tr><th scope="row"><code title={attribute(query.query)}>{escape(_cut(query.query))}</code></th>'
        f"<td>{chip(query.branch)}</td>"
        f'<td class="hm-r">{"" if query.rows_examined is None else count(query.rows_examined)}</td>'
        f'<td class="hm-r">{escape(short(query.at, now))}</td>'
        f'<td class="hm-r"><b>{duration(query.duration_ms)}</b></td></tr>'
        for query in slow[:_SHOWN]
    )
    more = f" of {count(len(slow))}" if len(slow) > _SHOWN else ""
    return (
        f'<div class="hm-hd">Slowest queries, {min(len(slow), _SHOWN)}{more}</div>'
        '<div class="hm-g"><table class="hm-bt"><thead><tr><th scope="col">Statement</th><th scope="col">Branch</th>'
        '<th scope="col" class="hm-r">Rows read</th><th scope="col" class="hm-r">At</th>'
        f'<th scope="col" class="hm-r">Took</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _cut(query: str) -> str:
    line = one_line(" ".join(query.split()))
    return line if len(line) <= _QUERY else line[: _QUERY - 1] + "…"


def _ceiling(value: float) -> float:
    """The next of 3, 6, 12, 15, 30, 60, … : thirds of it are round numbers."""
    scale = 0.03
    while True:
        for step in (1, 2, 4, 5):
            if value <= scale * step:
                return scale * step
        scale *= 10


def _folded(series: Sequence[Point], most: int = 48) -> list[Point]:
    """The last steps, as many as a line of text bears."""
    return list(series[-most:])


def _spark(value: float | None, top: float) -> str:
    return "·" if value is None else _SPARKS[min(int(value / top * len(_SPARKS)), len(_SPARKS) - 1)]
