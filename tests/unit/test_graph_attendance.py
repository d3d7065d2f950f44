"""Attendance reports of Teams: they prove who came, and that somebody did not only where nothing else is possible."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from keepwarm.connectors.contract import Later, Refused
from keepwarm.connectors.graph_attendance import MOST_REPORTS, STREAM
from keepwarm.storage.tables import meeting_revision
from tests.microsoft import ME, START, Reading, attendee, keys, pull
from tests.servers.graph import READ_BASIC, TOKEN, error
from tests.servers.graph_calendar import uid
from tests.servers.graph_calls import came, online

if TYPE_CHECKING:
    from pathlib import Path

    from keepwarm.storage.observations import Batch, Cursor
    from tests.microsoft import Microsoft

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ANA, BEN = "ana@acme.example", "ben@acme.example"
LATER = START + 5 * HOUR


def meeting(microsoft: Microsoft, start: datetime = START, **more: Any) -> str:
    guests = [{**attendee(ANA), **named(ANA, "Ana Lenz")}, {**attendee(BEN), **named(BEN, "Ben Ott")}]
    return microsoft.calendars.add(start, attendees=guests, **{**online("one"), **more})


def named(address: str, name: str) -> dict[str, Any]:
    return {"emailAddress": {"address": address, "name": name}}


def me() -> dict[str, Any]:
    return came("x17@corp.example", "Me", role="Organizer")


def read(microsoft: Microsoft, now: datetime = LATER, cursor: Cursor | None = None) -> list[Batch]:
    return pull(microsoft.attendance(now), cursor, STREAM)


def who(batches: list[Batch]) -> dict[str, bool | None]:
    return {one.address: one.attended for batch in batches for seen in batch.seen for one in seen.attendees}


def test_who_came_and_who_did_not(microsoft: Microsoft) -> None:
    meeting(microsoft)
    microsoft.calls.hold("one", START, START + HOUR, [me(), came(ANA.upper(), "Ana")])
    [batch] = read(microsoft)
    assert who([batch]) == {ME: True, ANA: True, BEN: False}
    [seen] = batch.seen
    assert (seen.ical_uid, seen.start, seen.end) == (uid(1), START, START + HOUR)
    assert seen.written_at is not None
    assert seen.written_at.replace(microsecond=0) == START + HOUR


def test_a_sign_in_name_is_no_address_so_names_count_too(microsoft: Microsoft) -> None:
    meeting(microsoft)
    microsoft.calls.hold("one", START, START + HOUR, [me(), came("al17@corp.example", "Ana  LENZ")])
    assert who(read(microsoft)) == {ME: True, ANA: True, BEN: False}


DOUBTS: dict[str, Any] = {
    "somebody unknown": {"people": [came(ANA), came("", "iPhone")]},
    "somebody who is counted but not listed": {"hidden": 1},
    "nobody waited": {"end": START + 5 * timedelta(minutes=1)},
    "a room": {"event": {"locations": [{"displayName": "Room 4", "locationType": "conferenceRoom"}]}},
    "a call of another kind": {"event": {"locations": [{"displayName": "https://zoom.example/j/1"}]}},
}


@pytest.mark.parametrize("name", DOUBTS)
def test_what_leaves_a_doubt_accuses_nobody(microsoft: Microsoft, name: str) -> None:
    doubt = DOUBTS[name]
    meeting(microsoft, **doubt.get("event", {}))
    people = [me(), *doubt.get("people", [came(ANA)])]
    microsoft.calls.hold("one", START, doubt.get("end", START + HOUR), people, hidden=doubt.get("hidden", 0))
    assert who(read(microsoft)) == {ME: True, ANA: True, BEN: None}


MINUTE = timedelta(minutes=1)
OTHER_CALLS: dict[str, tuple[timedelta, timedelta]] = {
    "it was held later": (HOUR, 2 * HOUR),
    "it was held before": (-2 * HOUR, -HOUR),
}


@pytest.mark.parametrize("name", OTHER_CALLS)
def test_who_came_to_a_call_at_another_time_did_not_stay_away(microsoft: Microsoft, name: str) -> None:
    begin, end = OTHER_CALLS[name]
    meeting(microsoft)
    microsoft.calls.hold("one", START, START + 15 * MINUTE, [me(), came(ANA)])
    microsoft.calls.hold("one", START + begin, START + end, [me(), came(ANA), came(BEN)])
    assert who(read(microsoft, START + 9 * HOUR)) == {ME: True, ANA: True, BEN: None}


def test_a_call_on_another_day_leaves_no_doubt(microsoft: Microsoft) -> None:
    meeting(microsoft)
    microsoft.calls.hold("one", START - DAY, START - DAY + HOUR, [me(), came(BEN)])
    microsoft.calls.hold("one", START, START + HOUR, [me(), came(ANA)])
    assert who(read(microsoft)) == {ME: True, ANA: True, BEN: False}


def test_who_need_not_come_is_not_missed(microsoft: Microsoft) -> None:
    guests = [{**attendee(ANA), **named(ANA, "Ana Lenz")}, {**attendee(BEN), "type": "optional"}]
    microsoft.calendars.add(START, attendees=guests, **online("one"))
    microsoft.calls.hold("one", START, START + HOUR, [me(), came(ANA)])
    assert who(read(microsoft)) == {ME: True, ANA: True, BEN: None}


WAITS: dict[str, tuple[timedelta, timedelta, bool | None]] = {
    "from before the beginning on": (-10 * MINUTE, 11 * MINUTE, False),
    "before the beginning only": (-20 * MINUTE, 5 * MINUTE, None),
    "in a call that began late": (6 * MINUTE, HOUR, None),
    "for less than ten minutes": (4 * MINUTE, 12 * MINUTE, None),
}


@pytest.mark.parametrize("name", WAITS)
def test_only_a_call_that_began_in_time_and_went_on_proves_an_absence(microsoft: Microsoft, name: str) -> None:
    begin, end, expected = WAITS[name]
    meeting(microsoft)
    microsoft.calls.hold("one", START + begin, START + end, [me(), came(ANA)])
    assert who(read(microsoft)) == {ME: True, ANA: True, BEN: expected}


def test_reports_belong_to_the_occurrence_of_their_time(microsoft: Microsoft) -> None:
    guests = [attendee(ANA), attendee(BEN)]
    microsoft.calendars.add_series(START, count=3, attendees=guests, **online("one"))
    microsoft.calls.hold("one", START, START + HOUR, [me(), came(ANA)])
    microsoft.calls.hold("one", START + 7 * DAY, START + 7 * DAY + HOUR, [me(), came(BEN)])
    microsoft.calls.hold("one", START + 7 * DAY + HOUR / 2, START + 7 * DAY + HOUR, [came(ANA)])  # left, and again
    batches = read(microsoft, LATER + 15 * DAY)
    told = {seen.recurrence_id: who([batch]) for batch in batches for seen in batch.seen}
    assert told == {
        f"{START:%Y%m%dT%H%M%SZ}": {ME: True, ANA: True, BEN: False},
        f"{START + 7 * DAY:%Y%m%dT%H%M%SZ}": {ME: True, ANA: True, BEN: True},
    }
    assert {seen.ical_uid for batch in batches for seen in batch.seen} == {uid(1)}


def test_of_more_calls_than_are_listed_none_proves_an_absence(microsoft: Microsoft) -> None:
    meeting(microsoft)
    for number in range(MOST_REPORTS + 2):
        at = START + number * timedelta(minutes=4)
        microsoft.calls.hold("one", at, at + timedelta(minutes=3), [me(), came(ANA if number else BEN)])
    assert who(read(microsoft)) == {ME: True, ANA: True, BEN: None}


def test_nothing_is_told_before_all_reports_are_there(microsoft: Microsoft) -> None:
    meeting(microsoft)
    microsoft.calls.hold("one", START, START + HOUR, [me(), came(ANA)])
    assert read(microsoft, START + 2 * HOUR) == []


def test_only_meetings_of_the_owners_own_are_asked_for(microsoft: Microsoft) -> None:
    meeting(microsoft, isOrganizer=False, organizer=named(ANA, "Ana"))
    meeting(microsoft, isCancelled=True)
    meeting(microsoft, isOnlineMeeting=False, onlineMeeting=None)
    assert keys(read(microsoft)) == []
    assert microsoft.graph.paths() == ["/me/calendarView"]


def test_what_cannot_be_had_of_one_meeting_keeps_no_other(microsoft: Microsoft) -> None:
    meeting(microsoft, **online("foreign"))
    meeting(microsoft, START + HOUR, **online("expired"))
    last = meeting(microsoft, START + 2 * HOUR)
    microsoft.calls.hold("foreign", START, START + HOUR, [me()])
    microsoft.calls.foreign.add("online-foreign")
    microsoft.calls.hold("one", START + 2 * HOUR, START + 3 * HOUR, [me(), came(ANA)])
    assert keys(read(microsoft, START + 9 * HOUR)) == [f"attendance:{last}"]


def test_each_meeting_is_looked_at_once_and_a_poll_with_nothing_new_is_one_request(microsoft: Microsoft) -> None:
    for number in range(3):
        meeting(microsoft, START + number * HOUR)
        at = START + number * HOUR
        microsoft.calls.hold("one", at, at + HOUR, [me(), came(ANA)])
    [*_, last] = read(microsoft, START + 9 * HOUR)
    microsoft.graph.paths()
    assert read(microsoft, START + 10 * HOUR, last.cursor) == []
    assert microsoft.graph.paths() == ["/me/calendarView"]
    late = meeting(microsoft, START + 7 * HOUR)
    microsoft.calls.hold("one", START + 7 * HOUR, START + 8 * HOUR, [me(), came(ANA)])
    assert keys(read(microsoft, START + 12 * HOUR, last.cursor)) == [f"attendance:{late}"]


@pytest.mark.parametrize("apart", [0, 1])
def test_a_reading_that_broke_off_goes_on_where_it_was(microsoft: Microsoft, apart: int) -> None:
    for number in range(3):
        at = START + number * apart * HOUR
        meeting(microsoft, at)
        microsoft.calls.hold("one", at, at + HOUR, [me(), came(ANA)])
    connector = microsoft.attendance(START + 9 * HOUR)
    [stream] = connector.streams()
    pulled = connector.pull(stream, None)
    first = next(pulled)
    microsoft.graph.next.append(error(503, "serviceNotAvailable"))
    with pytest.raises(Later):
        list(pulled)
    rest = read(microsoft, START + 9 * HOUR, first.cursor)
    assert len(keys([first, *rest])) == len(set(keys([first, *rest]))) == 3


def test_a_permission_that_is_missing_is_told(microsoft: Microsoft) -> None:
    meeting(microsoft)
    connector = microsoft.attendance(LATER)
    microsoft.graph.scopes_of[TOKEN] = READ_BASIC
    with pytest.raises(Refused, match=r"OnlineMeetings\.Read"):
        pull(connector, None, STREAM)


@pytest.mark.parametrize("calendar_first", [True, False])
def test_who_stayed_away_is_a_no_show_of_that_meeting(
    microsoft: Microsoft, tmp_path: Path, calendar_first: bool
) -> None:
    meeting(microsoft)
    microsoft.calls.hold("one", START, START + HOUR, [me(), came(ANA)])
    reading = Reading(tmp_path)
    readers = [(microsoft.calendar(), "calendar"), (microsoft.attendance(LATER), STREAM)]
    for connector, stream in readers if calendar_first else readers[::-1]:
        reading.poll(connector, stream, LATER)
    assert reading.store.life(uid(1)) == ["created", "no_show"]
    missed = select(meeting_revision.c.actor).where(meeting_revision.c.change == "no_show")
    assert reading.store.rows(missed) == [(BEN,)]
