"""Dates in headers, and which of them to believe.

``Date`` is the sender's claim. The server that took the mail in knows better when that was, so the claim
counts only where it is plausible against the server's time.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz
from functools import lru_cache

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
LONGEST_WAY = timedelta(days=7)  # mail servers try again for days (RFC 5321, 4.5.4.1)
CLOCK_ERROR = timedelta(hours=1)
STORED_ERROR = timedelta(days=1)  # the source's own time may be local time

_MONTHS = {
    name: n
    for n, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_RFC_5322 = re.compile(
    r"(?:[A-Za-z]{3}, ?)?(\d{1,2} [A-Za-z]{3} \d{4}) (\d\d):(\d\d)(?::(\d\d))? ([+-]\d{4}|GMT|UTC?|Z)\b"
)
_ASCTIME = re.compile(
    r"([A-Za-z]{3}) +(\d{1,2}) (\d\d):(\d\d)(?::(\d\d))? (?:(?:([+-])(\d\d)(\d\d)|[A-Z]{2,4}) )?(\d{4})\b"
)
_LONGEST_DATE = 200  # characters; a comment with the zone's name may follow the date


def sent_at(date: datetime | None, received: datetime | None, stored_at: datetime | None) -> datetime | None:
    """Say when a message was sent, by its ``Date``, its topmost ``Received`` and the source's own time.

    None if nothing of that can be believed.
    """
    if received and EARLIEST <= received < LATEST:
        plausible = date is not None and received - LONGEST_WAY <= date <= received + CLOCK_ERROR
        return date if plausible else received
    stored_at = stored_at if stored_at and EARLIEST <= stored_at < LATEST else None
    latest = stored_at + STORED_ERROR if stored_at else LATEST
    return date if date and EARLIEST <= date <= latest else stored_at


def parse_date(text: str) -> datetime | None:
    """Read a date as headers have it (RFC 5322, 3.3 and 4.3), in UTC; None if it is none.

    A date without a zone is taken for UTC.
    """
    text = text[:_LONGEST_DATE].lstrip()
    usual = _RFC_5322.match(text) or _RFC_5322.match(text := " ".join(text.split()))
    if usual is None:
        return _unusual_date(text)
    day, hour, minute, second, zone = usual.groups()
    clock = (int(hour), int(minute), min(int(second or 0), 59))  # 60 is a leap second
    return moment_of(midnight(day), clock, east(zone))


@lru_cache(maxsize=1024)  # a mailbox has many mails of each day
def midnight(day: str) -> datetime | None:
    """Read ``1 Nov 2021``; None if there is no such day."""
    number, month, year = day.split()
    try:
        return datetime(int(year), _MONTHS.get(month.lower(), 0), int(number), tzinfo=UTC)
    except ValueError:
        return None


@lru_cache(maxsize=256)
def east(zone: str) -> timedelta:
    """Read ``+0130`` as time east of Greenwich; what names Greenwich itself is none."""
    if len(zone) != len("+0130"):
        return timedelta()
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:]))
    return -offset if zone[0] == "-" else offset


def moment_of(day: datetime | None, clock: tuple[int, int, int], offset: timedelta) -> datetime | None:
    """Give a time of the day, hours, minutes and seconds so far east of Greenwich; None if there is no such time."""
    hour, minute, second = clock
    if day is None or hour > 23 or minute > 59 or second > 59:
        return None
    try:
        return day + timedelta(seconds=hour * 3600 + minute * 60 + second) - offset
    except OverflowError:
        return None


def parse_asctime(text: str) -> datetime | None:
    """Find the date of an mbox From_ line (RFC 4155, appendix A), in UTC; None if there is none."""
    found = _ASCTIME.search(text[:_LONGEST_DATE])
    if found is None:
        return None
    month, day, hour, minute, second, sign, zone_hours, zone_minutes, year = found.groups()
    return _moment(
        (int(year), _MONTHS.get(month.lower(), 0), int(day), int(hour), int(minute), int(second or 0)),
        _offset(sign, zone_hours, zone_minutes),
    )


def _unusual_date(text: str) -> datetime | None:
    """Read what has not today's form: zones by name, years of two digits, another order."""
    try:
        found = parsedate_tz(text)
    except (IndexError, TypeError, ValueError):  # it was written for well-meant input
        return None
    return _moment(found[:6], found[9] or 0) if found else None


def _offset(sign: str | None, hours: str | None, minutes: str | None) -> int:
    """Seconds east of Greenwich."""
    seconds = int(hours or 0) * 3600 + int(minutes or 0) * 60
    return -seconds if sign == "-" else seconds


def _moment(clock: tuple[int, ...], offset: int) -> datetime | None:
    year, month, day, hour, minute, second = clock
    try:
        local = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)  # 60 is a leap second
        return local - timedelta(seconds=offset) if offset else local
    except (ValueError, OverflowError):
        return None
