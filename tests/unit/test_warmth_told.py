"""A warmth is explained in at most five sentences, whose points add up to the number that is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from keepwarm.rules.model import Pulse
from keepwarm.rules.warmth import Bands, Ledger
from keepwarm.rules.warmth_told import MOST_SENTENCES, told

START = datetime(2025, 1, 6, 11, tzinfo=UTC)
DAY = timedelta(days=1)
_WRITTEN = st.lists(st.tuples(st.integers(0, 500), st.booleans()), max_size=60).map(sorted)
_ADJUSTED = st.lists(st.tuples(st.integers(0, 500), st.floats(-10, 10), st.sampled_from("abcde")), max_size=8)


@settings(max_examples=300, deadline=None)
@given(_WRITTEN, _ADJUSTED, st.integers(0, 900))
def test_the_points_add_up_to_the_warmth_to_the_tenth(
    written: list[tuple[int, bool]], adjusted: list[tuple[int, float, str]], later: int
) -> None:
    pulse, ledger = Pulse(UTC), Ledger(Bands())
    for day, inbound in written:
        (pulse.they_wrote if inbound else pulse.owner_wrote)(START + day * DAY)
    for day, points, rule in sorted(adjusted):
        ledger.adjust(START + day * DAY, points, rule)
    now = START + (500 + later) * DAY
    found = told(ledger, pulse, now)
    assert round(sum(term.points for term in found), 1) == ledger.warmth(pulse, now)
    assert 1 <= len(found) <= MOST_SENTENCES


def test_a_sentence_names_the_signals_and_says_that_they_are_a_judgement() -> None:
    pulse, ledger = Pulse(UTC), Ledger(Bands())
    for week in range(30):
        pulse.they_wrote(START + 7 * week * DAY)
        pulse.owner_wrote(START + 7 * week * DAY)
    now = START + 210 * DAY
    ledger.adjust(now, -4, "cancelled")
    *_, last = told(ledger, pulse, now)
    assert last.points == -4
    assert "cancelled -4.0" in last.sentence
    assert "judgement, not measured" in last.sentence


def test_a_warmth_that_is_bounded_says_so() -> None:
    pulse = Pulse(UTC)
    for week in range(10):
        pulse.they_wrote(START + 7 * week * DAY)
        pulse.owner_wrote(START + 7 * week * DAY)
    found = told(Ledger(Bands()), pulse, START + 3000 * DAY)
    assert round(sum(term.points for term in found), 1) == 0
    assert any("warmth ends at 0" in term.sentence for term in found)
