"""Days as the command line names them: a date, "today", "tomorrow", "friday"."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from keepwarm.daemon.failure import BadUsage

if TYPE_CHECKING:
    from datetime import tzinfo

_NEAR = {"yesterday": -1, "today": 0, "tomorrow": 1}
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FIRST_YEAR, _LAST_YEAR = 1970, 9998


def day_named(text: str, today: date, *, back: bool = False) -> date:
    """Give the day that ``text`` means; a weekday is the next one from today on, with ``back`` the last one.

    Raises BadUsage.
    """
    wanted = text.strip().lower()
    if wanted in _NEAR:
        return today + timedelta(days=_NEAR[wanted])
    found = [number for number, name in enumerate(_WEEK) if len(wanted) >= 3 and name.startswith(wanted)]
    if found:
        ahead = (found[0] - today.weekday()) % 7
        return today - timedelta(days=-ahead % 7) if back else today + timedelta(days=ahead)
    try:
        day = date.fromisoformat(wanted)
    except ValueError:
        cure = "Give a date such as 2026-12-01, or today, tomorrow, yesterday, or a day of the week."
        raise BadUsage(f"{text!r} is no day.", cure) from None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise BadUsage(f"{text!r} is not between the years {_FIRST_YEAR} and {_LAST_YEAR}.")
    return day


def today_of(now: datetime, zone: tzinfo) -> date:
    """Give the owner's day."""
    return now.astimezone(zone).date()


def time_on(day: date, now: datetime, zone: tzinfo) -> datetime:
    """Give the time for something of a day that has been: now if it is today, else that day's noon.

    Raises BadUsage for a day to come.
    """
    today = today_of(now, zone)
    if day > today:
        raise BadUsage(f"{said(day)} has not been yet.", "`keepwarm note WHO TEXT --on DATE` is for what is to come.")
    return now if day == today else datetime.combine(day, time(12), zone).astimezone(now.tzinfo)


def said(day: date) -> str:
    """Say a day so that a mistake is seen: "Fri 2026-11-27"."""
    return f"{_WEEK[day.weekday()][:3].title()} {day.isoformat()}"
