"""Delivering webhooks: what the outbox holds goes out, signed, guarded, tried again, logged.

Read in this order: `addresses` (where a webhook may point), `signing`, `sending` (one attempt), `schedule` (when the
next one is due), `courier` (the thread that does it all).
"""

from __future__ import annotations

from helios_magic.delivery.addresses import Destination, Guard, RefusedError
from helios_magic.delivery.courier import Courier
from helios_magic.delivery.signing import key_of

__all__ = ["Courier", "Destination", "Guard", "RefusedError", "key_of"]
