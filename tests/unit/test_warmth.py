"""Warmth: a base whose terms add up, and adjustments that stay small and fade."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepwarm.rules.model import Pulse
from keepwarm.rules.warmth import ADJUSTMENTS_AT_MOST, Bands, Ledger, base, terms

START = datetime(2025, 1, 6, 11, tzinfo=UTC)
DAY = timedelta(days=1)


def heard_every(days: int, times: int = 400) -> tuple[Pulse, datetime]:
    """Give a pulse of somebody who writes so often and is answered, as of the last time."""
    pulse, now = Pulse(UTC), START
    for number in range(min(times, 1200 // days)):
        now = START + number * days * DAY
        pulse.they_wrote(now)
        pulse.owner_wrote(now)
    return pulse, now


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 500), st.booleans()), max_size=40).map(sorted), st.integers(0, 400))
def test_the_terms_add_up_to_the_base(written: list[tuple[int, bool]], later: int) -> None:
    pulse = Pulse(UTC)
    for day, inbound in written:
        (pulse.they_wrote if inbound else pulse.owner_wrote)(START + day * DAY)
    now = START + (later + (written[-1][0] if written else 0)) * DAY
    total = sum(term.points for term in terms(pulse, now))
    assert base(pulse, now) == pytest.approx(min(max(total, 0), 100), abs=1e-9)


@pytest.mark.parametrize(("every", "low", "high"), [(7, 76, 84), (30, 54, 62), (90, 38, 46)])
def test_weekly_monthly_and_quarterly_stand_where_they_were_measured(every: int, low: int, high: int) -> None:
    pulse, last = heard_every(every)
    middle = last + every / 2 * DAY
    assert low <= base(pulse, middle) <= high


def test_beyond_sixty_days_silence_weighs_more() -> None:
    pulse, last = heard_every(7)
    assert sum("silent" in term.sentence for term in terms(pulse, last + 59 * DAY)) == 0
    assert sum("silent" in term.sentence for term in terms(pulse, last + 61 * DAY)) == 1
    assert base(pulse, last + 120 * DAY) < base(pulse, last + 60 * DAY) - 10


def test_few_messages_are_marked_as_a_judgement() -> None:
    pulse, last = heard_every(7, times=2)
    (few,) = [term for term in terms(pulse, last) if "hardly know" in term.sentence]
    assert few.points == -20
    assert "not measured" in few.sentence


@pytest.mark.parametrize(
    ("warmth", "band"),
    [(0, "cold"), (19.9, "cold"), (20, "cool"), (45, "happy_medium"), (84.9, "happy_medium"), (85, "close")],
)
def test_the_bands_begin_where_the_owner_says(warmth: float, band: str) -> None:
    assert Bands().of(warmth) == band
    assert Bands().of(warmth, "cool") == ("cold" if band == "cold" else "cool")
    assert Bands(cool=1, happy_medium=2, close=3).of(max(warmth, 3)) == "close"


def test_an_adjustment_halves_in_sixty_days() -> None:
    pulse, now = heard_every(7)
    ledger, plain = Ledger(Bands()), Ledger(Bands())
    ledger.adjust(now, -8)
    left = [ledger.warmth(pulse, now + days * DAY) - plain.warmth(pulse, now + days * DAY) for days in (0, 60, 120)]
    assert left == pytest.approx([-8, -4, -2], abs=0.11)


@pytest.mark.parametrize("points", [-9.0, 9.0])
def test_adjustments_are_bounded_together(points: float) -> None:
    pulse, now = heard_every(30)
    ledger, plain = Ledger(Bands()), Ledger(Bands())
    for _ in range(5):
        ledger.adjust(now, points)
    assert abs(ledger.warmth(pulse, now) - plain.warmth(pulse, now)) == pytest.approx(ADJUSTMENTS_AT_MOST, abs=0.11)


def test_old_adjustments_are_let_go_without_a_step() -> None:
    pulse, now = heard_every(7)
    ledger = Ledger(Bands())
    ledger.adjust(now, -8)
    later = now + 600 * DAY
    before = ledger.warmth(pulse, later)
    ledger.adjust(later, 0.01)
    assert ledger.warmth(pulse, later) == before


def test_warmth_stays_within_0_and_100() -> None:
    busy, last = heard_every(1)
    silent, long_ago = heard_every(90)
    warm, cold = Ledger(Bands()), Ledger(Bands())
    warm.adjust(last, 10)
    cold.adjust(long_ago + 900 * DAY, -10)
    assert warm.warmth(busy, last) == 100
    assert cold.warmth(silent, long_ago + 900 * DAY) == 0


def test_somebody_who_was_never_heard_is_a_stranger_whatever_the_owner_wrote() -> None:
    pulse = Pulse(UTC)
    for day in range(10):
        pulse.owner_wrote(START + day * DAY)
    assert base(pulse, START + 10 * DAY) == 0
    pulse.they_wrote(START + 10 * DAY)
    assert base(pulse, START + 10 * DAY) > 0
