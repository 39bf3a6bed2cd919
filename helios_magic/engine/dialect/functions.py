"""What DuckDB has no function for, in Python: registered once per instance by the engine.

`FUNCTIONS` is declarative: name, function, parameter types, return type, all as DuckDB spells them.  A failure is
raised as `[SQLSTATE] message`.  NULL in, NULL out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from helios_magic.engine.dialect.division import divide, division_scale
from helios_magic.engine.dialect.failures import Refusal
from helios_magic.engine.dialect.firstrows import first_of_each

_WIDE = Context(prec=200)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Function:
    """A scalar function for `connection.create_function`."""

    name: str
    function: Callable[..., Any]
    parameters: tuple[str, ...] | None
    """None takes arguments of any number and type."""
    returns: str
    vectors: bool = False
    """Called with Arrow arrays, a vector of rows at once; it sees to NULL itself."""


class _Number(str):
    """A JSON number as it was written: 1.10 keeps its zero."""

    __slots__ = ()


def _refuse_constant(word: str) -> Any:
    raise ValueError(word)


def _load(text: str) -> Any:
    return json.loads(text, parse_int=_Number, parse_float=_Number, parse_constant=_refuse_constant)


def _plain_number(number: str) -> str:
    """As PostgreSQL's numeric prints it: no exponent."""
    return format(Decimal(number), "f") if "e" in number.lower() else ("0" if number == "-0" else number)


