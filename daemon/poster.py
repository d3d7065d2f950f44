"""The poster: posts the feed's new lines to the webhook, in a thread of its own: nobody waits for a receiver."""

from __future__ import annotations

from datetime import timedelta
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING
from uuid import uuid4

import structlog

from keepwarm.daemon.worker import Broken
from keepwarm.storage import webhook_queue
from keepwarm.storage.database import DatabaseError, PassingDatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from keepwarm.daemon.settings import Webhook
    from keepwarm.daemon.workshop import Workshop

log = structlog.get_logger()

_AFTER_A_FAULT = timedelta(minutes=15)
_LOOKS_EVERY = 60.0  # seconds: another process may have judged, or have had lines tried again


class Poster(Thread):
    """Posts what is due, whenever it is told to look, and by itself. ``tell`` hears of a database that broke."""

    def __init__(self, workshop: Workshop, clock: Callable[[], datetime], tell: Callable[[Broken], None]) -> None:
        super().__init__(name="webhook", daemon=True)
        self._workshop = workshop
        self._clock = clock
        self._tell = tell
        self._turns: SimpleQueue[bool] = SimpleQueue()
        self._ending = Event()
        self._name = uuid4().hex

    def look(self) -> None:
        """Have it look once; for other threads."""
        if self._turns.empty():
            self._turns.put(True)

    def end(self) -> None:
        """Have it end after the line that it is posting; for other threads."""
        self._ending.set()
        self._turns.put(False)

    def run(self) -> None:
        """Look whenever it is time, until the end."""
        hook = self._workshop.configuration.webhook
        try:
            if hook is None:
                self._forget()
                return
            seconds = 0.0
            while self._waited(seconds):
                seconds = self._deliver(hook)
        except DatabaseError as error:
            self._tell(Broken(error=error))

    def _waited(self, seconds: float) -> bool:
        """Wait for so long, or until it is told to look; False if it is to end."""
        try:
            return self._turns.get(timeout=min(max(seconds, 0.0), _LOOKS_EVERY)) and not self._ending.is_set()
        except Empty:
            return not self._ending.is_set()

    def _deliver(self, hook: Webhook) -> float:
        """Post what is due; give the seconds until something is again."""
        from keepwarm.daemon.webhook_delivery import deliver_due  # noqa: PLC0415 - only for who has a webhook

        try:
            done = deliver_due(self._workshop, hook, self._name, self._clock, self._ending.is_set)
        except PassingDatabaseError:
            return _AFTER_A_FAULT.total_seconds()
        except DatabaseError:
            raise
        except Exception:
            # The boundary: a fault of ours, or of a library; mail is read, and judged, without it.
            log.exception("unexpected failure", webhook="due")
            return _AFTER_A_FAULT.total_seconds()
        if done.sent:
            log.info("posted to the webhook", lines=done.sent)
        return (done.again - self._clock()).total_seconds()

    def _forget(self) -> None:
        """A webhook that is taken out of the configuration and comes back later begins anew."""
        with self._workshop.database.reading() as connection:
            known = webhook_queue.is_known(connection)
        if known:
            with self._workshop.database.writing() as connection:
                webhook_queue.forget(connection)
