"""What a calendar server and a mailbox show of the world, as the bytes that they would give."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from tests.model.operations import ANA, BOB, ME
from tests.model.world import ALL, ZONE
from tests.practice.vevents import calendar_text, utc, zone_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.model.world import Mail, Meeting, Part

_NAMES = {ME: "Sam", ANA: "Ana", BOB: "Bob"}


def calendar(meeting: Meeting, stamp: datetime) -> str:
    """Write all of a meeting as one iCalendar object; ``stamp`` is when it is asked for."""
    lines = [line for week in (ALL, *sorted(meeting.one)) for line in _event(meeting, week, stamp)]
    return _wrapped(lines)


def mail(sent: Mail) -> bytes:
    """Write a mail."""
    head = [
        f"From: {sent.author}",
        f"To: {', '.join(sent.to)}",
        f"Date: {format_datetime(sent.at)}",
        f"Message-ID: <{sent.key}>",
        "MIME-Version: 1.0",
    ]
    if not sent.method:
        thread = f"<{sent.answers}>"
        head += [f"In-Reply-To: {thread}", f"References: {thread}", "Subject: Re: Meeting"]
        return "\r\n".join([*head, "Content-Type: text/plain", "", "Hello.", ""]).encode()
    text = _wrapped([line for week in sent.weeks for line in _sent_event(sent, week)], sent.method)
    kind = f"Content-Type: text/calendar; charset=utf-8; method={sent.method}"
    return "\r\n".join([*head, "Subject: Meeting", kind, "", text]).encode()


def _wrapped(lines: list[str], method: str = "") -> str:
    begin = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//The world//EN", *([f"METHOD:{method}"] if method else [])]
    return calendar_text([*begin, *zone_lines("google"), *lines, "END:VCALENDAR"])


def _event(meeting: Meeting, week: int | None, stamp: datetime) -> Iterator[str]:
    part = meeting.part(week)
    yield from _begun(meeting, week, part.start, part)
    if week is ALL and meeting.weeks:
        yield from _rule(meeting)
    for who, said in part.answers.items():
        yield _attendee(who, said)
    yield f"DTSTAMP:{utc(stamp)}"
    yield f"CREATED:{utc(meeting.created)}"
    yield f"LAST-MODIFIED:{utc(part.changed)}"
    yield from _ended(meeting, part)


def _sent_event(sent: Mail, week: int | None) -> Iterator[str]:
    meeting = sent.state
    assert meeting is not None
    part = meeting.part(week)
    yield from _begun(meeting, week, sent.proposed or part.start, part)
    if week is ALL and meeting.weeks:
        yield from _rule(meeting)
    for who, said in part.answers.items():
        if who == sent.only or not sent.only:
            # An organiser does not pass on what others answered, as with Outlook.
            yield _attendee(who, said if who in (sent.only, sent.author) else "needs-action")
    yield f"DTSTAMP:{utc(sent.at)}"
    yield from _ended(meeting, part)


def _begun(meeting: Meeting, week: int | None, start: datetime, part: Part) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{meeting.uid}"
    yield _local("DTSTART", start)
    yield _local("DTEND", start + part.length)
    if week is not ALL:
        yield _local("RECURRENCE-ID", meeting.original(week))
    yield f"ORGANIZER;CN={_NAMES[meeting.organizer]}:mailto:{meeting.organizer}"


def _rule(meeting: Meeting) -> Iterator[str]:
    if meeting.ended:
        until = meeting.original(meeting.weeks - 1).replace(tzinfo=ZONE).astimezone(UTC)
        yield f"RRULE:FREQ=WEEKLY;UNTIL={utc(until)}"
    else:
        yield f"RRULE:FREQ=WEEKLY;COUNT={meeting.weeks}"
    for week in sorted(meeting.dropped):
        yield _local("EXDATE", meeting.original(week))


def _ended(meeting: Meeting, part: Part) -> Iterator[str]:
    yield f"SEQUENCE:{part.sequence}"
    yield f"STATUS:{'CANCELLED' if part.cancelled else 'CONFIRMED'}"
    yield f"SUMMARY:Meeting {meeting.number}"
    yield "END:VEVENT"


def _local(name: str, moment: datetime) -> str:
    return f"{name};TZID=Europe/Berlin:{moment:%Y%m%dT%H%M%S}"


def _attendee(who: str, said: str) -> str:
    return f"ATTENDEE;CN={_NAMES[who]};ROLE=REQ-PARTICIPANT;PARTSTAT={said.upper()};RSVP=TRUE:mailto:{who}"
