from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepwarm.daemon.values import Weekday, WeeklyTime
from keepwarm.daemon.weekly import key_of, last_due, monday_told, next_due

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = WeeklyTime(Weekday.MON, time(8))

moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - given a zone
weekly_times = st.builds(
    WeeklyTime, st.sampled_from(Weekday), st.times().map(lambda at: at.replace(second=0, microsecond=0))
)
zones = st.sampled_from([BERLIN, ZoneInfo("America/St_Johns"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("UTC")])


@given(moments, weekly_times, zones)
def test_the_last_is_not_after_now_and_the_next_is_a_week_of_the_calendar_later(
    now: datetime, at: WeeklyTime, zone: ZoneInfo
) -> None:
    last, following = last_due(now, at, zone), next_due(now, at, zone)
    assert last <= now < following
    assert following.astimezone(zone).date() - last.astimezone(zone).date() == timedelta(days=7)
    assert last_due(following, at, zone) == following
    assert monday_told(following, zone) - monday_told(last, zone) == timedelta(days=7)  # one a week, none left out


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-23T07:59:59+01:00", "2026-11-16T08:00+01:00"),
        ("2026-11-23T08:00:00+01:00", "2026-11-23T08:00+01:00"),
        ("2026-11-29T23:59:59+01:00", "2026-11-23T08:00+01:00"),
        ("2026-03-30T08:00:00+02:00", "2026-03-30T08:00+02:00"),  # the clocks went forward the day before
        ("2026-10-26T07:59:00+01:00", "2026-10-19T08:00+02:00"),  # ... and back
        ("2026-10-26T08:00:00+01:00", "2026-10-26T08:00+01:00"),
    ],
)
def test_it_is_due_at_the_owners_hour_also_when_the_clocks_have_changed(now: str, due: str) -> None:
    assert last_due(datetime.fromisoformat(now), MONDAY, BERLIN) == datetime.fromisoformat(due)


@pytest.mark.parametrize(
    ("hour", "utc"), [(time(2, 30), "2026-03-29T01:30+00:00"), (time(3), "2026-03-29T01:00+00:00")]
)
def test_an_hour_that_the_clocks_leave_out_is_none_the_less_due(hour: time, utc: str) -> None:
    at = WeeklyTime(Weekday.SUN, hour)
    assert last_due(datetime(2026, 3, 29, 12, tzinfo=UTC), at, BERLIN) == datetime.fromisoformat(utc)


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (Weekday.MON, date(2026, 11, 16)),
        (Weekday.THU, date(2026, 11, 16)),
        (Weekday.FRI, date(2026, 11, 23)),
        (Weekday.SUN, date(2026, 11, 23)),
    ],
)
def test_early_in_the_week_a_report_tells_of_the_one_before(day: Weekday, told: date) -> None:
    due = last_due(datetime(2026, 11, 29, 23, tzinfo=BERLIN), WeeklyTime(day, time(8)), BERLIN)
    assert monday_told(due, BERLIN) == told


def test_a_week_is_named_after_its_thursday() -> None:
    assert key_of(date(2026, 12, 28)) == "2026-W53"
    assert key_of(date(2027, 1, 4)) == "2027-W01"
