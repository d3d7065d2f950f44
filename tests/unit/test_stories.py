"""The story of a meeting in one line: for each kind of life the line that a person would write."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepwarm.rules.meetings import MeetingLog
from keepwarm.rules.series import steps
from keepwarm.rules.series_stories import stories
from keepwarm.storage.histories import By, MeetingFact
from keepwarm.storage.observations import Answer
from keepwarm.storage.sightings import Change
from tests.unit.history_samples import BERLIN, HOUR, Appointment, Story, on
from tests.unit.history_samples import stories as random_stories

if TYPE_CHECKING:
    from random import Random

NONE = Answer.NONE


def told(story: Story, day: int, hour: float = 12.0) -> list[str]:
    facts = [one.fact() for one in story.appointments]
    return [one.line for one in stories(facts, on(day, hour), BERLIN)]


def line(appointment: Appointment, day: int) -> str:
    (one,) = stories([appointment.fact()], on(day, 12.0), BERLIN)
    return one.line


def moved_twice(story: Story) -> Appointment:
    meeting = story.meet(20, 14.0, planned=0)
    return meeting.moved(18, by=By.THEM, to=27).moved(25, by=By.THEM, to=41)


LIVES = {
    "held": (lambda s: s.meet(20), 30, "held"),
    "nothing known of the end": (lambda s: s.meet(20, theirs=Answer.TENTATIVE), 30, "arranged by you"),
    "arranged by them, ahead": (lambda s: s.meet(20, by=By.THEM), 15, "accepted by both"),
    "moved and dropped": (
        lambda s: moved_twice(s).cancelled(41, by=By.THEM, hour=11.0),
        60,
        "moved by them twice (+7 d, +14 d), cancelled 3 h before; not rebooked",
    ),
    "too early to say that it is not rebooked": (
        lambda s: moved_twice(s).cancelled(41, by=By.THEM, hour=11.0),
        50,
        "moved by them twice (+7 d, +14 d), cancelled 3 h before",
    ),
    "moved by both": (
        lambda s: s.meet(20).moved(18, by=By.OWNER, to=21).moved(19, by=By.THEM, to=21, to_hour=11.5),
        30,
        "moved by you (+1 d), moved by them (-2.5 h); held",
    ),
    "moved by somebody": (
        lambda s: s.meet(20).moved(18, by=By.OTHER, to=27).moved(19, by=By.UNKNOWN, to=26),
        22,
        "moved by somebody else (+7 d), moved by somebody unknown (-1 d); accepted by both",
    ),
    "moved back": (
        lambda s: s.meet(20).moved(18, by=By.THEM, to=27).moved_back(19, by=By.THEM),
        30,
        "moved by them (+7 d), moved back; held",
    ),
    "moved while away": (
        lambda s: s.meet(20).moved(18, by=By.THEM, to=27).out_of_office(),
        30,
        "moved by them (+7 d), being out of the office; held",
    ),
    "another time was proposed, and followed": (
        lambda s: s.meet(20).proposed(15, by=By.THEM, to=23).moved(15, by=By.THEM, to=23, hour=10.0),
        30,
        "another time proposed by them (+3 d), moved (+3 d); held",
    ),
    "shortened": (
        lambda s: s.meet(20).resized(19, by=By.THEM, length=HOUR / 2),
        30,
        "shortened to 30 min by them; held",
    ),
    "lengthened": (
        lambda s: s.meet(20).resized(19, by=By.OWNER, length=2 * HOUR),
        30,
        "lengthened to 2 h by you; held",
    ),
    "declined": (
        lambda s: s.meet(20).declined(17, by=By.THEM, hour=14.0),
        40,
        "declined by them 3 d before; not rebooked",
    ),
    "declined out of the office": (
        lambda s: s.meet(20).declined(17, by=By.THEM, hour=14.0).out_of_office(),
        25,
        "declined by them 3 d before, being out of the office",
    ),
    "declined, then accepted": (
        lambda s: s.meet(20).declined(20, by=By.THEM).accepted(20, by=By.THEM, hour=10.0),
        30,
        "declined by them 5 h before, then accepted; held",
    ),
    "maybe": (
        lambda s: s.meet(20).tentative(18, by=By.THEM),
        19,
        "accepted with reservations by them",
    ),
    "cancelled by the owner at the last minute": (
        lambda s: s.meet(20).cancelled(20, by=By.OWNER, hour=13.75),
        21,
        "cancelled by you 15 min before",
    ),
    "cancelled while it was on": (
        lambda s: s.meet(20).cancelled(20, by=By.THEM, hour=14.5),
        21,
        "cancelled by them while it was on",
    ),
    "cancelled, and put on again": (
        lambda s: s.meet(20).cancelled(15, by=By.THEM).put_on_again(16, by=By.THEM),
        30,
        "cancelled by them 5 d before, put on again; held",
    ),
    "cancelled, and put on again for another day": (
        lambda s: s.meet(20).cancelled(15, by=By.THEM).put_on_again(15, by=By.THEM, hour=9.5, to=34),
        40,
        "cancelled by them 5 d before, put on again (+14 d); held",
    ),
    "a single meeting that lives on under another UID": (
        lambda s: s.meet(20).superseded(15, by=By.THEM),
        40,
        "made anew",
    ),
    "their answer pending": (lambda s: s.meet(20, theirs=NONE), 15, "their answer pending"),
    "the owner's answer pending": (lambda s: s.meet(20, by=By.THEM, owners=NONE), 15, "your answer pending"),
    "left unanswered": (lambda s: s.meet(20, theirs=NONE), 30, "your invitation was left unanswered"),
    "they did not come": (lambda s: s.meet(20).missed(by=By.THEM), 30, "they did not come"),
    "the owner did not come": (lambda s: s.meet(20).missed(by=By.OWNER), 30, "you did not come"),
    "a third did not come": (
        lambda s: s.meet(20, people=3).missed(by=By.OTHER),
        30,
        "somebody else did not come; held",
    ),
}


@pytest.mark.parametrize("life", LIVES)
def test_a_life_is_told_in_one_line(life: str) -> None:
    make, day, expected = LIVES[life]
    assert line(make(Story()), day) == expected


def test_a_cancelled_meeting_is_rebooked_by_either_side_within_two_weeks_for_the_next_two_months() -> None:
    def after(planned: int, day: int) -> str:
        story = Story()
        story.meet(20).cancelled(18, by=By.THEM, hour=14.0)
        story.meet(day, planned=planned, by=By.OWNER)
        return told(story, 60)[-1]

    assert after(25, 40) == "cancelled by them 2 d before; rebooked for 17 February 2024"
    assert after(33, 40).endswith("not rebooked")
    assert after(25, 80).endswith("not rebooked")
    assert after(10, 40).endswith("not rebooked")  # it had been planned anyway


def test_what_was_not_known_yet_is_not_told() -> None:
    meeting = moved_twice(Story())
    assert line(meeting, 19) == "moved by them (+7 d); accepted by both"
    assert stories([meeting.fact()], on(-1), BERLIN) == []


def test_a_series_is_one_line_and_only_what_has_a_story_of_its_own_is_told_beside_it() -> None:
    story = Story()
    series = story.meet_often(range(0, 98, 7), planned=-7, by=By.THEM)
    series[3].cancelled(12, by=By.THEM, hour=14.0)
    series[6].moved(33, by=By.THEM, to=36)
    assert told(story, 50) == [
        "weekly series since 8 January 2024: held 7 times, 1 of 14 occurrences dropped",
        "moved by them (+1 d); held",
        "cancelled by them 2 d before; not rebooked",
    ]


def test_a_series_that_changes_or_ends_at_once_is_told_of_the_series_alone() -> None:
    story = Story()
    entry, *occurrences = story.meet_often(range(0, 98, 7), planned=-7)
    for one in occurrences[7:]:
        one.superseded(44, by=By.OWNER)
    entry.cancelled(44, by=By.OWNER)
    assert told(story, 60) == ["weekly series since 8 January 2024: held 7 times, cancelled by you on 21 February 2024"]


def test_a_pattern_that_was_changed_and_changed_back_is_as_it_was() -> None:
    story = Story()
    entry, *_ = story.meet_often(range(0, 98, 7), planned=-7)
    entry.moved(10, by=By.THEM, to=1)
    assert "pattern changed by them once" in told(story, 60)[0]
    entry.moved_back(11, by=By.THEM)
    assert "pattern changed" not in told(story, 60)[0]


def test_a_series_that_was_deleted_before_it_began_stands_where_it_would_have_begun() -> None:
    made = Story()
    entry, *occurrences = made.meet_often(range(20, 400, 7), planned=-7)
    entry.cancelled(10, by=By.THEM)
    for one in occurrences:
        one.superseded(10, by=By.THEM)
    (whole,) = stories([one.fact() for one in made.appointments], on(11), BERLIN)
    assert whole.start == min(one.fact().revisions[0].start for one in occurrences)


def test_a_series_that_came_to_its_end_says_when() -> None:
    story = Story()
    story.meet_often(range(0, 28, 7), planned=-7)
    assert told(story, 60) == ["weekly series since 8 January 2024: held four times, ended on 29 January 2024"]


def test_a_series_that_goes_on_under_another_uid_says_so() -> None:
    story = Story()
    _, *occurrences = story.meet_often(range(0, 98, 7), planned=-7, by=By.THEM)
    for one in occurrences[7:]:
        one.superseded(44, by=By.THEM)
    story.meet_often(range(51, 100, 7), planned=44, by=By.THEM, uid="weekly_R20240228T130000")
    assert told(story, 50)[-1] == (
        "weekly series since 8 January 2024: held 7 times, goes on at another time from 28 February 2024"
    )


def test_birthdays_and_absences_have_no_story() -> None:
    story = Story()
    story.meet(20, free=True)
    story.meet(21).out_of_office()
    assert told(story, 30) == []


# Whatever is known, a story is told; and who made the meetings known in which order does not matter.

ANY_CHANGE = st.tuples(st.sampled_from(Change), st.sampled_from(By), st.integers(-3, 40), st.booleans())


@given(
    st.lists(st.lists(ANY_CHANGE, min_size=1, max_size=8), min_size=1, max_size=5), st.integers(-5, 90), st.booleans()
)
def test_a_story_is_told_of_any_revisions(lives: list[list[tuple[Change, By, int, bool]]], day: int, one: bool) -> None:
    facts = [_any_life(number, life, series=one and number == 0) for number, life in enumerate(lives)]
    for found in stories(facts, on(day), BERLIN):
        assert found.line
        assert "\n" not in found.line


def _any_life(number: int, life: list[tuple[Change, By, int, bool]], *, series: bool) -> MeetingFact:
    appointment = Story().meet(20, uid="one" if series or number else "", series=series)
    made = appointment.fact()
    revisions = [
        replace(
            made.revisions[0],
            ref=f"{number}-{index}",
            at=on(day, index / 10),
            change=change,
            by=by,
            away=odd,
            previous_start=on(day + 3) if odd else None,
            previous_end=on(day + 3) + HOUR if odd else None,
            start=on(20 + day),
            end=on(20 + day) + (HOUR if odd else timedelta(0)),
        )
        for index, (change, by, day, odd) in enumerate(life)
    ]
    return replace(made, ref=f"m-{number}", revisions=tuple(sorted(revisions, key=lambda one: one.at)))


@given(random_stories(), st.randoms(use_true_random=False))
def test_the_order_in_which_meetings_are_known_changes_no_count_and_no_story(story: Story, shuffler: Random) -> None:
    facts = [one.fact() for one in story.appointments]
    other = list(facts)
    shuffler.shuffle(other)
    assert _counts(facts) == _counts(other)
    assert stories(facts, on(400), BERLIN) == stories(other, on(400), BERLIN)


def _counts(facts: list[MeetingFact]) -> list[int]:
    log = MeetingLog()
    for step in sorted(steps(facts), key=lambda step: (step.revision.at, step.revision.ref)):
        log.add(step)
    long_ago = on(-900)
    counts = [len(log.proposed_by_them(long_ago))]
    for by in By:
        counts += [len(log.changed(long_ago, by, change)) for change in Change]
        counts += [len(log.called_off(long_ago, by)), len(log.no_shows(long_ago, by))]
    return counts
