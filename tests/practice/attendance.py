"""Scripts of who did not come or never answered, and of those of whom it only looks as if."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from tests.practice.conversation import OWNER_SIDE, THEY, Habit
from tests.practice.encounters import WEEKDAYS, Encounters
from tests.practice.hours import ZONE
from tests.practice.letters import OWNER
from tests.practice.meetings import ACCEPTED, DECLINED

if TYPE_CHECKING:
    from tests.practice.conversation import Pair

STEADY = Habit(every=15, turns=(2, 4))
STOOD_UP = 5  # days before the end of the meeting that they missed
UNANSWERED = (16, 12, 5)  # days before the end: the last mail, the invitation, the meeting
SPLIT = 40
WRAPPED = 96  # days before the end when an occurrence was moved, and back


def stands_up(pair: Pair) -> None:
    """Accept a meeting, not come, and be sorry by mail within the hour; the owner is kind about it."""
    pair.keep_up(STEADY, pair.stage.days, 0)
    meetings = Encounters(pair)
    meetings.catch_ups(50, pair.stage.days, 40)
    meeting = meetings.arrange(STOOD_UP, STOOD_UP + 9, theirs=False, clock=time(14), summary="Review of the quarter")
    thread = pair.thread()
    thread.subject = "Sorry I missed our call"
    wrote = meeting.start + timedelta(minutes=pair.rng.randint(25, 55))
    pair.write(thread, THEY, wrote)
    pair.write(thread, OWNER_SIDE, wrote + timedelta(hours=1))


def leaves_an_invitation(pair: Pair) -> None:
    """Answer each invitation, until one is left alone until it has passed; nor is anything else heard."""
    last_mail, invited, passed = UNANSWERED
    pair.keep_up(STEADY, pair.stage.days, last_mail, stop=True)
    meetings = Encounters(pair)
    for before in (200, 150, 100):
        meetings.arrange(before, before + 12, theirs=False)
    at = pair.stage.at(invited, time(9, pair.rng.randint(0, 59)))
    start = pair.stage.at(passed, time(15))
    meetings.secretary.invite(at, start, organizer=OWNER, others=(meetings.them,), summary="Plans for next year")


def declines_while_away(pair: Pair) -> None:
    """Decline on the day itself, because they are ill: that says nothing about the two."""
    pair.keep_up(STEADY, pair.stage.days, 0)
    meetings = Encounters(pair)
    meetings.catch_ups(50, pair.stage.days, 80)
    meeting = meetings.arrange(20, 33, theirs=False, clock=time(15))
    away = "I am out of office today, on sick leave."
    meetings.secretary.answer(meeting, meetings.them, DECLINED, meeting.start - timedelta(hours=5), comment=away)


def changes_a_series(pair: Pair) -> None:
    """Call each week; one call is moved and put back, and later all that follow get another UID, on the same day."""
    pair.keep_up(STEADY, pair.stage.days, 0)
    meetings = Encounters(pair)
    first = pair.stage.day(300)
    first += timedelta(days=(3 - first.weekday()) % 7)
    calls = [datetime.combine(first + timedelta(weeks=week), time(11), tzinfo=ZONE) for week in range(60)]
    series = meetings.secretary.invite(
        pair.stage.at(306, time(9, 30)),
        calls[0],
        organizer=meetings.them,
        others=(OWNER,),
        summary="Thursday call",
        minutes=30,
        rule=f"FREQ=WEEKLY;BYDAY={WEEKDAYS[3]}",
    )
    series.answers[OWNER.address] = ACCEPTED
    end = datetime.combine(pair.stage.end, time(), tzinfo=ZONE)
    there_and_back = next(call for call in calls if call > end - timedelta(days=WRAPPED))
    moved = there_and_back - timedelta(days=3)
    one = meetings.secretary.move_one(series, there_and_back, there_and_back + timedelta(days=1), moved)
    meetings.secretary.move(one, there_and_back, moved + timedelta(hours=4))
    meetings.accept(one, OWNER, moved + timedelta(hours=4))
    following = next(call for call in calls if call > end - timedelta(days=SPLIT))
    meetings.secretary.split(series, following, following - timedelta(days=2))
