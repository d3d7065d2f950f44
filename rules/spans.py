"""Spans of time: sorted, not overlapping, and how much of them lies before a moment, in O(log n)."""

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

    __slots__ = ("_ends", "_measure", "_starts", "_sums")

    def __init__(self, measure: Callable[[datetime, datetime], T], nothing: T) -> None:
        self._measure: Callable[[datetime, datetime], T] = measure
        self._starts: list[datetime] = []
        self._ends: list[datetime] = []
        self._sums: list[T] = [nothing]  # of the first none, one, two, ... of them

    def __bool__(self) -> bool:
        return bool(self._starts)

    def append(self, start: datetime, end: datetime) -> None:
        """Add a span later than all others."""
        self._sums.append(self._sums[-1] + self._measure(start, end))
        self._starts.append(start)
        self._ends.append(end)

    def cut(self, since: datetime) -> datetime:
        """Drop the spans that do not end before ``since``; give from when on they have to be added anew."""
        kept = bisect_left(self._ends, since)
        anew = min(self._starts[kept], since) if kept < len(self._starts) else since
        del self._starts[kept:], self._ends[kept:], self._sums[kept + 1 :]
        return anew

    def since(self, moment: datetime) -> list[tuple[datetime, datetime]]:
        """Give the spans that do not end before a moment."""
        first = bisect_left(self._ends, moment)
        return list(zip(self._starts[first:], self._ends[first:], strict=True))

    def before(self, moment: datetime) -> T:
        """Give what lies before a moment."""
        begun = bisect_right(self._starts, moment)
        if begun == 0 or moment >= self._ends[begun - 1]:
            return self._sums[begun]
        return self._sums[begun - 1] + self._measure(self._starts[begun - 1], moment)
