"""Events as Graph tells them: what they become, and that they are the meetings that invitations and CalDAV show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from keepwarm.connectors.graph_events import EventReader
from keepwarm.connectors.graph_series import BrokenSeriesError, pattern_of, uid_of
from keepwarm.connectors.imip import meetings_in
from keepwarm.storage.observations import Answer, MeetingSeen, MeetingStatus, Method
from keepwarm.storage.sightings import rhythm_of
from keepwarm.storage.tables import meeting, meeting_sighting
from tests.microsoft import ME, START, Microsoft, Reading, attendee, keys, message, person, pull
from tests.servers.graph_calendar import GOID, moment, uid
from tests.storage.world import event as shown
from tests.storage.world import mail

if TYPE_CHECKING:
    from pathlib import Path

BERLIN = ZoneInfo("Europe/Berlin")
READER = EventReader("Calendar", BERLIN, frozenset({ME}))
ANA = "ana@acme.example"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def told(**more: Any) -> dict[str, Any]:
    """Write a meeting that Ana organises, as Graph has it in the owner's calendar."""
    return {
        "id": "one",
        "type": "singleInstance",
        "iCalUId": uid(1),
        "subject": "Review",
        "isAllDay": False,
        "isCancelled": False,
        "isOrganizer": False,
        "showAs": "busy",
        "originalStartTimeZone": "W. Europe Standard Time",
        "lastModifiedDateTime": "2026-02-01T10:00:00Z",
        "start": moment(START),
        "end": moment(START + HOUR),
        "organizer": person(ANA),
        "attendees": [attendee(ME)],
        "responseStatus": {"response": "none", "time": "0001-01-01T00:00:00Z"},
        **more,
    }


def read(series: dict[str, Any] | None = None, **more: Any) -> MeetingSeen:
    [seen, *_], rejected = READER.read(told(**more), series)
    assert rejected is None
    return seen


def answers(seen: MeetingSeen) -> dict[str, Answer]:
    return {one.address: one.answer for one in seen.attendees}


def test_a_meeting_is_what_it_is() -> None:
    seen = read()
    assert (seen.ical_uid, seen.recurrence_id, seen.start, seen.end) == (uid(1), "", START, START + HOUR)
    assert (seen.organizer and seen.organizer.address, answers(seen)) == (ANA, {ME: Answer.NONE})
    assert (seen.status, seen.busy, seen.away, seen.flaws) == (MeetingStatus.CONFIRMED, True, False, ())


def test_the_owners_own_answer_is_the_one_of_their_calendar() -> None:
    assert answers(read(responseStatus={"response": "tentativelyAccepted"})) == {ME: Answer.TENTATIVE}
    assert answers(read(responseStatus={"response": "declined"}, attendees=[])) == {ME: Answer.DECLINED}
    assert answers(read(responseStatus={"response": "organizer"}, isOrganizer=True, attendees=[])) == {}


def test_attendees_answers_are_theirs() -> None:
    people = [
        attendee(f"{name}@acme.example", name) for name in ("accepted", "declined", "tentativelyAccepted", "none")
    ]
    given = answers(read(attendees=people))
    assert list(given.values()) == [Answer.ACCEPTED, Answer.DECLINED, Answer.TENTATIVE, Answer.NONE]
    room = attendee("room@acme.example", type="resource")
    [person_of_room] = read(attendees=[room]).attendees
    assert not person_of_room.person


def test_a_cancelled_meeting_is_cancelled_under_its_own_title() -> None:
    seen = read(isCancelled=True, subject="Canceled: Review", showAs="free")
    assert (seen.status, seen.summary, seen.busy) == (MeetingStatus.CANCELLED, "Review", True)


@pytest.mark.parametrize(
    ("more", "away"),
    [
        ({"showAs": "oof", "attendees": []}, True),
        ({"showAs": "oof"}, False),  # an hour with others, out of the office: at the client's
        ({"showAs": "oof", "end": moment(START + 9 * HOUR)}, True),
        ({"subject": "Vacation", "end": moment(START + 9 * HOUR), "attendees": []}, True),
        ({"showAs": "free"}, False),
    ],
)
def test_an_absence_is_told_by_outlooks_mark(more: dict[str, Any], away: bool) -> None:
    assert read(**more).away is away


def test_what_takes_no_time_takes_none() -> None:
    assert not read(showAs="free").busy


def test_all_day_events_are_the_owners_days() -> None:
    start = {"dateTime": "2026-03-02T00:00:00.0000000", "timeZone": "UTC"}
    end = {"dateTime": "2026-03-03T00:00:00.0000000", "timeZone": "UTC"}
    seen = read(isAllDay=True, start=start, end=end)
    assert (seen.all_day, seen.start, seen.end - seen.start) == (True, datetime(2026, 3, 1, 23, tzinfo=UTC), DAY)
    shifted = {"dateTime": "2026-03-01T23:00:00.0000000", "timeZone": "UTC"}
    assert read(isAllDay=True, start=shifted, end=end).start == seen.start


