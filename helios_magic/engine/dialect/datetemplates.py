"""to_char, to_date and to_timestamp of dates, times and intervals: PostgreSQL's templates, part by part.

Source: DCH_to_char and DCH_from_char in src/backend/utils/adt/formatting.c; the locale is C, the zone UTC.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from dataclasses import dataclass

from helios_magic.engine.dialect.numbertemplates import ordinal

_WORDS = sorted(
    ["A.D.", "A.M.", "AD", "AM", "B.C.", "BC", "CC", "DAY", "DDD", "DD", "DY", "Day", "Dy", "D", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6", "HH24", "HH12", "HH", "IDDD", "ID", "IW", "IYYY", "IYY", "IY", "I", "J", "MI", "MM", "MONTH", "MON", "MS", "Month", "Mon", "OF", "P.M.", "PM", "Q", "RM", "SSSSS", "SSSS", "SS", "TZH", "TZM", "TZ", "US", "WW", "W", "Y,YYY", "YYYY", "YYY", "YY", "Y", "a.d.", "a.m.", "ad", "am", "b.c.", "bc", "day", "dy", "mon", "month", "p.m.", "pm", "rm", "tz"], key=len, reverse=True)  # fmt: skip  # noqa: E501
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_RM = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_SIZES = {"YYYY": 4, "YYY": 3, "YY": 2, "Y": 1, "MM": 2, "DD": 2, "DDD": 3, "HH": 2, "HH12": 2, "HH24": 2, "MI": 2, "SS": 2,  # noqa: E501
          "MS": 3, "US": 6, "J": 0, "SSSS": 5, "SSSSS": 5, **{f"FF{n}": n for n in range(1, 7)}}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A word of a template with its prefix FM and suffix th, or a plain character (`quoted` within quotes)."""

    word: str
    text: str = ""
    filled: bool = False
    suffix: str = ""
    quoted: bool = False


