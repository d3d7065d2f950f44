"""Scripts of those who are just not that into it, each in a way of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from tests.practice.conversation import OWNER_SIDE, THEY, Habit
from tests.practice.encounters import Encounters
from tests.practice.letters import OWNER
from tests.practice.meetings import ACCEPTED, DECLINED, TENTATIVE

if TYPE_CHECKING:
    from tests.practice.conversation import Pair
    from tests.practice.meetings import Meeting

LIVELY = Habit(every=7.5, turns=(2, 4))
STEADY = Habit(every=15, turns=(2, 4))
QUIET_SINCE = 68
FADING_SINCE = 168
ALONE_SINCE = 46
PUT_OFF = ((46, 44, 32), (34, 32, 14), (16, 14, -10))  # days before the end: asked, was to be, moved to
LATE = (27, 9)  # days before the end on which a meeting falls through


def chase(pair: Pair, days: tuple[int, ...]) -> None:
    """Let the owner write and remind, without an answer."""
    thread = pair.thread()
    for before in days:
        pair.write(thread, OWNER_SIDE, pair.random_moment(pair.stage.day(before), OWNER_SIDE))


def goes_quiet(pair: Pair) -> None:
    """Write for months, then not at all; the owner reminds them."""
    pair.keep_up(LIVELY, pair.stage.days, QUIET_SINCE, stop=True)
    chase(pair, (58, 43, 29, 13))


def fades(pair: Pair) -> None:
    """Answer within hours at first, in the end within days, and always on the owner's mails."""
    habit = Habit(every=7, they_start=0.1, turns=(2, 4), theirs=2, spread=0.4)
    pair.keep_up(habit, pair.stage.days, FADING_SINCE)
    for step in range(6):
        since = FADING_SINCE - 28 * step
        pair.keep_up(replace(habit, theirs=3.2 * 1.6**step), since, since - 28)


def leaves_it_to_the_owner(pair: Pair) -> None:
    """Leave five messages of the owner unanswered, one after the other."""
    pair.keep_up(LIVELY, pair.stage.days, ALONE_SINCE, stop=True)
    chase(pair, (40, 33))
    chase(pair, (26, 17, 8))


def counters_three_times(pair: Pair) -> None:
    """Be invited, and ask for a later time again and again; the owner moves it each time."""
    meetings = _used_to_meet(pair)
    meeting = meetings.arrange(PUT_OFF[0][1], 58, theirs=False, clock=time(15), summary="Strategy review")
    for asked, _, later in PUT_OFF:
        at = pair.stage.at(asked, time(10, 20))
        wish = pair.stage.at(later, time(15))
        if later < 0:
            meetings.secretary.answer(meeting, pair.who.mailbox, TENTATIVE, at)
            _ask_for_time(pair, at + timedelta(minutes=3))
        else:
            meetings.secretary.propose(meeting, pair.who.mailbox, wish, at)
        _owner_moves(meetings, meeting, wish, at + timedelta(hours=2))


def moves_three_times(pair: Pair) -> None:
    """Invite, and move it again and again, each time further away; the owner accepts."""
    meetings = _used_to_meet(pair)
    meeting = meetings.arrange(PUT_OFF[0][1], 58, theirs=True, clock=time(14), summary="Offer, second round")
    for asked, _, later in PUT_OFF:
        at = pair.stage.at(asked, time(11, 40))
        meetings.secretary.move(meeting, pair.stage.at(later, time(14)), at)
        meetings.accept(meeting, OWNER, at)


def cancels_late(pair: Pair) -> None:
    """Invite, and cancel some hours before, twice."""
    meetings = _used_to_meet(pair)
    for before in LATE:
        meeting = meetings.arrange(before, before + 12, theirs=True, clock=time(14, 30))
        meetings.secretary.cancel(meeting, meeting.start - timedelta(hours=3))


def declines_late(pair: Pair) -> None:
    """Accept an invitation, and decline it some hours before, twice; the owner then cancels it."""
    meetings = _used_to_meet(pair)
    for before in LATE:
        meeting = meetings.arrange(before, before + 12, theirs=False, clock=time(15, 30))
        declined = meeting.start - timedelta(hours=5)
        meetings.secretary.answer(meeting, pair.who.mailbox, DECLINED, declined)
        meetings.secretary.cancel(meeting, declined + timedelta(minutes=50))


def _used_to_meet(pair: Pair) -> Encounters:
    """Keep the mail going as ever; the meetings went well until three months ago."""
    pair.keep_up(STEADY, pair.stage.days, 0)
    meetings = Encounters(pair)
    meetings.catch_ups(50, pair.stage.days, 95)
    return meetings


def _ask_for_time(pair: Pair, at: datetime) -> None:
    thread = pair.thread()
    thread.subject = "Can we find a later date?"
    pair.write(thread, THEY, at)
    pair.write(thread, OWNER_SIDE, at + timedelta(hours=1))


def _owner_moves(meetings: Encounters, meeting: Meeting, start: datetime, at: datetime) -> None:
    meetings.secretary.move(meeting, start, at)
    meetings.secretary.answer(meeting, meetings.them, ACCEPTED, at + timedelta(hours=1))
