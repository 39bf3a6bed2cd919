"""Room for statements that are nested deeply: the parser and our rules call themselves for every level."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")
#: A bracket inside a bracket takes the parser some forty calls; 1,000 of them have to fit.
_CALLS = 150_000
#: Bytes of stack for the calls that go through C; only what is used takes memory.
_STACK = 512 * 1024 * 1024
_one_at_a_time = threading.Lock()


def with_room(run: Callable[[], _T]) -> _T:
    """What `run` returns, called where it may nest 150,000 calls.  Raises what it raises; RecursionError past that.

    Python's limit is one for all threads, and it is there to save a thread's small stack; so it is raised only while
    this one thread, with a stack of its own size, does its work.
    """
    answer: list[_T] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            answer.append(run())
        except BaseException as error:
            # The frames below are as deep as the statement.
            failed.append(error.with_traceback(None))

    with _one_at_a_time:
        limit, stack = sys.getrecursionlimit(), threading.stack_size(_STACK)
        try:
            thread = threading.Thread(target=work, name="helios-deep-statement", daemon=True)
            sys.setrecursionlimit(max(limit, _CALLS))
            thread.start()
            threading.stack_size(stack)
            thread.join()
        except RuntimeError:
            # No memory for such a thread.
            raise RecursionError from None
        finally:
            threading.stack_size(stack)
            sys.setrecursionlimit(limit)
    if failed:
        raise failed[0]
    return answer[0]
