"""Values for `$1`, `$2`, …: from JSON or Python into what DuckDB binds without changing them."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Sequence
from typing import Any

from helios_magic.errors import QueryError

_AS_THEY_ARE = (bool, float, bytes, dt.date, dt.time, dt.timedelta, type(None))
_LARGEST = 10**38 - 1


def check_count(values: Sequence[Any], wanted: int) -> None:
    """Raise unless there is exactly one value per placeholder."""
    if len(values) == wanted:
        return
    named = "no placeholder" if wanted == 0 else "$1" if wanted == 1 else f"$1…${wanted}"
    given = f"{len(values)} value was given" if len(values) == 1 else f"{len(values)} values were given"
    raise QueryError(
        f"the query has {named}, {given}",
        hint="Give one value for each placeholder." if wanted else "Write $1 where the value belongs.",
        details={"sqlstate": "08P01", "expected": wanted, "got": len(values)},
    )


def bind(values: Sequence[Any]) -> list[Any]:
    """The values as DuckDB takes them, exact or refused."""
    return [value if type(value) in _AS_THEY_ARE else _convert(value, place) for place, value in enumerate(values, 1)]


def _convert(value: Any, place: int) -> Any:
    if type(value).__name__ in ("NaTType", "NAType"):
        return None
    if isinstance(value, str):
        return _text(value, place)
    if isinstance(value, bool | bytes | dt.date | dt.time | dt.timedelta):
        return value
    if isinstance(value, int):
        return _integer(value, place)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, decimal.Decimal):
        return _numeric(value, place)
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    if isinstance(value, dict):
        return _json(value, place)
    if isinstance(value, list | tuple):
        return _array(value, place)
    return _foreign(value, place)


def _text(value: str, place: int) -> str:
    if "\0" in value:
        raise _refused("22021", place, "has a NUL character, which text cannot hold")
    return value


def _integer(value: int, place: int) -> int:
    if abs(value) > _LARGEST:
        raise _refused("22003", place, "is an integer of more than 38 digits")
    return int(value)


def _numeric(value: decimal.Decimal, place: int) -> Any:
    if value.is_nan():
        raise _refused("0A000", place, "is a numeric NaN, which is not supported")
    if value.is_infinite():
        raise _refused("0A000", place, "is a numeric infinity, which is not supported")
    _, digits, exponent = value.as_tuple()
    if max(len(digits) + max(0, int(exponent)), -int(exponent)) > 38:
        # DuckDB would silently bind the nearest double.
        raise _refused("22003", place, "has more than 38 digits")
    return value


def _array(value: Sequence[Any], place: int) -> Any:
    """A list is an array; a list that holds objects can only be JSON."""
    if any(isinstance(item, dict) for item in value):
        return _json(value, place)
    return [_convert(item, place) if item is not None else None for item in value]


def _json(value: Any, place: int) -> str:
    import msgspec

    try:
        text = msgspec.json.encode(value, enc_hook=str).decode()
    except (TypeError, ValueError, RecursionError) as error:
        raise _refused("22P02", place, f"cannot be written as JSON ({error})") from None
    return text


def _foreign(value: Any, place: int) -> Any:
    """UUID, numpy and pandas scalars, numpy arrays, enum members."""
    import enum
    import uuid

    if isinstance(value, uuid.UUID):
        return value
    if isinstance(value, enum.Enum):
        return _convert(value.value, place) if value.value is not None else None
    kind = type(value).__name__
    for unwrap in ("tolist", "item"):
        method = getattr(value, unwrap, None)
        if callable(method) and type(value).__module__.partition(".")[0] in ("numpy", "pyarrow", "pandas"):
            plain = method()
            return plain if plain is None else _convert(plain, place)
    as_py = getattr(value, "as_py", None)
    if callable(as_py):
        plain = as_py()
        return plain if plain is None else _convert(plain, place)
    raise _refused("42804", place, f"is a {kind}, which has no SQL type")


def _refused(sqlstate: str, place: int, what: str) -> QueryError:
    return QueryError(f"the value of ${place} {what}", details={"sqlstate": sqlstate, "parameter": place})
