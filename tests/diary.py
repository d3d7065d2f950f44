"""A diary of a pass: what is stored, batch by batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepwarm.daemon.stream_pull import Stopped

if TYPE_CHECKING:
    from collections.abc import Callable

    from keepwarm.storage.observations import Batch


@dataclass
class Diary:
    """Notes what is stored of which stream; stops the pass after so many batches."""

    stop_after: int = 1_000
    batches: list[tuple[str, int]] = field(default_factory=list)
    on_batch: Callable[[], None] = lambda: None
    _stream: str = ""

    def reading(self, account: str, stream: str) -> None:
        self._stream = stream

    def stored(self, batch: Batch) -> None:
        if not batch.looked_at:
            return  # only where history begins was found
        self.batches.append((self._stream, batch.looked_at))
        self.on_batch()
        if len(self.batches) == self.stop_after:
            raise Stopped

    def judged(self, done: int, of: int) -> None:
        pass

    def wait(self, account: str, seconds: float, why: str) -> None:
        raise AssertionError(why)
