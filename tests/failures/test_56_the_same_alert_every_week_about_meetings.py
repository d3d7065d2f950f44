"""Failure 56: the same alert every week. A meeting is told once, and again only when something new has happened."""

from __future__ import annotations

from keepwarm.storage.histories import By
from keepwarm.storage.observations import Answer
from tests.unit.history_samples import Story, findings, judged, on


def test_one_meeting_to_which_they_did_not_come_is_told_once_and_the_next_one_again() -> None:
    story = Story().talk([0])
    story.meet(20).missed(by=By.THEM)
    assert len(findings(judged(story, 400), "stood_up")) == 1
    story.meet(100).missed(by=By.THEM)
    assert [one.opened for one in findings(judged(story, 400), "stood_up")] == [on(20, 15.0), on(100, 15.0)]


def test_one_invitation_without_an_answer_is_told_once() -> None:
    story = Story().talk([0])
    for day in (10, 20):
        story.meet(day, theirs=Answer.NONE).accepted(day - 5, by=By.THEM)
    story.meet(40, theirs=Answer.NONE)
    assert len(findings(judged(story, 400), "unanswered_invitation")) == 1


def test_one_apology_is_asked_about_once() -> None:
    story = Story().talk([0])
    story.meet(20)
    story.they_write(20, 15.5, apology=True)
    assert len(findings(judged(story, 400), "ask_no_show")) == 1


def test_one_late_cancellation_is_told_once() -> None:
    story = Story().talk([0])
    story.meet(20).cancelled(20, by=By.THEM)
    assert len(findings(judged(story, 400), "cancelled")) == 1
