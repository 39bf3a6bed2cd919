"""What webhooks were told, read from their deliveries."""

from __future__ import annotations

import time
from typing import Any

from tests.emulator.calling import Api

#: Nothing listens there, and nothing has to: a delivery that fails has its event too.
NOBODY = "http://127.0.0.1:9/hook"


def told(api: Api, webhook: str, count: int, **extra: Any) -> list[dict[str, Any]]:
    """The events addressed to a webhook, oldest first, once there are `count` of them."""
    give_up = time.monotonic() + 10
    while True:
        answered = api("GET", f"/webhooks/{webhook}/deliveries", **extra).data
        if answered["total"] >= count:
            assert answered["total"] == count
            return [delivery["event"] for delivery in reversed(answered["deliveries"])]
        assert time.monotonic() < give_up, answered
        time.sleep(0.05)
