"""Working time in the practice: when people read, write and meet. All of them live by Berlin's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

ZONE = ZoneInfo("Europe/Berlin")
OPENS = time(9)
CLOSES = time(18)
_PUBLIC = holidays.country_holidays("DE")


def at_clock(day: date, clock: time) -> datetime:
    """Give the moment of a wall-clock time in Berlin, in UTC."""
    return datetime.combine(day, clock, tzinfo=ZONE).astimezone(UTC)


def is_christmas(day: date) -> bool:
    """Tell whether ``day`` is in the break in which nobody writes: 24 December to 1 January."""
    return (day.month, day.day) >= (12, 24) or (day.month, day.day) == (1, 1)


def before_the_rush(day: date) -> date:
    """Give ``day``, or 18 December for the days before Christmas, in which nobody begins anything new."""
    return date(day.year, 12, 18) if (12, 18) <= (day.month, day.day) < (12, 24) else day


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """The days on which somebody works; ``away`` is their leave, first and last day."""

    away: tuple[tuple[date, date], ...] = ()

    def works_on(self, day: date) -> bool:
        """Tell whether ``day`` is neither weekend, holiday, Christmas break nor leave."""
        if day.weekday() >= 5 or is_christmas(day) or day in _PUBLIC:
            return False
        return not any(first <= day <= last for first, last in self.away)

    def on_or_before(self, day: date) -> date:
        """Give the last working day that is not after ``day``."""
        while not self.works_on(day):
            day -= timedelta(days=1)
        return day

    def on_or_after(self, day: date) -> date:
        """Give the first working day that is not before ``day``."""
        while not self.works_on(day):
            day += timedelta(days=1)
        return day

    def days_before(self, day: date, count: int) -> date:
        """Give the working day from which on, itself included, there are ``count`` of them before ``day``."""
        for _ in range(count):
            day = self.on_or_before(day - timedelta(days=1))
        return day

    def after(self, moment: datetime, hours: float) -> datetime:
        """Give the moment at which ``hours`` of working time have passed since ``moment``."""
        left = timedelta(hours=hours)
        local = moment.astimezone(ZONE)
        day, begin = local.date(), moment
        while True:
            if self.works_on(day):
                begin = max(begin, at_clock(day, OPENS))
                room = at_clock(day, CLOSES) - begin
                if room > left:
                    return (begin + left).replace(microsecond=0)
                left -= max(room, timedelta())
            day += timedelta(days=1)
            begin = at_clock(day, OPENS)
