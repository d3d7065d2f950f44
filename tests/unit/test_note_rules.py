"""What was noted is raised when its day is near, or at the next meeting; then no more."""

from __future__ import annotations

import pytest

from keepwarm.storage.histories import By
from keepwarm.storage.observations import Answer
from tests.unit.history_samples import Story, findings, judged, on, only


def test_a_note_for_a_day_is_raised_three_days_before_and_open_until_the_day_after() -> None:
    story = Story().talk([0])
    story.note(0, "Brother's wedding", to_recall=17)  # a Thursday
    assert not findings(judged(story, 13), "remember")
    finding = only(judged(story, 30), "remember")
    assert (finding.opened, finding.cleared) == (on(14, 5.0), on(21, 5.0))  # the first look after it is on Monday
    assert finding.sentence == "Remember, for 25 January 2024 and Ana: “Brother's wedding”."
    assert [source.kind for source in finding.evidence] == ["note"]


@pytest.mark.parametrize("weekday", range(7))
def test_a_day_in_a_long_silence_is_not_missed(weekday: int) -> None:
    story = Story().talk([0])
    story.note(0, to_recall=210 + weekday)
    finding = only(judged(story, 260), "remember")
    assert on(207 + weekday, 0.0) <= finding.opened <= on(210 + weekday, 0.0)


def test_a_note_that_is_written_when_its_day_is_near_is_raised_at_once_and_one_of_the_past_is_not() -> None:
    story = Story().talk([0])
    story.note(10, to_recall=11)
    story.note(20, to_recall=11)
    assert [finding.opened for finding in findings(judged(story, 30), "remember")] == [on(10, 12.5)]


def test_of_two_notes_for_days_that_are_near_each_other_both_are_raised() -> None:
    story = Story().talk([0])
    story.note(0, "Wedding", to_recall=16)
    story.note(1, "Surgery", to_recall=17)
    texts = " ".join(finding.sentence for finding in findings(judged(story, 30), "remember"))
    assert "Wedding" in texts
    assert "Surgery" in texts


def test_a_note_without_a_day_is_raised_before_the_next_meeting_and_only_then() -> None:
    story = Story().talk([0])
    story.note(1, "Runs on Sundays")
    story.meet(14, planned=2)  # a Monday
    story.meet(28, planned=2)
    assert not findings(judged(story, 10), "remember_at_meeting")
    finding = only(judged(story, 40), "remember_at_meeting")
    assert (finding.opened, finding.cleared) == (on(11, 5.0), on(14, 15.0))
    assert finding.sentence == "You meet Ana on 22 January 2024. You had noted: “Runs on Sundays”."
    assert {source.kind for source in finding.evidence} == {"note", "meeting_revision"}


def test_only_the_newest_three_notes_are_raised() -> None:
    story = Story().talk([0])
    for number in range(6):
        story.note(number, f"Note {number}")
    story.meet(9, planned=8)
    sentence = only(judged(story, 9), "remember_at_meeting").sentence
    assert [f"Note {number}" in sentence for number in range(6)] == [False, False, False, True, True, True]


def test_a_meeting_that_is_off_or_of_a_crowd_is_none_and_the_note_waits_for_the_next() -> None:
    story = Story().talk([0])
    story.note(1)
    story.meet(10, planned=2).cancelled(5, by=By.THEM)
    story.meet(11, planned=2, people=30)
    story.meet(12, planned=2, owners=Answer.DECLINED)
    assert not findings(judged(story, 12), "remember_at_meeting")
    story.meet(21, planned=15)
    assert only(judged(story, 21), "remember_at_meeting").opened == on(18, 5.0)


def test_a_meeting_that_was_called_off_after_it_was_raised_does_not_use_the_note_up() -> None:
    story = Story().talk([0])
    story.note(1)
    story.meet(10, planned=2).cancelled(10, by=By.THEM)
    story.meet(24, planned=16)
    assert [finding.opened for finding in findings(judged(story, 24), "remember_at_meeting")] == [
        on(9, 5.0),
        on(23, 5.0),
    ]
