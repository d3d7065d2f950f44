"""Events of iCalendar (RFC 5545): a VEVENT becomes an ``Event``, with the ``MeetingSeen`` that it stands for.

DTSTAMP is never read: exporters write a new one at each fetch, so it does not say when a meeting changed.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from icalendar.prop import vDuration, vRecur

from keepwarm.connectors.absence import is_absence_title
from keepwarm.connectors.attendees import agent, attendees, organizer
from keepwarm.connectors.robots import bare_title
from keepwarm.connectors.words import clean
from keepwarm.connectors.zones import BrokenCalendar, Moment, Zones, identity_of, zone_name
from keepwarm.storage.observations import MeetingSeen, MeetingStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from keepwarm.connectors.contentlines import Component, Property

    Properties = Mapping[str, Sequence[Property]]

__all__ = ["BrokenCalendar", "Event", "alike", "event_of", "identity"]

MAX_SUMMARY = 998
MAX_UID = 255
MAX_RULES = 8
MAX_DATES = 2000  # of RDATE, and of EXDATE
MAX_PATTERN = 1000
LONG = timedelta(hours=4)
"""An absence worth the name; a shorter entry with such a title is an errand."""

_OUT_OF_OFFICE = ("X-MICROSOFT-CDO-BUSYSTATUS", "X-MICROSOFT-CDO-INTENDEDSTATUS")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One VEVENT: the meeting as it stands, and what its recurrence needs, in the zone it was written in."""

    seen: MeetingSeen
    start: Moment
    end: Moment
    replaces: Moment | None = None  # RECURRENCE-ID: the occurrence that this event stands for
    onwards: bool = False  # RANGE=THISANDFUTURE
    rules: tuple[vRecur, ...] = ()
    added: tuple[Moment, ...] = ()  # RDATE
    removed: tuple[Moment, ...] = ()  # EXDATE
    zones: Zones

    @property
    def recurs(self) -> bool:
        """Say whether it is the own entry of a series."""
        return bool(self.replaces is None and (self.rules or self.added))


def event_of(component: Component, zones: Zones, *, otherwise: datetime | None = None) -> Event:
    """Read a VEVENT; ``source_key`` is ``uid/recurrence_id``. Raises BrokenCalendar if it means nothing.

    ``otherwise`` (aware) is start and end of an event that says neither, and names no occurrence.
    """
    if not component.ended:
        raise BrokenCalendar("the event is cut off")
    try:
        return _event(component, zones, otherwise)
    except OverflowError as error:
        raise BrokenCalendar("a time that lies outside of all calendars") from error


def _event(component: Component, zones: Zones, otherwise: datetime | None) -> Event:
    properties, flaws = component.properties(), set[str]()
    if component.cut:
        flaws.add("too-large")
    replaced = _first(properties, "RECURRENCE-ID")
    replaces = zones.moment(replaced, flaws) if replaced else None
    start = _start(properties, otherwise if replaces is None else replaces, zones, flaws)
    end = _end(properties, start, zones, flaws)
    rules = _rules(properties) if replaces is None else ()
    added = _dates(properties, "RDATE", start, zones, flaws) if replaces is None else ()
    seen = _meeting(component, properties, zones, flaws, (start, end), replaces, _pattern(rules, added))
    return Event(
        seen=seen,
        start=start,
        end=end,
        replaces=replaces,
        onwards=replaced is not None and replaced.parameters.get("RANGE", "").upper() == "THISANDFUTURE",
        rules=rules,
        added=added,
        removed=_dates(properties, "EXDATE", start, zones, flaws),
        zones=zones,
    )


def _meeting(
    component: Component,
    properties: Properties,
    zones: Zones,
    flaws: set[str],
    span: tuple[Moment, Moment],
    replaces: Moment | None,
    pattern: str,
) -> MeetingSeen:
    uid = identity(component, flaws)
    recurrence_id = "" if replaces is None else identity_of(replaces)
    start, end = (zones.instant(moment) for moment in span)
    all_day, status = not isinstance(span[0], datetime), _status(properties)
    summary = _text(_value(properties, "SUMMARY"), MAX_SUMMARY)
    if status is MeetingStatus.CANCELLED:
        summary = bare_title(summary)
    host = organizer(_first(properties, "ORGANIZER"))
    guests = attendees(properties.get("ATTENDEE", ()), flaws)
    is_long = all_day or end - start >= LONG
    is_shared = any(guest.person and (host is None or guest.address != host.address) for guest in guests)
    created, changed = (_timestamp(properties, name, zones, flaws) for name in ("CREATED", "LAST-MODIFIED"))
    return MeetingSeen(
        source_key=f"{uid}/{recurrence_id}",
        ical_uid=uid,
        recurrence_id=recurrence_id,
        pattern=pattern,
        zone=zone_name(span[0]) if pattern else "",
        sequence=_sequence(properties, flaws),
        written_at=changed or created,
        created_at=created,
        start=start,
        end=end,
        all_day=all_day,
        status=status,
        # Of what is cancelled Outlook says that it takes no time: that tells nothing of what it was.
        busy=status is MeetingStatus.CANCELLED or not _is_free(properties),
        summary=summary,
        organizer=host,
        agent=agent(_first(properties, "ORGANIZER")),
        attendees=guests,
        away=_is_away(properties, summary, is_long=is_long, is_shared=is_shared),
        flaws=tuple(sorted(flaws)),
    )


def _is_free(properties: Properties) -> bool:
    return "TRANSPARENT" in _word(properties, "TRANSP") or _word(properties, "X-MICROSOFT-CDO-BUSYSTATUS") == "FREE"


