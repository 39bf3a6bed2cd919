"""Dates, times, intervals and time zones."""

from __future__ import annotations

EXPRESSIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "dates": {
        "date": (
            "(«date» + «small»)", "(«date» - «small»)", "make_date(2024, «positive», 15)",
            "date_trunc('month', «date»)::date",
            "(«date» + interval '1 month')::date", "date(«ts»)", "to_date('2024-02-01', 'YYYY-MM-DD')",
        ),
        "ts": (
            "(«date» + «time»)", "(«date» + «ival»)", "(«ts» + «ival»)", "(«ts» - «ival»)", "date_trunc(«part», «ts»)",
            "make_timestamp(2024, 1, 2, 3, 4, 5.5)", "(«ts» + interval '1 month')", "(«ts» - interval '1 year 1 day')",
            "date_bin('15 minutes', «ts», timestamp '2024-01-01')", "(«ts» + 2 * interval '1 hour')",
            "(«date» - interval '1 day')", "tz AT TIME ZONE 'UTC'", "tz AT TIME ZONE 'America/New_York'",
            "date_trunc('week', «ts»)",
            "tz AT TIME ZONE 'Europe/Berlin'", "date_trunc('second', «ts»)", "timezone('Asia/Tokyo', tz)",
        ),
        "tz": (
            "(«tz» + «ival»)", "(«tz» - interval '1 day')", "date_trunc(«part», «tz»)",
            "ts AT TIME ZONE 'America/New_York'",
            "ts AT TIME ZONE 'UTC'", "(«tz» + interval '1 month')", "make_timestamptz(2024, 1, 2, 3, 4, 5)",
            "to_timestamp(id * 86400)",
        ),
        "time": ("(«time» + interval '1 hour')", "(«time» - interval '90 minutes')", "make_time(1, 2, 3.5)",
        "«ts»::time"),
        "num": (
            "extract(«field» FROM «date»)", "extract(«field» FROM «ts»)", "extract(«clock» FROM «ts»)",
            "extract(«clock» FROM «time»)",
            "extract(epoch FROM «tz»)", "extract(microseconds FROM «ts»)", "extract(century FROM «date»)",
            "extract(hour FROM «tz»)",
            "extract(timezone FROM «tz»)", "extract(julian FROM «date»)", "extract(millennium FROM «ts»)",
        ),
        "flt": ("date_part(«part», «ts»)", "date_part('epoch', «ts»)", "date_part('hour', «ival»)",
        "date_part('day', «date»)"),
        "int": ("(«date» - «date»)", "extract(day FROM («ts» - «ts»))::int", "extract(year FROM age(«ts», «ts»))::int"),
        "bool": (
            "«ts» < «ts»", "«date» «compare» «ts»", "«ts» BETWEEN «ts» AND «ts»", "«tz» «compare» «tz»",
            "isfinite(«date»)",
            "(«date», «date») OVERLAPS (date '2024-01-01', date '2024-06-30')", "«time» < time '12:00'",
            "d = '2024-05-01'",
            "ts >= '2024-02-01'", "(d, interval '30 days') OVERLAPS (date '2024-03-01', interval '10 days')",
            "now() > «tz»", "current_date > «date»", "«date» IN ('2024-01-01', d)",
        ),
    },
    "intervals": {
        "ival": (
            "(«ts» - «ts»)", "age(«ts», «ts»)", "age(«date», «date»)", "(«ival» + «ival»)", "(«ival» - «ival»)",
            "-«ival»", "(«ival» * 2)",
            "(«ival» * 1.5)", "(«ival» / 3)", "justify_hours(«ival»)", "justify_days(«ival»)",
            "justify_interval(«ival»)",
            "make_interval(days => 10)", "make_interval(years => 1, months => 2, hours => 3)",
            "interval '1 year 2 mons'",
            "interval '1' day", "interval '3 weeks'", "(«tz» - «tz»)", "date_trunc('hour', «ival»)",
            "(«time» - «time»)",
            "interval '1 day ago'", "interval '2 h 5 m'", "interval '1.5 days'", "make_interval(secs => 90)",
            "interval '10' minute",
        ),
        "num": ("extract(epoch FROM «ival»)", "extract(day FROM «ival»)", "extract(hour FROM «ival»)",
        "extract(month FROM «ival»)",
                "extract(minute FROM («ts» - «ts»))", "extract(second FROM «ival»)"),
        "bool": ("«ival» < «ival»", "«ival» = interval '24 hours'", "«ival» «compare» interval '1 month'",
        "interval '1 mon' = interval '30 days'"),
    },
}  # fmt: skip