def test_zones_have_windows_names() -> None:
    start = {"dateTime": "2026-03-02T09:00:00.0000000", "timeZone": "W. Europe Standard Time"}
    assert read(start=start).start == datetime(2026, 3, 2, 8, tzinfo=UTC)
    unknown = read(start={**start, "timeZone": "tzone://Microsoft/Custom"})
    assert (unknown.start, unknown.flaws) == (datetime(2026, 3, 2, 8, tzinfo=UTC), ("unknown-timezone",))


BROKEN: list[dict[str, Any]] = [
    {"start": None},
    {"start": {"dateTime": "9999-12-31T23:00:00", "timeZone": "UTC"}},
    {"iCalUId": None},
    {"iCalUId": "x" * 300},
    {"type": "seriesMaster", "recurrence": None},
    {"type": "seriesMaster", "recurrence": {"pattern": {"type": "daily", "interval": 0}, "range": {}}},
]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_event_costs_itself_alone(broken: dict[str, Any]) -> None:
    seen, rejected = READER.read(told(**broken))
    assert seen == []
    assert rejected is not None
    assert (rejected.source_key, bool(rejected.reason), bool(rejected.where)) == ("one/", True, True)


@pytest.mark.parametrize("strange", [7, "x", [], [7], {"emailAddress": 7}, [{"emailAddress": {"address": "a b@c"}}]])
def test_strange_people_are_left_out(strange: object) -> None:
    seen = read(attendees=strange, organizer=strange)
    assert seen.organizer is None
    assert seen.attendees == ()


# What names a meeting.


def test_an_occurrence_has_the_uid_of_its_series() -> None:
    assert uid_of(uid(7, START)) == uid(7)
    assert uid_of("abc@google.com") == "abc@google.com"
    foreign = b"vCal-Uid\x01\0\0\0abc@google.com\0"
    wrapped = f"{GOID}07EA0302{'0' * 32}{len(foreign).to_bytes(4, 'little').hex()}{foreign.hex()}".upper()
    assert uid_of(wrapped) == "abc@google.com"


def test_an_occurrence_takes_from_its_series_what_delta_leaves_out() -> None:
    series = told(id="series", type="seriesMaster", subject="Weekly", attendees=[attendee(ANA, "accepted")])
    bare = {"id": "o", "type": "occurrence", "seriesMasterId": "series", "start": moment(START), "end": moment(START)}
    [seen], _ = READER.read(bare, series)
    assert (seen.ical_uid, seen.recurrence_id, seen.summary, seen.pattern) == (uid(1), "20260302T090000Z", "Weekly", "")
    moved = told(
        id="o",
        type="exception",
        seriesMasterId="series",
        originalStart="2026-03-02T09:00:00Z",
        start=moment(START + DAY),
    )
    [seen], _ = READER.read(moved, series)
    assert (seen.recurrence_id, seen.start) == ("20260302T090000Z", START + DAY)


PATTERNS = {
    "FREQ=DAILY": {"type": "daily", "interval": 1},
    "FREQ=WEEKLY;BYDAY=MO,WE": {"type": "weekly", "interval": 1, "daysOfWeek": ["wednesday", "monday"]},
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;WKST=MO": {
        "type": "weekly", "interval": 2, "daysOfWeek": ["monday"], "firstDayOfWeek": "monday",
    },
    "FREQ=MONTHLY;BYMONTHDAY=15": {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 15},
    "FREQ=MONTHLY;BYDAY=2TU": {"type": "relativeMonthly", "daysOfWeek": ["tuesday"], "index": "second"},
    "FREQ=YEARLY;BYMONTHDAY=3;BYMONTH=5": {"type": "absoluteYearly", "interval": 1, "dayOfMonth": 3, "month": 5},
    "FREQ=YEARLY;BYDAY=-1FR;BYMONTH=5": {
        "type": "relativeYearly", "daysOfWeek": ["friday"], "index": "last", "month": 5,
    },
}  # fmt: skip


@pytest.mark.parametrize("rule", PATTERNS)
def test_a_recurrence_is_written_as_an_rrule(rule: str) -> None:
    recurrence = {"pattern": PATTERNS[rule], "range": {"type": "noEnd"}}
    assert rhythm_of(pattern_of(recurrence, all_day=False, zone=BERLIN)) == rhythm_of(rule)