def _dump(value: Any, comma: str = ", ", colon: str = ": ") -> str:
    if isinstance(value, _Number):
        return _plain_number(value)
    if isinstance(value, dict):
        ordered = sorted(value.items(), key=lambda pair: (len(pair[0].encode()), pair[0].encode()))
        return "{" + comma.join(f"{json.dumps(k, ensure_ascii=False)}{colon}{_dump(v)}" for k, v in ordered) + "}"
    if isinstance(value, list):
        return "[" + comma.join(_dump(member) for member in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def jsonb(text: str) -> str:
    """Text as jsonb prints it: keys by length then bytes, the last of duplicates, one blank after , and :."""
    try:
        value = _load(text)
    except (ValueError, RecursionError):
        raise ValueError("[22P02] invalid input syntax for type json") from None
    written = _dump(value)
    if "\\u0000" in written:
        raise ValueError("[22P05] unsupported Unicode escape sequence: \\u0000 cannot be converted to text")
    return written


def jsonb_text(text: str) -> str:
    """The same while a statement is prepared; raises `Refusal`."""
    try:
        return jsonb(text)
    except ValueError as error:
        state, message = str(error)[1:6], str(error)[8:]
        raise Refusal(state, message) from None


def valid_json(text: str) -> str:
    """The text itself if it is JSON (type json keeps it as it is); raises `Refusal`."""
    jsonb_text(text)
    return text


def _member(text: str, key: str) -> str | None:
    value = _load(text)
    return _dump(value[key]) if isinstance(value, dict) and key in value else None


def _item(text: str, index: int) -> str | None:
    value = _load(text)
    if not isinstance(value, list | dict):
        value = [value]  # a scalar is kept like an array of one
    return _dump(value[index]) if isinstance(value, list) and -len(value) <= index < len(value) else None


def _path(text: str, path: list[str | None]) -> str | None:
    value = _load(text)
    for step in path:
        if step is None:
            return None
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and re.fullmatch(r"-?\d+", step) and -len(value) <= int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return _dump(value)


def _scalar_text(text: str) -> str | None:
    value = _load(text)
    if value is None:
        return None
    return value if isinstance(value, str) and not isinstance(value, _Number) else _dump(value)


def _canonical(value: Any) -> Any:
    if isinstance(value, _Number):
        return _Number(format(Decimal(value).normalize(), "f"))
    if isinstance(value, dict):
        return {key: _canonical(member) for key, member in value.items()}
    return [_canonical(member) for member in value] if isinstance(value, list) else value


def _key(text: str) -> str:
    return _dump(_canonical(_load(text)))


def _contains(left: Any, right: Any, *, top: bool = True) -> bool:
    if isinstance(left, dict) and isinstance(right, dict):
        return all(key in left and _contains(left[key], member, top=False) for key, member in right.items())
    if isinstance(left, list) and isinstance(right, list):
        return all(any(_contains(mine, member, top=False) for mine in left) for member in right)
    if isinstance(left, list) and top and not isinstance(right, dict):
        return any(_contains(mine, right, top=False) for mine in left)
    return type(left) is type(right) and bool(left == right)


def _json_contains(left: str, right: str) -> bool:
    return _contains(_canonical(_load(left)), _canonical(_load(right)))


def _has(text: str, key: str) -> bool:
    value = _load(text)
    if isinstance(value, list):
        return any(member == key and not isinstance(member, _Number) for member in value)
    return key in value if isinstance(value, dict) else (value == key and not isinstance(value, _Number))


def _join(left: str, right: str) -> str:
    one, other = _load(left), _load(right)
    if isinstance(one, dict) and isinstance(other, dict):
        return _dump({**one, **other})
    return _dump((one if isinstance(one, list) else [one]) + (other if isinstance(other, list) else [other]))


def _without(text: str, key: str) -> str:
    value = _load(text)
    if isinstance(value, dict):
        return _dump({k: v for k, v in value.items() if k != key})
    if isinstance(value, list):
        return _dump([v for v in value if isinstance(v, _Number) or v != key])
    raise ValueError("[22023] cannot delete from scalar")


def _without_keys(text: str, keys: list[str]) -> str:
    for key in keys:
        text = _without(text, key)
    return text


def _without_item(text: str, index: int) -> str:
    value = _load(text)
    if not isinstance(value, list):
        raise ValueError("[22023] cannot delete from object using integer index")  # noqa: TRY004
    if -len(value) <= index < len(value):
        del value[index]
    return _dump(value)


def _elements(text: str) -> list[str]:
    value = _load(text)
    if not isinstance(value, list):
        what = "an object" if isinstance(value, dict) else "a scalar"
        raise ValueError(f"[22023] cannot extract elements from {what}")  # noqa: TRY004
    return [_dump(member) for member in value]


def _elements_text(text: str) -> list[str | None]:
    return [_scalar_text(member) for member in _elements(text)]


def _object(text: str) -> list[tuple[str, Any]]:
    value = _load(text)
    if not isinstance(value, dict):
        raise ValueError("[22023] cannot call this on a non-object")  # noqa: TRY004
    return sorted(value.items(), key=lambda pair: (len(pair[0].encode()), pair[0].encode()))


def _keys(text: str) -> list[str]:
    return [key for key, _ in _object(text)]


def _values(text: str) -> list[str]:
    return [_dump(value) for _, value in _object(text)]


def _values_text(text: str) -> list[str | None]:
    return [_scalar_text(_dump(value)) for _, value in _object(text)]


def _kind(text: str) -> str:
    value = _load(text)
    if isinstance(value, _Number):
        return "number"
    return {dict: "object", list: "array", str: "string", bool: "boolean"}.get(type(value), "null")


def _length(text: str) -> int:
    value = _load(text)
    if not isinstance(value, list):
        what = "a non-array" if isinstance(value, dict) else "a scalar"
        raise ValueError(f"[22023] cannot get array length of {what}")  # noqa: TRY004
    return len(value)


def _json_number(text: str, kind: str) -> str | None:
    if text.strip() == "null":
        return None
    if not _NUMBER.fullmatch(text.strip()):
        raise ValueError(f"[22023] cannot cast jsonb {_kind(text)} to type {kind}")
    return _plain_number(text.strip())


def _json_bool(text: str) -> bool | None:
    value = _load(text)
    if value is None:
        return None
    if not isinstance(value, bool):
        raise ValueError(f"[22023] cannot cast jsonb {_kind(text)} to type boolean")  # noqa: TRY004
    return value


def _float8_text(shortest: float) -> str:
    text = repr(shortest)
    if text in ("inf", "-inf", "nan"):
        return {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}[text]
    sign, digits, exponent = Decimal(text).as_tuple()
    number = "".join(map(str, digits)).rstrip("0") or "0"
    point = len(digits) + int(exponent)
    if shortest == 0:
        return "-0" if sign else "0"
    if -4 <= point - 1 < 15:
        if point <= 0:
            plain = "0." + "0" * -point + number
        elif len(number) <= point:
            plain = number.ljust(point, "0")
        else:
            plain = f"{number[:point]}.{number[point:]}"
    else:
        mantissa = number[0] + ("." + number[1:] if len(number) > 1 else "")
        plain = f"{mantissa}e{'-' if point - 1 < 0 else '+'}{abs(point - 1):02d}"
    return ("-" if sign else "") + plain


def _short(text: str) -> Decimal:
    """Without trailing zeros: a column's scale may be wider than what was written into it."""
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def _statistic(kind: str, count: int, total: str, squares: str) -> str | None:
    """stddev and variance of exact numbers, exactly, from count, sum and sum of squares."""
    least = 2 if kind.endswith("samp") else 1
    if count < least:
        return None
    n, sx, sxx = Decimal(count), _short(total), _short(squares)
    above = _WIDE.subtract(_WIDE.multiply(n, sxx), _WIDE.multiply(sx, sx))
    if above <= 0:
        return "0"
    below = n * (n - 1) if kind.endswith("samp") else n * n
    scale = min(division_scale(above, below), 20)
    place = Decimal(1).scaleb(-scale)
    result = _WIDE.divide(above, below).quantize(place, rounding=ROUND_HALF_UP, context=_WIDE)
    if kind.startswith("stddev"):
        result = _WIDE.sqrt(result)
    return format(result.quantize(place, rounding=ROUND_HALF_UP, context=_WIDE), "f")


def _array_text(members: list[str | None]) -> str:
    def written(member: str | None) -> str:
        if member is None:
            return "NULL"
        if member == "" or member.upper() == "NULL" or re.search(r'[{}",\\\s]', member):
            return '"' + member.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return member

    return "{" + ",".join(written(member) for member in members) + "}"


FUNCTIONS: tuple[Function, ...] = (
    Function("pg_jsonb", jsonb, ("VARCHAR",), "VARCHAR"),
    Function("pg_json_member", _member, ("VARCHAR", "VARCHAR"), "VARCHAR"),
    Function("pg_json_item", _item, ("VARCHAR", "BIGINT"), "VARCHAR"),
    Function("pg_json_path", _path, ("VARCHAR", "VARCHAR[]"), "VARCHAR"),
    Function("pg_json_scalar_text", _scalar_text, ("VARCHAR",), "VARCHAR"),
    Function("pg_json_key", _key, ("VARCHAR",), "VARCHAR"),
    Function("pg_json_contains", _json_contains, ("VARCHAR", "VARCHAR"), "BOOLEAN"),
    Function("pg_json_has", _has, ("VARCHAR", "VARCHAR"), "BOOLEAN"),
    Function("pg_json_join", _join, ("VARCHAR", "VARCHAR"), "VARCHAR"),
    Function("pg_json_without", _without, ("VARCHAR", "VARCHAR"), "VARCHAR"),
    Function("pg_json_without_keys", _without_keys, ("VARCHAR", "VARCHAR[]"), "VARCHAR"),
    Function("pg_json_without_item", _without_item, ("VARCHAR", "BIGINT"), "VARCHAR"),
    Function("pg_json_elements", _elements, ("VARCHAR",), "VARCHAR[]"),
    Function("pg_json_elements_text", _elements_text, ("VARCHAR",), "VARCHAR[]"),
    Function("pg_json_keys", _keys, ("VARCHAR",), "VARCHAR[]"),
    Function("pg_json_values", _values, ("VARCHAR",), "VARCHAR[]"),
    Function("pg_json_values_text", _values_text, ("VARCHAR",), "VARCHAR[]"),
    Function("pg_json_typeof", _kind, ("VARCHAR",), "VARCHAR"),
    Function("pg_json_length", _length, ("VARCHAR",), "INTEGER"),
    Function("pg_json_number", _json_number, ("VARCHAR", "VARCHAR"), "VARCHAR"),
    Function("pg_json_bool", _json_bool, ("VARCHAR",), "BOOLEAN"),
    Function("pg_div", divide, None, "DECIMAL(38,20)", vectors=True),
    Function("pg_float8_text", _float8_text, ("DOUBLE",), "VARCHAR"),
    Function("pg_statistic", _statistic, ("VARCHAR", "BIGINT", "VARCHAR", "VARCHAR"), "VARCHAR"),
    Function("pg_array_text", _array_text, ("VARCHAR[]",), "VARCHAR"),
    Function("pg_first_of_each", first_of_each, ("BIGINT[]", "BIGINT[][]"), "BIGINT[]"),
)
