"""The measured model: the state that each event brings up to date says what the definitions say of all days at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepwarm.rules.counted_time import CountedTime
from keepwarm.rules.model import Pulse, logistic, noon_of
from keepwarm.rules.warmth import base
from keepwarm.rules.working_time import WorkingTime
from keepwarm.storage.histories import Absence, By

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from([UTC, BERLIN, *map(ZoneInfo, ("America/New_York", "Australia/Lord_Howe", "Pacific/Auckland"))])
START = datetime(2023, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTES = st.integers(0, 3 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
EVENTS = st.lists(st.tuples(MINUTES, st.sampled_from(["in", "in", "out", "met"])), max_size=60).map(sorted)
LATER = st.floats(0, 800).map(lambda days: days * DAY)


def pulse_of(events: list[tuple[datetime, str]], zone: object = UTC) -> Pulse:
    pulse = Pulse(zone)  # type: ignore[arg-type]
    for at, what in events:
        {"in": pulse.they_wrote, "out": pulse.owner_wrote, "met": pulse.they_met}[what](at)
    return pulse


@dataclass
class Batch:
    """The definitions, word for word, over all events at once."""

    events: list[tuple[datetime, str]]
    zone: ZoneInfo
    now: datetime

    def __post_init__(self) -> None:
        inbound = {at.astimezone(self.zone).date() for at, what in self.events if what != "out"}
        noons = [datetime(day.year, day.month, day.day, 12, tzinfo=self.zone).astimezone(UTC) for day in inbound]
        ages = [(self.counting_now(noons) - noon) / DAY for noon in noons]
        self.d60 = math.fsum(2 ** (-age / 60) for age in ages)
        self.d180 = math.fsum(2 ** (-age / 180) for age in ages)
        self.age = max([7.0, *((self.now - noon) / DAY for noon in noons)])
        self.quiet = math.log(1 + max(0.0, (self.now - max(at for at, _ in self.events)) / DAY)) if self.events else 0.0
        self.heard = math.log(1 + self.d60)
        e180 = (180 / math.log(2)) * (1 - 2 ** (-self.age / 180))
        self.pace = math.log((self.d180 + 0.3) / (e180 + 10))

    def counting_now(self, noons: list[datetime]) -> datetime:
        return max([self.now, *noons])  # a day counts from its noon, even in its morning

    @property
    def hear_60(self) -> float:
        return 1 - 1 / (1 + math.exp(-(0.632 - 1.602 * self.heard + 0.309 * self.quiet)))

    @property
    def drop(self) -> float:
        return 1 / (1 + math.exp(-(4.464 - 1.775 * self.heard + 1.211 * self.pace + 0.373 * self.quiet)))


@settings(max_examples=150, deadline=None)
@given(EVENTS, ZONES, LATER)
def test_the_streaming_state_equals_a_batch_over_all_days(
    events: list[tuple[datetime, str]], zone: ZoneInfo, later: timedelta
) -> None:
    now = (events[-1][0] if events else START) + later
    pulse, batch = pulse_of(events, zone), Batch(events, zone, now)
    assert pulse.decayed(now) == pytest.approx((batch.d60, batch.d180), abs=1e-9)
    assert pulse.log_heard(now) == pytest.approx(batch.heard, abs=1e-9)
    assert pulse.log_quiet(now) == pytest.approx(batch.quiet, abs=1e-9)
    assert pulse.pace(now) == pytest.approx(batch.pace, abs=1e-9)
    assert pulse.chance_to_hear(now) == pytest.approx(batch.hear_60, abs=1e-9)
    if (drop := pulse.chance_of_drop(now)) is not None:
        assert drop == pytest.approx(batch.drop, abs=1e-9)
        assert 60 * math.exp(batch.pace) >= 3
        assert len(events) + sum(what == "met" for _, what in events) >= 8


@settings(max_examples=100, deadline=None)
@given(EVENTS, st.lists(MINUTES, min_size=1, max_size=5), LATER)
def test_more_inbound_days_never_cool_somebody_who_was_heard(
    others: list[tuple[datetime, str]], more: list[datetime], later: timedelta
) -> None:
    events = [(START, "in"), *others]
    together = sorted([*events, *((at, "in") for at in more)])
    now = together[-1][0] + later
    assert base(pulse_of(together), now) >= base(pulse_of(events), now) - 1e-9


@settings(max_examples=100, deadline=None)
@given(EVENTS, LATER, LATER)
def test_time_passing_never_raises_the_base(
    events: list[tuple[datetime, str]], later: timedelta, later_still: timedelta
) -> None:
    pulse = pulse_of(events)
    now = (events[-1][0] if events else START) + later
    assert base(pulse, now + later_still) <= base(pulse, now) + 1e-9


ABSENCES = st.lists(st.tuples(MINUTES, MINUTES, st.integers(0, 90), st.sampled_from("abc")), max_size=6)


@settings(max_examples=80, deadline=None)
@given(EVENTS, ABSENCES, LATER)
def test_with_absences_that_become_known_in_between_the_state_still_equals_a_batch(
    events: list[tuple[datetime, str]], absences: list[tuple[datetime, datetime, int, str]], later: timedelta
) -> None:
    time = CountedTime(WorkingTime(zone=UTC))
    pulse = Pulse(UTC, time)
    known = sorted(
        (Absence(ref=ref, at=at, start=start, end=start + days * DAY, by=By.THEM) for at, start, days, ref in absences),
        key=lambda one: (one.at, one.ref),
    )
    for at, what in [*events, (datetime.max.replace(tzinfo=UTC), "")]:
        while known and known[0].at <= at:
            if (since := time.learn(known.pop(0))) is not None:
                pulse.recount(since)
        if what:
            {"in": pulse.they_wrote, "out": pulse.owner_wrote, "met": pulse.they_met}[what](at)
    now = (events[-1][0] if events else START) + later
    noons = sorted({noon_of(at.date(), UTC) for at, what in events if what != "out"})
    counted_to = max([now, *noons])
    d60 = math.fsum(2 ** (-time.days(noon, counted_to) / 60) for noon in noons)
    d180 = math.fsum(2 ** (-time.days(noon, counted_to) / 180) for noon in noons)
    assert pulse.decayed(now) == pytest.approx((d60, d180), abs=1e-9)
    if noons:
        last = time.days(noons[0], noons[-1])
        exposure = 180 / math.log(2) * (1 - 2 ** (-max(7.0, last) / 180))
        there = math.fsum(2 ** (-time.days(noon, noons[-1]) / 180) for noon in noons)
        assert pulse.rhythm == pytest.approx(60 * (there + 0.3) / (exposure + 10), abs=1e-9)


def test_several_messages_a_day_count_once() -> None:
    day = datetime(2025, 5, 5, tzinfo=UTC)
    once = pulse_of([(day + timedelta(hours=9), "in")])
    often = pulse_of([(day + timedelta(hours=hour), "in") for hour in (0, 9, 12, 23)])
    assert often.decayed(day + 3 * DAY) == once.decayed(day + 3 * DAY)
    assert (often.messages_in, once.messages_in) == (4, 1)


def test_the_day_is_the_owners() -> None:
    evening, night = datetime(2025, 5, 5, 21, 30, tzinfo=UTC), datetime(2025, 5, 5, 22, 30, tzinfo=UTC)
    now = datetime(2025, 5, 6, 12, tzinfo=UTC)
    in_berlin = pulse_of([(evening, "in"), (night, "in")], BERLIN)
    in_london = pulse_of([(evening, "in"), (night, "in")], ZoneInfo("Europe/London"))
    assert in_berlin.decayed(now)[0] > 1.9
    assert in_london.decayed(now)[0] < 1.1


@pytest.mark.parametrize(
    ("day", "utc_hour"), [(date(2025, 3, 29), 11), (date(2025, 3, 30), 10), (date(2025, 10, 26), 11)]
)
def test_noon_is_the_clocks_on_the_days_when_it_jumps(day: date, utc_hour: int) -> None:
    assert noon_of(day, BERLIN) == datetime(day.year, day.month, day.day, utc_hour, tzinfo=UTC)


def test_nobody_is_judged_by_fewer_than_eight_messages_or_by_one_side_alone() -> None:
    at = [START + day * DAY for day in range(8)]
    assert not pulse_of([(one, "in") for one in at]).judged
    assert not pulse_of([(one, "out") for one in at]).judged
    assert not pulse_of([*((one, "in") for one in at[:6]), (at[6], "out")]).judged
    assert pulse_of([*((one, "in") for one in at[:7]), (at[7], "out")]).judged
    assert pulse_of([(one, "met") for one in at[:4]]).judged


def test_a_pace_below_three_days_in_sixty_is_too_little_to_judge_a_drop_by() -> None:
    slow = pulse_of([(START + day * DAY, what) for day in range(0, 400, 30) for what in ("in", "out")])
    quick = pulse_of([(START + day * DAY, what) for day in range(0, 400, 7) for what in ("in", "out")])
    now = START + 400 * DAY
    assert slow.judged
    assert slow.chance_of_drop(now) is None
    assert quick.chance_of_drop(now) is not None


def test_the_logistic_function_bears_any_number() -> None:
    assert [logistic(-1e6), logistic(0), logistic(1e6)] == [0.0, 0.5, 1.0]
