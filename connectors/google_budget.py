"""Quota units: how much may be asked of Google within a minute, so that it need not refuse."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PER_MINUTE = 6_000
"""Units of one user in one minute, for projects made since May 2026; older ones have 15,000."""

_MINUTE = 60.0


@dataclass(slots=True)
class Budget:
    """What one account spends, by a clock that never jumps."""

    clock: Callable[[], float]
    per_minute: int = PER_MINUTE
    spent: int = 0  # in all
    _lately: deque[tuple[float, int]] = field(default_factory=deque)

    def wait(self, units: int) -> float:
        """Give the seconds until so many units may be spent, so that no minute has more than ``per_minute``."""
        now = self.clock()
        while self._lately and self._lately[0][0] <= now - _MINUTE:
            self._lately.popleft()
        over = sum(number for _, number in self._lately) + units - self.per_minute
        for moment, number in self._lately:
            if over <= 0:
                break
            over -= number
            if over <= 0:
                return moment + _MINUTE - now
        # More than a whole minute's quota can only be spent after a minute of rest.
        return self._lately[-1][0] + _MINUTE - now if over > 0 and self._lately else 0.0

    def spend(self, units: int) -> None:
        """Note that so many units are asked for now."""
        self._lately.append((self.clock(), units))
        self.spent += units
