"""Cases 24 and 25, at Google: an exception carries only its ids; "this and following" splits a series."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from keepwarm.storage.observations import Answer, MeetingStatus
from tests.google import START, calendar_of, event, meetings, moment, poll

if TYPE_CHECKING:
    from tests.servers.google import Google

ME, ANA = "me@example.com", "ana@acme.example"
WEEK = timedelta(weeks=1)
PEOPLE = {
    "organizer": {"email": ANA, "displayName": "Ana Brandt"},
    "attendees": [
        {"email": ANA, "organizer": True, "responseStatus": "accepted"},
        {"email": ME, "self": True, "responseStatus": "needsAction"},
    ],
}


def weekly(name: str = "weekly", rule: str = "RRULE:FREQ=WEEKLY;COUNT=4", **others: Any) -> dict[str, Any]:
    return event(name, recurrence=[rule], **{**PEOPLE, **others})


def exception(week: int, **others: Any) -> dict[str, Any]:
    original = START + week * WEEK
    ids = {"recurringEventId": "weekly", "originalStartTime": moment(original), "iCalUID": "weekly@google.com"}
    return {**event(f"weekly_{original:%Y%m%dT%H%M%SZ}", original, **PEOPLE), **ids, **others}


def key(week: int) -> str:
    return f"weekly/{START + week * WEEK:%Y%m%dT%H%M%SZ}"


@pytest.fixture
def series(google: Google) -> Google:
    google.calendars.add(ME)
    google.calendars.put(ME, weekly())
    google.calendars.put(ME, exception(1))
    return google


def test_only_ids_are_filled_in_from_the_series(series: Google) -> None:
    connector = calendar_of(series)
    cursor = poll(connector)[-1].cursor
    series.calendars.delete(ME, exception(1)["id"])
    assert "iCalUID" not in series.calendars.calendars[ME].events[exception(1)["id"]]
    found = meetings(poll(connector, cursor))
    dropped = found[key(1)]
    assert (dropped.status, dropped.summary) == (MeetingStatus.CANCELLED, "Meeting weekly")
    assert (dropped.start, dropped.end) == (START + WEEK, START + WEEK + timedelta(hours=1))
    assert dropped.ical_uid == "weekly@google.com"
    assert [one.address for one in dropped.attendees] == [ANA, ME]
    assert {one.status for name, one in found.items() if name != key(1)} == {MeetingStatus.CONFIRMED}


def test_a_series_that_changed_is_claimed_whole(series: Google) -> None:
    connector = calendar_of(series)
    cursor = poll(connector)[-1].cursor
    series.calendars.put(ME, exception(2, start=moment(START + 2 * WEEK + timedelta(hours=3)), sequence=1))
    batches = poll(connector, cursor)
    assert [scope.within for batch in batches for scope in batch.complete] == ["weekly/"]
    moved = meetings(batches)[key(2)]
    assert (moved.start, moved.sequence) == (START + 2 * WEEK + timedelta(hours=3), 1)


def test_a_single_occurrence_of_somebodys_series_is_a_meeting_until_it_is_deleted(google: Google) -> None:
    google.calendars.add(ME)
    google.calendars.put(ME, event("other"))
    connector = calendar_of(google)
    cursor = poll(connector)[-1].cursor
    google.calendars.put(ME, exception(1))
    shown = poll(connector, cursor)
    assert set(meetings(shown)) == {key(1)}
    assert [scope for batch in shown for scope in batch.complete] == []
    google.calendars.delete(ME, exception(1)["id"])
    gone = poll(connector, shown[-1].cursor)
    assert [one.source_key for batch in gone for one in batch.gone] == [key(1)]


def test_this_and_following_is_the_end_of_one_series_and_the_beginning_of_another(series: Google) -> None:
    connector = calendar_of(series)
    cursor = poll(connector)[-1].cursor
    split = START + 2 * WEEK
    series.calendars.put(ME, weekly(rule=f"RRULE:FREQ=WEEKLY;UNTIL={split - timedelta(seconds=1):%Y%m%dT%H%M%SZ}"))
    following = weekly(f"weekly_R{split:%Y%m%dT%H%M%S}", rule="RRULE:FREQ=WEEKLY;COUNT=2")
    series.calendars.put(ME, {**following, "start": moment(split), "end": moment(split + timedelta(hours=1))})
    batches = poll(connector, cursor)
    found = meetings(batches)
    assert {one.start for name, one in found.items() if name.startswith("weekly/")} == {START, START + WEEK}
    assert {one.start for name, one in found.items() if name.startswith("weekly_R")} == {split, split + WEEK}
    assert all(one.status is MeetingStatus.CONFIRMED for one in found.values())
    assert not [one for batch in batches for one in batch.gone]


def test_answers_are_those_of_the_occurrence(series: Google) -> None:
    declined = [{"email": ANA, "organizer": True, "responseStatus": "declined"}]
    series.calendars.put(ME, exception(2, attendees=declined))
    found = meetings(poll(calendar_of(series)))
    assert [one.answer for one in found[key(2)].attendees] == [Answer.DECLINED]
    assert [one.answer for one in found[key(3)].attendees] == [Answer.ACCEPTED, Answer.NONE]
