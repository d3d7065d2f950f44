"""A contrast: the last few of a row of numbers against those before, brought up to date in a few steps by each."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from statistics import median


class Contrast:
    """Holds the last ``few`` numbers, and up to ``most`` before those, of which at least ``least`` are needed."""

    __slots__ = ("_before", "_few", "_lately", "_least", "_most", "_ordered")

    def __init__(self, few: int, most: int, least: int) -> None:
        self._few, self._most, self._least = few, most, least
        self._lately: deque[float] = deque()
        self._before: deque[float] = deque()
        self._ordered: list[float] = []  # those before, by size

    def add(self, number: float) -> None:
        """Take in the next number."""
        self._lately.append(number)
        if len(self._lately) <= self._few:
            return
        older = self._lately.popleft()
        self._before.append(older)
        insort(self._ordered, older)
        if len(self._before) > self._most:
            del self._ordered[bisect_left(self._ordered, self._before.popleft())]

    @property
    def told(self) -> bool:
        """Tell whether there are enough of both to compare."""
        return len(self._before) >= self._least

    def median(self) -> float:
        """Give the median of the last few, of which there is at least one."""
        return float(median(self._lately))

    def at_most(self, count: int) -> float:
        """Give what so many of the last few do not exceed."""
        return sorted(self._lately)[count - 1]

    def at_least(self, count: int) -> float:
        """Give what so many of the last few reach."""
        return sorted(self._lately)[-count]

    def median_before(self) -> float:
        """Give the median of those before, of which there is at least one."""
        middle = len(self._ordered) // 2
        if len(self._ordered) % 2:
            return float(self._ordered[middle])
        return (self._ordered[middle - 1] + self._ordered[middle]) / 2

    def among_smallest(self, share: float) -> int:
        """Count those of the last few that are no larger than so many of those before."""
        edge = self._ordered[int((len(self._ordered) - 1) * share)]
        return sum(number <= edge for number in self._lately)

    def above(self, share: float) -> int:
        """Count those of the last few that are larger than so many of those before."""
        edge = self._ordered[min(len(self._ordered) - 1, int(len(self._ordered) * share))]
        return sum(number > edge for number in self._lately)

    def among_largest(self, share: float) -> int:
        """Count those of the last few that are no smaller than so many of those before."""
        edge = self._ordered[-1 - int((len(self._ordered) - 1) * share)]
        return sum(number >= edge for number in self._lately)