def test_a_series_ends_by_number_or_on_a_day_of_its_zone() -> None:
    daily = {"type": "daily", "interval": 1}
    numbered = {"pattern": daily, "range": {"type": "numbered", "numberOfOccurrences": 5}}
    assert pattern_of(numbered, all_day=False, zone=BERLIN) == "FREQ=DAILY;COUNT=5"
    until = {"pattern": daily, "range": {"type": "endDate", "endDate": "2026-07-01"}}
    assert pattern_of(until, all_day=False, zone=BERLIN) == "FREQ=DAILY;UNTIL=20260701T215959Z"
    with pytest.raises(BrokenSeriesError):
        pattern_of({"pattern": daily, "range": {"type": "endDate", "endDate": "x"}}, all_day=True, zone=BERLIN)


def test_vendors_ways_to_write_one_rhythm_are_one() -> None:
    ways = ("FREQ=WEEKLY;BYDAY=MO", "FREQ=WEEKLY;UNTIL=20261231T000000Z;INTERVAL=1;BYDAY=MO;WKST=SU")
    assert len({rhythm_of(way) for way in ways}) == 1
    assert rhythm_of("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;WKST=SU") != rhythm_of("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;WKST=MO")


# The same meeting, whatever shows it.

INVITATION = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
UID:{uid}
SEQUENCE:2
DTSTART:20260305T090000Z
DTEND:20260305T100000Z
SUMMARY:Review
ORGANIZER:mailto:ana@acme.example
ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:me@example.com
END:VEVENT
END:VCALENDAR
"""


def test_the_same_meeting_by_graph_mail_and_caldav_is_one(microsoft: Microsoft, tmp_path: Path) -> None:
    start, reading = START + 3 * DAY, Reading(tmp_path)
    at = START - 20 * DAY
    part = INVITATION.format(uid=uid(1)).replace("\n", "\r\n").encode()
    invited = meetings_in(part, source_key="m", sent_by=ANA, at=at)
    reading.store.pull(mail(ANA, ME, at=at, meetings=invited))
    by_caldav = shown(uid(1), start=start, sequence=2, written_at=at, attendees=invited[0].attendees)
    reading.store.pull(by_caldav, stream="caldav")
    accepted = {"response": "accepted", "time": "2026-02-20T10:00:00Z"}
    microsoft.calendars.add(
        start, organizer=person(ANA), isOrganizer=False, attendees=[attendee(ME)], responseStatus=accepted,
        lastModifiedDateTime="2026-02-20T10:00:00Z",
    )  # fmt: skip
    reading.poll(microsoft.calendar())
    assert reading.store.life(uid(1)) == ["created", "accepted"]


def test_a_series_by_graph_and_by_mail_is_one(microsoft: Microsoft, tmp_path: Path) -> None:
    start, reading, at = START + 3 * DAY, Reading(tmp_path), START - 20 * DAY
    rule = "DTSTART:20260305T090000Z\r\nRRULE:FREQ=WEEKLY;COUNT=4;INTERVAL=1;BYDAY=TH;WKST=SU\r\n"
    text = INVITATION.format(uid=uid(1)).replace("\n", "\r\n").replace("DTSTART:20260305T090000Z\r\n", rule)
    reading.store.pull(mail(ANA, ME, at=at, meetings=meetings_in(text.encode(), source_key="m", sent_by=ANA, at=at)))
    series = microsoft.calendars.add_series(
        start, organizer=person(ANA), isOrganizer=False, attendees=[attendee(ME)],
        responseStatus={"response": "none"}, lastModifiedDateTime=f"{at:%Y-%m-%dT%H:%M:%SZ}",
    )  # fmt: skip
    reading.poll(microsoft.calendar())
    assert reading.store.life(uid(1)) == ["created"]
    second = microsoft.calendars.occurrences(series)[1]
    microsoft.calendars.move(second, start + 8 * DAY, at=START + HOUR)
    reading.poll(microsoft.calendar(), now=START + 2 * HOUR)
    assert reading.store.life(uid(1), "20260312T090000Z") == ["created", "rescheduled"]
    assert reading.store.life(uid(1), "20260319T090000Z") == ["created"]


def test_a_moved_occurrence_by_graph_mail_and_caldav_is_one(microsoft: Microsoft, tmp_path: Path) -> None:
    start, reading, at = START + 3 * DAY, Reading(tmp_path), START + HOUR
    unanswered = {"organizer": person(ANA), "isOrganizer": False, "responseStatus": {"response": "none"}}
    series = microsoft.calendars.add_series(start, attendees=[attendee(ME)], **unanswered)
    reading.poll(microsoft.calendar())
    meetings = select(meeting.c.ical_uid, meeting.c.recurrence_id)
    before = set(reading.store.rows(meetings))
    second = microsoft.calendars.occurrences(series)[1]
    microsoft.calendars.move(second, start + 8 * DAY, at=at)
    moved = "RECURRENCE-ID:20260312T090000Z\nDTSTART:20260313T090000Z\nDTEND:20260313T100000Z\n"
    text = INVITATION.format(uid=uid(1)).replace("DTSTART:20260305T090000Z\nDTEND:20260305T100000Z\n", moved)
    invited = meetings_in(text.replace("\n", "\r\n").encode(), source_key="m", sent_by=ANA, at=at)
    by_mail = mail(ANA, ME, at=at, meetings=invited)
    by_caldav = replace(invited[0], source_key="c", method=Method.CALENDAR, sent_by="")
    reading.store.pull(by_mail)
    reading.poll(microsoft.calendar(), now=START + 2 * HOUR)
    reading.store.pull(by_caldav, stream="caldav")
    assert set(reading.store.rows(meetings)) == before
    assert reading.store.life(uid(1), "20260312T090000Z") == ["created", "rescheduled"]


def test_a_proposed_time_is_the_attendees_and_makes_the_move_theirs(microsoft: Microsoft, tmp_path: Path) -> None:
    start, reading = START + 3 * DAY, Reading(tmp_path)
    number = microsoft.calendars.add(start, attendees=[attendee(ANA)])
    reading.poll(microsoft.calendar())
    slot = {"start": moment(start + DAY), "end": moment(start + DAY + HOUR)}
    status = {"response": "tentativelyAccepted", "time": f"{START + HOUR:%Y-%m-%dT%H:%M:%SZ}"}
    proposing = attendee(ANA, proposedNewTime=slot) | {"status": status}
    microsoft.calendars.change(number, at=START + HOUR, attendees=[proposing])
    [batch, _] = reading.poll(microsoft.calendar(), now=START + 2 * HOUR)
    assert [one.method for one in batch.seen if isinstance(one, MeetingSeen)] == [Method.CALENDAR, Method.COUNTER]
    microsoft.calendars.move(number, start + DAY, at=START + 3 * HOUR)
    reading.poll(microsoft.calendar(), now=START + 4 * HOUR)
    life = reading.store.life(uid(1))
    assert (life.count("proposed"), life.count("rescheduled"), "cancelled" in life) == (1, 1, False)
    for day in (1, 2):  # that the proposal is no longer shown takes nothing away
        microsoft.calendars.change(number, at=START + 4 * HOUR, attendees=[attendee(ANA)])
        reading.poll(microsoft.calendar(day), now=START + day * DAY)
    assert "cancelled" not in reading.store.life(uid(1))


def test_the_past_is_read_once_and_what_is_near_each_day(microsoft: Microsoft) -> None:
    for day in range(-390, 100, 10):
        microsoft.calendars.add(START + day * DAY)
    connector = microsoft.calendar()
    first = pull(connector, name="calendar")
    assert len(keys(first)) == 49
    microsoft.graph.paths()
    assert pull(connector, first[-1].cursor, "calendar") == []
    assert len(microsoft.graph.paths()) == 1
    near = keys(pull(microsoft.calendar(1), first[-1].cursor, "calendar"))
    assert 10 < len(near) < 20


def test_a_calendar_of_somebody_elses_is_read_only_if_it_is_chosen(microsoft: Microsoft) -> None:
    microsoft.calendars.add_calendar("Ana", owner=ANA)
    microsoft.calendars.add_calendar("Holidays", can_edit=False)
    microsoft.calendars.add_calendar("Private")
    assert len(microsoft.calendar().streams()) == 2
    assert len(microsoft.calendar(include=("Inbox", "calendar:Ana")).streams()) == 1
    assert [one.name for one in microsoft.calendar(exclude=("calendar:Private",)).streams()] == ["calendar"]


def test_mail_and_messages_have_no_bearing_on_calendars(microsoft: Microsoft) -> None:
    microsoft.mailbox.add(message(1))
    assert keys(pull(microsoft.calendar(), name="calendar")) == []


def test_whether_it_is_held_online_is_known_of_each_state(microsoft: Microsoft, tmp_path: Path) -> None:
    number, reading = microsoft.calendars.add(START + 3 * DAY), Reading(tmp_path)
    reading.poll(microsoft.calendar())
    microsoft.calendars.change(number, at=START + HOUR, isOnlineMeeting=True)
    reading.poll(microsoft.calendar(), now=START + 2 * HOUR)
    bodies = reading.store.rows(select(meeting_sighting.c.body).order_by(meeting_sighting.c.at))
    assert [body.get("online", False) for (body,) in bodies] == [False, True]
    assert reading.store.life(uid(1)) == ["created"]
