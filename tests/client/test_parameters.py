"""Parameters as they go over the wire."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from helios_magic.client.parameters import parameters
from helios_magic.errors import UsageError


class Colour(enum.IntEnum):
    RED = 3


class Mood(str, enum.Enum):  # noqa: UP042 - a StrEnum prints its value, this one does not
    SAD = "sad"


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (2**53, 2**53),
        (2**53 + 1, "9007199254740993"),
        (-(2**63), "-9223372036854775808"),
        (True, True),
        (Colour.RED, 3),
        (Mood.SAD, "sad"),
        (0.1, 0.1),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (decimal.Decimal("1.5"), 1.5),
        (decimal.Decimal("0.10"), 0.1),
        (decimal.Decimal("0.12345678901234567890"), "0.12345678901234567890"),
        (decimal.Decimal("1E+30"), 1e30),
        (dt.timedelta(days=2, seconds=3, microseconds=5), "0 months 2 days 3.000005 seconds"),
        (dt.timedelta(seconds=-1), "0 months 0 days -1.000000 seconds"),
        (pd.Timedelta(days=-1, seconds=-1), "0 months -1 days -1.000000 seconds"),
        (pa.MonthDayNano((14, -3, -1_500_000_000)), "14 months -3 days -1.500000 seconds"),
        (b"\x00\xff", "\\x00ff"),
        ([1, None, [2**60]], [1, None, ["1152921504606846976"]]),
        ({"a": [dt.date(2025, 1, 2)]}, {"a": ["2025-01-02"]}),
        (np.int32(4), 4),
        (np.bool_(True), True),
        (np.array([1.5, 2.5]), [1.5, 2.5]),
        (np.datetime64("2025-01-02T03:04:05.000000006"), "2025-01-02T03:04:05"),
        (pd.Timestamp("2025-01-02", tz="UTC"), "2025-01-02T00:00:00+00:00"),
        (pd.NaT, None),
        (pd.NA, None),
        (np.float64("nan"), "NaN"),
    ],
)
def test_values(value: Any, sent: Any) -> None:
    (came,) = parameters([value])
    assert came == sent
    assert type(came) is type(sent)


def test_nothing_is_no_parameters() -> None:
    assert parameters(None) == []


@pytest.mark.parametrize("value", [object(), {1}, 1j, lambda: 1])
def test_what_sql_has_no_type_for(value: Any) -> None:
    with pytest.raises(UsageError, match=r"^\$2 is a "):
        parameters([1, value])


@pytest.mark.parametrize("values", ["text", b"bytes", {"a": 1}])
def test_parameters_are_a_list(values: Any) -> None:
    with pytest.raises(UsageError, match="not a list"):
        parameters(values)
