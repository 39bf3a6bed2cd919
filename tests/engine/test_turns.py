"""The lock that goes to whoever has waited longest."""

from __future__ import annotations

import threading
import time

import pytest

from helios_magic.engine.turns import Turns


def patient() -> None:
    pass


def test_turns_come_in_the_order_of_asking() -> None:
    turns, order = Turns(), list[int]()
    turns.acquire(patient)

    def one(number: int) -> None:
        turns.acquire(patient)
        order.append(number)
        turns.release()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
        time.sleep(0.01)
    turns.release()
    for thread in threads:
        thread.join(5)
    assert order == list(range(8))


def test_one_at_a_time() -> None:
    turns, inside, most = Turns(), [0], [0]

    def often() -> None:
        for _ in range(200):
            turns.acquire(patient)
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0)
            inside[0] -= 1
            turns.release()

    threads = [threading.Thread(target=often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert most == [1]


def test_whoever_gives_up_leaves_the_turn_to_the_next() -> None:
    turns = Turns()
    turns.acquire(patient)

    def give_up() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        turns.acquire(give_up)
    turns.release()
    turns.acquire(give_up)
    turns.release()
