"""Numbers, times and sizes as people read them: `12,480`, `2.1 M`, `12 ms`, `4.2 s`, `1 h 5 min`."""

from __future__ import annotations


def count(number: int) -> str:
    """`12,480`"""
    return f"{number:,}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 row`, `12,480 rows`"""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def duration(milliseconds: float) -> str:
    """`0.04 ms`, `0.4 ms`, `12 ms`, `4.2 s`, `3 min 20 s`, `1 h 5 min`"""
    if milliseconds < 1:
        return f"{max(milliseconds, 0):.{1 if milliseconds >= 0.1 else 2}f} ms"
    if milliseconds < 999.5:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def size(amount: int) -> str:
    """Bytes in decimal units: `0 B`, `12 kB`, `1.4 MB`, `51 MB`"""
    number, unit = float(amount), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if number < 999.5:
            break
        number, unit = number / 1000, larger
    return f"{number:.0f} {unit}" if unit == "B" or number >= 9.95 else f"{number:.1f} {unit}".replace(".0 ", " ")


def times(factor: float) -> str:
    """How often one number goes into another: `1.2`, `15`, `1,048`"""
    return f"{factor:.1f}".removesuffix(".0") if factor < 10 else f"{factor:,.0f}"
