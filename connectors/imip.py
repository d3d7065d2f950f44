"""Invitation mails: the text/calendar part of a message (RFC 6047) as meetings, by iTIP method (RFC 5546)."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING

from keepwarm.connectors.contentlines import components
from keepwarm.connectors.icalendars import BrokenCalendar, event_of
from keepwarm.connectors.zones import Zones, embedded_zones
from keepwarm.storage.observations import Method

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from keepwarm.connectors.contentlines import Component
    from keepwarm.storage.observations import MeetingSeen

MAX_PART = 1024 * 1024  # bytes
MAX_EVENTS = 50
_METHODS = {
    "REQUEST": Method.REQUEST,
    "REPLY": Method.REPLY,
    "CANCEL": Method.CANCEL,
    "COUNTER": Method.COUNTER,
    "DECLINECOUNTER": Method.DECLINE_COUNTER,
}


def meetings_in(part: bytes, *, source_key: str, sent_by: str, at: datetime) -> tuple[MeetingSeen, ...]:
    """Read a decoded text/calendar part of the mail ``source_key``, which ``sent_by`` sent ``at`` (aware).

    A series' invitation gives its own entry only, an instance's its RECURRENCE-ID. PUBLISH, ADD, REFRESH
    and parts without a method give nothing. If some of several events are broken, the others are given with
    the flaw "event-left-out". Raises BrokenCalendar if the part is none, or holds no event that means
    anything.
    """
    if len(part) > MAX_PART:
        raise BrokenCalendar("the invitation is larger than 1 MB")
    parts = list(components(io.BytesIO(part)))
    if not any(found.name == "VCALENDAR" for found in parts):
        raise BrokenCalendar("the invitation is no iCalendar")
    method = _method(parts)
    if method is None:
        return ()
    events = [found for found in parts if found.name == "VEVENT"]
    zones = Zones(
        owner=UTC,
        embedded=embedded_zones(found for found in parts if found.name == "VTIMEZONE"),
        floating_is_flaw=True,
    )
    return tuple(
        replace(
            seen,
            source_key=f"{source_key}#{number}" if number else source_key,
            method=method,
            sent_by=sent_by.lower(),
            written_at=at.astimezone(UTC),
        )
        for number, seen in enumerate(_readable(events, zones))
    )


def _method(parts: Sequence[Component]) -> Method | None:
    for found in parts:
        if found.name == "VCALENDAR":
            for line in found.properties().get("METHOD", ()):
                return _METHODS.get(line.value.strip().upper())
    return None


def _readable(events: Sequence[Component], zones: Zones) -> list[MeetingSeen]:
    """Read the events; those left out are marked on the others. Raises BrokenCalendar if none is left."""
    read: list[MeetingSeen] = []
    fault: BrokenCalendar | None = None
    for component in events[:MAX_EVENTS]:
        try:
            read.append(event_of(component, zones).seen)
        except BrokenCalendar as error:
            fault = error
    if read and (fault is not None or len(events) > MAX_EVENTS):
        return [replace(seen, flaws=(*seen.flaws, "event-left-out")) for seen in read]
    if not read and events:
        raise fault or BrokenCalendar("the invitation cannot be read")
    return read
