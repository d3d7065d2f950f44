"""Counted time: what passes between two moments, less holidays and the time in which either side was away."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepwarm.rules.counted_time import CountedTime
from keepwarm.rules.working_time import WorkingTime
from keepwarm.storage.histories import Absence, By

BERLIN = ZoneInfo("Europe/Berlin")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
START = datetime(2025, 3, 24, tzinfo=UTC)  # the Monday before the clock goes forward
PLAIN = WorkingTime(zone=BERLIN)
HOURS = st.integers(0, 24 * 40)
HOLIDAYS = st.sets(st.integers(0, 40), max_size=6).map(
    lambda days: frozenset(START.date() + timedelta(days=day) for day in days)
)
ABSENCES = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from([By.THEM, By.OWNER]), HOURS, st.integers(0, 200), st.booleans()),
    max_size=12,
)
Drawn = list[tuple[str, By, int, int, bool]]


def working(holidays: frozenset[date] = frozenset()) -> WorkingTime:
    return WorkingTime(zone=BERLIN, holidays=holidays)


def absence(start: datetime, end: datetime, *, ref: str = "m_1", by: By = By.THEM, whole_days: bool = False) -> Absence:
    return Absence(ref=ref, at=start, start=start, end=end, by=by, whole_days=whole_days)


def known(drawn: Drawn, holidays: frozenset[date]) -> CountedTime:
    time = CountedTime(working(holidays))
    for ref, by, start, length, whole in drawn:
        first = START + start * HOUR
        time.learn(absence(first, first + length * HOUR, ref=ref, by=by, whole_days=whole))
    return time


def hour_by_hour(drawn: Drawn, holidays: frozenset[date], earlier: datetime, later: datetime) -> list[datetime]:
    """Give the hours that count, one after the other."""
    last = {(ref, by): (start, length, whole) for ref, by, start, length, whole in drawn}
    found, now = [], earlier
    while now < later:
        local = now.astimezone(BERLIN).date()
        away = False
        for start, length, whole in last.values():
            first, end = START + start * HOUR, START + (start + length) * HOUR
            if whole and length:
                away |= first.astimezone(BERLIN).date() <= local <= (end - HOUR).astimezone(BERLIN).date()
            else:
                away |= first <= now < end
        if not away and local not in holidays:
            found.append(now)
        now += HOUR
    return found


@settings(max_examples=60, deadline=None)
@given(ABSENCES, HOLIDAYS, HOURS, HOURS)
def test_it_is_what_counting_hour_by_hour_gives(drawn: Drawn, holidays: frozenset[date], one: int, other: int) -> None:
    earlier, later = START + min(one, other) * HOUR, START + max(one, other) * HOUR
    time, counted = known(drawn, holidays), hour_by_hour(drawn, holidays, earlier, later)
    assert time.between(earlier, later) == len(counted) * HOUR
    on_duty = [now for now in counted if PLAIN.hours_between(now, now + HOUR) > 0]
    assert time.hours_between(earlier, later) == pytest.approx(len(on_duty), abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(ABSENCES, HOLIDAYS, st.lists(HOURS, min_size=3, max_size=3).map(sorted))
def test_it_adds_up_and_never_runs_backwards(drawn: Drawn, holidays: frozenset[date], hours: list[int]) -> None:
    time = known(drawn, holidays)
    one, two, three = (START + hour * HOUR for hour in hours)
    assert time.between(one, two) + time.between(two, three) == time.between(one, three)
    assert timedelta(0) <= time.between(one, two) <= two - one
    assert time.between(three, one) == one - three


@settings(max_examples=50, deadline=None)
@given(ABSENCES, HOLIDAYS, HOURS, HOURS)
def test_what_is_learnt_changes_nothing_before_it_says_so(
    drawn: Drawn, holidays: frozenset[date], one: int, other: int
) -> None:
    earlier, later = START + min(one, other) * HOUR, START + max(one, other) * HOUR
    time = CountedTime(working(holidays))
    for ref, by, start, length, whole in drawn:
        before, version = time.between(earlier, later), time.version
        first = START + start * HOUR
        since = time.learn(absence(first, first + length * HOUR, ref=ref, by=by, whole_days=whole))
        if since is None or since >= later:
            assert time.between(earlier, later) == before
        if time.between(earlier, later) != before:
            assert time.version != version


def test_without_absences_and_holidays_it_is_the_plain_difference() -> None:
    time, later = CountedTime(working()), START + timedelta(days=10, microseconds=7)
    assert time.days(START, later) == (later - START) / DAY
    assert not time.leaves_out(START, later)


def test_weekends_count_in_a_silence_but_have_no_working_hours() -> None:
    saturday = datetime(2025, 4, 4, 22, tzinfo=UTC)
    assert CountedTime(working()).days(saturday, saturday + 2 * DAY) == 2
    assert CountedTime(working()).hours_between(saturday, saturday + 2 * DAY) == 0


@pytest.mark.parametrize(("day", "hours"), [(date(2025, 3, 30), 23), (date(2025, 10, 26), 25), (date(2025, 5, 1), 24)])
def test_a_holiday_is_a_whole_day_of_the_owners_clock(day: date, hours: int) -> None:
    noon_before = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) - DAY
    time = CountedTime(working(frozenset({day})))
    assert time.between(noon_before, noon_before + 3 * DAY) == 3 * DAY - hours * HOUR


def test_the_absences_of_both_sides_and_a_holiday_are_taken_out_once() -> None:
    time = CountedTime(working(frozenset({date(2025, 4, 2)})))
    time.learn(absence(START, START + 10 * DAY, by=By.THEM))
    time.learn(absence(START + 5 * DAY, START + 15 * DAY, by=By.OWNER))
    assert time.days(START - DAY, START + 20 * DAY) == 6
    assert time.leaves_out(START - DAY, START + 20 * DAY)


def test_what_was_called_off_counts_again() -> None:
    time = CountedTime(working())
    time.learn(absence(START, START + 10 * DAY))
    assert time.learn(absence(START, START)) == START
    assert time.days(START, START + 10 * DAY) == 10


def test_who_comes_back_early_changes_only_what_would_have_come() -> None:
    time = CountedTime(working())
    time.learn(absence(START, START + 14 * DAY))
    assert time.learn(absence(START, START + 3 * DAY)) == START + 3 * DAY
    assert time.days(START, START + 14 * DAY) == 11


def test_thousands_of_absences_are_taken_in_one_by_one() -> None:
    time = CountedTime(working())
    for number in range(5000):
        time.learn(absence(START + number * 2 * DAY, START + (number * 2 + 1) * DAY, ref=f"m_{number}"))
    assert time.days(START, START + 10_000 * DAY) == 5000
