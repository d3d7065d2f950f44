"""Failure 41: a reminder that ignores that you have just been in touch, where neither mail nor calendar knows of it."""

from __future__ import annotations

import pytest

from tests.unit.history_samples import Story, findings, judged, on, only


def gone_quiet() -> Story:
    return Story().talk(range(0, 300, 5))


def you_went_quiet() -> Story:
    return Story().talk(range(0, 280, 14))


def one_sided() -> Story:
    story = Story().talk(range(0, 100, 10))
    for day in (102, 106, 110, 114):
        story.you_write(day)
    return story


CASES = [(gone_quiet, "gone_quiet", 370), (you_went_quiet, "you_went_quiet", 330), (one_sided, "one_sided", 120)]


@pytest.mark.parametrize(("story", "rule", "day"), CASES)
def test_a_logged_call_clears_it(story: object, rule: str, day: int) -> None:
    told = story() if callable(story) else Story()
    assert only(judged(told, day), rule).cleared is None
    told.log(day, "call", 15.0)
    assert only(judged(told, day, 16.0), rule).cleared == on(day, 15.0)


@pytest.mark.parametrize(("kind", "cleared"), [("call", True), ("letter", False), ("gift", False)])
def test_what_they_had_no_part_in_says_nothing_about_their_silence(kind: str, cleared: bool) -> None:
    story = gone_quiet()
    story.log(370, kind, 15.0)
    assert (only(judged(story, 370, 16.0), "gone_quiet").cleared is not None) is cleared


def test_a_letter_clears_that_the_owner_went_quiet() -> None:
    story = you_went_quiet()
    story.log(330, "letter", 15.0)
    assert only(judged(story, 330, 16.0), "you_went_quiet").cleared == on(330, 15.0)


def test_a_call_answers_the_message_that_waited() -> None:
    story = Story().talk(range(0, 50, 10))
    story.they_write(51)
    assert only(judged(story, 58), "you_owe_reply").cleared is None
    story.log(57, "call")
    assert only(judged(story, 58), "you_owe_reply").cleared == on(57, 12.0)


def test_a_call_in_time_lets_none_of_it_open() -> None:
    story = you_went_quiet()
    for day in range(280, 420, 14):
        story.log(day, "call")
    found = judged(story, 420)
    assert [findings(found, rule) for rule in ("gone_quiet", "you_went_quiet", "one_sided")] == [[], [], []]
