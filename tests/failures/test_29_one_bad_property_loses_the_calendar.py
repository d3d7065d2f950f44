"""One bad property of one event lost a whole calendar: it costs itself, or its event, and no more."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from keepwarm.connectors.calendar_parts import find_calendar_part
from keepwarm.connectors.mail import observe
from keepwarm.connectors.series import Window
from keepwarm.connectors.shelf import Shelf

if TYPE_CHECKING:
    from keepwarm.storage.observations import MeetingSeen

WINDOW = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
HARMLESS = [
    "SEQUENCE:many",
    "CREATED:0000",
    "LAST-MODIFIED:16010101T000000Z",
    "STATUS:MAYBE",
    "TRANSP:",
    "ATTENDEE;PARTSTAT=PERHAPS:mailto:jo@acme.example",
    "ATTENDEE:nobody",
    "ORGANIZER:",
    "GEO:nowhere",
    "ATTACH;FMTTYPE=x:\x00\x01",
    "no colon",
    ";:",
    "X-MICROSOFT-CDO-BUSYSTATUS:\u202eOOF?",
    "TRIGGER:soon",
]
FATAL = [
    "DTSTART:20261340T000000",
    "DTEND:tomorrow",
    "DURATION:an hour",
    "RRULE:every monday",
    "RRULE:FREQ=WEEKLY;UNTIL=never",
    "RDATE:19000101T000000Z",
    "EXDATE:-",
    "RECURRENCE-ID:now",
]


def event(uid: str, bad: str = "") -> str:
    start = "" if bad.startswith("DTSTART") else "DTSTART:20260302T090000Z\n"
    end = "" if bad.startswith(("DTEND", "DURATION")) else "DTEND:20260302T100000Z\n"
    return f"BEGIN:VEVENT\nUID:{uid}\n{bad}\n{start}{end}END:VEVENT\n"


def shelf(*events: str) -> tuple[Shelf, list[MeetingSeen]]:
    shelf = Shelf(WINDOW, ZoneInfo("Europe/Berlin"))
    shelf.put("work.ics", io.BytesIO(f"BEGIN:VCALENDAR\n{''.join(events)}END:VCALENDAR\n".encode()))
    return shelf, [seen for meetings, _ in shelf.meetings() for seen in meetings]


@pytest.mark.parametrize("bad", HARMLESS)
def test_a_bad_property_that_nothing_hangs_on_costs_itself(bad: str) -> None:
    read, seen = shelf(event("a"), event("b", bad), event("c"))
    assert [one.ical_uid for one in seen] == ["a", "b", "c"]
    assert read.rejected == []


@pytest.mark.parametrize("bad", FATAL)
def test_a_bad_property_that_the_times_hang_on_costs_its_event_and_says_where(bad: str) -> None:
    read, seen = shelf(event("a"), event("b", bad), event("c"))
    assert [one.ical_uid for one in seen] == ["a", "c"]
    ((rejected),) = read.rejected
    assert (rejected.source_key, rejected.where) == ("b/", "work.ics, line 8")
    assert read.whole


@pytest.mark.parametrize("bad", FATAL)
def test_a_bad_event_of_a_mail_costs_itself_and_is_noted(bad: str) -> None:
    calendar = f"BEGIN:VCALENDAR\nMETHOD:REQUEST\n{event('a')}{event('b', bad)}{event('c')}END:VCALENDAR\n"
    raw = f"From: ana@acme.example\nContent-Type: text/calendar\n\n{calendar}".encode()
    message, rejected = observe(
        raw,
        source_key="7",
        where="INBOX, 7",
        stored_at=datetime(2026, 2, 1, tzinfo=UTC),
        size=len(raw),
        calendar_part=find_calendar_part(raw),
    )
    assert message is not None
    assert [seen.ical_uid for seen in message.meetings] == ["a", "c"]
    assert rejected is not None
    assert rejected.where == "INBOX, 7"
