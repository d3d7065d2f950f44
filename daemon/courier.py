"""The courier: sends letters that are due, in a thread of its own, so that nobody waits for a mail server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

import structlog

from keepwarm.daemon.letters import deliver_due
from keepwarm.daemon.worker import Broken
from keepwarm.storage.database import DatabaseError, PassingDatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from keepwarm.daemon.workshop import Workshop

log = structlog.get_logger()

_AFTER_A_FAULT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The courier has looked: what was due was sent, as well as it could be; nothing is due before ``again``."""

    again: datetime


class Courier(Thread):
    """Sends what is due whenever it is told to look. What it learns is told by ``tell``, which any thread may call."""

    def __init__(
        self, workshop: Workshop, clock: Callable[[], datetime], tell: Callable[[Looked | Broken], None]
    ) -> None:
        super().__init__(name="letters", daemon=True)
        self._workshop = workshop
        self._clock = clock
        self._tell = tell
        self._turns: SimpleQueue[bool] = SimpleQueue()

    def look(self) -> None:
        """Have it look once; for other threads."""
        if self._turns.empty():
            self._turns.put(True)

    def end(self) -> None:
        """Have it end after the letter that it is sending; for other threads."""
        self._turns.put(False)

    def run(self) -> None:
        """Look whenever it is told to, until the end."""
        while self._turns.get():
            try:
                again = deliver_due(self._workshop, self._clock())
            except PassingDatabaseError:
                again = self._clock() + _AFTER_A_FAULT
            except DatabaseError as error:
                self._tell(Broken(error=error))
                return
            except BaseException:
                # The boundary: a fault of ours, or of a library; mail is read, and judged, without it.
                log.exception("unexpected failure", letters="due")
                again = self._clock() + _AFTER_A_FAULT
            self._tell(Looked(again=again))
