"""The owner's calendar file as it would be exported now, and what is in it besides meetings with people."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import TYPE_CHECKING

from tests.practice.hours import OPENS, at_clock
from tests.practice.letters import OWNER, Mailbox
from tests.practice.meetings import ACCEPTED, Meeting
from tests.practice.stage import OWNERS_LEAVE
from tests.practice.vevents import PRODUCTS, calendar_text, event_lines, zone_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path
    from random import Random

    from tests.practice.stage import Stage

PRIVATE = ("Dentist", "Haircut", "Car: new tyres", "Tax adviser", "Parents' evening", "Flight HAM-MUC")
NOON = time(12)  # of an entry without a time: its date is the same in every zone nearby
AUNT = Mailbox("Aunt Erika", "erika.carter@web.de")  # is to think of a birthday, and known by nothing else
GUESTS = 200  # of a webinar
WEBINAR_GUESTS = tuple(Mailbox(f"Guest {number}", f"guest{number}@webinar-guests.example") for number in range(GUESTS))


def write_agenda(stage: Stage, path: Path) -> None:
    """Write the calendar file."""
    lines = [
        "BEGIN:VCALENDAR",
        f"PRODID:{PRODUCTS['google']}",
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    ]
    lines += [f"X-WR-CALNAME:{OWNER.address}", "X-WR-TIMEZONE:Europe/Berlin", *zone_lines("google")]
    for meeting in sorted(kept(stage), key=lambda meeting: (meeting.start, meeting.uid)):
        lines += event_lines(replace(meeting, software="google"), stage.now)  # whoever invited: it is Google's file
    path.write_bytes(calendar_text([*lines, "END:VCALENDAR"]).encode())


def kept(stage: Stage) -> list[Meeting]:
    """Give the meetings that are still in the calendar."""
    return [meeting for meeting in stage.meetings if meeting.kept]


def add_private_entries(stage: Stage) -> None:
    """Add what no relationship rests on: appointments, focus time, leave, a birthday, a webinar."""
    rng = stage.rng("private")
    stage.meetings += [_appointment(stage, rng, before) for before in range(20, stage.days, 24)]
    stage.meetings += [_focus(stage, rng), _birthday(stage, rng), _webinar(stage, rng)]
    stage.meetings += [_leave(stage, rng, first, last) for first, last in _absences(stage)]


def _entry(rng: Random, summary: str, start: datetime, length: timedelta, made: datetime) -> Meeting:
    uid = f"{rng.getrandbits(104):026x}@google.com"
    return Meeting(uid=uid, summary=summary, start=start, end=start + length, created=made, modified=made)


def _appointment(stage: Stage, rng: Random, before: int) -> Meeting:
    start = at_clock(stage.working_day(before), OPENS)
    return _entry(rng, rng.choice(PRIVATE), start, timedelta(hours=1), start - timedelta(days=12))


def _focus(stage: Stage, rng: Random) -> Meeting:
    day = stage.day(stage.days - 20)
    start = at_clock(day + timedelta(days=(1 - day.weekday()) % 7), OPENS)
    focus = _entry(rng, "Focus time", start, timedelta(hours=2), start - timedelta(days=3))
    focus.rule = "FREQ=WEEKLY;BYDAY=TU"
    return focus


def _absences(stage: Stage) -> Iterator[tuple[date, date]]:
    first, last = OWNERS_LEAVE
    yield stage.day(first), stage.day(last)
    for year in range(stage.start.year, stage.end.year + 1):
        if date(year, 12, 1) > stage.start.date():
            yield date(year, 12, 24), date(year + 1, 1, 1)


def _leave(stage: Stage, rng: Random, first: date, last: date) -> Meeting:
    start, made = at_clock(first, NOON), stage.start + timedelta(days=3)
    leave = _entry(rng, "Out of office", start, last - first + timedelta(days=1), made)
    leave.all_day = True
    return leave


def _birthday(stage: Stage, rng: Random) -> Meeting:
    start = at_clock(stage.day(190), NOON)
    birthday = _entry(rng, "Helga's birthday", start, timedelta(days=1), start - timedelta(days=60))
    birthday.all_day, birthday.busy, birthday.rule = True, False, "FREQ=YEARLY"
    birthday.organizer, birthday.attendees = OWNER, (OWNER, AUNT)
    birthday.answers = {OWNER.address: ACCEPTED, AUNT.address: ACCEPTED}
    return birthday


def _webinar(stage: Stage, rng: Random) -> Meeting:
    host = Mailbox("Consultants' Guild", "events@consultants-guild.example")
    start = at_clock(stage.working_day(30), OPENS)
    webinar = _entry(rng, "Webinar: pricing", start, timedelta(hours=1), start - timedelta(days=20))
    webinar.organizer = host
    webinar.attendees = (host, OWNER, *WEBINAR_GUESTS)
    webinar.answers = {who.address: ACCEPTED for who in webinar.attendees}
    return webinar
