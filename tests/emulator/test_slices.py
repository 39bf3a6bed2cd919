"""Work on the event loop's own thread: in the order it came, and never long without a look at the sockets."""

from __future__ import annotations

import asyncio
import itertools

from helios_magic.emulator.slices import Slices


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_work_is_done_in_slices_and_in_order() -> None:
    clock, done, looks = Clock(), list[int](), list[int]()
    ended = asyncio.Event()

    def work(number: int) -> int:
        clock.now += 0.0009
        done.append(number)
        return number

    def look() -> None:
        looks.append(len(done))
        if not ended.is_set():
            asyncio.get_running_loop().call_soon(look)

    async def story() -> list[int]:
        slices = Slices(clock)
        asyncio.get_running_loop().call_soon(look)
        answers = await asyncio.gather(*(slices.run(lambda n=n: work(n)) for n in range(40)))
        ended.set()
        return answers

    assert asyncio.run(story()) == done == [*range(40)]
    most = max(later - earlier for earlier, later in itertools.pairwise(looks))
    assert most <= 4
    assert len(looks) >= 10


def test_one_alone_is_done_at_once() -> None:
    async def story() -> None:
        slices, done = Slices(), list[str]()
        task = asyncio.ensure_future(slices.run(lambda: done.append("it")))
        await asyncio.sleep(0)
        assert done == ["it"]
        await task

    asyncio.run(story())


def test_who_leaves_and_what_fails_hold_nobody_up() -> None:
    clock = Clock()

    def work(*, fails: bool = False) -> str:
        clock.now += 0.01
        if fails:
            raise ValueError("it failed")
        return "done"

    async def story() -> list[object]:
        slices = Slices(clock)
        tasks = [asyncio.ensure_future(slices.run(lambda n=n: work(fails=n == 2))) for n in range(6)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        tasks[4].cancel()
        return [type(each) if isinstance(each, BaseException) else each for each in await _outcomes(tasks)]

    assert asyncio.run(story()) == ["done", asyncio.CancelledError, ValueError, "done", asyncio.CancelledError, "done"]


async def _outcomes(tasks: list[asyncio.Task[str]]) -> list[object]:
    return list(await asyncio.gather(*tasks, return_exceptions=True))
