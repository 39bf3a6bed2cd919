"""What a statement is refused with."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from helios_magic.errors import QueryError


@contextlib.contextmanager
def refused(sqlstate: str) -> Iterator[None]:
    """What runs inside is refused with this SQLSTATE."""
    with pytest.raises(QueryError) as caught:
        yield
    assert caught.value.sqlstate == sqlstate
