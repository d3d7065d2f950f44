"""The pace of a pass: how long it goes on with history, so that what is new does not wait for that."""

from __future__ import annotations

import time
from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

A_WHILE = 60.0
"""Seconds of history in one pass: a first read of hours is one of many passes, each of which can be judged by."""

SLICE = 10.0
"""Seconds of one stream's history at least, before another one's is taken up: each change of folders costs a search."""

BETWEEN_LOOKS = 5.0
"""Seconds of history between two looks at what is new, however many hints there are."""


class Pace:
    """Tells when it is time for something else; ``hurry`` alone is for other threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` gives seconds, and never jumps."""
        self._clock = clock
        self._began = self._slice_began = self._looked = clock()
        self._hinted = Event()

    def hurry(self) -> None:
        """Say that there is something new: it is looked for soon."""
        self._hinted.set()

    def begin(self) -> None:
        """Note that the history is taken up."""
        self._began = self._looked = self._clock()

    def begin_slice(self) -> None:
        """Note that the history of a stream is taken up."""
        self._slice_began = self._clock()

    def looked(self) -> None:
        """Note that it is looked for what is new."""
        self._hinted.clear()
        self._looked = self._clock()

    @property
    def is_over(self) -> bool:
        """Say whether it is time to end the pass."""
        return self._clock() - self._began >= A_WHILE

    @property
    def is_slice_over(self) -> bool:
        """Say whether another stream may have its turn."""
        return self._clock() - self._slice_began >= SLICE

    @property
    def is_to_look(self) -> bool:
        """Say whether it is time to look for what is new."""
        return self._hinted.is_set() and self._clock() - self._looked >= BETWEEN_LOOKS
