"""What is told of a meeting when it is over: who did not come, and the owner's word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from keepwarm.storage.observations import Answer, MeetingStatus, Method
from keepwarm.storage.revisions import Change, Sighting, revisions
from keepwarm.storage.sightings import Testimony as OwnersWord
from keepwarm.storage.sightings import Word
from tests.unit.test_revisions import ANA, BOB, DAY, DAY0, HOUR, ME, MEETING, OWNER, copy, life, reply, seen

if TYPE_CHECKING:
    from datetime import datetime

AFTER = 18 + 2 / 24
"""When the meeting is over, in days."""
RECORD = "the attendance record does not list them"
ABSENT = copy(AFTER, absent=(ANA,))
MISSED = OwnersWord(Word.NO_SHOW, MEETING, ANA, DAY0 + 30 * DAY)


def missed(*sightings: Sighting, words: tuple[OwnersWord, ...] = ()) -> list[tuple[str, str, datetime]]:
    found = revisions(sightings, (), words, owner=OWNER, meeting="uid/")
    return [(one.actor, one.why, one.at) for one in found if one.change is Change.NO_SHOW]


def test_a_record_of_attendance_shows_who_did_not_come() -> None:
    assert missed(copy(0), ABSENT) == [(ANA, RECORD, MEETING + HOUR)]


@pytest.mark.parametrize(
    "story",
    [
        [seen(0), seen(AFTER, absent=(ANA,))],  # a mail keeps no record
        [copy(0), copy(17, absent=(ANA,))],  # before it is over
        [copy(0), reply(1, ME, Answer.DECLINED), copy(AFTER, absent=(ME,), said={ME: Answer.DECLINED})],
        [copy(0), seen(1, Method.CANCEL, status=MeetingStatus.CANCELLED), ABSENT],
        [copy(0, pattern="FREQ=WEEKLY"), copy(AFTER, pattern="FREQ=WEEKLY", absent=(ANA,))],
        [copy(0), copy(AFTER)],
    ],
)
def test_nothing_else_shows_that(story: list[Sighting]) -> None:
    assert missed(*story) == []


def record(day: float, **more: Any) -> Sighting:
    """Give a provider's record of a call; it names nobody's answer, and no title."""
    return replace(copy(day, **more), method=Method.ATTENDANCE, source="said:call", answers=(), summary="")


def test_a_providers_record_of_the_call_shows_it_too_in_whatever_order_it_comes() -> None:
    by_mail, in_a_calendar = [seen(0), record(AFTER, absent=(ANA,))], [record(AFTER, absent=(ANA,)), copy(20)]
    assert missed(*by_mail) == [(ANA, RECORD, MEETING + HOUR)]
    assert missed(*in_a_calendar) == [(ANA, RECORD, copy(20).at)]


def test_a_record_alone_makes_no_meeting_and_changes_nothing_else() -> None:
    assert revisions([record(AFTER, absent=(ANA,))], owner=OWNER, meeting="uid/") == ()
    assert life(copy(0), record(AFTER, came=(ANA,))) == life(copy(0))


def test_of_two_records_what_speaks_for_somebody_counts_and_of_one_call_the_later() -> None:
    other = replace(record(AFTER, came=(ANA,)), source="said:other")
    assert missed(copy(0), record(AFTER, absent=(ANA,)), other) == []
    assert missed(copy(0), record(AFTER, absent=(ANA,)), record(AFTER + 1)) == []
    assert missed(copy(0), record(AFTER), record(AFTER + 1, absent=(ANA,))) != []


def test_a_record_of_another_time_or_of_somebody_who_was_not_asked_says_nothing() -> None:
    assert missed(copy(0, moved=DAY), record(AFTER, absent=(ANA,))) == []
    assert missed(copy(0), record(AFTER, absent=("stranger@else.example",))) == []


def test_the_owners_word_shows_who_did_not_come_and_outweighs_a_record() -> None:
    for story in ([seen(0)], [copy(0), ABSENT]):
        assert missed(*story, words=(MISSED, MISSED)) == [(ANA, "you said so", MEETING + HOUR)]


def test_the_owners_word_is_about_the_meeting_at_that_time() -> None:
    assert missed(seen(0, moved=DAY), words=(MISSED,)) == []


def test_the_owners_word_on_a_change_outweighs_all_else() -> None:
    story = [seen(0), reply(1, ME, Answer.DECLINED), seen(1.5, seq=1, moved=DAY)]
    without = life(*story)
    word = OwnersWord(Word.ATTRIBUTION, without[-1].at, BOB, DAY0 + 9 * DAY)
    *before, moved = revisions(story, (), (word,), owner=OWNER, meeting="uid/")
    assert tuple(before) == without[:-1]
    assert (moved.actor, moved.why, moved.prompt) == (BOB, "you said so", "")


def test_a_mail_that_dates_a_change_earlier_leaves_the_owners_word_on_it() -> None:
    late = [copy(0), copy(1.5, seq=1, moved=DAY)]
    word = OwnersWord(Word.ATTRIBUTION, late[-1].at, ME, DAY0 + 9 * DAY)
    moved = revisions([*late, seen(1.4, seq=1, moved=DAY)], (), (word,), owner=OWNER, meeting="uid/")[-1]
    assert (moved.at, moved.actor) == (DAY0 + 1.4 * DAY, ME)
