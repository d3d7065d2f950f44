"""A trail: things in the order of time, of which a window can be looked at quickly."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

T = TypeVar("T")


@dataclass(slots=True)
class Trail(Generic[T]):
    """Grows at its end only."""

    items: list[T] = field(default_factory=list)
    _times: list[datetime] = field(default_factory=list)

    def add(self, at: datetime, item: T) -> None:
        """Append; ``at`` is not before the last one's."""
        self._times.append(at)
        self.items.append(item)

    def since(self, start: datetime) -> Sequence[T]:
        """Give what is not older than ``start``."""
        return self.items[bisect_left(self._times, start) :]

    def oldest_since(self, start: datetime) -> datetime | None:
        """Give the time of the oldest thing that is not older than ``start``; None if there is none."""
        index = bisect_left(self._times, start)
        return self._times[index] if index < len(self._times) else None

    def between(self, start: datetime, end: datetime) -> Sequence[T]:
        """Give what is in [start, end)."""
        return self.items[bisect_left(self._times, start) : bisect_left(self._times, end)]

    def count_after(self, moment: datetime) -> int:
        """Count what is younger than ``moment``."""
        return len(self._times) - bisect_right(self._times, moment)

    @property
    def last(self) -> T | None:
        """The youngest; None if there is nothing."""
        return self.items[-1] if self.items else None

    def __len__(self) -> int:
        return len(self.items)
