"""Threads of requests: started where none waits, used again, and out of the others' way where they take long."""

from __future__ import annotations

import asyncio
import os
import sys
import threading

import pytest

from helios_magic.emulator.threads import Threads


def test_one_thread_serves_one_request_after_the_other() -> None:
    async def three() -> set[int]:
        threads = Threads("t")
        seen = {await threads.run(threading.get_native_id).done for _ in range(3)}
        assert threads.close(5)
        return seen

    assert len(asyncio.run(three())) == 1


def test_what_takes_long_keeps_nobody_waiting() -> None:
    async def beside() -> str:
        threads, go = Threads("t"), threading.Event()
        slow = threads.run(lambda: go.wait(10))
        quick = await threads.run(lambda: "quick").done
        go.set()
        assert await slow.done
        assert threads.close(5)
        return quick

    assert asyncio.run(beside()) == "quick"


def test_a_failure_is_the_caller_s() -> None:
    async def fails() -> None:
        threads = Threads("t")
        with pytest.raises(ZeroDivisionError):
            await threads.run(lambda: 1 // 0).done
        assert await threads.run(lambda: 2).done == 2
        assert threads.close(5)

    asyncio.run(fails())


def test_a_thread_that_nothing_stops_does_not_keep_the_process() -> None:
    async def stuck() -> bool:
        threads, go = Threads("t"), threading.Event()
        threads.run(lambda: go.wait(10))
        ended = threads.close(0.05)
        go.set()
        return ended

    assert not asyncio.run(stuck())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a priority for each thread")
def test_a_thread_that_made_way_ends_with_its_request() -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    async def lowered() -> None:
        threads, begun, go = Threads("t"), threading.Event(), threading.Event()
        before = niceness()

        def long() -> int:
            begun.set()
            go.wait(10)
            return niceness()

        work = threads.run(long)
        await asyncio.to_thread(begun.wait, 10)
        work.make_way()
        go.set()
        assert await work.done > before
        assert await threads.run(niceness).done == before
        assert threads.close(5)

    asyncio.run(lowered())
