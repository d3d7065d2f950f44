"""Failure 54: a no-show is told of somebody who came. It is never told from silence."""

from __future__ import annotations

import pytest

from keepwarm.storage.histories import By
from keepwarm.storage.observations import Answer
from tests.unit.history_samples import Story, findings, judged, on, only


@pytest.mark.parametrize("theirs", [Answer.ACCEPTED, Answer.TENTATIVE, Answer.NONE])
@pytest.mark.parametrize("silent", [True, False])
def test_nobody_is_said_not_to_have_come_because_nothing_was_heard(theirs: Answer, silent: bool) -> None:
    story = Story().talk([0])
    for day in (20, 27, 34):
        story.meet(day, theirs=theirs)
    if not silent:
        story.they_write(36)
    assert findings(judged(story, 90), "stood_up") == []


def test_an_apology_alone_asks_the_owner_and_is_no_finding_about_them() -> None:
    story = Story().talk([0])
    story.meet(20)
    story.they_write(20, 15.5, apology=True)
    outcome = judged(story, 30)
    assert only(outcome, "ask_no_show").rule.family == "care"
    assert not any(finding.rule.family == "not_into_you" for finding in outcome.findings)
    assert findings(outcome, "stood_up") == []


def test_an_invitation_without_an_answer_is_a_weaker_finding_of_its_own_and_moves_no_warmth() -> None:
    story = Story().talk([0])
    for day in (10, 20):
        story.meet(day, theirs=Answer.NONE).accepted(day - 5, by=By.THEM)
    story.meet(40, theirs=Answer.NONE)
    finding = only(judged(story, 43), "unanswered_invitation")
    assert finding.strength == "weak"
    assert finding.rule.warmth == 0
    assert findings(judged(story, 43), "stood_up") == []


def test_by_a_record_or_the_owners_word_it_is_told_of_the_end_of_the_meeting() -> None:
    story = Story().talk([0])
    story.meet(20).missed(by=By.THEM)
    assert only(judged(story, 21), "stood_up").opened == on(20, 15.0)
