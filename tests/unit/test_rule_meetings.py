"""Which meetings were held, and what counts as one change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from keepwarm.rules.meetings import MeetingLog, Step, held
from keepwarm.storage.histories import By
from keepwarm.storage.observations import Answer
from keepwarm.storage.sightings import Change
from tests.unit.history_samples import Appointment, Story, on


def ends(appointment: Appointment) -> list[object]:
    return [step.revision.end for step in held(appointment.fact())]


def test_a_meeting_that_both_accepted_is_held_when_it_ends() -> None:
    assert ends(Story().meet(10)) == [on(10, 15)]


@pytest.mark.parametrize("theirs", [Answer.NONE, Answer.TENTATIVE, Answer.DECLINED, None])
def test_a_meeting_is_not_held_without_their_yes(theirs: Answer) -> None:
    assert ends(Story().meet(10, theirs=theirs)) == []


def test_a_meeting_is_not_held_without_the_owners_yes() -> None:
    assert ends(Story().meet(10, owners=Answer.NONE)) == []


@pytest.mark.parametrize(("people", "times"), [(10, 1), (11, 0)])
def test_a_meeting_of_more_than_ten_says_nothing(people: int, times: int) -> None:
    assert len(ends(Story().meet(10, people=people))) == times


def test_a_series_is_never_held_only_its_occurrences_are() -> None:
    assert ends(Story().meet(10, series=True)) == []


def test_a_cancelled_or_declined_meeting_is_not_held() -> None:
    assert ends(Story().meet(10).cancelled(9, by=By.OWNER)) == []
    assert ends(Story().meet(10).declined(9, by=By.THEM)) == []
    assert ends(Story().meet(10).declined(9, by=By.OWNER)) == []


def test_a_moved_meeting_is_held_at_its_new_time_only() -> None:
    assert ends(Story().meet(10).moved(9, by=By.THEM, to=20)) == [on(20, 15)]


def test_a_yes_to_the_old_time_is_no_yes_to_the_new_one() -> None:
    meeting = Story().meet(10)
    meeting.theirs = Answer.NONE
    assert ends(meeting.moved(9, by=By.OWNER, to=20)) == []


def test_a_proposal_of_another_time_moves_nothing() -> None:
    assert ends(Story().meet(10).proposed(8, by=By.THEM, to=20)) == [on(10, 15)]


def test_what_is_changed_afterwards_does_not_undo_that_it_took_place() -> None:
    assert ends(Story().meet(10).cancelled(11, by=By.OWNER)) == [on(10, 15)]
    assert ends(Story().meet(10).moved(11, by=By.OWNER, to=3)) == [on(10, 15)]


def test_occurrences_that_change_together_are_one_change() -> None:
    story, log = Story(), MeetingLog()
    for day in range(20, 70):
        occurrence = replace(story.meet(day, planned=0).cancelled(9, by=By.THEM).fact(), ical_uid="weekly")
        log.add(Step(occurrence, occurrence.revisions[-1]))
    assert len(log.changed(on(0), By.THEM, Change.CANCELLED)) == 1
    assert log.changed(on(0), By.OWNER, Change.CANCELLED) == []


def test_notice_and_delay_are_measured_from_the_time_that_held_until_then() -> None:
    meeting = Story().meet(10).moved(9, by=By.THEM, to=13, hour=14.0).fact()
    step = Step(meeting, meeting.revisions[-1])
    assert step.notice == timedelta(days=1)
    assert step.delay == timedelta(days=3)
