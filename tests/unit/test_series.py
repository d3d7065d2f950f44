"""Recurring meetings within a window."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from keepwarm.connectors.contentlines import components
from keepwarm.connectors.icalendars import event_of
from keepwarm.connectors.series import MAX_OCCURRENCES, Window, meetings_of
from keepwarm.connectors.zones import Zones
from keepwarm.storage.observations import MeetingSeen, MeetingStatus

ZONES = Zones(owner=ZoneInfo("Europe/Berlin"))
WINDOW = Window(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))
WEEKLY = "DTSTART;TZID=Europe/Berlin:20260302T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY"


def expanded(*events: str, window: Window = WINDOW) -> list[MeetingSeen]:
    text = "".join(f"BEGIN:VEVENT\nUID:s\n{event}\nEND:VEVENT\n" for event in events)
    parts = components(io.BytesIO(text.encode()))
    return list(meetings_of([event_of(part, ZONES) for part in parts], window))


def starts(meetings: list[MeetingSeen]) -> list[str]:
    return [seen.start.strftime("%m%d %H:%M") for seen in meetings if seen.recurrence_id]


def test_a_series_is_its_own_entry_and_its_occurrences() -> None:
    own, first, *_ = expanded(WEEKLY + ";COUNT=3")
    assert (own.recurrence_id, own.pattern) == ("", "FREQ=WEEKLY;COUNT=3")
    assert (first.recurrence_id, first.pattern, first.source_key) == (
        "20260302T080000Z",
        "",
        "s/20260302T080000Z",
    )
    assert own.start == first.start == datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_occurrences_keep_their_local_hour_when_clocks_change() -> None:
    assert starts(expanded(WEEKLY + ";COUNT=5")) == [
        "0302 08:00",
        "0309 08:00",
        "0316 08:00",
        "0323 08:00",
        "0330 07:00",
    ]


def test_only_occurrences_that_start_in_the_window_are_given() -> None:
    days = [seen.start for seen in expanded(WEEKLY.replace("20260302", "20200302")) if seen.recurrence_id]
    assert len(days) == 9
    assert all(WINDOW.holds(day) for day in days)


def test_a_skipped_date_is_left_out() -> None:
    skipped = WEEKLY + ";COUNT=3\nEXDATE;TZID=Europe/Berlin:20260309T090000"
    assert starts(expanded(skipped)) == ["0302 08:00", "0316 08:00"]


def test_added_dates_are_occurrences() -> None:
    added = "DTSTART:20260302T090000Z\nDURATION:PT1H\nRDATE:20260305T100000Z,20260306T100000Z/PT2H"
    assert starts(expanded(added)) == ["0302 09:00", "0305 10:00", "0306 10:00"]


def test_a_moved_occurrence_keeps_its_identity() -> None:
    moved = "RECURRENCE-ID;TZID=Europe/Berlin:20260309T090000\nDTSTART:20260310T150000Z\nDURATION:PT1H"
    found = {seen.recurrence_id: seen for seen in expanded(WEEKLY + ";COUNT=3", moved)}
    assert len(found) == 4
    assert found["20260309T080000Z"].start == datetime(2026, 3, 10, 15, tzinfo=UTC)


def test_an_occurrence_moved_out_of_the_window_is_still_there() -> None:
    moved = "RECURRENCE-ID;TZID=Europe/Berlin:20260309T090000\nDTSTART:20270310T150000Z\nDURATION:PT1H"
    assert "20260309T080000Z" in {seen.recurrence_id for seen in expanded(WEEKLY, moved)}


def test_a_cancelled_occurrence_that_carries_only_ids_is_completed() -> None:
    cancelled = "RECURRENCE-ID;TZID=Europe/Berlin:20260309T090000\nSTATUS:CANCELLED"
    whole = WEEKLY + ";COUNT=3\nSUMMARY:Call\nATTENDEE:mailto:jo@x.example"
    seen = next(one for one in expanded(whole, cancelled) if one.status is MeetingStatus.CANCELLED)
    assert (seen.summary, len(seen.attendees)) == ("Call", 1)
    assert (seen.end - seen.start).total_seconds() == 3600


def test_this_and_future_moves_the_rest_and_keeps_identities() -> None:
    onwards = (
        "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20260309T090000\n"
        "DTSTART;TZID=Europe/Berlin:20260309T110000\nDURATION:PT1H"
    )
    found = expanded(WEEKLY + ";COUNT=4", onwards)
    assert starts(found) == ["0302 08:00", "0309 10:00", "0316 10:00", "0323 10:00"]
    assert found[-1].recurrence_id == "20260323T080000Z"


@pytest.mark.timeout(10)
def test_a_shift_of_the_rest_by_decades_moves_one_only() -> None:
    far = "RECURRENCE-ID;RANGE=THISANDFUTURE:20991231T230000Z\nDTSTART:20260309T110000Z\nDURATION:PT1H"
    found = expanded("DTSTART:20260501T000000Z\nDURATION:PT1M\nRRULE:FREQ=SECONDLY", far)
    assert starts(found) == ["0309 11:00"]


def test_an_all_day_series_is_named_by_days() -> None:
    found = expanded("DTSTART;VALUE=DATE:20260302\nRRULE:FREQ=MONTHLY;COUNT=2")
    assert [seen.recurrence_id for seen in found] == ["", "20260302", "20260402"]
    assert all(seen.all_day for seen in found)


def test_occurrences_of_a_series_that_is_not_there_are_given() -> None:
    (seen,) = expanded("RECURRENCE-ID:20260309T090000Z\nDTSTART:20260309T100000Z\nDURATION:PT1H")
    assert seen.recurrence_id == "20260309T090000Z"


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;COUNT=999999999",
        "FREQ=MINUTELY;COUNT=-1",
        "FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))),
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))) + ";BYMINUTE=" + ",".join(map(str, range(60))),
        "FREQ=DAILY;BYSETPOS=9;BYDAY=MO",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=YEARLY;BYEASTER=0",
    ],
)
@pytest.mark.timeout(10)
def test_a_rule_that_would_never_let_go_is_not_expanded(rule: str) -> None:
    own, *rest = expanded(f"DTSTART:19900101T090000Z\nDURATION:PT1H\nRRULE:{rule}")
    assert "too-many-occurrences" in own.flaws
    assert rest == []


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=31",
    ],
)
@pytest.mark.timeout(10)
def test_a_rule_that_never_comes_leaves_the_first_occurrence(rule: str) -> None:
    found = expanded(f"DTSTART:20260302T090000Z\nDURATION:PT1H\nRRULE:{rule}")
    assert starts(found) == ["0302 09:00"]
    assert found[0].flaws == ()


def test_occurrences_are_bounded() -> None:
    dates = [WINDOW.since + number * timedelta(minutes=15) for number in range(MAX_OCCURRENCES + 500)]
    lines = "\n".join(f"RDATE:{date:%Y%m%dT%H%M%SZ}" for date in dates)
    own, *rest = expanded(f"DTSTART:20260101T000000Z\nDURATION:PT1M\n{lines}")
    assert len(rest) == MAX_OCCURRENCES
    assert "too-many-occurrences" in own.flaws


def test_a_local_time_that_comes_twice_is_one_occurrence() -> None:
    hourly = "DTSTART;TZID=Europe/Berlin:20260329T010000\nDURATION:PT10M\nRRULE:FREQ=HOURLY;COUNT=4"
    found = [seen.recurrence_id for seen in expanded(hourly)]
    assert len(found) == len(set(found))


def test_a_few_hourly_meetings_are_meetings() -> None:
    found = expanded("DTSTART:20260302T090000Z\nDURATION:PT10M\nRRULE:FREQ=HOURLY;COUNT=3")
    assert starts(found) == ["0302 09:00", "0302 10:00", "0302 11:00"]


def test_a_single_meeting_stays_one() -> None:
    (seen,) = expanded("DTSTART:20260302T090000Z\nDURATION:PT1H")
    assert (seen.recurrence_id, seen.pattern) == ("", "")


LOCAL = "DTSTART;TZID=Europe/Berlin:20260309T110000\nDURATION:PT1H"


@pytest.mark.parametrize(
    "exdate",
    [
        "EXDATE;TZID=Europe/Berlin:20260309T090000",
        "EXDATE:20260309T080000Z",
        "EXDATE;TZID=America/New_York:20260309T040000",
        "EXDATE;VALUE=DATE:20260309",
        "EXDATE;TZID=Europe/Berlin:20260309T090000\nEXDATE:20300101T000000Z",
    ],
)
def test_an_occurrence_is_skipped_however_it_is_named(exdate: str) -> None:
    assert starts(expanded(WEEKLY + ";COUNT=3\n" + exdate)) == ["0302 08:00", "0316 08:00"]


def test_the_first_occurrence_can_be_skipped() -> None:
    own, *rest = expanded(WEEKLY + ";COUNT=2\nEXDATE;TZID=Europe/Berlin:20260302T090000")
    assert own.start == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert starts(rest) == ["0309 08:00"]


def test_a_day_of_an_all_day_series_is_skipped_by_a_time_too() -> None:
    daily = "DTSTART;VALUE=DATE:20260302\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260303T000000Z"
    assert [seen.recurrence_id for seen in expanded(daily)[1:]] == ["20260302", "20260304"]


@pytest.mark.parametrize(
    "recurrence_id",
    [
        "RECURRENCE-ID;TZID=Europe/Berlin:20260309T090000",
        "RECURRENCE-ID:20260309T080000Z",
        "RECURRENCE-ID;TZID=America/New_York:20260309T040000",
        "RECURRENCE-ID;VALUE=DATE:20260309",
    ],
)
def test_an_exception_belongs_to_its_occurrence_however_it_is_named(recurrence_id: str) -> None:
    found = expanded(WEEKLY + ";COUNT=3", f"{recurrence_id}\n{LOCAL}")
    assert starts(found) == ["0302 08:00", "0309 10:00", "0316 08:00"]
    assert sorted(seen.source_key for seen in found[1:])[1] == "s/20260309T080000Z"


@pytest.mark.parametrize(
    "rdate",
    [
        "RDATE;TZID=Europe/Berlin:20260304T090000,20260306T090000",
        "RDATE;VALUE=PERIOD:20260304T080000Z/20260304T090000Z\n ,20260306T080000Z/PT1H",
        "RDATE;VALUE=DATE:20260304,20260306",
    ],
)
def test_dates_are_added_however_they_are_written(rdate: str) -> None:
    single = WEEKLY.partition("\nRRULE")[0]
    assert starts(expanded(f"{single}\n{rdate}")) == ["0302 08:00", "0304 08:00", "0306 08:00"]


@pytest.mark.parametrize(
    "until",
    ["20260316T080000Z", "20260316", "20260316T090000", "20260316T235959Z", "20260323T075959Z"],
)
def test_the_end_of_a_series_is_in_it_in_whatever_form(until: str) -> None:
    assert starts(expanded(f"{WEEKLY};UNTIL={until}")) == ["0302 08:00", "0309 08:00", "0316 08:00"]


def test_an_occurrence_moved_into_the_window_is_there_once() -> None:
    early = Window(datetime(2026, 3, 10, tzinfo=UTC), datetime(2026, 3, 20, tzinfo=UTC))
    moved = "RECURRENCE-ID;TZID=Europe/Berlin:20260302T090000\nDTSTART:20260312T150000Z\nDURATION:PT1H"
    assert starts(expanded(WEEKLY + ";COUNT=4", moved, window=early)) == ["0312 15:00", "0316 08:00"]


def test_a_multi_day_series_keeps_its_days() -> None:
    retreat = "DTSTART;VALUE=DATE:20260302\nDTEND;VALUE=DATE:20260305\nRRULE:FREQ=WEEKLY;COUNT=5"
    spans = [seen.end - seen.start for seen in expanded(retreat)[1:]]
    assert spans == [timedelta(days=3)] * 3 + [timedelta(days=3), timedelta(days=3)]


def test_a_series_through_the_night_of_the_change_has_each_occurrence_once() -> None:
    nightly = "DTSTART;TZID=Europe/Berlin:20260327T023000\nDURATION:PT15M\nRRULE:FREQ=DAILY;COUNT=5"
    found = expanded(nightly)[1:]
    assert [seen.start.strftime("%d %H:%M") for seen in found] == [
        "27 01:30",
        "28 01:30",
        "29 01:30",
        "30 00:30",
        "31 00:30",
    ]
