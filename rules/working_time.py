"""Working time: how many of the owner's working hours lie between two moments, and how much of them is holidays."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.spans import Spans

if TYPE_CHECKING:
    from datetime import tzinfo

_ORIGIN = date(1980, 1, 1).toordinal()
"""No mail is older; sums of working hours begin here."""

_LONGEST = 100  # days that are looked ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingTime:
    """The owner's working week. ``days`` are weekdays, Monday is 0."""

    zone: tzinfo
    days: frozenset[int] = frozenset(range(5))
    begins: time = time(9)
    ends: time = time(18)
    holidays: frozenset[date] = frozenset()
    _sums: list[float] = field(default_factory=lambda: [0.0], init=False, repr=False, compare=False)
    _off: Spans[timedelta] = field(init=False, repr=False, compare=False)
    _begins: float = field(init=False, repr=False, compare=False)
    hours_a_day: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        off = Spans(_passed, timedelta(0))
        for day in sorted(self.holidays):
            off.append(self.midnight(day), self.midnight(day + timedelta(days=1)))
        object.__setattr__(self, "_off", off)
        object.__setattr__(self, "_begins", _hour(self.begins))
        object.__setattr__(self, "hours_a_day", _hour(self.ends) - _hour(self.begins))

    def hours_between(self, earlier: datetime, later: datetime) -> float:
        """Give the working hours from ``earlier`` to ``later``; 0 if they come the other way round.

        Counted on the local wall clock: on the two days a year when it jumps, an hour at night is off, which no
        working day sees.
        """
        return max(0.0, self._since_origin(later) - self._since_origin(earlier))

    def not_before(self, moment: datetime, hours: float) -> datetime:
        """Give a time before which so many working hours cannot have passed since a moment: the midnight of a day."""
        wanted = self._since_origin(moment) + hours
        day = moment.astimezone(self.zone).date().toordinal()
        last = day + _LONGEST
        while self._before(day + 1) < wanted and day < last:
            day += 1
        return self.midnight(date.fromordinal(day))

    def holidays_before(self, moment: datetime) -> timedelta:
        """Give how much of the time before a moment was holidays, each a whole local day.

        On the two days a year when the clock jumps such a day is an hour shorter, or longer.
        """
        return self._off.before(moment)

    def is_working_day(self, day: date) -> bool:
        """Tell whether the owner works on ``day``."""
        return day.weekday() in self.days and day not in self.holidays

    def local_day(self, moment: datetime) -> date:
        """Give the owner's calendar day of a moment."""
        return moment.astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        """Give the moment at which a day of the owner's calendar begins, in UTC."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def _since_origin(self, moment: datetime) -> float:
        local = moment.astimezone(self.zone)
        today = local.date()
        hours = self._before(today.toordinal())
        if self.is_working_day(today):
            hours += min(max(_hour(local) - self._begins, 0.0), self.hours_a_day)
        return hours

    def _before(self, ordinal: int) -> float:
        """Sum the working hours of all days from the origin up to, not including, ``ordinal``."""
        sums = self._sums
        while len(sums) <= ordinal - _ORIGIN:
            day = date.fromordinal(_ORIGIN + len(sums) - 1)
            sums.append(sums[-1] + (self.hours_a_day if self.is_working_day(day) else 0.0))
        return sums[max(0, ordinal - _ORIGIN)]


def _passed(earlier: datetime, later: datetime) -> timedelta:
    return later - earlier


def _hour(clock: time | datetime) -> float:
    return (clock.hour * 3600 + clock.minute * 60 + clock.second) / 3600
