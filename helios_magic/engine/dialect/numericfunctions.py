"""numeric beyond + - * /: roots, powers and logarithms to PostgreSQL's number of digits, and exact integers."""

from __future__ import annotations

import math
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, InvalidOperation, localcontext

from helios_magic.engine.dialect.division import SCALE, division_scale, numeric_div
from helios_magic.engine.dialect.functions import Function

_WIDE = Context(prec=120)
_LEAST = 16
"""Significant digits that PostgreSQL's numeric functions keep at least."""


def _number(text: str) -> Decimal:
    """The number without trailing zeros: a column's own scale is wider than what was written into it."""
    number = Decimal(text)
    if not number:
        return Decimal(0)
    number = number.normalize(_WIDE)
    return number.quantize(Decimal(1), context=_WIDE) if int(number.as_tuple().exponent) > 0 else number


def _scale(number: Decimal) -> int:
    return max(0, -int(number.as_tuple().exponent))


def _rounded(number: Decimal, scale: int) -> str:
    """To `scale` digits, never more than the carrier's 20."""
    try:
        result = number.quantize(Decimal(1).scaleb(-min(max(scale, 0), SCALE)), rounding=ROUND_HALF_UP, context=_WIDE)
    except InvalidOperation:
        raise ValueError("[22003] value overflows numeric format") from None
    if number and not result:
        raise ValueError("[0A000] a numeric result with more than 20 digits after the point is not supported")
    if abs(result) >= 10**18:
        raise ValueError("[0A000] a numeric result of more than 18 digits before the point is not supported")
    return format(result, "f")


def _sqrt(text: str) -> str:
    number = _number(text)
    if number < 0:
        raise ValueError("[2201F] cannot take square root of a negative number")
    weight = number.adjusted() // 4 if number else 0
    return _rounded(_WIDE.sqrt(number), max(_LEAST - int((weight + 1) * 4 / 2) + 1, _scale(number)))


def _ln(text: str) -> str:
    number = _number(text)
    _positive(number)
    result = _WIDE.ln(number)
    return _rounded(result, max(_LEAST - _decimal_digits(result), _scale(number)))


def _positive(number: Decimal) -> None:
    if number == 0:
        raise ValueError("[2201E] cannot take logarithm of zero")
    if number < 0:
        raise ValueError("[2201E] cannot take logarithm of a negative number")


def _decimal_digits(value: Decimal) -> int:
    """The weight of the result in decimal digits, as PostgreSQL estimates it: trunc(log10(value))."""
    return int(math.log10(abs(value))) if value else 0


def _log(base: str, text: str) -> str:
    one, other = _number(base), _number(text)
    _positive(one)
    _positive(other)
    if one == 1:
        raise ValueError("[22012] division by zero")
    result = _WIDE.divide(_WIDE.ln(other), _WIDE.ln(one))
    return _rounded(result, max(_LEAST - _decimal_digits(result), _scale(one), _scale(other)))


def _exp(text: str) -> str:
    number = _number(text)
    if number > 6000:
        raise ValueError("[22003] value overflows numeric format")
    digits = int(number * Decimal("0.434294481903252")) if number > -6000 else -6000
    return _rounded(_WIDE.exp(number), max(_LEAST - digits, _scale(number)))


def _power(base: str, text: str) -> str:
    one, other = _number(base), _number(text)
    if one == 0 and other < 0:
        raise ValueError("[2201F] zero raised to a negative power is undefined")
    if one < 0 and _scale(other):
        raise ValueError("[2201F] a negative number raised to a non-integer power yields a complex result")
    if one == 0 or other == 0:
        return _rounded(Decimal(0 if other else 1), _LEAST)
    digits = float(other) * math.log10(abs(one))
    if digits > 40:
        raise ValueError("[0A000] a numeric result of more than 18 digits before the point is not supported")
    with localcontext(_WIDE):
        result = one**other if digits > -100 else Decimal(0)
    return _rounded(result, max(_LEAST - int(digits), _scale(one), _scale(other)))


def _div(left: str, right: str) -> str:
    one, other = Decimal(left), Decimal(right)
    if other == 0:
        raise ValueError("[22012] division by zero")
    return format(_WIDE.divide_int(one, other), "f")


def _round(text: str, places: int) -> str:
    return _placed(text, places, ROUND_HALF_UP)


def _trunc(text: str, places: int) -> str:
    return _placed(text, places, ROUND_DOWN)


