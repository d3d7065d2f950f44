"""Failure 41: a reminder that ignores that you have just been in touch. What answers a finding clears it."""

from __future__ import annotations

from keepwarm.storage.histories import By
from keepwarm.storage.observations import Answer
from tests.unit.history_samples import Story, findings, judged, on, only


def who_answers() -> Story:
    """Tell of somebody who has answered two invitations, and left the third one alone."""
    story = Story().talk([0])
    for day in (10, 20):
        story.meet(day, theirs=Answer.NONE).accepted(day - 5, by=By.THEM)
    story.meet(40, theirs=Answer.NONE)
    return story


def test_a_meeting_that_takes_place_clears_that_meetings_are_put_off() -> None:
    story = Story().talk([0])
    meeting = story.meet(105, planned=90)
    for day, to in ((100, 112), (110, 119), (117, 124)):
        meeting.moved(day, by=By.THEM, to=to)
    assert only(judged(story, 123), "put_off").cleared is None
    assert only(judged(story, 125), "put_off").cleared == on(124, 15.0)


def test_a_word_of_theirs_clears_that_an_invitation_was_left_unanswered() -> None:
    story = who_answers()
    assert only(judged(story, 43), "unanswered_invitation").cleared is None
    story.they_write(44)
    assert only(judged(story, 45), "unanswered_invitation").cleared == on(44)


def test_a_late_yes_clears_it_too() -> None:
    story = who_answers()
    story.appointments[-1].accepted(44, by=By.THEM)
    assert only(judged(story, 45), "unanswered_invitation").cleared == on(44, 9.0)


def test_putting_a_meeting_on_again_clears_that_it_was_cancelled() -> None:
    story = Story().talk([0])
    story.meet(20).cancelled(20, by=By.THEM, hour=9.0).put_on_again(20, by=By.THEM, hour=11.0)
    assert only(judged(story, 25), "cancelled").cleared == on(20, 11.0)


def test_the_owners_word_answers_the_question_whether_it_took_place() -> None:
    story = Story().talk([0])
    story.meet(20).missed(by=By.THEM)
    story.they_write(20, 15.5, apology=True)
    assert findings(judged(story, 25), "ask_no_show") == []
