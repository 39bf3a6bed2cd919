"""Usage against its limits: a number, its limit, a bar.  Without a reported limit there is no bar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from helios_magic.display import footer
from helios_magic.display.branch import frame
from helios_magic.display.characters import pad, width
from helios_magic.display.footer import Where
from helios_magic.display.markup import escape, icon
from helios_magic.display.quantities import count, duration, size
from helios_magic.display.style import style
from helios_magic.models.metrics import Usage

#: From this share on a number is told to be near its limit.
NEAR = 0.8
_CELLS = 20


@dataclass(frozen=True, slots=True)
class Minute:
    """What the last answer said of the requests of this minute."""

    limit: int
    remaining: int
    reset: dt.datetime


@dataclass(frozen=True, slots=True)
class Meter:
    """`shown` of `limit`; `share` is what is used of it, None without a limit."""

    name: str
    shown: str
    limit: str | None = None
    share: float | None = None
    note: str = ""

    @property
    def near(self) -> bool:
        return self.share is not None and self.share >= NEAR


def meters(usage: Usage, minute: Minute | None, now: dt.datetime) -> list[Meter]:
    """What has a limit first; `now` is aware."""
    known = {
        "storage_bytes": ("Storage", size),
        "branches": ("Branches", count),
        "tables": ("Tables", count),
        "databases": ("Databases of the account", count),
    }
    rows = []
    for name, quota in usage.limits.items():
        label, write = known.get(name, (name.replace("_", " "), count))
        limit = None if quota.limit is None else write(quota.limit)
        share = None if quota.limit is None else quota.current / max(quota.limit, 1)
        rows.append(Meter(label, write(quota.current), limit, share))
    if minute is not None:
        used = minute.limit - minute.remaining
        seconds = max(0, round((minute.reset - now).total_seconds()))
        note = f"{count(minute.remaining)} left, more in {seconds} s."
        rows.append(Meter("This minute", count(used), count(minute.limit), used / max(minute.limit, 1), note))
    rows += [
        Meter("Queries this month", count(usage.queries_executed)),
        Meter("Computing time", duration(usage.compute_seconds * 1000)),
        Meter("API calls", count(usage.api_calls)),
    ]
    return sorted(rows, key=lambda row: row.limit is None)


def text(rows: Sequence[Meter], heading: str, where: Where) -> str:
    names = max(width(row.name) for row in rows)
    lines = [f"Usage, {heading}"]
    for row in rows:
        value = row.shown if row.limit is None else f"{row.shown} of {row.limit}"
        near = "  near the limit" if row.near else ""
        note = f"  {row.note}" if row.note else ""
        lines.append(f"  {pad(row.name, names)}  {_bar(row.share)}  {value}{near}{note}")
    return "\n".join([*lines, *_unlimited(rows), footer.text(where, "")])


def html(rows: Sequence[Meter], heading: str, where: Where) -> str:
    items = "".join(_row(row) for row in rows)
    last = "".join(f'<p class="hm-mn">{escape(line)}</p>' for line in _unlimited(rows))
    return (
        f"<div {frame(where.branch, 'hm-me')}>{style('metrics')}"
        f'<div class="hm-ph"><b>Usage</b> <span class="hm-q">{escape(heading)}</span></div>'
        f'<div class="hm-ms">{items}{last}</div>{footer.html(where, "")}</div>'
    )


def _row(row: Meter) -> str:
    of = "" if row.limit is None else f" of {escape(row.limit)}"
    mark = icon("warn", small=True) + " " if row.near else ""
    near = " hm-near" if row.near else ""
    bar = ""
    if row.share is not None:
        share = min(max(row.share, 0.0), 1.0)
        sentence = escape(f"{row.name}: {row.shown} of {row.limit}")
        bar = (
            f'<div class="hm-mb" role="meter" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{share * 100:.0f}" '
            f'aria-label="{sentence}"><i style="width:{share * 100:.1f}%"></i></div>'
        )
    note = f'<p class="hm-mn">{escape(row.note)}</p>' if row.note else ""
    return (
        f'<div class="hm-mr{near}"><div class="hm-ml"><span>{escape(row.name)}</span> '
        f"<span>{mark}<b>{escape(row.shown)}</b>{of}</span></div>{bar}{note}</div>"
    )


def _unlimited(rows: Sequence[Meter]) -> list[str]:
    without = sum(row.limit is None for row in rows)
    if without == len(rows):
        return ["No limit is reported."]
    how_many = {1: "last", 2: "last two", 3: "last three"}.get(without, f"last {without}")
    return [f"No limit is reported for the {how_many}."] if without else []


def _bar(share: float | None) -> str:
    if share is None:
        return " " * _CELLS
    full = round(min(max(share, 0.0), 1.0) * _CELLS)
    return "█" * full + "░" * (_CELLS - full)
