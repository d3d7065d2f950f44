""" "This and following": a series that ends, and another one that goes on in its place, are one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from keepwarm.rules.meetings import MeetingLog
from keepwarm.rules.series import steps
from keepwarm.storage.histories import By
from keepwarm.storage.sightings import Change
from tests.unit.history_samples import Story, on

if TYPE_CHECKING:
    from tests.unit.history_samples import Appointment

SPLIT = 33  # the day on which it is split, before the occurrence of day 35
REST = range(35, 70, 7)


def split(
    *,
    days: range = REST,
    hour: float = 14.0,
    made: int = SPLIT,
    made_hour: float = 8.0,
    known: bool = True,
    **more: Any,
) -> list[Appointment]:
    """Split a weekly series of theirs; ``known`` says that it was seen before, so that its end is seen to come."""
    story = Story()
    before = range(0, 70, 7) if known else range(0, 35, 7)
    old = story.meet_often(before, planned=-7 if known else SPLIT, by=By.THEM)
    for one in old[6:] if known else ():
        one.superseded(SPLIT, by=By.THEM, hour=8.5)
    new = story.meet_often(days, hour, planned=made, **{"by": By.THEM, "uid": "another", **more})
    for one in new:
        at = on(made, made_hour)
        one.revisions = [replace(one.revisions[0], at=at), *one.revisions[1:]]
    return [*old, *new]


def log_of(appointments: list[Appointment]) -> MeetingLog:
    log = MeetingLog()
    for step in sorted(steps([one.fact() for one in appointments]), key=lambda step: step.revision.at):
        log.add(step)
    return log


def counts(appointments: list[Appointment], by: By = By.THEM) -> tuple[int, int, int]:
    """Give how many proposals, moves and cancellations there are."""
    log, ever = log_of(appointments), on(-900)
    return (
        len(log.proposed_by_them(ever)),
        len(log.changed(ever, by, Change.RESCHEDULED)),
        len(log.called_off(ever, by)),
    )


def test_a_series_that_is_split_without_moving_is_neither_cancelled_nor_proposed_nor_moved() -> None:
    assert counts(split()) == (1, 0, 0)


@pytest.mark.parametrize(
    ("days", "hour"),
    [(REST, 15.0), (range(36, 70, 7), 14.0), (range(35, 100, 14), 14.0), (range(42, 70, 7), 14.5)],
    ids=["another time", "another weekday", "another rhythm", "later and at another time"],
)
def test_a_split_to_another_time_weekday_or_rhythm_is_one_move(days: range, hour: float) -> None:
    assert counts(split(days=days, hour=hour)) == (1, 1, 0)


def test_the_move_of_a_split_has_the_notice_of_the_occurrence_in_whose_place_it_comes() -> None:
    (step,) = log_of(split(days=range(37, 70, 7))).changed(on(-900), By.THEM, Change.RESCHEDULED)
    assert step.notice == on(35, 14.0) - on(SPLIT, 8.5)
    assert step.delay == on(37, 14.0) - on(35, 14.0)
    assert step.revision.ref in {one.ref for one in step.meeting.revisions}


def test_occurrences_that_look_cancelled_when_a_series_is_split_are_not() -> None:
    meetings = split()
    for one in meetings[6:11]:
        one.revisions[-1] = replace(one.revisions[-1], change=Change.CANCELLED)
    assert counts(meetings) == (1, 0, 0)


def test_both_halves_found_in_one_full_read_are_one_series_and_no_move() -> None:
    assert counts(split(known=False, days=range(36, 70, 7))) == (1, 0, 0)


@pytest.mark.parametrize(
    "other",
    [
        {"summary": "Something else"},
        {"made": SPLIT - 5},
        {"made_hour": 14.0},
        {"days": range(63, 120, 7)},
        {"days": range(28, 120, 7)},
    ],
    ids=["title", "made long before", "made hours later", "begins much later", "begins before the end"],
)
def test_a_series_that_has_less_in_common_is_a_new_one(other: dict[str, Any]) -> None:
    assert counts(split(**other))[:2] == (2, 0)


def test_googles_uid_says_it_even_if_nothing_was_seen_of_the_old_ones_end() -> None:
    for uid, proposals in (("weekly_R20240212T130000@google.com", 1), ("other_R20240212T130000@google.com", 2)):
        story = Story()
        old = story.meet_often(range(0, 35, 7), planned=-70, by=By.THEM, uid="weekly@google.com")
        new = story.meet_often(REST, planned=SPLIT, by=By.THEM, uid=uid)
        assert counts([*old, *new]) == (proposals, 0, 0)


def test_a_series_of_somebody_else_is_a_new_one() -> None:
    assert counts(split(by=By.OWNER, hour=15.0), By.OWNER) == (1, 0, 0)
    assert counts(split(by=By.OWNER, hour=15.0), By.THEM) == (1, 0, 0)


def test_until_the_old_series_is_seen_to_end_the_new_one_is_a_proposal_as_far_as_anybody_knows() -> None:
    log = MeetingLog()
    ordered = sorted(steps([one.fact() for one in split()]), key=lambda step: step.revision.at)
    for step in ordered:
        if step.revision.at <= on(SPLIT, 8.2):
            log.add(step)
    assert len(log.proposed_by_them(on(-900))) == 2
