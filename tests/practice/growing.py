"""Scripts of those who come closer."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING

from tests.practice.conversation import OWNER_SIDE, THEY, Habit
from tests.practice.encounters import Encounters
from tests.practice.fading import LIVELY

if TYPE_CHECKING:
    from tests.practice.conversation import Pair

RESERVED = Habit(every=17, they_start=0.15, turns=(2, 3), theirs=14)
KEEN = Habit(every=4.5, they_start=0.8, turns=(3, 5), theirs=1.2)
WARM_SINCE = 52
SILENT_SINCE = 98
BACK_SINCE = 8


def warms(pair: Pair) -> None:
    """Be polite for months; then start threads, answer at once, and invite."""
    pair.keep_up(RESERVED, pair.stage.days, WARM_SINCE)
    pair.keep_up(KEEN, WARM_SINCE, 0)
    meetings = Encounters(pair)
    meetings.arrange(24, 36, theirs=True, clock=time(12, 30), summary="Lunch?")
    meetings.arrange(11, 23, theirs=True, summary="Ideas for next year")
    meetings.arrange(-8, 4, theirs=True, summary="Workshop planning")


def comes_back(pair: Pair) -> None:
    """Write for months, be silent for three, and answer the owner's last reminder."""
    pair.keep_up(LIVELY, pair.stage.days, SILENT_SINCE, stop=True)
    thread = pair.thread()
    for before in (84, 58, 33, 13):
        pair.write(thread, OWNER_SIDE, pair.random_moment(pair.stage.day(before), OWNER_SIDE))
    for before in (BACK_SINCE, 5):
        at = pair.stage.at(before, time(18 - before, pair.rng.randint(0, 59)))
        pair.write(thread, THEY, at)
        pair.write(thread, OWNER_SIDE, at + timedelta(hours=1))
