"""Working hours between two moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepwarm.rules.working_time import WorkingTime

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)
NEAR_A_JUMP = st.sampled_from([datetime(2025, 3, 24, tzinfo=UTC), datetime(2025, 10, 20, tzinfo=UTC)])
"""Mondays of the weeks in which the clock goes forward, and back."""


def counted(working: WorkingTime, earlier: datetime, later: datetime) -> float:
    """Count minute by minute."""
    minutes, now = 0, earlier
    while now < later:
        local = now.astimezone(working.zone)
        on_duty = working.begins <= local.time() < working.ends
        if on_duty and local.weekday() in working.days and local.date() not in working.holidays:
            minutes += 1
        now += MINUTE
    return minutes / 60


@settings(max_examples=60, deadline=None)
@given(
    NEAR_A_JUMP,
    st.integers(0, 12 * 24 * 60),
    st.integers(0, 6 * 24 * 60),
    st.sets(st.integers(0, 6)),
    st.sets(st.integers(0, 12), max_size=3),
    st.sampled_from([(time(9), time(18)), (time(8, 30), time(12, 15)), (time(13), time(23, 45))]),
)
def test_the_hours_are_those_that_counting_minutes_gives(
    monday: datetime, start: int, length: int, days: set[int], holidays: set[int], hours: tuple[time, time]
) -> None:
    working = WorkingTime(
        zone=BERLIN,
        days=frozenset(days),
        begins=hours[0],
        ends=hours[1],
        holidays=frozenset(monday.date() + timedelta(days=day) for day in holidays),
    )
    earlier = monday + start * MINUTE
    later = earlier + length * MINUTE
    assert working.hours_between(earlier, later) == pytest.approx(counted(working, earlier, later), abs=1e-6)


def test_weekends_and_holidays_are_no_working_time() -> None:
    friday, tuesday = datetime(2025, 4, 18, 15, tzinfo=UTC), datetime(2025, 4, 22, 8, tzinfo=UTC)
    easter = frozenset({date(2025, 4, 18), date(2025, 4, 21)})
    assert WorkingTime(zone=BERLIN).hours_between(friday, tuesday) == 1 + 9 + 1
    assert WorkingTime(zone=BERLIN, holidays=easter).hours_between(friday, tuesday) == 1


def test_the_other_way_round_is_no_time() -> None:
    working = WorkingTime(zone=BERLIN)
    assert working.hours_between(datetime(2025, 4, 22, tzinfo=UTC), datetime(2025, 4, 18, tzinfo=UTC)) == 0


def test_a_date_before_all_mail_breaks_nothing() -> None:
    working = WorkingTime(zone=BERLIN)
    assert working.hours_between(datetime(1601, 1, 1, tzinfo=UTC), datetime(1980, 1, 1, 23, tzinfo=UTC)) == 9
