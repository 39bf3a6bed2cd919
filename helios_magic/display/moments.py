"""Moments as people say them: `today, 13:40`, `12 Nov, 09:02`, `3 Aug`, `3 Aug 2024`."""

from __future__ import annotations

import datetime as dt

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: Days for which the hour still matters.
_RECENT = 14


def short(moment: dt.datetime, now: dt.datetime) -> str:
    """The moment in the time zone of `now`; both are aware.  The hour is told for a fortnight, the year when another.

    A moment later than today (the server's clock may be ahead of ours) is told with its hour.
    """
    local = moment.astimezone(now.tzinfo)
    clock = f"{local:%H:%M}"
    days = (now.date() - local.date()).days
    if days in (0, 1):
        return f"{'yesterday' if days else 'today'}, {clock}"
    date = f"{local.day} {_MONTHS[local.month - 1]}"
    if local.year != now.year:
        return f"{date} {local.year}"
    return f"{date}, {clock}" if days < _RECENT else date
