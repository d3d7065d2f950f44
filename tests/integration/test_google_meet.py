"""Calls of Google Meet: what they prove of who came to which meeting, what they do not, and what reading them costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from keepwarm.connectors.contract import CursorLost, Later
from keepwarm.connectors.google_meet import SETTLED, MeetConnector, MeetSettings
from keepwarm.storage.observations import Method
from tests.google import START, Clock, event, meetings, moment, patiently, poll, settings_of
from tests.servers.google_meet import guest

if TYPE_CHECKING:
    from keepwarm.storage.observations import Cursor, MeetingSeen
    from tests.servers.google import Google

ME, ANA, BOB = "me@example.com", "ana@acme.example", "bob@acme.example"
CODE = "abc-mnop-xyz"
I_AM = guest("Sam Carter", "101")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
END = START + HOUR


def by_meet(code: str = CODE) -> dict[str, Any]:
    return {"conferenceId": code, "conferenceSolution": {"key": {"type": "hangoutsMeet"}, "name": "Google Meet"}}


def planned(name: str = "one", start: datetime = START, **others: Any) -> dict[str, Any]:
    people = [
        {"email": ME, "self": True, "organizer": True, "responseStatus": "accepted"},
        {"email": ANA, "displayName": "Ana Lopez", "responseStatus": "accepted"},
    ]
    given = {"conferenceData": by_meet(), "organizer": {"email": ME, "self": True}, "attendees": people}
    return event(name, start, **given | others)


@dataclass(slots=True)
class Desk:
    """A reader of calls, and the time at which it reads."""

    google: Google
    now: datetime = END + SETTLED
    owner: str = "101"

    def connector(self, clock: Clock | None = None) -> MeetConnector:
        google = settings_of(self.google, clock)
        return MeetConnector(MeetSettings(google=google, owner=lambda: self.owner, now=lambda: self.now))

    def told(self, cursor: Cursor | None = None) -> dict[str, MeetingSeen]:
        return meetings(poll(self.connector(), cursor))

    def attended(self) -> dict[str, bool | None]:
        """Give what is told of the one meeting."""
        [one] = self.told().values()
        return {person.address: person.attended for person in one.attendees}


@pytest.fixture
def desk(google: Google) -> Desk:
    google.calendars.add(ME)
    google.calendars.put(ME, planned())
    return Desk(google)


def test_alone_in_the_call_the_owner_was_stood_up(desk: Desk) -> None:
    desk.google.meet.call(CODE, START, START + 15 * MINUTE, I_AM)
    [one] = desk.told().values()
    assert (one.method, one.ical_uid, one.recurrence_id, one.start, one.end) == (
        Method.ATTENDANCE,
        "one@google.com",
        "",
        START,
        END,
    )
    assert one.written_at == START + 15 * MINUTE
    assert desk.attended() == {ME: True, ANA: False}


def test_whoever_is_there_by_the_name_that_the_calendar_has_came(desk: Desk) -> None:
    desk.google.meet.call(CODE, START, END, I_AM, guest("ana lopez", "202"))
    assert desk.attended() == {ME: True, ANA: True}


@pytest.mark.parametrize(
    "somebody", [guest("Ana's iPhone"), guest("+49 30 ...", phone=True), guest("A. Lopez", "7"), guest(), {}]
)
def test_somebody_whom_nobody_can_name_may_be_the_one_who_is_missed(desk: Desk, somebody: dict[str, Any]) -> None:
    desk.google.meet.call(CODE, START, END, I_AM, somebody)
    assert desk.attended() == {ME: True, ANA: None}


def test_where_the_owners_id_is_not_known_nothing_is_guessed(desk: Desk) -> None:
    desk.owner = ""
    desk.google.meet.call(CODE, START, END, I_AM)
    assert desk.attended() == {ME: None, ANA: None}


@pytest.mark.parametrize(
    "others",
    [
        {"location": "Acme, 4th floor"},
        {"location": "https://us02web.zoom.us/j/123"},
        {"location": "https://meet.google.com.example/abc-mnop-xyz"},
        {"attendees": [*planned()["attendees"], {"email": "room@acme.example", "resource": True}]},
    ],
)
def test_who_has_a_room_or_another_call_may_have_met_there(desk: Desk, others: dict[str, Any]) -> None:
    desk.google.calendars.put(ME, planned(**others))
    desk.google.meet.call(CODE, START, END, I_AM)
    assert desk.attended() == {ME: True, ANA: None}


def test_a_call_that_nobody_waited_in_proves_nothing(desk: Desk) -> None:
    desk.google.meet.call(CODE, START - 20 * MINUTE, START + 5 * MINUTE, I_AM)
    assert desk.attended() == {ME: True, ANA: None}


def test_the_address_of_the_call_itself_is_no_other_place(desk: Desk) -> None:
    desk.google.calendars.put(ME, planned(location=f"https://meet.google.com/{CODE}"))
    desk.google.meet.call(CODE, START, END, I_AM)
    assert desk.attended() == {ME: True, ANA: False}


@pytest.mark.parametrize(("came", "left"), [(50, 55), (6, 60), (3, 12)])
def test_an_owner_who_came_late_or_left_early_was_not_stood_up(desk: Desk, came: int, left: int) -> None:
    desk.google.meet.call(CODE, START + came * MINUTE, START + left * MINUTE, I_AM)
    assert desk.attended() == {ME: True, ANA: None}


@pytest.mark.parametrize("name", ["ana lopez", "Ana's iPhone"])
def test_who_may_have_come_only_after_the_planned_end_was_not_absent(desk: Desk, name: str) -> None:
    late = {**guest(name, "202"), "earliestStartTime": moment(END + MINUTE)["dateTime"]}
    desk.google.meet.call(CODE, START, END + 20 * MINUTE, I_AM, late)
    assert desk.attended() == {ME: True, ANA: None}


def test_all_calls_of_a_meeting_are_taken_together(desk: Desk) -> None:
    desk.google.meet.call(CODE, START, START + 15 * MINUTE, I_AM)
    desk.google.meet.call(CODE, START + 20 * MINUTE, END, I_AM, guest("Ana Lopez", "202"))
    assert desk.attended() == {ME: True, ANA: True}


def test_nothing_is_told_before_the_meeting_is_over_for_an_hour_nor_while_a_call_goes_on(desk: Desk) -> None:
    desk.google.meet.call(CODE, START, START + 15 * MINUTE, I_AM)
    desk.now = END + SETTLED - MINUTE
    connector = desk.connector()
    [batch] = poll(connector)
    assert batch.seen == ()
    goes_on = desk.google.meet.call(CODE, START + 20 * MINUTE, None, I_AM, guest("Ana Lopez", "202"))
    desk.now = END + SETTLED
    [batch] = poll(connector, batch.cursor)
    assert batch.seen == ()
    asked = desk.google.requests
    desk.now += SETTLED - MINUTE
    assert poll(connector, batch.cursor) == []
    assert desk.google.requests - asked == 1
    goes_on.end = END + 90 * MINUTE
    desk.now += 10 * HOUR
    told = poll(connector, batch.cursor)
    [one] = meetings(told).values()
    assert {person.address: person.attended for person in one.attendees} == {ME: True, ANA: True}
    assert poll(connector, told[-1].cursor) == []


@pytest.mark.parametrize("code", ["zzz-zzzz-zzz", 'x" OR "', ""])
def test_a_call_of_no_meeting_is_left_out(desk: Desk, code: str) -> None:
    desk.google.calendars.put(ME, planned(conferenceData=by_meet(code)))
    desk.google.meet.call(CODE, START, END, I_AM)
    assert desk.told() == {}


def test_what_is_no_address_is_nobody(desk: Desk) -> None:
    odd = [{"email": "no address"}, {"email": "a@b.example, c@d.example"}, {"displayName": "Nobody"}, {}]
    desk.google.calendars.put(ME, planned(attendees=[*planned()["attendees"], *odd]))
    desk.google.meet.call(CODE, START, END, I_AM)
    assert desk.attended() == {ME: True, ANA: False}


def test_two_meetings_in_one_room_after_each_other_have_their_own_guests(desk: Desk) -> None:
    second = planned(
        "two", END + 2 * HOUR, attendees=[{"email": ME, "self": True}, {"email": BOB, "displayName": "Bo"}]
    )
    desk.google.calendars.put(ME, second)
    desk.google.meet.call(CODE, START, END, I_AM, guest("Ana Lopez", "202"))
    desk.google.meet.call(CODE, END + 2 * HOUR, END + 3 * HOUR, I_AM)
    desk.now = END + 5 * HOUR
    found = desk.told()
    who = {key: {one.address: one.attended for one in seen.attendees} for key, seen in found.items()}
    assert who == {"meet:one": {ME: True, ANA: True}, "meet:two": {ME: True, BOB: False}}


def test_an_occurrence_of_a_series_is_named_as_the_calendar_names_it(desk: Desk) -> None:
    occurrence = planned("one_20260302T090000Z", recurringEventId="one", originalStartTime=moment(START))
    desk.google.calendars.put(ME, planned(recurrence=["RRULE:FREQ=WEEKLY"]))
    desk.google.calendars.put(ME, {**occurrence, "iCalUID": "one@google.com"})
    desk.google.meet.call(CODE, START, END, I_AM)
    [one] = desk.told().values()
    assert (one.ical_uid, one.recurrence_id) == ("one@google.com", "20260302T090000Z")


def test_a_call_whose_record_is_gone_meanwhile_proves_nothing(desk: Desk) -> None:
    desk.google.meet.call(CODE, START, START + 20 * MINUTE, I_AM)
    desk.google.meet.call(CODE, START + 30 * MINUTE, END, I_AM, guest("Ana Lopez", "202")).expired = True
    assert desk.attended() == {ME: True, ANA: None}


def test_a_call_whose_guests_are_not_shown_proves_nothing_and_keeps_no_other(desk: Desk) -> None:
    desk.google.calendars.put(ME, planned("two", END + HOUR))
    desk.google.meet.call(CODE, START, END, I_AM)
    desk.google.meet.call(CODE, END + HOUR, END + 2 * HOUR, I_AM)
    desk.google.fail("conferenceRecords/c1/participants", 403, "forbidden", times=99)
    desk.now = END + 4 * HOUR
    who = {key: {one.address: one.attended for one in seen.attendees} for key, seen in desk.told().items()}
    assert who == {"meet:one": {ME: None, ANA: None}, "meet:two": {ME: True, ANA: False}}


def test_a_poll_with_nothing_new_is_one_request_and_news_are_told_once(desk: Desk) -> None:
    for day in range(12):
        start = START + timedelta(days=day)
        desk.google.calendars.put(ME, planned(f"m{day}", start))
        desk.google.meet.call(CODE, start, start + HOUR, I_AM)
    desk.google.meet.page_size = 5
    desk.now = START + timedelta(days=20)
    connector = desk.connector()
    batches = poll(connector)
    assert len(meetings(batches)) == 12 + 1
    before = desk.google.requests
    assert poll(connector, batches[-1].cursor) == []
    assert desk.google.requests - before == 1
    assert meetings(poll(desk.connector(), batches[0].cursor)) == meetings(batches[1:])


def test_a_pause_in_between_loses_nothing(desk: Desk) -> None:
    for day in range(25):
        start = START + timedelta(days=day)
        desk.google.calendars.put(ME, planned(f"m{day}", start))
        desk.google.meet.call(CODE, start, start + HOUR, I_AM)
    desk.now = START + timedelta(days=40)
    desk.google.fail("conferenceRecords/c17/participants", 429, "rateLimitExceeded", retry_after="40")
    clock = Clock()
    found = patiently(desk.connector(clock), clock)
    assert clock.waits == [40]
    assert {f"meet:m{day}" for day in range(25)} <= meetings(found).keys()


def test_pages_without_an_end_and_another_versions_cursor_are_noticed(desk: Desk) -> None:
    desk.google.meet.page_size = 0
    desk.google.meet.call(CODE, START, END, I_AM)
    with pytest.raises(Later, match="without an end"):
        desk.told()
    with pytest.raises(CursorLost):
        desk.told({"v": 1, "since": "yesterday", "done": [], "open": []})
