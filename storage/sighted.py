"""From snapshots to sightings: what a look at a meeting proves, and as of when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.storage.copies import content_hash
from keepwarm.storage.identity import content_id
from keepwarm.storage.observations import Answer, MeetingSeen, MeetingStatus
from keepwarm.storage.sightings import Sighting

if TYPE_CHECKING:
    from datetime import datetime

_TOMORROW = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)


def first_seen(one: MeetingSeen, source: str, now: datetime) -> list[Sighting]:
    """Give what a first look at a copy proves.

    LAST-MODIFIED says since when it is as it is, or its start, if it was touched again later. CREATED says since when
    it exists; but only where SEQUENCE shows that it never moved is it known how it was then, and even then not who had
    answered.
    """
    written = _plausible(one.written_at, now) or now
    created = min(_plausible(one.created_at, now) or written, one.start)
    cancelled = one.status is MeetingStatus.CANCELLED
    planned = _unrecorded(one)
    never_moved = 0 <= one.sequence <= (1 if cancelled else 0)  # a cancellation counts as one step
    as_it_is = max(written if cancelled else min(written, one.start), created)
    found = [sighting_of(planned, source=source, at=as_it_is)]
    if (never_moved and created < as_it_is) or cancelled:
        made_at = created if never_moved and created < as_it_is else as_it_is - _MOMENT
        unanswered = tuple(replace(attendee, answer=Answer.NONE) for attendee in planned.attendees)
        made = replace(planned, status=MeetingStatus.CONFIRMED, sequence=0, attendees=unanswered)
        found.insert(0, sighting_of(made, source=source, at=made_at))
    if planned is not one and now >= one.end:
        found.append(sighting_of(one, source=source, at=max(written, one.end)))
    return found


def seen_again(one: MeetingSeen, source: str, now: datetime, before: datetime | None) -> Sighting:
    """Give what a changed copy shows, at the time when it was written, if that is later than what it showed before."""
    written = _plausible(one.written_at, now)
    at = written if written and (before is None or written > before) else now
    if at < one.end <= now and _unrecorded(one) is not one:
        at = now  # not every server dates the record anew
    return sighting_of(one, source=source, at=at)


def _unrecorded(one: MeetingSeen) -> MeetingSeen:
    """Give a snapshot without its record of who attended, which nobody could know before the meeting was over."""
    if all(attendee.attended is None for attendee in one.attendees):
        return one
    return replace(one, attendees=tuple(replace(attendee, attended=None) for attendee in one.attendees))


def _recorded(one: MeetingSeen, *, attended: bool) -> tuple[str, ...]:
    return tuple(attendee.address for attendee in one.attendees if attendee.person and attendee.attended is attended)


def _plausible(written: datetime | None, now: datetime) -> datetime | None:
    return written if written is not None and written <= now + _TOMORROW else None


def sighting_of(one: MeetingSeen, *, source: str, at: datetime) -> Sighting:
    """Give the sighting of a snapshot; its ref is made of the contents."""
    sighting = Sighting(
        ref="",
        at=at,
        source=source,
        method=one.method,
        sent_by=one.sent_by,
        sequence=one.sequence,
        start=one.start,
        end=one.end,
        all_day=one.all_day,
        busy=one.busy,
        away=one.away,
        online=one.online,
        status=one.status,
        summary=one.summary,
        organizer=one.organizer.address if one.organizer else "",
        agent=one.agent,
        answers=tuple((attendee.address, attendee.answer) for attendee in one.attendees if attendee.person),
        absent=_recorded(one, attended=False),
        came=_recorded(one, attended=True),
        pattern=one.pattern,
        zone=one.zone,
        recurrence_id=one.recurrence_id,
    )
    parts = (
        one.ical_uid,
        one.recurrence_id,
        source,
        one.method,
        one.sent_by,
        at.isoformat(),
        content_hash(one),
    )
    return replace(sighting, ref=content_id("s", *parts))