def _is_away(properties: Properties, summary: str, *, is_long: bool, is_shared: bool) -> bool:
    """Tell an absence by Outlook's mark, or by the title of an event that lasts.

    A short meeting with others that bears the mark is one outside of the office: whoever is there is not away.
    """
    marked = any(_word(properties, name) == "OOF" for name in _OUT_OF_OFFICE)
    return (marked and (is_long or not is_shared)) or (is_long and is_absence_title(summary))


def identity(component: Component, flaws: set[str]) -> str:
    """Give the UID, or one made of the event's contents if it has none, marked as a flaw."""
    raw = next((line[4:] for line in component.lines if line[:4].upper() == "UID:"), "")
    if not raw:
        raw = _value(component.properties(), "UID")
    uid = _text(raw, 4 * MAX_UID)
    if not uid:
        flaws.add("no-uid")
        return "no-uid-" + _digest("\n".join(component.lines))
    return uid if len(uid) <= MAX_UID else "long-uid-" + _digest(uid)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _text(raw: str, limit: int) -> str:
    """Undo the escapes of a TEXT (RFC 5545, 3.3.11), and make it fit to show."""
    plain = _ESCAPE.sub(lambda found: " " if found[1] in "nN" else found[1], raw)
    return clean(plain)[:limit].rstrip()


def _first(properties: Properties, name: str) -> Property | None:
    return next(iter(properties.get(name, ())), None)


def _value(properties: Properties, name: str) -> str:
    found = _first(properties, name)
    return "" if found is None else found.value


def _word(properties: Properties, name: str) -> str:
    return _value(properties, name).strip().upper()


def _start(properties: Properties, otherwise: Moment | None, zones: Zones, flaws: set[str]) -> Moment:
    found = _first(properties, "DTSTART")
    if found is not None:
        return zones.moment(found, flaws)
    if otherwise is None:
        raise BrokenCalendar("the event has no DTSTART")
    flaws.add("no-start")
    return otherwise


def _end(properties: Properties, start: Moment, zones: Zones, flaws: set[str]) -> Moment:
    """Give DTEND, else DTSTART and DURATION, else the default (RFC 5545, 3.6.1); never before the start."""
    ending, lasting = _first(properties, "DTEND"), _first(properties, "DURATION")
    if ending is not None:
        end = alike(zones.moment(ending, flaws), start, midnight=True)
    elif lasting is not None:
        end = _after(start, lasting.value)
    else:
        flaws.add("no-end")
        return start if isinstance(start, datetime) else start + timedelta(days=1)
    if zones.instant(end) < zones.instant(start):
        flaws.add("end-before-start")
        return start
    return end


def alike(moment: Moment, start: Moment, *, midnight: bool = False) -> Moment:
    """Make another time of an event the same kind of value as its DTSTART, as RFC 5545 demands (3.8.2.2, 3.8.5.1).

    Outlook and Apple name an occurrence by its day alone: then it is the one at the hour of ``start``, unless
    it is ``midnight`` that is meant.
    """
    if not isinstance(start, datetime):
        return moment.date() if isinstance(moment, datetime) else moment
    if isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time() if midnight else start.time(), tzinfo=start.tzinfo)


def _after(start: Moment, text: str) -> Moment:
    try:
        duration: timedelta = vDuration.from_ical(text.strip()[:64])  # type: ignore[no-untyped-call]
    except ValueError as error:
        raise BrokenCalendar("DURATION is no duration") from error
    if isinstance(start, datetime):
        # A duration of hours is exact, whatever the clocks do in between (RFC 5545, 3.3.6).
        return (start.astimezone(UTC) + duration).astimezone(start.tzinfo)
    return start + timedelta(days=-(-duration // timedelta(days=1)))


def _status(properties: Properties) -> MeetingStatus:
    try:
        return MeetingStatus(_word(properties, "STATUS").lower())
    except ValueError:
        return MeetingStatus.CONFIRMED


def _sequence(properties: Properties, flaws: set[str]) -> int:
    text = _value(properties, "SEQUENCE").strip() or "0"
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    flaws.add("bad-sequence")
    return 0


def _timestamp(properties: Properties, name: str, zones: Zones, flaws: set[str]) -> datetime | None:
    found = _first(properties, name)
    if found is None:
        return None
    try:
        return zones.instant(zones.moment(found, flaws))
    except BrokenCalendar:
        flaws.add("bad-timestamp")
        return None


def _rules(properties: Properties) -> tuple[vRecur, ...]:
    found = properties.get("RRULE", ())
    if len(found) > MAX_RULES:
        raise BrokenCalendar("the event has too many recurrence rules")
    try:
        rules = tuple(vRecur.from_ical(rule.value.strip().upper()) for rule in found)
    except (ValueError, TypeError, KeyError) as error:
        raise BrokenCalendar("RRULE is no recurrence rule") from error
    if not all(rule.get("FREQ") for rule in rules):
        raise BrokenCalendar("RRULE is no recurrence rule")
    return rules


def _dates(properties: Properties, name: str, start: Moment, zones: Zones, flaws: set[str]) -> tuple[Moment, ...]:
    moments: list[Moment] = []
    for listed in properties.get(name, ()):
        moments.extend(zones.moments(listed, flaws, MAX_DATES - len(moments)))
    return tuple(alike(moment, start) for moment in moments)


def _pattern(rules: Iterable[vRecur], added: Iterable[Moment]) -> str:
    """Write rules and added dates the one way; without EXDATE: a skipped week leaves the pattern as it is."""
    lines = sorted(rule.to_ical().decode() for rule in rules)  # type: ignore[no-untyped-call]
    dates = sorted({identity_of(moment) for moment in added})
    pattern = "\n".join([*lines, "RDATE:" + ",".join(dates)] if dates else lines)
    return pattern if len(pattern) <= MAX_PATTERN else "sha256:" + _digest(pattern)
