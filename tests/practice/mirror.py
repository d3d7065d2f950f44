"""Scripts in which it is the owner who lets somebody down."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

from tests.practice.conversation import OWNER_SIDE, THEY, Habit
from tests.practice.encounters import Encounters
from tests.practice.hours import at_clock

if TYPE_CHECKING:
    from tests.practice.conversation import Pair

REGULAR = Habit(every=15, turns=(2, 4))
SPARSE = Habit(every=30, turns=(2, 3))
FORGOTTEN_SINCE = 97
OWED_SINCE = 8  # working days, at least
MOVED_SINCE = 28


def waits_for_the_owner(pair: Pair) -> None:
    """Ask something and get no answer, from an owner who used to answer within hours."""
    pair.keep_up(REGULAR, pair.stage.days, 30)
    working_days = OWED_SINCE + pair.rng.randint(0, 3)
    day = pair.stage.working_time(owner=True).days_before(pair.stage.end, working_days)
    pair.write(pair.thread(), THEY, at_clock(day, time(10, pair.rng.randint(0, 59))))


def was_forgotten(pair: Pair) -> None:
    """Hear from the owner each month and answer; then the owner forgot."""
    pair.keep_up(SPARSE, pair.stage.days, 115)
    thread = pair.thread()
    pair.write(thread, OWNER_SIDE, pair.stage.at(FORGOTTEN_SINCE + 1, time(11, 5)))
    pair.write(thread, THEY, pair.stage.at(FORGOTTEN_SINCE, time(16, 15)))


def is_put_off_by_the_owner(pair: Pair) -> None:
    """Be moved by the owner once and cancelled on once, without having asked for either."""
    pair.keep_up(REGULAR, pair.stage.days, 0)
    meetings = Encounters(pair)
    meetings.catch_ups(45, pair.stage.days, 95)
    moved = meetings.arrange(MOVED_SINCE - 1, 40, theirs=False, clock=time(14), summary="Project review")
    at = meetings.shortly_before(moved, time(16, 10))
    meetings.secretary.move(moved, pair.stage.at(-8, time(14)), at)
    meetings.accept(moved, pair.who.mailbox, at)
    cancelled = meetings.arrange(8, 20, theirs=False, clock=time(11), summary="Next steps")
    meetings.secretary.cancel(cancelled, meetings.shortly_before(cancelled, time(17, 20)))
