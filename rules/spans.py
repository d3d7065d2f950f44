"""Spans of time: sorted, not overlapping, and how much of them lies between two moments, in O(log n)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

T = TypeVar("T", timedelta, float)


class Spans(Generic[T]):
    """Grow and are cut at their end; ``measure`` tells what a part of one span amounts to, and has to add up."""

    __slots__ = ("_ends", "_measure", "_nothing", "_starts", "_sums")

    def __init__(self, measure: Callable[[datetime, datetime], T], nothing: T) -> None:
        self._measure: Callable[[datetime, datetime], T] = measure
        self._nothing: T = nothing
        self._starts: list[datetime] = []
        self._ends: list[datetime] = []
        self._sums: list[T] = []  # of all spans before each

    def __bool__(self) -> bool:
        return bool(self._starts)

    def append(self, start: datetime, end: datetime) -> None:
        """Add a span later than all others."""
        self._sums.append(self._before(start))
        self._starts.append(start)
        self._ends.append(end)

    def cut(self, since: datetime) -> datetime:
        """Drop the spans that do not end before ``since``; give from when on they have to be added anew."""
        kept = bisect_left(self._ends, since)
        anew = min(self._starts[kept], since) if kept < len(self._starts) else since
        del self._starts[kept:], self._ends[kept:], self._sums[kept:]
        return anew

    def between(self, earlier: datetime, later: datetime) -> T:
        """Give what lies from ``earlier`` to ``later``, which comes after it."""
        return self._before(later) - self._before(earlier)

    def _before(self, moment: datetime) -> T:
        last = bisect_right(self._starts, moment) - 1
        if last < 0:
            return self._nothing
        return self._sums[last] + self._measure(self._starts[last], min(moment, self._ends[last]))
