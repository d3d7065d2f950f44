"""Failure 45: a window of 365 days scores a relationship of five years 0; memory decays, it does not end."""

from __future__ import annotations

from itertools import pairwise

import pytest

from keepwarm.rules.warmth import base
from tests.unit.history_samples import Story, engine, judged, on, only

LAST = 1820
YEARS = Story().talk(range(0, LAST + 1, 7)).history()


def base_after(days: float) -> float:
    """Give what is left of five years, so many days after the last word."""
    moment, _ = engine(()).moment(YEARS, on(LAST) + (on(1) - on(0)) * days)
    return base(moment.pulse, moment.now)


@pytest.mark.parametrize("window", [30, 60, 90, 180, 365])
def test_no_day_takes_more_than_a_point_once_a_month_has_passed(window: int) -> None:
    before, after = base_after(window - 0.5), base_after(window + 0.5)
    assert 0.0 <= before - after < 1.0


def test_a_year_of_silence_leaves_something_of_five_years_and_more_the_shorter_it_is() -> None:
    left = [base_after(days) for days in (30, 60, 120, 180, 240, 300, 366)]
    assert all(earlier > later for earlier, later in pairwise(left))
    assert left[-1] > 0


def test_what_is_told_of_them_does_not_change_when_the_year_is_over() -> None:
    story = Story().talk(range(0, LAST + 1, 7))
    finding = only(judged(story, LAST + 400), "gone_quiet")
    assert finding.opened < on(LAST + 50)
    assert finding.cleared is None
