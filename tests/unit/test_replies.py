"""Which message answers which, and how long that took."""

from __future__ import annotations

import pytest

from keepwarm.rules.replies import ReplyLog
from tests.unit.history_samples import WORKING, Story


def log_of(story: Story) -> ReplyLog:
    log = ReplyLog(WORKING)
    for message in story.history().messages:
        log.add(message)
    return log


def test_a_reply_takes_the_owners_working_time() -> None:
    story = Story()
    asked = story.you_write(4, 17.0)  # a Friday
    story.they_write(7, 10.0, answers=asked)
    (reply,) = log_of(story).theirs.items
    assert reply.hours == 2.0
    assert reply.answers == asked


def test_only_the_first_answer_to_a_message_counts() -> None:
    story = Story()
    asked = story.you_write(0, 9.0)
    first = story.they_write(0, 10.0, answers=asked)
    story.they_write(3, 10.0, answers=asked)
    assert [reply.message for reply in log_of(story).theirs.items] == [first]


def test_going_on_with_ones_own_message_is_no_reply() -> None:
    story = Story()
    asked = story.you_write(0)
    story.you_write(5, answers=asked)
    log = log_of(story)
    assert (len(log.theirs), len(log.owners)) == (0, 0)


@pytest.mark.parametrize(("day", "says_re", "found"), [(30, True, True), (31, True, False), (1, False, False)])
def test_the_subject_tells_a_reply_only_where_it_says_so_and_is_recent(day: int, says_re: bool, found: bool) -> None:
    story = Story()
    story.you_write(0, subject_key=7)
    story.they_write(day, subject_key=7, says_reply=says_re)
    assert len(log_of(story).theirs) == found


def test_the_subject_finds_the_other_sides_message_only() -> None:
    story = Story()
    story.they_write(0, subject_key=7)
    story.they_write(1, subject_key=7, says_reply=True)
    assert len(log_of(story).theirs) == 0


def test_a_reply_to_something_unknown_goes_on_with_it_and_answers_nothing() -> None:
    story = Story()
    story.you_write(0)
    unknown = story.they_write(1, parent=987)
    log = log_of(story)
    assert log.answered_by(unknown) is None
    assert log.is_follow_up(unknown)
