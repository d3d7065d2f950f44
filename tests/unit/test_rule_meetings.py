"""Which meetings were held, and what counts as one change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from keepwarm.rules.meetings import MeetingLog, Step, held
from keepwarm.rules.series import steps
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


# What is no meeting with a contact, and what counts for nothing.


def log_of(*appointments: Appointment) -> MeetingLog:
    log = MeetingLog()
    for step in sorted(steps([one.fact() for one in appointments]), key=lambda step: step.revision.at):
        log.add(step)
    return log


def count(log: MeetingLog, by: By, *changes: Change) -> int:
    return len(log.changed(on(-900), by, *changes))


def test_a_birthday_an_absence_and_a_crowd_are_not_held_and_their_changes_are_nobodys() -> None:
    story = Story()
    birthday = story.meet(10, free=True).moved(5, by=By.THEM, to=11)
    absence = story.meet(10).out_of_office()
    webinar = story.meet(10, people=202).cancelled(5, by=By.THEM)
    assert [ends(one) for one in (birthday, absence, webinar)] == [[], [], []]
    log = log_of(birthday, absence, webinar)
    assert count(log, By.THEM, Change.RESCHEDULED, Change.CANCELLED) == 0
    assert log.called_off(on(-900), By.THEM) == []


def test_an_all_day_meeting_that_takes_the_day_is_a_meeting() -> None:
    workshop = Story().meet(10, free=True)
    workshop.revisions = [replace(one, busy=True) for one in workshop.revisions]
    assert len(ends(workshop)) == 1


def test_a_refusal_for_being_away_does_not_make_the_meeting_an_absence() -> None:
    meeting = Story().meet(10, people=3)._write(Change.DECLINED, on(5, 9), By.OTHER).out_of_office()
    assert ends(meeting) == [on(10, 15)]


def test_a_meeting_to_which_one_of_the_two_did_not_come_was_not_held() -> None:
    assert ends(Story().meet(10).missed(by=By.THEM)) == []
    assert ends(Story().meet(10).missed(by=By.OWNER)) == []
    assert ends(Story().meet(10, people=3).missed(by=By.OTHER)) == [on(10, 15)]


def test_a_move_that_was_taken_back_counts_for_nothing_and_neither_does_the_taking_back() -> None:
    meeting = Story().meet(10).moved(5, by=By.THEM, to=17).moved_back(6, by=By.THEM)
    assert count(log_of(meeting), By.THEM, Change.RESCHEDULED) == 0
    meeting.moved(7, by=By.THEM, to=12)
    assert count(log_of(meeting), By.THEM, Change.RESCHEDULED) == 1


def test_taking_back_two_moves_at_once_undoes_both_and_one_undoes_the_last() -> None:
    twice = Story().meet(10).moved(5, by=By.THEM, to=17).moved(6, by=By.THEM, to=24)
    last = replace_last(twice).moved_back(7, by=By.THEM)
    assert count(log_of(last), By.THEM, Change.RESCHEDULED) == 1
    both = replace_last(twice)
    both._write(Change.RESTORED, on(7, 9), By.THEM, both.start)
    both.revisions[-1] = replace(both.revisions[-1], start=on(10, 14), end=on(10, 15))
    assert count(log_of(both), By.THEM, Change.RESCHEDULED) == 0


def replace_last(appointment: Appointment) -> Appointment:
    return replace(appointment, revisions=list(appointment.revisions))


def test_what_somebody_does_because_they_are_away_is_not_held_against_them() -> None:
    story = Story()
    moved = story.meet(10).moved(5, by=By.THEM, to=17).out_of_office()
    declined = story.meet(12).declined(11, by=By.THEM, hour=15.0).out_of_office()
    log = log_of(moved, declined)
    assert count(log, By.THEM, Change.RESCHEDULED, Change.DECLINED) == 0
    assert log.called_off(on(-900), By.THEM) == []


def test_a_meeting_that_was_put_on_again_is_not_called_off() -> None:
    meeting = Story().meet(10).cancelled(5, by=By.THEM).put_on_again(6, by=By.THEM)
    assert log_of(meeting).called_off(on(-900), By.THEM) == []


def test_a_series_is_proposed_once_and_what_is_seen_of_it_later_is_no_proposal() -> None:
    story = Story()
    series = story.meet_often(range(0, 350, 7), planned=-7, by=By.THEM)
    later = story.meet(357, planned=30, by=By.THEM, uid="weekly")
    other = story.meet(40, planned=30, by=By.THEM)
    birthday = story.meet(41, planned=30, by=By.THEM, free=True)
    proposed = log_of(*series, later, other, birthday).proposed_by_them(on(-900))
    assert [step.meeting.ical_uid for step in proposed] == ["weekly", other.ref]


def test_a_series_that_is_cancelled_is_one_cancellation_with_the_notice_of_its_next_occurrence() -> None:
    story = Story()
    entry, *occurrences = series = story.meet_often(range(0, 70, 7), planned=-7, by=By.THEM)
    for one in occurrences[5:]:
        one.superseded(34, by=By.THEM, hour=9.0)
    entry.cancelled(34, by=By.THEM, hour=9.0)
    (step,) = log_of(*series).called_off(on(-900), By.THEM)
    assert step.meeting.series
    assert step.notice == timedelta(hours=29)


def test_occurrences_that_are_seen_to_go_with_their_series_are_part_of_it_and_an_earlier_one_is_not() -> None:
    story = Story()
    entry, *occurrences = series = story.meet_often(range(0, 70, 7), planned=-7, by=By.THEM)
    occurrences[1].cancelled(5, by=By.THEM)
    for one in occurrences[5:]:
        one.cancelled(34, by=By.THEM, hour=9.5)
    entry.cancelled(34, by=By.THEM, hour=9.0)
    assert len(log_of(*series).called_off(on(-900), By.THEM)) == 2


def test_a_series_whose_pattern_changes_is_moved_once() -> None:
    story = Story()
    entry, *occurrences = series = story.meet_often(range(0, 70, 7), planned=-7, by=By.THEM)
    for one in occurrences[5:]:
        one.superseded(33, by=By.THEM)
    entry.moved(33, by=By.THEM, to=1)
    others = [story.meet(day, planned=33, by=By.THEM, uid="weekly") for day in range(36, 70, 7)]
    log = log_of(*series, *others)
    assert count(log, By.THEM, Change.RESCHEDULED) == 1
    assert log.called_off(on(-900), By.THEM) == []
    assert len(log.proposed_by_them(on(-900))) == 1
