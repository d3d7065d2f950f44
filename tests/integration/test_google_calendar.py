"""Calendars through Google's API: which are read, what an event becomes, and what happens as days pass."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from keepwarm.connectors.contract import Refused
from keepwarm.connectors.imip import meetings_in
from keepwarm.storage.observations import Answer, Attendee, MeetingStatus, Party
from tests.calendars import calendar as ical
from tests.calendars import event as vevent
from tests.google import (
    START,
    WINDOW,
    Clock,
    Hurried,
    calendar_of,
    event,
    meetings,
    moment,
    patiently,
    poll,
    pulled,
)

if TYPE_CHECKING:
    from keepwarm.storage.observations import MeetingSeen
    from tests.servers.google import Google

ME, ANA = "me@example.com", "ana@acme.example"
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)


@pytest.fixture
def calendar(google: Google) -> Google:
    google.calendars.add(ME)
    return google


def seen(calendar: Google, *events: dict[str, Any]) -> list[MeetingSeen]:
    for one in events:
        calendar.calendars.put(ME, one)
    return list(meetings(poll(calendar_of(calendar))).values())


def test_owned_and_selected_calendars_are_read(google: Google) -> None:
    google.calendars.add(ME, selected=False)
    google.calendars.add("team@group.calendar.google.com", role="reader")
    google.calendars.add("unticked@group.calendar.google.com", role="reader", selected=False)
    google.calendars.add("busy@group.calendar.google.com", role="freeBusyReader")
    google.calendars.add("aside@group.calendar.google.com", hidden=True)
    google.calendars.add("hidden@group.calendar.google.com", role="reader", hidden=True)
    google.calendars.add("de.german#holiday@group.v.calendar.google.com", role="reader")
    google.calendars.page_size = 2
    names = [stream.name for stream in calendar_of(google).streams()]
    assert names == ["aside@group.calendar.google.com", ME, "team@group.calendar.google.com"]


def test_folders_choose_among_calendars_by_title(google: Google) -> None:
    google.calendars.add(ME)
    google.calendars.add("x@group.calendar.google.com", summaryOverride="Family [private]")
    chosen = calendar_of(google, exclude=("Family*",)).streams()
    assert [stream.name for stream in chosen] == [ME]
    with pytest.raises(Refused, match="None of the calendars"):
        calendar_of(google, include=("Work",)).streams()


def test_an_event_becomes_a_meeting(calendar: Google) -> None:
    people = {
        "organizer": {"email": ANA, "displayName": 'Ana "Bee" Brandt'},
        "attendees": [
            {"email": ANA, "organizer": True, "responseStatus": "accepted"},
            {"email": ME, "self": True, "responseStatus": "tentative", "optional": True},
            {"email": "c_1@resource.calendar.google.com", "resource": True, "responseStatus": "accepted"},
        ],
    }
    times = {"created": "2026-01-05T08:00:00.000Z", "updated": "2026-02-01T10:30:00.500Z"}
    [found] = seen(calendar, event("lunch", summary="Lunch; with, all\nof us", sequence=2, **people, **times))
    assert (found.source_key, found.ical_uid, found.summary) == ("lunch/", "lunch@google.com", "Lunch; with, all of us")
    assert (found.start, found.end, found.sequence) == (START, START + HOUR, 2)
    assert found.written_at == datetime(2026, 2, 1, 10, 30, tzinfo=UTC)
    assert found.created_at == datetime(2026, 1, 5, 8, tzinfo=UTC)
    assert found.organizer == Party(ANA, 'Ana "Bee" Brandt')
    ana, me, room = found.attendees
    assert ana == Attendee(address=ANA, answer=Answer.ACCEPTED)
    assert (me.answer, me.required) == (Answer.TENTATIVE, False)
    assert not room.person


def test_one_meeting_is_the_same_by_mail_by_caldav_and_by_google(calendar: Google) -> None:
    """What identifies it, and what would be called a change, is the same whichever way it came."""
    people = ("ORGANIZER:mailto:ana@acme.example", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@acme.example")
    stamps = ("CREATED:20260101T000000Z", "LAST-MODIFIED:20260101T000000Z")
    text = ical(vevent("x", *people, *stamps)).replace("UID:x", "UID:x@google.com")
    invited = text.replace("BEGIN:VEVENT", "METHOD:REQUEST\r\nBEGIN:VEVENT", 1)
    [mailed] = meetings_in(invited.encode(), source_key="1", sent_by=ANA, at=START)
    attendees = [{"email": ANA, "responseStatus": "accepted"}]
    [found] = seen(calendar, event("x", organizer={"email": ANA}, attendees=attendees))
    for name in (
        "ical_uid",
        "recurrence_id",
        "start",
        "end",
        "all_day",
        "status",
        "sequence",
        "organizer",
        "attendees",
    ):
        assert getattr(found, name) == getattr(mailed, name), name


def test_an_exception_has_the_same_identity_as_by_mail(calendar: Google) -> None:
    zone = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 3, 16, 9, tzinfo=zone)
    local = {"dateTime": start.isoformat(), "timeZone": "Europe/Berlin"}
    until = {"dateTime": (start + HOUR).isoformat(), "timeZone": "Europe/Berlin"}
    series = event("s", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
    found = seen(calendar, {**series, "start": local, "end": until})
    core, *occurrences = found
    assert (core.zone, core.pattern) == ("Europe/Berlin", "FREQ=WEEKLY;COUNT=4")
    # Clocks go forward on 29 March: at nine all the same.
    assert [one.recurrence_id for one in occurrences] == [
        "20260316T080000Z", "20260323T080000Z", "20260330T070000Z", "20260406T070000Z",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["outOfOffice", "focusTime"])
def test_out_of_office_and_focus_time_are_absences(calendar: Google, kind: str) -> None:
    [found] = seen(calendar, event("away", eventType=kind, summary="Busy", organizer={"email": ME, "self": True}))
    assert found.away


@pytest.mark.parametrize("kind", ["workingLocation", "birthday"])
def test_where_one_works_and_who_was_born_are_no_meetings(calendar: Google, kind: str) -> None:
    assert seen(calendar, event("x", eventType=kind)) == []


def test_an_event_that_takes_no_time_says_so(calendar: Google) -> None:
    [found] = seen(calendar, event("x", transparency="transparent"))
    assert not found.busy


def test_a_whole_day_is_the_owners(calendar: Google) -> None:
    [found] = seen(calendar, {**event("x"), "start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}})
    assert (found.all_day, found.start) == (True, datetime(2026, 3, 10, tzinfo=UTC))


def test_a_title_cannot_add_properties_to_its_event(calendar: Google) -> None:
    summary = "x\r\nATTENDEE:mailto:eve@evil.example\r\nSTATUS:CANCELLED"
    name = {"email": ANA, "displayName": 'Ana"\r\nSTATUS:CANCELLED:mailto:eve@evil.example'}
    [found] = seen(calendar, event("x", summary=summary, attendees=[name]))
    assert found.status is MeetingStatus.CONFIRMED
    assert [one.address for one in found.attendees] == [ANA]


def test_a_recurrence_cannot_add_properties_to_its_event(calendar: Google) -> None:
    rule = "RRULE:FREQ=WEEKLY;COUNT=2\r\nSTATUS:CANCELLED"
    calendar.calendars.put(ME, event("x", recurrence=[rule, "X-MICROSOFT-CDO-BUSYSTATUS:OOF"]))
    batches = poll(calendar_of(calendar))
    assert all(one.status is MeetingStatus.CONFIRMED and not one.away for one in meetings(batches).values())


def test_series_are_read_again_when_the_window_moves_on(calendar: Google) -> None:
    calendar.calendars.put(ME, event("s", recurrence=["RRULE:FREQ=WEEKLY"]))
    calendar.calendars.put(ME, event("single"))
    window = [WINDOW]
    connector = calendar_of(calendar, window=lambda: window[0])
    cursor = poll(connector)[-1].cursor
    assert poll(connector, cursor) == []
    window[0] = (WINDOW[0] + WEEK, WINDOW[1] + WEEK)
    before = calendar.count("/events")
    found = poll(connector, cursor)
    assert max(one.start for one in meetings(found).values()) > WINDOW[1]
    assert {name.partition("/")[0] for name in meetings(found)} == {"s"}
    assert calendar.count("/events") - before == 2
    assert poll(connector, found[-1].cursor) == []


def test_a_dropped_occurrence_stays_dropped_when_the_window_moves_on(calendar: Google) -> None:
    calendar.calendars.put(ME, event("s", recurrence=["RRULE:FREQ=WEEKLY"]))
    original = START + 2 * WEEK
    ids = {"recurringEventId": "s", "originalStartTime": moment(original)}
    calendar.calendars.put(ME, {**event("s_1", original), **ids})
    calendar.calendars.delete(ME, "s_1")
    window = [WINDOW]
    connector = calendar_of(calendar, window=lambda: window[0])
    cursor = poll(connector)[-1].cursor
    window[0] = (WINDOW[0] + WEEK, WINDOW[1] + WEEK)
    again = meetings(poll(connector, cursor))
    assert again[f"s/{original:%Y%m%dT%H%M%SZ}"].status is MeetingStatus.CANCELLED


@pytest.mark.parametrize("is_organizer", [True, False])
def test_a_series_that_was_deleted_is_one_tombstone_and_not_read_again(calendar: Google, is_organizer: bool) -> None:
    calendar.calendars.put(ME, event("s", recurrence=["RRULE:FREQ=WEEKLY"], organizer={"self": is_organizer}))
    connector = calendar_of(calendar)
    cursor = poll(connector)[-1].cursor
    calendar.calendars.delete(ME, "s")
    found = poll(connector, cursor)
    assert [one.source_key for batch in found for one in batch.gone] == ["s/"]
    assert found[-1].cursor["series"] == {}


def test_a_series_that_turns_out_to_be_deleted_when_it_is_read_is_a_tombstone(calendar: Google) -> None:
    calendar.calendars.put(ME, event("s", recurrence=["RRULE:FREQ=WEEKLY"]))
    window = [WINDOW]
    connector = calendar_of(calendar, window=lambda: window[0])
    cursor = poll(connector)[-1].cursor
    calendar.calendars.delete(ME, "s")
    calendar.calendars.calendars[ME].changes["s"] = 0  # between the list of what changed and that of the series
    window[0] = (WINDOW[0] + WEEK, WINDOW[1] + WEEK)
    found = poll(connector, cursor)
    assert [one.source_key for batch in found for one in batch.gone] == ["s/"]
    assert meetings(found) == {}
    assert found[-1].cursor["series"] == {}


def test_a_series_that_became_a_single_meeting_is_claimed_whole(calendar: Google) -> None:
    calendar.calendars.put(ME, event("s", recurrence=["RRULE:FREQ=WEEKLY"]))
    connector = calendar_of(calendar)
    cursor = poll(connector)[-1].cursor
    calendar.calendars.put(ME, event("s"))
    found = poll(connector, cursor)
    assert list(meetings(found)) == ["s/"]
    assert [scope.within for batch in found for scope in batch.complete] == ["s/"]
    assert found[-1].cursor["series"] == {}


def test_what_was_deleted_before_the_first_reading_is_not_there(calendar: Google) -> None:
    calendar.calendars.put(ME, event("x"))
    calendar.calendars.delete(ME, "x")
    assert seen(calendar, event("y"))[0].source_key == "y/"


def test_a_calendar_that_is_gone_is_told(calendar: Google) -> None:
    connector = calendar_of(calendar)
    [stream] = connector.streams()
    calendar.calendars.calendars.clear()
    with pytest.raises(Refused, match="no calendar"):
        list(connector.pull(stream, None))


def test_the_list_of_calendars_is_believed_for_some_passes(calendar: Google) -> None:
    connector = calendar_of(calendar)
    for _ in range(12):
        connector.streams()
    assert calendar.count("calendarList") == 1
    connector.streams()
    assert calendar.count("calendarList") == 2


def test_a_series_with_a_long_id_is_read_when_it_changes(google: Google) -> None:
    """Imported events have ids of hundreds of characters, which a batch's header lines would have to be folded for."""
    google.calendars.add(ME)
    name = "_" + "8d9lcgrfdpr6asjkdc" * 8
    google.calendars.put(ME, event(name, recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"]))
    connector = calendar_of(google)
    cursor = poll(connector)[-1].cursor
    google.calendars.put(ME, event(name, summary="Another", recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"]))
    assert {one.summary for one in meetings(poll(connector, cursor)).values()} == {"Another"}


def test_a_series_that_is_refused_for_good_is_noted_and_all_else_is_read(google: Google) -> None:
    google.calendars.add(ME)
    weekly = {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=2"]}
    for name in ("one", "two"):
        google.calendars.put(ME, event(name, **weekly))
    connector = calendar_of(google)
    cursor = poll(connector)[-1].cursor
    for name in ("one", "two", "three"):
        google.calendars.put(ME, event(name, summary="Another", **({} if name == "three" else weekly)))
    google.fail("iCalUID=one", 400, "invalid", times=99)
    batches = poll(connector, cursor)
    assert {one.ical_uid for one in meetings(batches).values()} == {"two@google.com", "three@google.com"}
    assert [item.source_key for batch in batches for item in batch.rejected] == ["one/"]
    assert poll(connector, batches[-1].cursor) == []


def test_a_series_that_can_never_be_had_does_not_keep_its_calendar_from_being_read(google: Google) -> None:
    google.calendars.add(ME)
    weekly = {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=2"]}
    google.calendars.put(ME, event("one", **weekly))
    connector = calendar_of(google, Hurried())
    cursor = poll(connector)[-1].cursor
    google.calendars.put(ME, event("one", summary="Another", **weekly))
    google.calendars.put(ME, event("three"))
    google.fail("iCalUID=one", 500, times=9999)
    outcomes = [pulled(connector, cursor) for _ in range(3)]
    assert [batches for batches, later in outcomes if later is not None] == [[], []]
    batches = outcomes[-1][0]
    assert {one.ical_uid for one in meetings(batches).values()} == {"three@google.com"}
    assert [item.source_key for batch in batches for item in batch.rejected] == ["one/"]
    assert "one" in batches[-1].cursor["series"]  # to be asked for again, the next day
    google.calendars.put(ME, event("four"))
    assert [one.ical_uid for one in meetings(poll(connector, batches[-1].cursor)).values()] == ["four@google.com"]


def test_a_series_that_cannot_be_had_now_keeps_the_place_and_is_asked_for_again(google: Google) -> None:
    google.calendars.add(ME)
    weekly = {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=2"]}
    for name in ("one", "two"):
        google.calendars.put(ME, event(name, **weekly))
    clock = Clock()
    connector = calendar_of(google, clock)
    cursor = poll(connector)[-1].cursor
    for name in ("one", "two"):
        google.calendars.put(ME, event(name, summary="Another", **weekly))
    google.fail("iCalUID=one", 503, times=4)
    before = google.count("/events")
    found = patiently(connector, clock, cursor)
    assert {one.ical_uid for one in meetings(found).values()} == {"one@google.com", "two@google.com"}
    assert len(clock.waits) == 1
    assert google.count("/events") - before == 2 + 1 + 5  # the changes twice, "two" once, "one" until it was had