def _placed(text: str, places: int, rounding: str) -> str:
    number = Decimal(text)
    if places >= _scale(number):
        return text
    return format(number.quantize(Decimal(1).scaleb(-places), rounding=rounding, context=_WIDE), "f")


def _gcd(left: str, right: str) -> str:
    one, other, scale = _units(left, right)
    return format(Decimal(math.gcd(one, other)).scaleb(-scale), "f")


def _lcm(left: str, right: str) -> str:
    one, other, scale = _units(left, right)
    return format(Decimal(math.lcm(one, other)).scaleb(-scale), "f")


def _units(left: str, right: str) -> tuple[int, int, int]:
    one, other = _number(left), _number(right)
    scale = max(_scale(one), _scale(other))
    return int(one.scaleb(scale, _WIDE)), int(other.scaleb(scale, _WIDE)), scale


def _factorial(number: int) -> str:
    if number < 0:
        raise ValueError("[22003] factorial of a negative number is undefined")
    if number > 33:
        raise ValueError("[0A000] a numeric of more than 38 digits is not supported")
    return str(math.factorial(number))


def _least_scale(text: str) -> int:
    return _scale(_number(text))


def _trimmed(text: str) -> str:
    return format(_number(text), "f")


def _quotient_text(left: str, right: str) -> str:
    """A quotient as PostgreSQL writes it, of two numbers as it writes them."""
    scale = division_scale(Decimal(left), Decimal(right))
    if scale > SCALE and Decimal(left):
        raise ValueError("[0A000] the text of a quotient with more than 20 digits after the point is not supported")
    return numeric_div(left, right)


def _float4_text(text: str) -> str:
    from helios_magic.engine.dialect.functions import _float8_text

    written = _float8_text(float(text))
    number = Decimal(text) if text.lstrip("-")[:1].isdigit() else Decimal(0)
    if number and not -4 <= number.adjusted() < 6:
        sign, digits, _ = number.normalize().as_tuple()
        mantissa = "".join(map(str, digits))
        shown = mantissa[0] + ("." + mantissa[1:] if len(mantissa) > 1 else "")
        exponent = number.adjusted()
        return f"{'-' if sign else ''}{shown}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    return written


def _degrees_of(name: str, number: float) -> float:
    """sind, cosd, tand and cotd: exact where the angle is."""
    turned = math.fmod(number, 360.0)
    exact = {
        "sind": {0: 0.0, 30: 0.5, 90: 1.0, 150: 0.5, 180: 0.0, 210: -0.5, 270: -1.0, 330: -0.5},
        "cosd": {0: 1.0, 60: 0.5, 90: 0.0, 120: -0.5, 180: -1.0, 240: -0.5, 270: 0.0, 300: 0.5},
        "tand": {0: 0.0, 45: 1.0, 135: -1.0, 180: 0.0, 225: 1.0, 315: -1.0},
        "cotd": {45: 1.0, 90: 0.0, 135: -1.0, 225: 1.0, 270: 0.0, 315: -1.0},
    }[name]
    angle = turned + 360.0 if turned < 0 else turned
    if angle in exact:
        return exact[int(angle)]
    radians = math.radians(angle)
    if name == "cotd":
        return 1 / math.tan(radians)
    return {"sind": math.sin, "cosd": math.cos, "tand": math.tan}[name](radians)


_ONE, _TWO = ("VARCHAR",), ("VARCHAR", "VARCHAR")
FUNCTIONS: tuple[Function, ...] = (
    Function("pg_numeric_sqrt", _sqrt, _ONE, "VARCHAR"),
    Function("pg_numeric_ln", _ln, _ONE, "VARCHAR"),
    Function("pg_numeric_log", _log, _TWO, "VARCHAR"),
    Function("pg_numeric_exp", _exp, _ONE, "VARCHAR"),
    Function("pg_numeric_power", _power, _TWO, "VARCHAR"),
    Function("pg_numeric_div", _div, _TWO, "VARCHAR"),
    Function("pg_numeric_round", _round, ("VARCHAR", "INTEGER"), "VARCHAR"),
    Function("pg_numeric_trunc", _trunc, ("VARCHAR", "INTEGER"), "VARCHAR"),
    Function("pg_numeric_gcd", _gcd, _TWO, "VARCHAR"),
    Function("pg_numeric_lcm", _lcm, _TWO, "VARCHAR"),
    Function("pg_factorial", _factorial, ("BIGINT",), "VARCHAR"),
    Function("pg_least_scale", _least_scale, _ONE, "INTEGER"),
    Function("pg_numeric_trimmed", _trimmed, _ONE, "VARCHAR"),
    Function("pg_quotient_text", _quotient_text, _TWO, "VARCHAR"),
    Function("pg_float4_text", _float4_text, _ONE, "VARCHAR"),
    Function("pg_degrees_of", _degrees_of, ("VARCHAR", "DOUBLE"), "DOUBLE"),
)

