"""Garbage, and when not to look for it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: Characters from which on a statement's tree is large.
_LONG = 65_536


@contextmanager
def uncollected(query: str) -> Iterator[None]:
    """No collecting of garbage while a long text is read: a million tokens and nodes, and none of them is any.

    Looking through them again and again takes a third of the time.
    """
    if len(query) < _LONG or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
