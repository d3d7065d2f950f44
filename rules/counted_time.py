"""Counted time: what of the time between two moments says something about the two.

Left out are the holidays of the owner's country, whole days of the owner's calendar, and the time in which the owner or
the contact was away. Weekends count in a silence, but have no working hours.

It is always counted by what is known *now*: an absence that becomes known late is taken out of what has passed, too.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.spans import Spans

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keepwarm.rules.working_time import WorkingTime
    from keepwarm.storage.histories import Absence, By

NOTHING = timedelta(0)
DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)
_REMEMBERED = 1000
_Span = tuple[datetime, datetime]


class CountedTime:
    """The counted time of one contact, as far as absences are known."""

    __slots__ = ("_all_counts", "_away", "_by_ref", "_hours_away", "_left_out", "_ordered", "_working", "version")

    def __init__(self, working: WorkingTime) -> None:
        self._working = working
        self._by_ref: dict[tuple[By, str], _Span] = {}
        self._ordered: list[_Span] = []
        self._away = Spans(self._less_holidays, NOTHING)
        self._hours_away = Spans(working.hours_between, 0.0)
        self._all_counts = not working.holidays
        self._left_out: dict[datetime, timedelta] = {}  # before a moment: the same few are asked for again and again
        self.version = 0  # another one whenever time is counted differently

    def between(self, earlier: datetime, later: datetime) -> timedelta:
        """Give the counted time from ``earlier`` to ``later``; the plain one if it is the other way round."""
        passed = later - earlier
        if self._all_counts or passed <= NOTHING:
            return passed
        return passed - (self._left_out_before(later) - self._left_out_before(earlier))

    def days(self, earlier: datetime, later: datetime) -> float:
        """Give ``between`` in days of 24 hours."""
        return self.between(earlier, later) / DAY

    def hours_between(self, earlier: datetime, later: datetime) -> float:
        """Give the owner's working hours in between in which neither was away; 0 the other way round."""
        hours = self._working.hours_between(earlier, later)
        if self._away and hours > 0:
            hours = max(0.0, hours - (self._hours_away.before(later) - self._hours_away.before(earlier)))
        return hours

    def away_since(self, moment: datetime) -> list[_Span]:
        """Give the times of absence that do not end before a moment, put together."""
        return self._away.since(moment)

    def leave_out(self, spans: Iterable[_Span]) -> None:
        """Leave out times of absence that are put together already; there must be none yet."""
        for span in spans:
            self._append(span)
            self._all_counts = False

    def leaves_out(self, earlier: datetime, later: datetime) -> bool:
        """Tell whether some of the time in between is not counted."""
        return self.between(earlier, later) != later - earlier

    def learn(self, absence: Absence) -> datetime | None:
        """Take in an absence, or what became of one; give since when time is counted differently, if it is.

        Cheap where it comes later than what is known already; else what lies after it is put together anew.
        """
        key, after = (absence.by, absence.ref), self._span_of(absence)
        before = self._by_ref.pop(key, None)
        if after is not None:
            self._by_ref[key] = after
        if before == after:
            return None
        if before is not None:
            del self._ordered[bisect_left(self._ordered, before)]
        if after is not None:
            insort(self._ordered, after)
        since = min(span[0] for span in (before, after) if span is not None)
        self._put_together(since)
        if before is not None and after is not None and before[0] == after[0]:
            return min(before[1], after[1])
        return since

    def _span_of(self, absence: Absence) -> _Span | None:
        start, end = absence.start, absence.end
        if end <= start:
            return None
        if not absence.whole_days:
            return start, end
        last = self._working.local_day(end - _MOMENT)
        return self._working.midnight(self._working.local_day(start)), self._working.midnight(last + DAY)

    def _put_together(self, since: datetime) -> None:
        anew = self._away.cut(since)
        self._hours_away.cut(since)
        union: _Span | None = None
        for start, end in self._ordered[bisect_left(self._ordered, (anew,)) :]:
            if union is not None and start <= union[1]:
                union = (union[0], max(union[1], end))
                continue
            self._append(union)
            union = (start, end)
        self._append(union)
        self._all_counts = False
        self._left_out.clear()
        self.version += 1

    def _append(self, union: _Span | None) -> None:
        if union is not None:
            self._away.append(*union)
            self._hours_away.append(*union)

    def _left_out_before(self, moment: datetime) -> timedelta:
        found = self._left_out.get(moment)
        if found is None:
            if len(self._left_out) >= _REMEMBERED:
                self._left_out.clear()
            found = self._left_out[moment] = self._working.holidays_before(moment) + self._away.before(moment)
        return found

    def _less_holidays(self, earlier: datetime, later: datetime) -> timedelta:
        return later - earlier - (self._working.holidays_before(later) - self._working.holidays_before(earlier))
