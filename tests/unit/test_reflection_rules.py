"""After the meeting: what the owner thought of it counts a little, and is asked for where they are used to it."""

from __future__ import annotations

import pytest

from keepwarm.storage.identity import meeting_id
from tests.unit.history_samples import Story, findings, judged, on, only


def client() -> Story:
    return Story(labels=("client",)).talk([0])


def test_a_good_mood_with_both_questions_answered_warms() -> None:
    story = client()
    story.reflect(3, needs=True, helped=True, mood=4)
    outcome = judged(story, 4)
    finding = only(outcome, "good_meeting")
    assert finding.sentence.startswith("Ana left your meeting in a good mood, as you noted on 11 January 2024 (4 of 5)")
    assert [source.kind for source in finding.evidence] == ["reflection"]
    assert finding.rule.warmth == 2
    assert "good_meeting" in [change.cause for change in outcome.ledger]


@pytest.mark.parametrize(
    ("needs", "helped", "mood"), [(True, True, 3), (True, False, 5), (None, True, 5), (True, True, None)]
)
def test_less_than_that_does_not(needs: bool | None, helped: bool | None, mood: int | None) -> None:
    story = client()
    story.reflect(3, needs=needs, helped=helped, mood=mood)
    assert not findings(judged(story, 4), "good_meeting")
    assert not findings(judged(story, 4), "bad_meeting")


def test_a_bad_mood_cools_until_a_better_one() -> None:
    story = client()
    story.reflect(3, mood=2)
    story.reflect(10, needs=True, helped=True, mood=5)
    finding = only(judged(story, 20), "bad_meeting")
    assert (finding.opened, finding.cleared, finding.rule.warmth) == (on(3, 18.0), on(10, 18.0), -2)
    assert only(judged(story, 20), "good_meeting").strength == "medium"


def test_the_same_reflection_counts_once() -> None:
    story = client()
    story.reflect(3, mood=1)
    assert len(findings(judged(story, 200), "bad_meeting")) == 1


def test_the_day_after_a_meeting_a_reflection_is_asked_for_where_there_have_been_some() -> None:
    story = client()
    story.reflect(3, mood=3)
    story.meet(8, planned=0)  # a Tuesday
    assert not findings(judged(story, 8, 20.0), "reflect")
    finding = only(judged(story, 30), "reflect")
    assert (finding.opened, finding.cleared) == (on(9, 5.0), on(14, 5.0))
    assert "You met Ana on 16 January 2024." in finding.sentence


def test_it_is_over_once_it_is_written() -> None:
    story = client()
    story.reflect(3, mood=3)
    meeting = story.meet(8, planned=0).fact()
    story.reflect(10, meeting=meeting_id(meeting.ical_uid, meeting.recurrence_id), mood=3)
    assert only(judged(story, 30), "reflect").cleared == on(10, 18.0)


def test_nobody_is_asked_about_people_they_never_reflected_on_or_who_are_no_clients() -> None:
    never, nobody = client(), Story().talk([0])
    never.meet(8, planned=0)
    nobody.reflect(3, mood=3)
    nobody.meet(8, planned=0)
    assert not findings(judged(never, 30), "reflect")
    assert not findings(judged(nobody, 30), "reflect")


def test_a_weekly_call_is_asked_about_once_in_a_while() -> None:
    story = client()
    story.reflect(3, mood=3)
    for day in range(8, 8 + 52 * 7, 7):
        story.meet(day, planned=0)
    assert len(findings(judged(story, 400), "reflect")) <= 400 / 21 + 1
