"""Failure 57: a lone cancellation never counts, or cancellations count whoever made them."""

from __future__ import annotations

import pytest

from keepwarm.storage.histories import By
from tests.unit.history_samples import Story, findings, judged, only


def test_a_lone_cancellation_at_the_last_hour_counts() -> None:
    story = Story().talk([0])
    story.meet(20).cancelled(20, by=By.THEM)
    assert only(judged(story, 21), "cancelled").facts["late_cancelled_by_them_60d"] == 1


@pytest.mark.parametrize("by", [By.OWNER, By.OTHER, By.UNKNOWN])
def test_what_somebody_else_cancelled_or_nobody_knows_who_is_not_theirs(by: By) -> None:
    story = Story().talk([0])
    for day in (20, 22, 24):
        story.meet(day).cancelled(day, by=by)
    outcome = judged(story, 30)
    assert findings(outcome, "cancelled") == []
    assert bool(findings(outcome, "you_moved_it")) is (by is By.OWNER)


def test_each_cancellation_is_told_with_who_made_it_and_how_that_is_known() -> None:
    story = Story().talk([0])
    story.meet(20).cancelled(20, by=By.THEM)
    (source,) = only(judged(story, 21), "cancelled").evidence
    assert source.what == "“Catching up” cancelled (by them; so the story goes)"


def test_a_cancellation_out_of_the_office_is_held_against_nobody() -> None:
    story = Story().talk([0])
    for day in (20, 22, 24):
        story.meet(day).cancelled(day, by=By.THEM).out_of_office()
    assert findings(judged(story, 30), "cancelled") == []
