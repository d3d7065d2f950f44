"""Invitation mails: the text/calendar part of a message (RFC 6047) as meetings, by iTIP method (RFC 5546)."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING

from keepwarm.connectors.absence import says_away
from keepwarm.connectors.attendees import claims
from keepwarm.connectors.contentlines import components
from keepwarm.connectors.icalendars import BrokenCalendar, alike, event_of
from keepwarm.connectors.robots import bare_title, relays_of
from keepwarm.connectors.zones import Zones, embedded_zones, identity_of
from keepwarm.storage.observations import Answer, Method

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from keepwarm.connectors.contentlines import Component
    from keepwarm.connectors.icalendars import Event
    from keepwarm.storage.observations import MeetingSeen

MAX_PART = 1024 * 1024  # bytes
MAX_EVENTS = 50
LEFT_OUT = "event-left-out"
"""The flaw of the events beside which another one of the same mail could not be read."""

_METHODS = {
    "REQUEST": Method.REQUEST,
    "REPLY": Method.REPLY,
    "CANCEL": Method.CANCEL,
    "COUNTER": Method.COUNTER,
    "DECLINECOUNTER": Method.DECLINE_COUNTER,
}
_BY_ATTENDEES = (Method.REPLY, Method.COUNTER)
_MAY_LACK_TIMES = (Method.REPLY, Method.CANCEL, Method.DECLINE_COUNTER)  # RFC 5546, 3.2.3, 3.2.5 and 3.2.8


def meetings_in(
    part: bytes,
    *,
    source_key: str,
    sent_by: str,
    at: datetime,
    method: str = "",
    subject: str = "",
    reply_to: Collection[str] = (),
    recipients: Collection[str] = (),
) -> tuple[MeetingSeen, ...]:
    """Read a decoded text/calendar part of the mail ``source_key``, which ``sent_by`` sent ``at`` (aware).

    ``method`` is that of the Content-Type, which counts where the calendar names none; ``reply_to`` and
    ``recipients`` are addresses of the mail. An answer or cancellation that names a whole meeting but no time has
    the mail's own time as start and end, and the flaw "no-start".

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
    known = _METHODS.get((_method(parts) or method).strip().upper())
    if known is None:
        return ()
    zones = Zones(
        owner=UTC,
        embedded=embedded_zones(found for found in parts if found.name == "VTIMEZONE"),
        floating_is_flaw=True,
    )
    events = [found for found in parts if found.name == "VEVENT"]
    at = at.astimezone(UTC)
    return tuple(
        replace(
            seen,
            source_key=f"{source_key}#{number}" if number else source_key,
            method=known,
            summary=seen.summary if known is Method.REQUEST else bare_title(seen.summary),
            sent_by=_speaker(component, known, sent_by.lower(), reply_to, recipients),
            away=_refuses_because_away(component, seen, subject) if known is Method.REPLY else seen.away,
            written_at=at,
        )
        for number, (component, seen) in enumerate(_readable(events, zones, at if known in _MAY_LACK_TIMES else None))
    )


def _method(parts: Sequence[Component]) -> str:
    for found in parts:
        if found.name == "VCALENDAR":
            for line in found.properties().get("METHOD", ()):
                return line.value
    return ""


def _readable(
    events: Sequence[Component], zones: Zones, otherwise: datetime | None
) -> list[tuple[Component, MeetingSeen]]:
    """Read the events; those left out are marked on the others. Raises BrokenCalendar if none is left."""
    read: list[tuple[Component, MeetingSeen]] = []
    fault: BrokenCalendar | None = None
    for component in events[:MAX_EVENTS]:
        try:
            read.append((component, _named_by_time(event_of(component, zones, otherwise=otherwise))))
        except BrokenCalendar as error:
            fault = error
    if read and (fault is not None or len(events) > MAX_EVENTS):
        return [(component, replace(seen, flaws=(*seen.flaws, LEFT_OUT))) for component, seen in read]
    if not read and events:
        raise fault or BrokenCalendar("the invitation cannot be read")
    return read


def _named_by_time(event: Event) -> MeetingSeen:
    """Name an occurrence that is named by its day alone as its calendar does: by the time, which is that of its start.

    If it was moved to another hour, that guess is another one than the calendar's; the day alone always is.
    """
    replaces = None if event.replaces is None else alike(event.replaces, event.start)
    return event.seen if replaces is None else replace(event.seen, recurrence_id=identity_of(replaces))


def _speaker(
    component: Component, method: Method, sender: str, reply_to: Collection[str], recipients: Collection[str]
) -> str:
    """Give whose word a mail is: its sender's, or the user's of the calendar service that sent it.

    iCloud and Google send invitations of some users under an address of their own. Such a mail is the word of
    the organiser (of the one attendee who answers) only if answers to it go to that person, or to the address
    that the service has put in the person's place; and never of somebody who only got it.
    """
    relays = relays_of(sender)
    if relays is None:
        return sender
    lines = component.properties().get("ATTENDEE" if method in _BY_ATTENDEES else "ORGANIZER", ())
    if len(lines) != 1:
        return sender
    claimed = claims(lines[0])
    own = sorted(one for one in claimed if one.rpartition("@")[2] not in relays)
    vouched = not claimed.isdisjoint(reply_to) or len(own) < len(claimed)
    return own[0] if vouched and len(own) == 1 and own[0] not in recipients else sender


def _refuses_because_away(component: Component, seen: MeetingSeen, subject: str) -> bool:
    """Tell a refusal that gives an absence as its reason, in its comment or subject; neither is kept."""
    if not any(one.answer is Answer.DECLINED for one in seen.attendees):
        return False
    properties = component.properties()
    comments = [line.value.replace("\\n", " ") for line in properties.get("COMMENT", ())]
    comments += [line.parameters.get("X-RESPONSE-COMMENT", "") for line in properties.get("ATTENDEE", ())]  # Google's
    # The title of the meeting is in the subject too, and is not theirs.
    title = bare_title(seen.summary)
    reason = subject.replace(title, " ") if title else subject
    return any(says_away(text) for text in (reason, *comments))
