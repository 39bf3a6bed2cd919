"""Dates and times in every style that PostgreSQL reads (DateStyle ISO, MDY), as ISO 8601."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from helios_magic.engine.dialect.failures import Refusal, unsupported

_MONTHS = {name.lower(): i for i, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): i for i, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_DAYS = {name.lower() for name in (*calendar.day_name, *calendar.day_abbr)} | {"tues", "wednes", "thur", "thurs"}
#: Abbreviations of PostgreSQL's default list, as hours east of Greenwich.
ABBREVIATIONS = {
    "utc": 0.0, "gmt": 0.0, "z": 0.0, "zulu": 0.0, "ut": 0.0, "wet": 0.0, "est": -5.0, "edt": -4.0, "cst": -6.0,
    "cdt": -5.0, "mst": -7.0, "mdt": -6.0, "pst": -8.0, "pdt": -7.0, "akst": -9.0, "akdt": -8.0, "hst": -10.0,
    "cet": 1.0, "cest": 2.0, "met": 1.0, "bst": 1.0, "west": 1.0, "eet": 2.0, "eest": 3.0, "msk": 3.0, "ist": 2.0,
    "jst": 9.0, "kst": 9.0,
}  # fmt: skip
_TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<clock>\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d*)?)?)"
    r"|(?P<zone>[+-]\d{1,2}(?::?\d{2}(?::\d{2})?)?)(?=$|\s)"
    r"|(?P<ymd>\d{3,7}[-/]\d{1,2}[-/]\d{1,2}|\d{3,7}[-/ ][a-zA-Z]{3,9}[-/ ]\d{1,2})(?=$|[\sTt])"
    r"|(?P<dmy>\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{1,2}[- ]?[a-zA-Z]{3,9}[-,. ]\s?\d{4}"
    r"|[a-zA-Z]{3,9}[-. ]\d{1,2}[-, ]\s*\d{4})(?=$|\s)"
    r"|(?P<julian>\d{4}\.\d{3})(?=$|\s)"
    r"|(?P<city>[A-Za-z]+(?:_[A-Za-z]+)*/[A-Za-z_/+\-0-9]+)"
    r"|(?P<digits>\d{8}|\d{6})(?=$|[\sTt])"
    r"|(?P<word>[a-zA-Z]+)"
    r")[,]?"
)


@dataclass(slots=True)
class Moment:
    """What a text says: a date, microseconds of the day, and a zone (an offset in seconds, or a name)."""

    date: tuple[int, int, int] | None = None
    micro: int | None = None
    zone: int | str | None = None
    special: str | None = None

    def day(self) -> str:
        year, month, day = self.date or (1970, 1, 1)
        return f"{year:04d}-{month:02d}-{day:02d}"

    def clock(self) -> str:
        micro = self.micro or 0
        seconds, fraction = divmod(micro, 1_000_000)
        text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        return f"{text}.{fraction:06d}".rstrip("0") if fraction else text


class _UnreadableError(Exception):
    pass


class _OutOfRangeError(Exception):
    pass


def read(text: str, kind: str, shown: str, place: int | None) -> Moment:
    """The moment a literal of type `kind` stands for.  22007 if it is none, 22008 if a field is out of range."""
    try:
        moment = _moment(text)
    except _OutOfRangeError:
        raise Refusal("22008", f'date/time field value out of range: "{text}"', place=place) from None
    except _UnreadableError:
        moment = None
    incomplete = moment is None or (not moment.special and (moment.micro if kind == "time" else moment.date) is None)
    if moment is None or incomplete:
        name = shown if kind in ("date", "timestamptz") else kind
        raise Refusal("22007", f'invalid input syntax for type {name}: "{text}"', place=place)
    if kind == "time" and moment.micro == 86_400_000_000:
        raise unsupported("the time 24:00", place=place)
    return moment


def _moment(text: str) -> Moment:
    word = text.strip().lower()
    if word in ("now", "today", "tomorrow", "yesterday", "epoch", "infinity", "-infinity", "allballs"):
        return Moment(special=word)
    moment, at, half = Moment(), 0, ""
    while text[at:].strip():
        token = _TOKEN.match(text, at)
        if token is None:
            raise _UnreadableError
        at = token.end()
        half = _take(moment, token, half)
    if half and moment.micro is not None:
        hour = moment.micro // 3_600_000_000
        if not 1 <= hour <= 12:
            raise _OutOfRangeError
        moment.micro += (hour % 12 - hour + (12 if half == "pm" else 0)) * 3_600_000_000
    _carry(moment)
    return moment


def _take(moment: Moment, token: re.Match[str], half: str) -> str:
    kind, value = token.lastgroup or "", token[token.lastgroup or 0]
    if kind in ("ymd", "dmy", "julian") or (kind == "digits" and len(value) == 8 and moment.date is None):
        if moment.date is not None:
            raise _UnreadableError
        moment.date = _date(kind, value)
    elif kind == "clock" or (kind == "digits" and len(value) == 6):
        moment.micro = _clock(value if kind == "clock" else f"{value[:2]}:{value[2:4]}:{value[4:]}")
    elif kind == "zone":
        moment.zone = _offset(value)
    elif kind == "city":
        moment.zone = value
    else:
        return _word(moment, value.lower(), half)
    return half


def _word(moment: Moment, word: str, half: str) -> str:
    if word in ("am", "pm"):
        return word
    if word in ABBREVIATIONS:
        moment.zone = int(ABBREVIATIONS[word] * 3600)
    elif word == "bc":
        raise unsupported("a date before Christ")
    elif word not in _DAYS and word not in ("t", "ad", "at", "on"):
        raise _UnreadableError
    return half


def _date(kind: str, value: str) -> tuple[int, int, int]:
    if kind == "julian":
        year, number = int(value[:4]), int(value[5:])
        if not 1 <= number <= 365 + calendar.isleap(year):
            raise _OutOfRangeError
        month = 1
        while number > _length(year, month):
            number -= _length(year, month)
            month += 1
        return year, month, number
    if kind == "digits":
        parts = [value[:4], value[4:6], value[6:]]
    else:
        parts = re.findall(r"\d+|[a-zA-Z]+", value)
        named = next((i for i, part in enumerate(parts) if part.isalpha()), None)
        if named is not None and parts[named].lower() not in _MONTHS:
            raise _UnreadableError
        if named is not None:
            parts[named] = str(_MONTHS[parts[named].lower()])
        if kind == "dmy":
            parts = [parts[2], parts[1], parts[0]] if named == 1 else [parts[2], parts[0], parts[1]]
    year, month, day = [int(part) for part in parts]
    if not 1 <= month <= 12 or not year >= 1 or not 1 <= day <= 31:
        raise _OutOfRangeError
    if day > _length(year, month):
        raise _OutOfRangeError
    return year, month, day


def _length(year: int, month: int) -> int:
    """The days of a month, in any year (the calendar module ends with 9999)."""
    return 29 if month == 2 and calendar.isleap(year) else (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def _clock(value: str) -> int:
    hour, minute, *rest = value.split(":")
    second = Decimal(rest[0] or 0) if rest else Decimal(0)
    micro = int((second * 1_000_000).to_integral_value(ROUND_HALF_EVEN))
    total = (int(hour) * 60 + int(minute)) * 60_000_000 + micro
    if int(minute) > 59 or second > 60 or total > 86_400_000_000:
        raise _OutOfRangeError
    return total


def _offset(value: str) -> int:
    digits = value[1:].replace(":", "")
    hours, minutes, seconds = int(digits[:2]), int(digits[2:4] or 0), int(digits[4:6] or 0)
    if hours > 15 or minutes > 59:
        raise _OutOfRangeError
    return (-1 if value[0] == "-" else 1) * (hours * 3600 + minutes * 60 + seconds)


def _carry(moment: Moment) -> None:
    """24:00 is the next day's midnight, where there is a day."""
    if moment.date is None or moment.micro is None or moment.micro < 86_400_000_000:
        return
    moment.micro -= 86_400_000_000
    year, month, day = moment.date
    if day < _length(year, month):
        moment.date = (year, month, day + 1)
    else:
        moment.date = (year, month + 1, 1) if month < 12 else (year + 1, 1, 1)
