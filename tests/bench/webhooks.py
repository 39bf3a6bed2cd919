"""What webhooks cost: creating a branch without them, with one that wants other events, with one that wants it.

    pip install '.[test,bench]' && python -m tests.bench.webhooks

Goal: `creation_time_us` p50 under 100 where no webhook wants `branch.created`; there the record is as many pages as
before.  Beside it: seconds from the creation's answer to the receiver, and deliveries a second.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import helios_magic
from helios_magic.models.webhooks import Event
from helios_magic.session import Session
from tests.delivery.receiving import Receiver, receiving


def creation(session: Session, log: Path, label: str, count: int) -> None:
    """Branches one after the other, as a user makes them; and how much log their records are."""
    before, took = log.stat().st_size, []
    for number in range(count):
        took.append(session.client.create_branch(f"{label}-{number}").creation_time_us)
    grown = log.stat().st_size - before
    ordered = sorted(took)
    print(
        f"create a branch, {label:<12} p50 {statistics.median(ordered):5.0f} µs, p99 {ordered[int(count * 0.99)]:5.0f}"
        f" µs; the log grew {grown / count / 4096:.2f} pages each"
    )
    for number in range(count):
        session.client.delete_branch(f"{label}-{number}")


def latency(session: Session, receiver: Receiver, count: int) -> None:
    took = []
    for number in range(count):
        seen = len(receiver.requests)
        session.client.create_branch(f"late-{number}")
        began = time.perf_counter()
        receiver.wait(seen + 1)
        took.append((time.perf_counter() - began) * 1e3)
        session.client.delete_branch(f"late-{number}")
    print(f"from the answer to the receiver: median {statistics.median(took):.1f} ms, most {max(took):.1f} ms")


def throughput(session: Session, receiver: Receiver, count: int) -> None:
    seen, began = len(receiver.requests), time.perf_counter()
    for number in range(count):
        session.client.create_branch(f"many-{number}")
    made = time.perf_counter() - began
    receiver.wait(seen + count, seconds=120)
    took = time.perf_counter() - began
    print(f"{count} events made in {made:.2f} s, delivered after {took:.2f} s: {count / took:.0f} a second")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100)
    count = parser.parse_args().count
    wanted: dict[str, Event] = {"other-events": "branch.merged", "wanted": "branch.created"}
    with (
        tempfile.TemporaryDirectory() as folder,
        receiving() as receiver,
        helios_magic.connect(f"{folder}/store") as session,
    ):
        log = Path(folder) / "store" / "helios.sqlite3-wal"
        session.client.create_branch("first")
        creation(session, log, "no-webhook", count)
        for label, event in wanted.items():
            session.client.create_webhook(receiver.url, [event], "your-webhook-secret")
            creation(session, log, label, count)
        latency(session, receiver, min(count, 100))
        throughput(session, receiver, count)


if __name__ == "__main__":
    main()