MACROS = r"""
pg_text_of(x) AS CAST(x AS VARCHAR)

pg_scale(text) AS CASE WHEN contains(text, '.') THEN length(text) - strpos(text, '.')
    WHEN text IS NOT NULL THEN 0 END

pg_finite(x, result) AS CASE
    WHEN isinf(result) AND NOT isinf(x) THEN error('[22003] value out of range: overflow') ELSE result END

pg_float_sqrt(x) AS CASE WHEN x < 0 THEN error('[2201F] cannot take square root of a negative number') ELSE sqrt(x) END

pg_float_positive(x) AS CASE
    WHEN x = 0 THEN error('[2201E] cannot take logarithm of zero')
    WHEN x < 0 THEN error('[2201E] cannot take logarithm of a negative number') ELSE x END

pg_float_power(a, b) AS CASE
    WHEN a = 0 AND b < 0 THEN error('[2201F] zero raised to a negative power is undefined')
    WHEN a < 0 AND b <> trunc(b)
    THEN error('[2201F] a negative number raised to a non-integer power yields a complex result')
    WHEN isinf(pow(a, b)) AND NOT isinf(a) AND NOT isinf(b) THEN error('[22003] value out of range: overflow')
    WHEN pow(a, b) = 0 AND a <> 0 AND NOT isinf(a) AND NOT isinf(b)
    THEN error('[22003] value out of range: underflow')
    ELSE pow(a, b) END

pg_between_one(x) AS CASE WHEN abs(x) > 1 AND NOT isnan(x) THEN error('[22003] input is out of range') ELSE x END

pg_width_bucket(x, low, high, buckets) AS CASE
    WHEN buckets <= 0 THEN error('[2201G] count must be greater than zero')
    WHEN low = high THEN error('[2201G] lower bound cannot equal upper bound')
    WHEN x IS NULL OR low IS NULL OR high IS NULL OR buckets IS NULL THEN NULL
    WHEN low < high THEN CASE WHEN x < low THEN 0 WHEN x >= high THEN buckets + 1
        ELSE CAST(floor((x - low) * buckets / (high - low)) AS INTEGER) + 1 END
    ELSE CASE WHEN x > low THEN 0 WHEN x <= high THEN buckets + 1
        ELSE CAST(floor((low - x) * buckets / (low - high)) AS INTEGER) + 1 END END

pg_bucket_of(x, thresholds) AS CASE WHEN list_count(thresholds) < len(thresholds) AND x IS NOT NULL
    THEN error('[22004] thresholds array must not contain NULLs')
    WHEN x IS NOT NULL THEN CAST(len(list_filter(thresholds, lambda pg_least: pg_least <= x)) AS INTEGER) END

pg_numeric_series(first, last, step) AS CASE WHEN step = 0 THEN error('[22023] step size cannot equal zero')
    WHEN (step > 0 AND first <= last) OR (step < 0 AND first >= last) THEN
        list_transform(range(CAST(pg_numeric_div(CAST(last - first AS VARCHAR), CAST(step AS VARCHAR)) AS BIGINT) + 1),
            lambda pg_nth: first + step * pg_nth)
    END

pg_wrapped(x, bits) AS CASE WHEN x >= (1::HUGEINT << (bits - 1)) THEN x - (1::HUGEINT << bits) ELSE x END

pg_shift_left(x, places, width, bits) AS pg_wrapped(
    (((CAST(x AS HUGEINT) + (1::HUGEINT << bits)) % (1::HUGEINT << bits))
        * CAST(power(2, ((places % width) + width) % width) AS HUGEINT)) % (1::HUGEINT << bits), bits)

pg_shift_right(x, places, width, bits) AS
    CAST(floor(CAST(x AS DOUBLE) / power(2, ((places % width) + width) % width)) AS BIGINT)

pg_float_whole(x) AS round_even(x, 0)
"""
