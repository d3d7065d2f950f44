"""Owner dates: moments as the owner would say them, in their own zone, seen from the report's moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import date

    from keepwarm.outputs.wording import Wording


@dataclass(frozen=True, slots=True)
class OwnerDates:
    """How the owner says dates: ``as_of`` is aware, ``zone`` an IANA name."""

    words: Wording
    as_of: datetime
    zone: str

    def local(self, moment: datetime) -> datetime:
        """Give ``moment`` in the owner's zone; raises ZoneInfoNotFoundError for an unknown one."""
        return moment.astimezone(ZoneInfo(self.zone))

    def beginning(self, day: date) -> datetime:
        """Give the first moment of a day of the owner's."""
        return datetime.combine(day, time(), ZoneInfo(self.zone))

    def ago(self, moment: datetime) -> str:
        """Say a day briefly: "today", "Tuesday", "2 November", "2 November 2025"."""
        day, today = self.local(moment).date(), self.local(self.as_of).date()
        days = (today - day).days
        if days in {0, 1}:
            return self.words.say("dates.today" if days == 0 else "dates.yesterday")
        if 1 < days < 7:
            return str(self.words.get("dates.weekdays")[day.weekday()])
        return self.day(day)

    def short(self, moment: datetime) -> str:
        """Say a day for a column: "Tue 17 Nov", with the year if it is not the report's."""
        day = self.local(moment)
        key = "dates.short" if day.year == self.local(self.as_of).year else "dates.short_and_year"
        weekday, month = self._short_names(day)
        return self.words.say(key, weekday=weekday, day=day.day, month=month, year=day.year)

    def brief(self, moment: datetime) -> str:
        """Say a day in a narrow column: "17 Nov", "17 Nov 2025"."""
        day = self.local(moment)
        key = "dates.day" if day.year == self.local(self.as_of).year else "dates.day_and_year"
        return self.words.say(key, day=day.day, month=self._short_names(day)[1], year=day.year)

    def exact(self, moment: datetime) -> str:
        """Say a moment to the minute: "Tue 17 Nov, 10:00"."""
        time = f"{self.local(moment):%H:%M}"
        return self.words.say("dates.with_time", date=self.short(moment), time=time)

    def span(self, first: date, last: date) -> str:
        """Say a span of days: "16 to 22 November 2026", naming only what differs twice."""
        key = "dates.range_over_years"
        if first.year == last.year:
            key = "dates.range_in_month" if first.month == last.month else "dates.range_in_year"
        months = self.words.get("dates.months")
        return self.words.say(
            key,
            first=first.day,
            first_month=months[first.month - 1],
            first_year=first.year,
            last=last.day,
            month=months[last.month - 1],
            year=last.year,
        )

    def day(self, day: date) -> str:
        """Say a day of the calendar: "2 November", with the year if it is not the report's."""
        month = self.words.get("dates.months")[day.month - 1]
        key = "dates.day" if day.year == self.local(self.as_of).year else "dates.day_and_year"
        return self.words.say(key, day=day.day, month=month, year=day.year)

    def _short_names(self, day: date) -> tuple[str, str]:
        weekdays, months = self.words.get("dates.weekdays_short"), self.words.get("dates.months_short")
        return weekdays[day.weekday()], months[day.month - 1]
