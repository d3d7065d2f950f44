"""Notices that the clock was set, or that the machine slept: then times that were worked out before are wrong."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_LEAST = 30.0  # seconds; clocks are put right by fractions of one all the time


@dataclass(slots=True)
class ClockWatch:
    """Compares the clock on the wall with the one that never jumps, and stands still while the machine sleeps."""

    clock: Callable[[], datetime]
    steady: Callable[[], float] = time.monotonic  # seconds
    _apart: float = field(init=False)  # seconds, when they were last compared

    def __post_init__(self) -> None:
        self._apart = self._now_apart()

    def jumped(self) -> float:
        """Give the seconds by which the clock has jumped since it was asked last, negative for back; else 0.0.

        A machine that slept has jumped forward by as long as it slept.
        """
        apart = self._now_apart()
        jump = apart - self._apart
        if abs(jump) < _LEAST:
            return 0.0
        self._apart = apart
        return jump

    def _now_apart(self) -> float:
        return self.clock().timestamp() - self.steady()
