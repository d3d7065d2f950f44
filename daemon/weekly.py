"""Weekly: when a report is due, in the owner's zone, and which week it tells of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import tzinfo

    from keepwarm.daemon.values import WeeklyTime

_WEEK = timedelta(days=7)
_LOOKS_BACK = timedelta(days=4)
"""A report tells of the week in which it was so long ago: until Thursday the last one, from Friday on this one."""


def last_due(now: datetime, at: WeeklyTime, zone: tzinfo) -> datetime:
    """Give the newest moment, not after ``now``, at which a report is due.

    An hour that is left out as the clocks change is as long after midnight as it is written; one that comes twice is
    the first of the two.
    """
    today = now.astimezone(zone).date()
    day = today - timedelta(days=(today.weekday() - at.day) % 7)
    due = _moment(day, at, zone)
    return due if due <= now else _moment(day - _WEEK, at, zone)


def next_due(now: datetime, at: WeeklyTime, zone: tzinfo) -> datetime:
    """Give the first moment after ``now`` at which a report is due."""
    return _moment(last_due(now, at, zone).astimezone(zone).date() + _WEEK, at, zone)


def monday_told(due: datetime, zone: tzinfo) -> date:
    """Give the Monday of the week that the report of this moment tells of."""
    day = (due.astimezone(zone) - _LOOKS_BACK).date()
    return day - timedelta(days=day.weekday())


def key_of(monday: date) -> str:
    """Name the ISO week that begins on this day: "2026-W47"."""
    number = monday.isocalendar()
    return f"{number.year}-W{number.week:02d}"


def _moment(day: date, at: WeeklyTime, zone: tzinfo) -> datetime:
    return datetime.combine(day, at.at, zone).astimezone(UTC)
