"""Intervals and calendars where SQL would be longer than Python, and the macros of dates and times.

An interval reaches a function as its months, days and microseconds, and leaves it as text that DuckDB reads back.
"""

from __future__ import annotations

from helios_magic.engine.dialect.functions import Function

_DAY = 86_400_000_000


def _text(months: int, days: int, micro: int) -> str:
    return f"{months} months {days} days {micro} microseconds"


def _trunc(number: float) -> int:
    return int(number)


def _scaled(months: int, days: int, micro: int, factor: float) -> str:
    """PostgreSQL's interval_mul: fractions of months become days of 30, those of days become time."""
    return _spread(months * factor, days * factor, micro * factor)


def _divided(months: int, days: int, micro: int, divisor: float) -> str:
    if divisor == 0:
        raise ValueError("[22012] division by zero")
    return _spread(months / divisor, days / divisor, micro / divisor)


def _spread(months: float, days: float, micro: float) -> str:
    if not all(abs(part) < limit for part, limit in ((months, 2**31), (days, 2**31), (micro, 2**63))):
        raise ValueError("[22008] interval out of range")
    month_days = round((months - _trunc(months)) * 30, 6)
    seconds = round((days - _trunc(days) + month_days - _trunc(month_days)) * 86400, 6)
    whole = _trunc(days)
    if abs(seconds) >= 86400:
        whole += _trunc(seconds / 86400)
        seconds -= _trunc(seconds / 86400) * 86400
    return _text(_trunc(months), whole + _trunc(month_days), round(micro + seconds * 1_000_000))


def _quotient(number: int, unit: int) -> int:
    """Integer division as in C: towards zero."""
    return abs(number) // unit * (1 if number >= 0 else -1)


def _justify_hours(months: int, days: int, micro: int) -> str:
    whole = _quotient(micro, _DAY)
    days, micro = days + whole, micro - whole * _DAY
    if days > 0 > micro:
        days, micro = days - 1, micro + _DAY
    elif days < 0 < micro:
        days, micro = days + 1, micro - _DAY
    return _text(months, days, micro)


def _justify_days(months: int, days: int, micro: int) -> str:
    whole = _quotient(days, 30)
    months, days = months + whole, days - whole * 30
    if months > 0 > days:
        months, days = months - 1, days + 30
    elif months < 0 < days:
        months, days = months + 1, days - 30
    return _text(months, days, micro)


def _justify(months: int, days: int, micro: int) -> str:
    days += _quotient(micro, _DAY)
    micro -= _quotient(micro, _DAY) * _DAY
    months += _quotient(days, 30)
    days -= _quotient(days, 30) * 30
    if months > 0 and (days < 0 or (days == 0 and micro < 0)):
        months, days = months - 1, days + 30
    elif months < 0 and (days > 0 or (days == 0 and micro > 0)):
        months, days = months + 1, days - 30
    if days > 0 > micro:
        days, micro = days - 1, micro + _DAY
    elif days < 0 < micro:
        days, micro = days + 1, micro - _DAY
    return _text(months, days, micro)


def _written(months: int, days: int, micro: int) -> str:
    """As PostgreSQL prints an interval: `1 year 2 mons -3 days +04:05:06.7`."""
    parts: list[str] = []
    negative = False
    years, rest = _quotient(months, 12), months - _quotient(months, 12) * 12
    for count, name in ((years, "year"), (rest, "mon"), (days, "day")):
        if count:
            parts.append(f"{'+' if negative and count > 0 else ''}{count} {name}{'' if count == 1 else 's'}")
            negative = count < 0
    if micro or not parts:
        seconds, fraction = divmod(abs(micro), 1_000_000)
        sign = "-" if micro < 0 else "+" if negative else ""
        clock = f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        parts.append(f"{clock}.{fraction:06d}".rstrip("0") if fraction else clock)
    return " ".join(parts)


def _truncated(unit: str, months: int, days: int, micro: int) -> str:
    sizes = {"microseconds": 1, "milliseconds": 1000, "second": 10**6, "minute": 6 * 10**7, "hour": 36 * 10**8}
    if unit in sizes:
        return _text(months, days, _quotient(micro, sizes[unit]) * sizes[unit])
    if unit == "day":
        return _text(months, days, 0)
    size = {"month": 1, "quarter": 3, "year": 12, "decade": 120, "century": 1200, "millennium": 12000}[unit]
    return _text(_quotient(months, size) * size, 0, 0)


_PARTS = ("BIGINT", "BIGINT", "BIGINT")
FUNCTIONS: tuple[Function, ...] = (
    Function("pg_iv_scaled", _scaled, (*_PARTS, "DOUBLE"), "VARCHAR"),
    Function("pg_iv_divided", _divided, (*_PARTS, "DOUBLE"), "VARCHAR"),
    Function("pg_iv_justify_hours", _justify_hours, _PARTS, "VARCHAR"),
    Function("pg_iv_justify_days", _justify_days, _PARTS, "VARCHAR"),
    Function("pg_iv_justify", _justify, _PARTS, "VARCHAR"),
    Function("pg_iv_written", _written, _PARTS, "VARCHAR"),
    Function("pg_iv_truncated", _truncated, ("VARCHAR", *_PARTS), "VARCHAR"),
)

