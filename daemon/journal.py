"""The journal of a long read: a line now and then that says how far it has come, for whoever reads the log."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

    from keepwarm.storage.observations import Batch

log = structlog.get_logger()

EVERY = 30.0
"""Seconds between two lines: a read that is shorter leaves none."""


@dataclass(slots=True)
class Journal:
    """Follows one stream after the other; ``clock`` gives seconds and never jumps."""

    clock: Callable[[], float] = time.monotonic
    _account: str = ""
    _stream: str = ""
    _began: float = 0.0
    _told: float = 0.0
    _done: int = field(default=0)

    def reading(self, account: str, stream: str) -> None:
        """A stream begins."""
        self._account, self._stream, self._done = account, stream, 0
        self._began = self._told = self.clock()

    def stored(self, batch: Batch) -> None:
        """A batch is stored."""
        self._done += batch.looked_at or len(batch.seen)
        now = self.clock()
        if now - self._told < EVERY:
            return
        self._told = now
        rate = self._done / (now - self._began)
        left = None if batch.total is None or not rate else round(max(0, batch.total - self._done) / rate)
        log.info(
            "reading",
            account=self._account,
            stream=self._stream,
            done=self._done,
            of=batch.total,
            per_second=round(rate),
            seconds_left=left,
        )
