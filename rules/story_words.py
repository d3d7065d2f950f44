"""Words of the stories of meetings: spans, notices, dates, how often, and by whom."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.storage.histories import By

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

BY = {By.THEM: "by them", By.OWNER: "by you", By.OTHER: "by somebody else", By.UNKNOWN: "by somebody unknown"}

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_TIMES = {2: " twice", 3: " three times", 4: " four times", 5: " five times"}
_MOST_SHIFTS = 6
_RHYTHMS = ((1, 4, "daily"), (5, 9, "weekly"), (12, 16, "fortnightly"), (26, 35, "monthly"), (84, 98, "quarterly"))


def times(count: int) -> str:
    """Give " twice"; nothing for once."""
    return "" if count == 1 else _TIMES.get(count, f" {count} times")


def counted(count: int, one: str) -> str:
    """Give "1 occurrence", "2 occurrences"."""
    return f"{count} {one}{'' if count == 1 else 's'}"


def span(length: timedelta) -> str:
    """Give a length as "30 min", "3 h" or "7 d"; more than two days are told in whole ones, as clocks change."""
    minutes = round(abs(length) / timedelta(minutes=1))
    if minutes < 90 and minutes != 60:
        return f"{minutes} min"
    if minutes < 36 * 60 and minutes != 24 * 60:
        return f"{_plain(minutes / 60)} h"
    return f"{round(minutes / (24 * 60))} d"


def shift(length: timedelta) -> str:
    """Give a move as "+7 d", or "-2 h" if it was to an earlier time."""
    return f"{'-' if length < timedelta(0) else '+'}{span(length)}"


def shifts(lengths: Sequence[timedelta]) -> str:
    """Give several moves as " (+7 d, -2 h)"; of a pattern that moved to no other time, nothing."""
    told = [shift(length) for length in lengths if length]
    more = [f"{len(told) - _MOST_SHIFTS} more"] if len(told) > _MOST_SHIFTS else []
    return f" ({', '.join([*told[:_MOST_SHIFTS], *more])})" if told else ""


def notice(before: timedelta, length: timedelta) -> str:
    """Say how long before a meeting of that length something came."""
    if before > timedelta(0):
        return f"{span(before)} before"
    return "while it was on" if -before < length else "afterwards"


def date(moment: datetime, zone: tzinfo) -> str:
    """Give the owner's day as "3 July 2026"."""
    day = moment.astimezone(zone)
    return f"{day.day} {day:%B %Y}"


def rhythm(gap: timedelta | None) -> str:
    """Name the rhythm of a series by the usual time from one occurrence to the next."""
    days = round(gap / _DAY) if gap is not None else 0
    named = next((name for least, most, name in _RHYTHMS if least <= days <= most), "")
    return f"{named} series".strip()


def _plain(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
