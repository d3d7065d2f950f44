"""Events of Google Calendar, written as iCalendar: so they are read exactly as those of any other calendar are."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Event = dict[str, Any]
"""An event as the API gives it."""

_NO_MEETINGS = frozenset({"workingLocation", "birthday"})
_ABSENCES = frozenset({"outOfOffice", "focusTime"})
_ANSWERS = {"declined": "DECLINED", "tentative": "TENTATIVE", "accepted": "ACCEPTED"}
_RECURRENCE = ("RRULE", "RDATE", "EXDATE")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_UNREADABLE = "unreadable"
MOST_PEOPLE = 600  # more are counted out by whoever reads the result


def is_meeting(event: Event) -> bool:
    """Tell what may be a meeting, or an absence, from where somebody works and who has a birthday."""
    return event.get("eventType") not in _NO_MEETINGS


def series_of(event: Event) -> str:
    """Give the id of the series that an event belongs to, or its own."""
    return _text(event.get("recurringEventId") or event.get("id"))


def is_exception(event: Event) -> bool:
    """Tell an occurrence that differs from its series."""
    return bool(event.get("recurringEventId"))


def is_cancelled(event: Event) -> bool:
    """Tell what was deleted; of such an event only its ids may be left."""
    return event.get("status") == "cancelled"


def written(events: Iterable[Event], uid: str) -> bytes:
    """Write the events of one series, or a single one, as an iCalendar; what has no UID of its own has ``uid``."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for event in events:
        lines += ["BEGIN:VEVENT", *_lines(event, uid), "END:VEVENT"]
    return "".join(f"{line}\r\n" for line in (*lines, "END:VCALENDAR")).encode("utf-8", "replace")


def recurrence_id(event: Event) -> str:
    """Name an occurrence by when it was to begin, as observations do; "" if Google does not say."""
    original = event.get("originalStartTime") or {}
    if date := original.get("date"):
        return _text(date).replace("-", "")
    at = _moment(original.get("dateTime"))
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ") if at else ""


def moment_of(value: object) -> datetime | None:
    """Read a time, as it stands in an event or by itself; None for a whole day, and for what is no time."""
    if isinstance(value, dict):
        return _moment(value.get("dateTime"), _zone(value.get("timeZone")))
    return _moment(value)


def _lines(event: Event, uid: str) -> Iterator[str]:
    repeats = bool(event.get("recurrence"))
    yield f"UID:{_escaped(event.get('iCalUID') or uid)}"
    if is_exception(event):
        yield _time("RECURRENCE-ID", event.get("originalStartTime") or {})
    for name, value in (("DTSTART", event.get("start")), ("DTEND", event.get("end"))):
        if value:
            yield _time(name, value, in_zone=repeats)
    for rule in event.get("recurrence") or ():
        if _text(rule).upper().startswith(_RECURRENCE):
            yield _text(rule)
    yield f"STATUS:{_text(event.get('status')).upper()}"
    yield f"SEQUENCE:{_text(event.get('sequence', 0))}"
    yield f"SUMMARY:{_escaped(event.get('summary'))}"
    for name, key in (("CREATED", "created"), ("LAST-MODIFIED", "updated")):
        if at := _moment(event.get(key)):
            yield f"{name}:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    if event.get("transparency") == "transparent":
        yield "TRANSP:TRANSPARENT"
    if event.get("eventType") in _ABSENCES:
        yield "X-MICROSOFT-CDO-BUSYSTATUS:OOF"
    yield from _people(event)


def _people(event: Event) -> Iterator[str]:
    organizer = event.get("organizer") or {}
    if organizer.get("email"):
        yield f"ORGANIZER{_named(organizer)}:mailto:{_text(organizer['email'])}"
    for one in (event.get("attendees") or ())[:MOST_PEOPLE]:
        if not one.get("email"):
            continue
        said = f";PARTSTAT={_ANSWERS.get(one.get('responseStatus'), 'NEEDS-ACTION')}"
        role = ";ROLE=OPT-PARTICIPANT" if one.get("optional") else ""
        kind = ";CUTYPE=RESOURCE" if one.get("resource") else ""
        yield f"ATTENDEE{_named(one)}{said}{role}{kind}:mailto:{_text(one['email'])}"


def _named(person: Mapping[str, Any]) -> str:
    name = _text(person.get("displayName")).replace("^", "^^").replace('"', "^'")
    return f';CN="{name}"' if name else ""


def _time(name: str, value: Mapping[str, Any], *, in_zone: bool = False) -> str:
    """Write a time: that of a series in its own zone, in which its rule counts; any other in UTC."""
    if date := value.get("date"):
        return f"{name};VALUE=DATE:{_text(date).replace('-', '')}"
    zone = _zone(value.get("timeZone"))
    at = _moment(value.get("dateTime"), zone)
    if at is None:
        return f"{name}:{_UNREADABLE}"
    if in_zone and zone is not None:
        return f"{name};TZID={zone.key}:{at.astimezone(zone):%Y%m%dT%H%M%S}"
    return f"{name}:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _zone(name: object) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if isinstance(name, str) and name else None
    except (ValueError, OSError, KeyError):  # KeyError: ZoneInfoNotFoundError
        return None


def _moment(text: object, zone: ZoneInfo | None = None) -> datetime | None:
    """Read a time of RFC 3339; one without an offset is in ``zone``, if there is one."""
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
        if found is not None and found.tzinfo is None:
            found = found.replace(tzinfo=zone) if zone is not None else None
        return found if found is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _text(value: object) -> str:
    return "" if value is None else _CONTROLS.sub(" ", str(value)).strip()


def _escaped(value: object) -> str:
    """Write a TEXT (RFC 5545, 3.3.11)."""
    plain = _text(value)
    return re.sub(r"([\\;,])", r"\\\1", plain)
