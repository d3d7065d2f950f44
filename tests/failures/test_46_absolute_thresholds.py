"""Failure 46: an absolute threshold calls a healthy monthly client weak; the pair's own rhythm is the yardstick."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keepwarm.rules.rule import Family
from keepwarm.storage.histories import By
from tests.unit.history_samples import Story, findings, judged, on

if TYPE_CHECKING:
    from keepwarm.rules.engine import Outcome


def healthy(every: int, days: int = 900) -> Story:
    """Let the two write to each other in such a rhythm, and meet every other time."""
    story = Story()
    for number, day in enumerate(range(0, days, every)):
        story.talk([day])
        if number % 2:
            story.meet(day + 2, planned=day, by=By.THEM)
    return story


def bands(outcome: Outcome, since: int) -> set[str]:
    return {change.band for change in outcome.ledger if change.at > on(since)}


@pytest.mark.parametrize("every", [7, 14, 30])
def test_nothing_is_held_against_who_keeps_their_own_rhythm(every: int) -> None:
    outcome = judged(healthy(every), 900 - 900 % every)
    assert [one.rule.id for one in outcome.findings if one.rule.family is Family.NOT_INTO_YOU] == []
    assert bands(outcome, 200) <= {"happy_medium", "close"}


def test_a_quarterly_client_is_not_judged_by_a_rhythm_that_is_not_theirs() -> None:
    outcome = judged(healthy(91), 900)
    assert [one.rule.id for one in outcome.findings if one.rule.family is Family.NOT_INTO_YOU] == []


def test_the_same_silence_means_something_of_a_weekly_client_and_nothing_of_a_monthly_one() -> None:
    weekly, monthly = Story().talk(range(0, 364, 7)), Story().talk(range(0, 364, 30))
    assert findings(judged(weekly, 360 + 50), "gone_quiet")
    assert not findings(judged(monthly, 360 + 50), "gone_quiet")


def test_slow_answers_mean_nothing_of_who_always_took_their_time() -> None:
    story = Story()
    for day in range(0, 400, 20):
        story.they_write(day + 9, answers=story.you_write(day))
    assert not findings(judged(story, 410), "slow_fade")
