"""Events as iCalendar text, in the manner of Google and of Outlook (RFC 5545)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.practice.hours import ZONE
from tests.practice.letters import OWNER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from tests.practice.letters import Mailbox
    from tests.practice.meetings import Meeting

PRODUCTS = {
    "google": "-//Google Inc//Google Calendar 70.9054//EN",
    "outlook": "Microsoft Exchange Server 2010",
}
ZONE_IDS = {"google": "Europe/Berlin", "outlook": "W. Europe Standard Time"}


def calendar_text(lines: Iterable[str]) -> str:
    """Fold content lines at 75 octets (RFC 5545, 3.1) and join them."""
    return "".join(f"{_fold(line)}\r\n" for line in lines)


def _fold(line: str) -> str:
    if len(line.encode()) <= 75:
        return line
    pieces, piece, room = [], "", 75
    for character in line:
        if len((piece + character).encode()) > room:
            pieces.append(piece)
            piece, room = "", 74
        piece += character
    return "\r\n ".join([*pieces, piece])


def escaped(text: str) -> str:
    """Escape a TEXT value (RFC 5545, 3.3.11)."""
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def utc(moment: datetime) -> str:
    """Write a moment in UTC, as in 20260301T090000Z."""
    return moment.strftime("%Y%m%dT%H%M%SZ")


def zone_lines(software: str) -> list[str]:
    """Give the VTIMEZONE of Berlin under the name that the program gives it."""
    halves = (
        ("DAYLIGHT", "+0100", "+0200", "19700329T020000", "3"),
        ("STANDARD", "+0200", "+0100", "19701025T030000", "10"),
    )
    lines = ["BEGIN:VTIMEZONE", f"TZID:{ZONE_IDS[software]}"]
    for half, before, after, first, month in halves:
        lines += [
            f"BEGIN:{half}",
            f"TZOFFSETFROM:{before}",
            f"TZOFFSETTO:{after}",
            f"DTSTART:{first}",
        ]
        lines += [f"RRULE:FREQ=YEARLY;BYMONTH={month};BYDAY=-1SU", f"END:{half}"]
    return [*lines, "END:VTIMEZONE"]


def time_line(name: str, moment: datetime, meeting: Meeting) -> str:
    """Write a property that holds a time, the way the meeting's program does."""
    local = moment.astimezone(ZONE)
    if meeting.all_day:
        return f"{name};VALUE=DATE:{local:%Y%m%d}"
    if meeting.software == "google" and not meeting.rule and meeting.original_start is None:
        return f"{name}:{utc(moment)}"
    return f"{name};TZID={ZONE_IDS[meeting.software]}:{local:%Y%m%dT%H%M%S}"


def person_line(name: str, who: Mailbox, *parameters: str) -> str:
    """Write an ORGANIZER or ATTENDEE."""
    common_name = f'CN="{who.name}"' if set(who.name) & set(",;:") else f"CN={who.name}"
    return f"{';'.join((name, *parameters, common_name))}:mailto:{who.address}"


def _attendee_lines(meeting: Meeting, only: Mailbox | None) -> Iterator[str]:
    for who in meeting.attendees if only is None else (only,):
        if meeting.software == "outlook" and who == meeting.organizer and only is None:
            continue  # Outlook does not list the organiser among the attendees
        answer = meeting.answers.get(who.address, "NEEDS-ACTION")
        if meeting.software == "outlook":
            yield person_line("ATTENDEE", who, "ROLE=REQ-PARTICIPANT", f"PARTSTAT={answer}", "RSVP=TRUE")
        else:
            kind = ("CUTYPE=INDIVIDUAL", "ROLE=REQ-PARTICIPANT", f"PARTSTAT={answer}", "RSVP=TRUE")
            yield person_line("ATTENDEE", who, *kind)
    if meeting.room and only is None:
        yield (
            f"ATTENDEE;CUTYPE=RESOURCE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN={meeting.room}"
            f":mailto:room-{meeting.room.lower()}@{OWNER.domain}"
        )


def _habit_lines(meeting: Meeting) -> list[str]:
    """Give what programs add of their own."""
    if meeting.software == "outlook":
        return [
            "CLASS:PUBLIC",
            "PRIORITY:5",
            f"X-MICROSOFT-CDO-APPT-SEQUENCE:{meeting.sequence}",
            "X-MICROSOFT-CDO-INTENDEDSTATUS:BUSY",
            "X-MICROSOFT-CDO-IMPORTANCE:1",
            "X-MICROSOFT-DISALLOW-COUNTER:FALSE",
        ]
    return [f"CREATED:{utc(meeting.created)}", f"LAST-MODIFIED:{utc(meeting.modified)}"]


def event_lines(
    meeting: Meeting,
    stamp: datetime,
    *,
    only: Mailbox | None = None,
    proposal: tuple[datetime, datetime] | None = None,
    status: str = "",
    comment: str = "",
) -> list[str]:
    """Write a meeting as a VEVENT.

    ``only`` names the attendee of a REPLY or COUNTER, ``proposal`` the start and end that a COUNTER asks for,
    ``status`` stands in for the meeting's own, ``comment`` says why somebody answers so.
    """
    start, end = proposal or (meeting.start, meeting.end)
    lines = ["BEGIN:VEVENT"]
    lines += [time_line("DTSTART", start, meeting), time_line("DTEND", end, meeting)]
    if meeting.rule:
        lines.append(f"RRULE:{meeting.rule}")
    lines += [time_line("EXDATE", moment, meeting) for moment in meeting.dropped]
    lines += [f"DTSTAMP:{utc(stamp)}", f"UID:{meeting.uid}"]
    if meeting.original_start is not None:
        lines.append(time_line("RECURRENCE-ID", meeting.original_start, meeting))
    if meeting.organizer is not None:
        lines.append(person_line("ORGANIZER", meeting.organizer))
    lines += _attendee_lines(meeting, only)
    if proposal is not None and meeting.software == "outlook":
        lines.append(f"X-MS-OLK-ORIGINALSTART:{utc(meeting.start)}")
    lines += _habit_lines(meeting)
    if comment:
        lines.append(f"COMMENT:{escaped(comment)}")
    if meeting.location:
        lines.append(f"LOCATION:{escaped(meeting.location)}")
    lines += [f"SEQUENCE:{meeting.sequence}", f"STATUS:{status or meeting.status}"]
    lines += [f"SUMMARY:{escaped(meeting.summary)}", f"TRANSP:{'OPAQUE' if meeting.busy else 'TRANSPARENT'}"]
    return [*lines, "END:VEVENT"]