@functools.lru_cache(256)
def read(template: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    at = 0
    while at < len(template):
        mark = template[at]
        if mark == '"':
            at += 1
            while at < len(template) and template[at] != '"':
                at += template[at] == "\\" and at + 1 < len(template)
                parts.append(Part("", template[at], quoted=True))
                at += 1
            at += 1
            continue
        if mark == "\\" and template[at + 1 : at + 2] == '"':
            parts.append(Part("", '"', quoted=True))
            at += 2
            continue
        filled = False
        start = at
        while (prefix := template[at : at + 2].upper()) in ("FM", "TM", "FX"):
            if prefix == "FX":
                raise ValueError("[0A000] FX in a template is not supported")
            filled, at = True, at + 2
        exact = next((w for w in _WORDS if template.startswith(w, at)), "")
        word = max(exact, next((w for w in _WORDS if template[at : at + len(w)].upper() == w), ""), key=len)
        if not word:
            parts += [Part("", letter) for letter in template[start : at + 1]]
            at += 1
            continue
        at += len(word)
        suffix = template[at : at + 2] if template[at : at + 2] in ("th", "TH") else ""
        at += len(suffix)
        parts.append(Part(word, filled=filled, suffix=suffix))
    return tuple(parts)


def to_char(moment: dt.datetime, template: str, zone: str) -> str:
    """A moment by a template; `zone` is empty for one without a zone."""
    return "".join(part.text if not part.word else _shown(part, moment, zone) for part in read(template))


def _shown(part: Part, m: dt.datetime, zone: str) -> str:
    word = part.word
    texts = _texts(word, m, part, zone)
    if texts is not None:
        return texts
    value, width = _number(word, m)
    digits = str(value) if part.filled else str(value).zfill(width)
    if word == "Y,YYY":
        digits = f"{m.year // 1000},{m.year % 1000:03d}"
    return digits + (ordinal(digits, upper=part.suffix == "TH") if part.suffix else "")


def _texts(word: str, m: dt.datetime, part: Part, zone: str) -> str | None:
    """Words that print letters; None for numbers."""
    low = word.lower()
    plain = low.replace(".", "")
    if plain in ("am", "pm", "ad", "bc"):
        shown = ("pm" if m.hour >= 12 else "am") if plain in ("am", "pm") else "ad"
        shown = shown if "." not in word else f"{shown[0]}.{shown[1]}."
        return shown.upper() if word.isupper() else shown
    if low in ("month", "mon", "day", "dy"):
        name = _MONTHS[m.month - 1] if low.startswith("mon") else _DAYS[m.weekday()]
        name = name[:3] if low in ("mon", "dy") else name if part.filled else name.ljust(9)
        return name.upper() if word.isupper() else name.lower() if word.islower() else name
    if low == "rm":
        name = _RM[m.month - 1] if part.filled else _RM[m.month - 1].ljust(4)
        return name if word.isupper() else name.lower()
    if low == "tz":
        return zone.lower() if word == "tz" else zone
    if word in ("OF", "TZH", "TZM"):
        return "00" if word == "TZM" else "+00"
    return None


def _number(word: str, m: dt.datetime) -> tuple[int, int]:
    """The number that a word prints, and to how many digits."""
    iso = m.isocalendar()
    second = m.hour * 3600 + m.minute * 60 + m.second
    day = m.timetuple().tm_yday
    if word.startswith("FF"):
        size = int(word[2:])
        return m.microsecond // 10 ** (6 - size), size
    found = {
        "YYYY": (m.year, 4), "YYY": (m.year % 1000, 3), "YY": (m.year % 100, 2), "Y": (m.year % 10, 1), "Y,YYY": (m.year, 0),  # noqa: E501
        "IYYY": (iso[0], 4), "IYY": (iso[0] % 1000, 3), "IY": (iso[0] % 100, 2), "I": (iso[0] % 10, 1),
        "MM": (m.month, 2), "DD": (m.day, 2), "DDD": (day, 3), "D": (m.isoweekday() % 7 + 1, 1), "ID": (iso[2], 1),
        "IDDD": ((iso[1] - 1) * 7 + iso[2], 3), "IW": (iso[1], 2), "WW": ((day - 1) // 7 + 1, 2), "W": ((m.day - 1) // 7 + 1, 1),  # noqa: E501
        "CC": ((m.year - 1) // 100 + 1, 2), "J": (m.toordinal() + 1721425, 0), "Q": ((m.month - 1) // 3 + 1, 1),
        "HH24": (m.hour, 2), "HH12": (m.hour % 12 or 12, 2), "HH": (m.hour % 12 or 12, 2), "MI": (m.minute, 2),
        "SS": (m.second, 2), "MS": (m.microsecond // 1000, 3), "US": (m.microsecond, 6), "SSSS": (second, 0),
        "SSSSS": (second, 0),
    }  # fmt: skip
    return found[word]


def interval_to_char(months: int, days: int, micros: int, template: str) -> str:
    """An interval by a template of numbers."""
    sign = -1 if micros < 0 else 1
    hours, rest = divmod(abs(micros), 3_600_000_000)
    minutes, rest = divmod(rest, 60_000_000)
    seconds, fraction = divmod(rest, 1_000_000)
    years = int(months / 12)
    values = {
        "YYYY": (years, 4), "YY": (years % 100, 2), "MM": (months - years * 12, 2), "DD": (days, 2), "HH24": (hours * sign, 2),  # noqa: E501
        "HH": ((hours % 12 or 12) * sign, 2), "HH12": ((hours % 12 or 12) * sign, 2), "MI": (minutes * sign, 2),
        "SS": (seconds * sign, 2), "MS": (fraction // 1000 * sign, 3), "US": (fraction * sign, 6),
    }  # fmt: skip
    shown = []
    for part in read(template):
        if not part.word:
            shown.append(part.text)
            continue
        if part.word not in values or part.suffix:
            raise ValueError(f"[0A000] {part.word} of an interval in to_char is not supported")
        value, width = values[part.word]
        digits = str(abs(value)) if part.filled else str(abs(value)).zfill(width)
        shown.append(("-" if value < 0 else "") + digits)
    return "".join(shown)


def _refuse(text: str, word: str) -> ValueError:
    return ValueError(f'[22007] invalid value "{text}" for "{word}"')


def from_char(text: str, template: str) -> str | None:
    """The moment that a text has by a template, as ISO 8601 in UTC.  22007, 22008."""
    found: dict[str, int] = {}
    parts, at = read(template), 0
    for number, part in enumerate(parts):
        if not part.word:
            at = _past_plain(text, at, part)
            continue
        while at < len(text) and text[at].isspace():
            at += 1
        if at >= len(text):
            break
        following = parts[number + 1] if number + 1 < len(parts) else None
        tight = following is not None and (following.word.upper() in _SIZES or following.text.isdigit())
        at = _taken(text, at, part, found, tight=tight)
    return _moment(text, found)


def _past_plain(text: str, at: int, part: Part) -> int:
    if at >= len(text):
        return at
    if part.quoted or part.text.isalnum():
        return at + 1
    if part.text.isspace():
        while at < len(text) and text[at].isspace():
            at += 1
        return at
    return at + ((not text[at].isalnum() and text[at] not in "+-") or text[at] == part.text)


def _taken(text: str, at: int, part: Part, found: dict[str, int], *, tight: bool) -> int:
    word = part.word.upper()
    if word in ("MONTH", "MON", "DAY", "DY"):
        return _name(text, at, word, found)
    if word.replace(".", "") in ("AM", "PM"):
        given = re.compile(r"[ap]\.?m\.?", re.IGNORECASE).match(text, at)
        if given is None:
            raise _refuse(text[at : at + len(word)], part.word)
        found["PM"] = int(given[0][0].lower() == "p")
        return given.end()
    if word == "Y,YYY" or word not in _SIZES:
        if word in ("TZH", "OF"):
            zone = re.compile(r"([+-]?)(\d\d?)(?::?(\d\d))?" if word == "OF" else r"([+-]?)(\d\d?)").match(text, at)
            if zone is not None:
                sign = -60 if zone[1] == "-" else 60
                found["zone"] = sign * (int(zone[2]) * 60 + int(zone[3] or 0 if word == "OF" else 0))
                return zone.end()
        raise ValueError(f"[0A000] {part.word} in a template that is read is not supported")
    limit = f"{{1,{_SIZES[word]}}}" if (tight or word.startswith(("FF", "US", "MS"))) and _SIZES[word] else "+"
    given = re.compile(rf"[+-]?\d{limit}").match(text, at)
    if given is None:
        raise _refuse(text[at : at + (_SIZES[word] or 1)].rstrip(), part.word)
    digits = given[0]
    if word.startswith(("FF", "US", "MS")):
        found["micros"] = int(digits.ljust(6, "0")[:6])
    elif word in ("YYY", "YY", "Y") and len(digits) < 4:
        found["YYYY"] = _near(int(digits), len(digits))
    else:
        found["YYYY" if word in ("YYY", "YY", "Y") else word] = int(digits)
    return given.end() + 2 * bool(part.suffix)


def _near(year: int, digits: int) -> int:
    """A year of few digits is the one nearest to 2020."""
    if digits <= 2:
        return year + (2000 if year < 70 else 1900)
    return year + (2000 if year < 520 else 1000)


def _name(text: str, at: int, word: str, found: dict[str, int]) -> int:
    names = _MONTHS if word.startswith("MON") else _DAYS
    for number, name in enumerate(names, 1):
        spelled = name if word in ("MONTH", "DAY") else name[:3]
        if text[at : at + len(spelled)].lower() == spelled.lower():
            if names is _MONTHS:
                found["MM"] = number
            return at + len(spelled)
    word_at = re.compile(r"\w*").match(text, at)
    raise _refuse(word_at[0] if word_at else "", word)


def _moment(text: str, found: dict[str, int]) -> str | None:
    out = ValueError(f'[22008] date/time field value out of range: "{text}"')
    if "J" in found:
        day = dt.date.fromordinal(found["J"] - 1721425)
        found |= {"YYYY": day.year, "MM": day.month, "DD": day.day}
    if found.get("YYYY", 1) not in range(1, 10000):
        if found.get("YYYY") == 0 or not found:
            raise ValueError("[0A000] a date without a year is not supported")
        raise out
    if "YYYY" not in found:
        raise ValueError("[0A000] a date without a year is not supported")
    hour = found.get("HH24", found.get("HH12", found.get("HH", 0)))
    if "HH24" not in found and ("HH12" in found or "HH" in found):
        if not 1 <= hour <= 12:
            raise ValueError(f'[22007] hour "{hour}" is invalid for the 12-hour clock')
        if "PM" in found:
            hour = hour % 12 + 12 * found["PM"]
    seconds = found.get("SSSSS", found.get("SSSS"))
    try:
        if "DDD" in found:
            day = dt.date(found["YYYY"], 1, 1) + dt.timedelta(days=found["DDD"] - 1)
            if day.year != found["YYYY"]:
                raise out
        else:
            day = dt.date(found["YYYY"], found.get("MM", 1), found.get("DD", 1))
        clock = dt.time(hour, found.get("MI", 0), found.get("SS", 0), found.get("micros", 0))
    except ValueError:
        raise out from None
    moment = dt.datetime.combine(day, clock)
    if seconds is not None:
        moment = dt.datetime.combine(day, dt.time()) + dt.timedelta(seconds=seconds)
    return (moment - dt.timedelta(seconds=found.get("zone", 0))).isoformat(" ")


_T = "VARCHAR"
DATE_FUNCTIONS = (
    ("pg_to_char_moment", to_char, ("TIMESTAMP", _T, _T), _T),
    ("pg_to_char_interval", interval_to_char, ("BIGINT", "BIGINT", "BIGINT", _T), _T),
    ("pg_from_char", from_char, (_T, _T), _T),
)
