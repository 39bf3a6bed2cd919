"""numeric / numeric in vectors: PostgreSQL's quotient, digit for digit, out of 64-bit integers.

PostgreSQL keeps at least 16 significant digits of a quotient (`select_div_scale` in its numeric.c, which counts in
groups of four digits), so how many digits follow the point depends on the values; here never more than 20, rounded,
where PostgreSQL goes on for a quotient below 0.0001.  `divide` finds that number and
divides by hand, four digits a step, a vector of rows at once.  What 64 bits do not hold goes row by row through
`numeric_div`, which is exact for every number: the same answer, slowly.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    Words = np.ndarray[Any, Any]

#: Digits after the point of the type that carries a quotient, DECIMAL(38,20).
SCALE = 20
#: The most that a widened operand may reach: 2**63 with room for a carry.
_ROOM = 9 * 10**18
_WIDE = Context(prec=200)


def numeric_div(left: str, right: str) -> str:
    """PostgreSQL's numeric division: at least 16 significant digits, and both sides' own scale; up to 20 digits."""
    one, other = Decimal(left), Decimal(right)
    if other == 0:
        raise ValueError("[22012] division by zero")
    scale = min(division_scale(one, other), SCALE)
    quotient = _WIDE.divide(one, other)
    return format(quotient.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP, context=_WIDE), "f")


def division_scale(one: Decimal, other: Decimal) -> int:
    """`select_div_scale`: how many digits of a quotient follow the point."""
    first, second = _leading(one), _leading(other)
    weight = first[0] - second[0] - (1 if first[1] <= second[1] else 0)
    scales = [-int(d.as_tuple().exponent) for d in (one, other)]
    return max(16 - weight * 4, *scales, 0)


def _leading(value: Decimal) -> tuple[int, int]:
    """Weight (in groups of four) and value of the first group of four digits; a zero has weight 0, digit 0."""
    if value == 0:
        return 0, 0
    weight = value.adjusted() // 4
    return weight, int(abs(value).scaleb(-4 * weight, context=_WIDE))


def divide(left: pa.ChunkedArray, right: pa.ChunkedArray) -> pa.Array:
    """`left / right`, each integers or decimals of any scale, as decimal(38,20).  Raises `[22012]` for a zero."""
    import numpy as np
    import pyarrow as pa

    (a, whole, one), (b, other_whole, other) = _unscaled(left), _unscaled(right)
    present = np.logical_and(*(side.is_valid().to_numpy(zero_copy_only=False) for side in (left, right)))
    low, high, done = _quick(np.abs(a), np.abs(b), one, other, (a < 0) != (b < 0))
    done &= whole & other_whole
    for row in np.flatnonzero(present & ~done):
        quotient = Decimal(numeric_div(str(left[row].as_py()), str(right[row].as_py())))
        scaled = int(quotient.scaleb(SCALE, _WIDE).to_integral_value(ROUND_HALF_UP, _WIDE))
        if abs(scaled) >= 10**38:
            raise ValueError("[22003] a quotient of more than 18 digits before the point is not supported")
        low[row], high[row] = scaled & (2**64 - 1), scaled >> 64
    words = np.empty(2 * len(low), np.uint64)
    words[0::2], words[1::2] = low, high.view(np.uint64)
    bitmap = pa.py_buffer(np.packbits(present, bitorder="little").tobytes())
    return pa.Array.from_buffers(pa.decimal128(38, SCALE), len(low), [bitmap, pa.py_buffer(words)])


def _unscaled(side: pa.ChunkedArray) -> tuple[Words, Words, int]:
    """The numbers without their point as 64-bit integers, whether each fits, and the scale."""
    import numpy as np
    import pyarrow as pa

    if pa.types.is_integer(side.type):
        numbers = side.cast(pa.int64()).fill_null(0).to_numpy()
        return numbers, numbers > -(2**63), 0
    scale = int(side.type.scale)
    array = pa.concat_arrays(side.cast(pa.decimal128(38, scale)).chunks)
    words = np.frombuffer(array.buffers()[1], np.int64)[2 * array.offset : 2 * (array.offset + len(array))]
    low, high = words[0::2], words[1::2]
    return low, (high == low >> 63) & (low > -(2**63)), scale


def _quick(a: Words, b: Words, one: int, other: int, negative: Words) -> tuple[Words, Words, Words]:
    """Both words of each quotient, and whether it was within reach."""
    import numpy as np

    # a is widened until a // b has `point` digits after its own point, a multiple of four.
    point = max(one - other, 0)
    point += -point % 4
    widening = point - one + other
    digits = _digits(a, b, one, other)
    done = (b > 0) & (b < _ROOM // 10**4) & (a <= _ROOM // 10**widening) & (digits % 4 == 0) & (digits > 0)
    done &= (digits >= point) & (max(one, other) <= SCALE)
    b = np.where(done, b, 1)
    divisor, rest = b.view(np.uint64), (np.where(done, a, 0) * 10 ** min(widening, 18)).view(np.uint64)
    low, rest = _divided(rest, divisor)
    done &= low < 10**18
    high, up = np.zeros(len(a), np.uint64), np.zeros(len(a), np.uint64)
    for place in range(point + 4, SCALE + 5, 4):
        group, rest = _divided(rest * np.uint64(10**4), divisor)
        if place > 4:
            up += ((digits == place - 4) & (group >= 5000)) * np.uint64(10 ** (SCALE + 4 - place))
        if place <= SCALE:
            low, high = _appended(low, high, group * (place <= digits))
    low, high = low + up, high + (low + up < up)
    signed_low = np.where(negative, ~low + np.uint64(1), low)
    signed_high = np.where(negative, ~high + (low == 0), high)
    return signed_low, signed_high.view(np.int64), done


def _divided(number: Words, divisor: Words) -> tuple[Words, Words]:
    quotient = number // divisor
    return quotient, number - quotient * divisor


def _appended(low: Words, high: Words, group: Words) -> tuple[Words, Words]:
    """A number of 128 bits with four more decimal digits."""
    import numpy as np

    half, ten_thousand = np.uint64(32), np.uint64(10**4)
    below = (low & np.uint64(2**32 - 1)) * ten_thousand + group
    above = (low >> half) * ten_thousand + (below >> half)
    return (above << half) | (below & np.uint64(2**32 - 1)), high * ten_thousand + (above >> half)


def _digits(a: Words, b: Words, one: int, other: int) -> Words:
    """`division_scale` of each pair."""
    import numpy as np

    (weight, first), (other_weight, second) = _groups(a, one), _groups(b, other)
    digits: Words = np.clip(16 - 4 * (weight - other_weight - (first <= second)), max(one, other), SCALE)
    return digits


def _groups(number: Words, scale: int) -> tuple[Words, Words]:
    """`_leading` of each number."""
    import numpy as np

    low = scale % 4
    marks = np.array([10 ** (low + 4 * group) for group in range(5) if low + 4 * group < 19], np.int64)
    group = np.searchsorted(marks, number, side="right") - 1
    first = np.where(group < 0, number * 10 ** (4 - low) if low else number, number // marks[np.maximum(group, 0)])
    return np.where(number == 0, 0, group - scale // 4), first
