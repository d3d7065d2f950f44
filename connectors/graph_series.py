"""What names a meeting at Microsoft, and how a series is held: put as iCalendar puts it, so that sources agree."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from icalendar.prop import vRecur

from keepwarm.connectors.graph_message import moment_of

if TYPE_CHECKING:
    from datetime import tzinfo

    from keepwarm.connectors.graph_client import Json

_GLOBAL = "040000008200E00074C5B7101A82E008"
"""How each global object id begins (MS-OXOCAL, 2.2.1.27): what Outlook names a meeting by."""

_FOREIGN = b"vCal-Uid\x01\0\0\0"  # behind it stands the UID of another vendor's meeting
_HEX = re.compile(r"[0-9A-Fa-f]{80,2000}")
_DAYS = {
    "sunday": "SU", "monday": "MO", "tuesday": "TU", "wednesday": "WE", "thursday": "TH", "friday": "FR",
    "saturday": "SA",
}  # fmt: skip
_WEEKS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
_MOST = 10_000  # of an interval, or of occurrences


class BrokenSeriesError(ValueError):
    """A recurrence means nothing."""


def uid_of(ical_uid: str) -> str:
    """Give the UID that all occurrences of a meeting share, as it stands in its invitation.

    Outlook puts the day of an occurrence into its id, and wraps the UID of a meeting that another vendor made.
    """
    if not (ical_uid.upper().startswith(_GLOBAL) and _HEX.fullmatch(ical_uid) and len(ical_uid) % 2 == 0):
        return ical_uid
    data = bytes.fromhex(ical_uid)[40:]
    if data.startswith(_FOREIGN):
        return data[len(_FOREIGN) :].split(b"\0")[0].decode("utf-8", "replace") or ical_uid
    return ical_uid[:32] + "00000000" + ical_uid[40:]


def pattern_of(recurrence: Any, *, all_day: bool, zone: tzinfo) -> str:
    """Write a patternedRecurrence as an RRULE. Raises BrokenSeriesError."""
    pattern, span = (recurrence.get(name) for name in ("pattern", "range")) if isinstance(recurrence, dict) else (0, 0)
    if not isinstance(pattern, dict) or not isinstance(span, dict):
        raise BrokenSeriesError("its recurrence says nothing")
    rule = vRecur(_rule(pattern))
    match span.get("type"):
        case "numbered":
            rule["COUNT"] = [_number(span.get("numberOfOccurrences"))]
        case "endDate":
            rule["UNTIL"] = [_until(span, all_day=all_day, zone=zone)]
    written: str = rule.to_ical().decode()  # type: ignore[no-untyped-call]
    return written


def _rule(pattern: Json) -> dict[str, list[Any]]:
    interval = _number(pattern.get("interval", 1))
    every: dict[str, list[Any]] = {"INTERVAL": [interval]} if interval > 1 else {}
    match pattern.get("type"):
        case "daily":
            return {"FREQ": ["DAILY"], **every}
        case "weekly":
            starts = _DAYS.get(str(pattern.get("firstDayOfWeek")).lower(), "SU")
            week = {"WKST": [starts]} if interval > 1 else {}
            return {"FREQ": ["WEEKLY"], **every, "BYDAY": _days(pattern), **week}
        case "absoluteMonthly":
            return {"FREQ": ["MONTHLY"], **every, "BYMONTHDAY": [_number(pattern.get("dayOfMonth"))]}
        case "relativeMonthly":
            return {"FREQ": ["MONTHLY"], **every, **_weekday(pattern)}
        case "absoluteYearly":
            day, month = _number(pattern.get("dayOfMonth")), _number(pattern.get("month"))
            return {"FREQ": ["YEARLY"], **every, "BYMONTHDAY": [day], "BYMONTH": [month]}
        case "relativeYearly":
            return {"FREQ": ["YEARLY"], **every, **_weekday(pattern), "BYMONTH": [_number(pattern.get("month"))]}
    raise BrokenSeriesError("its recurrence is of a kind that is not known")


def _days(pattern: Json) -> list[str]:
    days = pattern.get("daysOfWeek")
    found = {_DAYS.get(str(day).lower(), "") for day in days} if isinstance(days, list) else set()
    if not found or "" in found:
        raise BrokenSeriesError("its recurrence names no days")
    return [day for day in _DAYS.values() if day in found]


def _weekday(pattern: Json) -> dict[str, list[Any]]:
    days, week = _days(pattern), _WEEKS.get(str(pattern.get("index", "first")).lower(), 1)
    return {"BYDAY": [f"{week}{days[0]}"]} if len(days) == 1 else {"BYDAY": days, "BYSETPOS": [week]}


def _number(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MOST:
        return value
    raise BrokenSeriesError("its recurrence has a number that cannot be")


def _until(span: Json, *, all_day: bool, zone: tzinfo) -> date:
    """Give the end of a series: a day, or the last moment of that day in the series' zone, in UTC."""
    try:
        day = date.fromisoformat(str(span.get("endDate")))
        return day if all_day else datetime.combine(day, time(23, 59, 59), zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BrokenSeriesError("its recurrence ends on no day") from None


def original_start(event: Json) -> datetime | None:
    """Give when an occurrence was to begin by its series; of one that was never changed, that is its start."""
    return moment_of(event.get("originalStart"))
