"""The capacity forecast of a design: straight lines between the points that were reported, and no others."""

from __future__ import annotations

import re
from collections.abc import Mapping

from helios_magic.display.markup import attribute, escape

_UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_SIZE = (320, 150)
_LEFT, _RIGHT, _TOP, _BOTTOM = 16, 70, 18, 22


def points(forecast: Mapping[str, str]) -> list[tuple[int, float, str]]:
    """Days, bytes and the size as it was written, of `{"30_days": "50MB"}`; what is not of that form is left out."""
    found = []
    for name, size in forecast.items():
        days = re.fullmatch(r"(\d+)_days", name)
        amount = re.fullmatch(r"([\d.]+)\s*([KMGT]?B)", size)
        if days and amount:
            found.append((int(days[1]), float(amount[1]) * _UNITS[amount[2]], size))
    return sorted(found)


def text(forecast: Mapping[str, str]) -> str:
    """`50MB after 30 days, 150MB after 90 days`"""
    return ", ".join(f"{size} after {days} days" for days, _, size in points(forecast))


def svg(forecast: Mapping[str, str]) -> str:
    known = points(forecast)
    if len(known) < 2:
        return ""
    wide, high = _SIZE
    most_days, most = known[-1][0], max(amount for _, amount, _ in known) or 1.0
    places = [
        (
            _LEFT + days / most_days * (wide - _LEFT - _RIGHT),
            high - _BOTTOM - amount / most * (high - _TOP - _BOTTOM),
            days,
            size,
        )
        for days, amount, size in known
    ]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y, _, _ in places)
    marks = "".join(
        f'<circle class="hm-l50" cx="{x:.1f}" cy="{y:.1f}" r="3"/>'
        f'<text x="{x + 7:.1f}" y="{y + 4 if place else y - 12:.1f}">{escape(size)}</text> '
        f'<text class="hm-q" x="{x:.1f}" y="{high - 6}" text-anchor="middle">{days} d</text> '
        for place, (x, y, days, size) in enumerate(places)
    )
    return (
        f'<svg class="hm-ch" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}" role="img" '
        f"aria-label={attribute(f'Capacity: {text(forecast)}')}>"
        f'<path class="hm-gr" d="M{_LEFT} {high - _BOTTOM}H{wide - _RIGHT}"/>'
        f'<path class="hm-l50" d="{path}"/>{marks}</svg>'
    )
