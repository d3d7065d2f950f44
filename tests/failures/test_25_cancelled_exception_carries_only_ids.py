"""A cancelled occurrence came with its ids and nothing else, and was emptied: it is filled in from its series."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from keepwarm.connectors.imip import meetings_in
from keepwarm.connectors.series import Window
from keepwarm.connectors.shelf import Shelf
from keepwarm.storage.observations import Answer, MeetingSeen, MeetingStatus, Method
from keepwarm.storage.revisions import Change, revisions
from keepwarm.storage.sighted import sighting_of

SAM, ANA = "sam@carter.example", "ana@acme.example"
BERLIN = ZoneInfo("Europe/Berlin")
WINDOW = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
AT = datetime(2026, 2, 1, 9, tzinfo=UTC)
PEOPLE = f"ORGANIZER:mailto:{ANA}\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{SAM}\n"
SERIES = (
    "BEGIN:VEVENT\nUID:w\nSUMMARY:Weekly\nDTSTART;TZID=Europe/Berlin:20260302T090000\nDURATION:PT45M\n"
    f"RRULE:FREQ=WEEKLY;COUNT=4\n{PEOPLE}END:VEVENT\n"
)
IDS = (
    "RECURRENCE-ID:20260309T080000Z",
    "RECURRENCE-ID;TZID=Europe/Berlin:20260309T090000",
    "RECURRENCE-ID;VALUE=DATE:20260309",
)


def shelved(*events: str) -> list[MeetingSeen]:
    shelf = Shelf(WINDOW, BERLIN)
    for number, event in enumerate(events):
        shelf.put(f"{number}.ics", io.BytesIO(f"BEGIN:VCALENDAR\n{event}END:VCALENDAR\n".encode()))
    assert not shelf.rejected
    return [seen for meetings, _ in shelf.meetings() for seen in meetings]


@pytest.mark.parametrize("ids", IDS)
def test_a_calendars_exception_with_only_ids_has_the_times_and_people_of_its_series(ids: str) -> None:
    bare = f"BEGIN:VEVENT\nUID:w\n{ids}\nSTATUS:CANCELLED\nSEQUENCE:1\nEND:VEVENT\n"
    found = {seen.recurrence_id: seen for seen in shelved(SERIES, bare)}
    assert len(found) == 5
    dropped = found["20260309T080000Z"]
    assert (dropped.status, dropped.summary) == (MeetingStatus.CANCELLED, "Weekly")
    assert (dropped.start, dropped.end - dropped.start) == (datetime(2026, 3, 9, 8, tzinfo=UTC), timedelta(minutes=45))
    assert [one.address for one in dropped.attendees] == [SAM]


def mailed(method: str, event: str, day: int, sent_by: str = ANA) -> list[MeetingSeen]:
    data = f"BEGIN:VCALENDAR\nMETHOD:{method}\nBEGIN:VEVENT\n{event}\nEND:VEVENT\nEND:VCALENDAR\n".encode()
    return list(meetings_in(data, source_key=f"{day}", sent_by=sent_by, at=AT + timedelta(days=day)))


def life(*mails: list[MeetingSeen]) -> list[tuple[Change, datetime]]:
    sightings = [sighting_of(seen, source=seen.source_key, at=seen.written_at or AT) for one in mails for seen in one]
    return [(one.change, one.start) for one in revisions(sightings, owner=frozenset({SAM}))]


def test_a_mailed_cancellation_with_only_ids_cancels_what_is_known_at_its_times() -> None:
    times = "DTSTART:20260309T080000Z\nDURATION:PT45M\n"
    invited = mailed("REQUEST", f"UID:m\n{times}{PEOPLE}", 0)
    for ids in ("UID:m\nSEQUENCE:1", f"UID:m\nSEQUENCE:1\nORGANIZER:mailto:{ANA}"):
        dropped = mailed("CANCEL", ids, 1)
        assert [change for change, _ in life(invited, dropped)] == [Change.CREATED, Change.CANCELLED]
        assert {start for _, start in life(dropped, invited)} == {datetime(2026, 3, 9, 8, tzinfo=UTC)}


def test_a_mailed_cancellation_with_only_ids_of_an_unknown_meeting_is_nothing() -> None:
    assert life(mailed("CANCEL", f"UID:m\nORGANIZER:mailto:{ANA}", 1)) == []


def test_an_answer_with_only_ids_answers_the_times_that_hold() -> None:
    invited = mailed("REQUEST", f"UID:m\nDTSTART:20260309T080000Z\nDURATION:PT45M\nSEQUENCE:1\n{PEOPLE}", 0)
    said = mailed("REPLY", f"UID:m\nSEQUENCE:1\nATTENDEE;PARTSTAT=DECLINED:mailto:{SAM}", 1, SAM)
    former = mailed("REPLY", f"UID:m\nSEQUENCE:0\nATTENDEE;PARTSTAT=DECLINED:mailto:{SAM}", 1, SAM)
    assert [change for change, _ in life(invited, said)] == [Change.CREATED, Change.DECLINED]
    assert [change for change, _ in life(invited, former)] == [Change.CREATED]
    assert [one.answer for one in said[0].attendees] == [Answer.DECLINED]
    assert said[0].method is Method.REPLY
