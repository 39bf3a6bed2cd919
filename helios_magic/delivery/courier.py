"""The thread that delivers: addresses what the outbox holds, sends what is due, notes what came of it."""

from __future__ import annotations

import logging
import threading
from collections import Counter

from helios_magic.delivery.addresses import Guard
from helios_magic.delivery.schedule import LOCAL, PUBLIC, Schedule
from helios_magic.delivery.sending import Outcome, Sender
from helios_magic.delivery.signing import headers
from helios_magic.errors import StoreError
from helios_magic.models.webhooks import Attempt
from helios_magic.store import DeliveryRecord, Store, WebhookRecord
from helios_magic.version import __version__

logger = logging.getLogger("helios_magic.delivery")

#: Attempts at the same time: in all, and of one account.  A webhook has one: a receiver that hangs holds up itself.
MOST_AT_ONCE, MOST_OF_ACCOUNT = 16, 8
#: A clock that was set may make something due earlier than was known.
_LOOK_AGAIN = 30.0
#: After a record could not be written (a full disk), so that nothing is sent over and over.
_AFTER_TROUBLE = 5.0


class Courier:
    """Delivers until `close`.  Its thread begins with the first event, so that a store without webhooks has none.

    Thread-safe.  A delivery whose attempt was not noted when the process ended is sent again at the next start.
    """

    def __init__(
        self, store: Store, guard: Guard, *, sender: Sender | None = None, schedule: Schedule | None = None
    ) -> None:
        self.guard = guard
        self._store = store
        self._sender = sender or Sender(guard)
        self._schedule = schedule or (LOCAL if guard.local else PUBLIC)
        self._something = threading.Event()
        self._changed = threading.Condition()
        #: Webhooks that something is being sent to, and whose they are.
        self._busy: dict[str, str] = {}
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()
        store.outbox.written = self.wake
        if store.deliveries.pending():
            self.wake()

    def wake(self) -> None:
        """Look for work now.  Called within the transaction that makes it: the look waits for its end."""
        with self._changed:
            if self._thread is None and not self._closed.is_set():
                thread = threading.Thread(target=self._run, name="helios-courier", daemon=True)
                try:
                    thread.start()
                    self._thread = thread
                except RuntimeError:  # no more threads; the event is kept, and the next one tries again
                    logger.warning("webhooks wait: no thread can be started")
        self._something.set()

    def settled(self, delivery_id: str, attempts: int, seconds: float) -> DeliveryRecord | None:
        """The delivery once it has more than so many attempts, or as it is after `seconds`; None: it is gone."""
        found = self._store.deliveries.get(delivery_id)

        def tried() -> bool:
            nonlocal found
            found = self._store.deliveries.get(delivery_id)
            return self._closed.is_set() or found is None or len(found.attempts) > attempts

        with self._changed:
            self._changed.wait_for(tried, seconds)
        return found

    def close(self, grace: float = 1.0) -> None:
        """Begin no more attempts and let the running ones end for `grace` seconds.  Twice is once."""
        self._closed.set()
        self._something.set()
        with self._changed:
            thread = self._thread
            self._changed.wait_for(lambda: not self._busy, grace)
            self._changed.notify_all()
        if thread is not None:
            thread.join(grace)

    def _run(self) -> None:
        while not self._closed.is_set():
            self._something.clear()
            try:
                pause = self._deliver_what_is_due()
            except StoreError:
                return
            except Exception as error:
                logger.warning("webhooks wait: %s", error)
                self._closed.wait(_AFTER_TROUBLE)
            else:
                self._something.wait(pause)

    def _deliver_what_is_due(self) -> float | None:
        """Start what may start now; seconds until there is more to do, None: until something happens."""
        self._store.outbox.address()
        with self._changed:
            busy = dict(self._busy)
        due, next_at = self._store.deliveries.due(busy)
        running = Counter(busy.values())
        for delivery in due:
            room = running[delivery.account_id] < MOST_OF_ACCOUNT and running.total() < MOST_AT_ONCE
            if room and not self._closed.is_set():
                running[delivery.account_id] += 1
                self._begin(delivery)
        if next_at is None:
            return None
        return min(max((next_at - self._store.clock()).total_seconds(), 0.0), _LOOK_AGAIN)

    def _begin(self, delivery: DeliveryRecord) -> None:
        with self._changed:
            self._busy[delivery.webhook_id] = delivery.account_id
        try:
            threading.Thread(target=self._attempt, args=(delivery,), name="helios-delivery", daemon=True).start()
        except RuntimeError:
            with self._changed:
                del self._busy[delivery.webhook_id]
            raise

    def _attempt(self, delivery: DeliveryRecord) -> None:
        try:
            webhook = self._store.webhooks.get(delivery.webhook_id)
            if webhook is not None:
                self._send(webhook, delivery)
        except StoreError:
            pass  # closed meanwhile: the next start sends it again
        except Exception:
            logger.exception("delivery %s could not be made or noted", delivery.id)
            self._closed.wait(_AFTER_TROUBLE)
        finally:
            with self._changed:
                del self._busy[delivery.webhook_id]
                self._changed.notify_all()
            self._something.set()

    def _send(self, webhook: WebhookRecord, delivery: DeliveryRecord) -> None:
        at = self._store.clock()
        signed = headers(webhook.secret, delivery.event["id"], int(at.timestamp()), delivery.payload)
        signed |= {"Content-Type": "application/json", "User-Agent": f"helios-magic/{__version__}"}
        outcome = self._sender.send(webhook.url, delivery.payload, signed)
        attempt = Attempt(at=at, status_code=outcome.status_code, error=outcome.error, duration_ms=outcome.duration_ms)
        self._note(webhook, delivery, attempt, outcome)

    def _note(self, webhook: WebhookRecord, delivery: DeliveryRecord, attempt: Attempt, outcome: Outcome) -> None:
        if outcome.delivered:
            self._store.deliveries.note(delivery, attempt, "delivered", None)
            return
        wait = None if outcome.gone or not webhook.active else self._schedule.after(delivery.tries + 1)
        due_at = None if wait is None else self._store.clock() + wait
        self._store.deliveries.note(delivery, attempt, "failed" if due_at is None else "pending", due_at)
        if outcome.gone:
            self._store.webhooks.disable(webhook.id)
