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
"""Seconds between two lines: a pass that is shorter leaves none."""


@dataclass(slots=True)
class _Read:
    """How far a stream was read in this pass."""

    done: int = 0  # items
    seconds: float = 0.0
    before: int = 0  # items that were done when it was taken up last


@dataclass(slots=True)
class Journal:
    """Follows a pass from one stream to the other; ``clock`` gives seconds and never jumps."""

    clock: Callable[[], float] = time.monotonic
    _account: str = ""
    _stream: str = ""
    _told: float = 0.0
    _last: float = 0.0  # when something was heard of the stream
    _streams: dict[str, _Read] = field(default_factory=dict)

    def begin(self) -> None:
        """A pass begins."""
        self._streams.clear()
        self._told = self.clock()

    def reading(self, account: str, stream: str) -> None:
        """A stream begins, or is gone on with."""
        self._account, self._stream, self._last = account, stream, self.clock()
        one = self._streams.setdefault(stream, _Read())
        one.before = one.done

    def stored(self, batch: Batch) -> None:
        """A batch is stored."""
        one, now = self._streams.setdefault(self._stream, _Read()), self.clock()
        one.done += batch.looked_at or len(batch.seen)
        one.seconds += now - self._last
        self._last = now
        if now - self._told < EVERY:
            return
        self._told = now
        rate = one.done / one.seconds if one.seconds else 0.0
        total = None if batch.total is None else one.before + batch.total
        log.info(
            "reading",
            account=self._account,
            stream=self._stream,
            done=one.done,
            of=total,
            per_second=round(rate),
            seconds_left=round(max(0, total - one.done) / rate) if rate and total is not None else None,
        )