MACROS = r"""
pg_iv_months(x) AS CAST(date_part('year', x) * 12 + date_part('month', x) AS BIGINT)

pg_iv_days(x) AS CAST(date_part('day', x) AS BIGINT)

pg_iv_micro(x) AS CAST(date_part('hour', x) * 3600000000 + date_part('minute', x) * 60000000
    + date_part('microsecond', x) AS BIGINT)

pg_interval_text(x) AS pg_iv_written(pg_iv_months(x), pg_iv_days(x), pg_iv_micro(x))

pg_interval_times(x, f) AS CAST(pg_iv_scaled(pg_iv_months(x), pg_iv_days(x), pg_iv_micro(x), f) AS INTERVAL)

pg_interval_by(x, f) AS CAST(pg_iv_divided(pg_iv_months(x), pg_iv_days(x), pg_iv_micro(x), f) AS INTERVAL)

pg_justify_hours(x) AS CAST(pg_iv_justify_hours(pg_iv_months(x), pg_iv_days(x), pg_iv_micro(x)) AS INTERVAL)

pg_justify_days(x) AS CAST(pg_iv_justify_days(pg_iv_months(x), pg_iv_days(x), pg_iv_micro(x)) AS INTERVAL)

pg_justify_interval(x) AS CAST(pg_iv_justify(pg_iv_months(x), pg_iv_days(x), pg_iv_micro(x)) AS INTERVAL)

pg_interval_trunc(unit, x) AS
    CAST(pg_iv_truncated(unit, pg_iv_months(x), pg_iv_days(x), pg_iv_micro(x)) AS INTERVAL)

pg_day_micro(x) AS CAST(date_part('hour', x) * 3600000000 + date_part('minute', x) * 60000000
    + date_part('microsecond', x) AS BIGINT)

pg_age_parts(high, low, borrow) AS
    to_months(CAST((date_part('year', high) - date_part('year', low)) * 12
        + date_part('month', high) - date_part('month', low)
        - CASE WHEN date_part('day', high) - date_part('day', low) < borrow THEN 1 ELSE 0 END AS INTEGER))
    + to_days(CAST(date_part('day', high) - date_part('day', low) - borrow
        + CASE WHEN date_part('day', high) - date_part('day', low) < borrow
          THEN date_part('day', last_day(low)) ELSE 0 END AS INTEGER))
    + to_microseconds(pg_day_micro(high) - pg_day_micro(low) + borrow * 86400000000)

pg_age(a, b) AS CASE
    WHEN a >= b THEN pg_age_parts(a, b, CASE WHEN pg_day_micro(a) < pg_day_micro(b) THEN 1 ELSE 0 END)
    WHEN a < b THEN -pg_age_parts(b, a, CASE WHEN pg_day_micro(b) < pg_day_micro(a) THEN 1 ELSE 0 END) END

pg_date_trunc(unit, x) AS CASE
    WHEN unit IN ('microsecond', 'microseconds', 'millisecond', 'milliseconds', 'second', 'minute', 'hour', 'day',
        'week', 'month', 'quarter', 'year', 'decade') THEN date_trunc(unit, x)
    WHEN unit = 'century' THEN CAST(make_date(((date_part('year', x) - 1) // 100) * 100 + 1, 1, 1) AS TIMESTAMP)
    WHEN unit = 'millennium' THEN CAST(make_date(((date_part('year', x) - 1) // 1000) * 1000 + 1, 1, 1) AS TIMESTAMP)
    WHEN unit IS NOT NULL AND x IS NOT NULL
    THEN error('[22023] unit "' || unit || '" not recognized for type timestamp without time zone') END

pg_date_bin(stride, x, origin) AS CASE
    WHEN pg_iv_months(stride) <> 0
    THEN error('[0A000] timestamps cannot be binned into intervals containing months or years')
    WHEN pg_iv_days(stride) * 86400000000 + pg_iv_micro(stride) <= 0
    THEN error('[22008] stride must be greater than zero')
    ELSE time_bucket(to_microseconds(pg_iv_days(stride) * 86400000000 + pg_iv_micro(stride)), x, origin) END

pg_overlaps(a, b, c, d) AS CASE
    WHEN least(a, b) > least(c, d) THEN CASE
        WHEN c IS NULL OR d IS NULL THEN NULL
        WHEN least(a, b) < greatest(c, d) THEN true
        WHEN a IS NULL OR b IS NULL THEN NULL ELSE false END
    WHEN least(a, b) < least(c, d) THEN CASE
        WHEN a IS NULL OR b IS NULL THEN NULL
        WHEN least(c, d) < greatest(a, b) THEN true
        WHEN c IS NULL OR d IS NULL THEN NULL ELSE false END
    WHEN a IS NOT NULL AND b IS NOT NULL AND c IS NOT NULL AND d IS NOT NULL THEN true END

pg_make_time(h, m, s) AS CASE
    WHEN h < 0 OR m < 0 OR m > 59 OR s < 0 OR s > 60 OR h * 3600 + m * 60 + s > 86400
    THEN error('[22008] time field value out of range: ' || h || ':' || lpad(CAST(m AS VARCHAR), 2, '0') || ':' ||
        CASE WHEN s < 10 THEN '0' ELSE '' END || pg_float8(CAST(s AS DOUBLE)))
    ELSE make_time(h, m, CAST(s AS DOUBLE)) END

pg_precision(x, unit) AS CASE WHEN x IS NOT NULL
    THEN make_timestamp(CAST(round(CAST(epoch_us(x) AS DECIMAL(20,0)) / CAST(unit AS DECIMAL(7,0)), 0) AS BIGINT)
        * unit) END
"""
