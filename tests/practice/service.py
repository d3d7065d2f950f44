"""Scripts in which the owner takes somebody for granted: slower, colder, or with nothing but invoices."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING

from tests.practice.conversation import OWNER_SIDE, THEY, Habit
from tests.practice.encounters import Encounters
from tests.practice.healthy import invoices

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.practice.conversation import Pair

BUSY = Habit(every=11, turns=(2, 4), ours=2)
STEADY = Habit(every=23, turns=(2, 3))
BILLED_SINCE = 125
SLOWER_SINCE = 61
LAST_LUNCH = 140
STRICTLY_SINCE = 150
NEW_SINCE = 41


def gets_only_invoices(pair: Pair) -> None:
    """Work with the owner for months, and then hear from them by invoice."""
    pair.keep_up(BUSY, pair.stage.days, BILLED_SINCE)
    invoices(pair)


def is_served_worse(pair: Pair) -> None:
    """Be answered within hours, and in the end within days."""
    pair.keep_up(BUSY, pair.stage.days, SLOWER_SINCE)
    _is_answered_late(pair, range(SLOWER_SINCE - 4, 6, -8), hours=27)


def has_lunch_no_more(pair: Pair) -> None:
    """Write as ever, but the lunches with the owner have come to an end."""
    pair.subjects = (subject for subject in pair.subjects if "unch" not in subject and "offee" not in subject)
    pair.keep_up(STEADY, pair.stage.days, 0)
    meetings = Encounters(pair)
    for number, before in enumerate(range(LAST_LUNCH, 360, 43)):
        summary = f"{('Lunch', 'Coffee', 'Mittagessen')[number % 3]} {pair.who.name.split()[0]} / Sam"
        meetings.arrange(before, before + 9, theirs=bool(number % 2), clock=time(12, 30), summary=summary)


def is_told_business(pair: Pair) -> None:
    """Catch up with the owner every four weeks, of late with something to sell on the agenda."""
    pair.keep_up(STEADY, pair.stage.days, 0)
    meetings = Encounters(pair)
    for number, before in enumerate(range(11, 340, 28)):
        strictly = before < STRICTLY_SINCE and number % 2 == 0
        summary = "Catch-up: next year's budget" if strictly else "Catch-up"
        meetings.arrange(before, before + 9, theirs=not strictly, clock=time(15), summary=summary)


def waits_at_first(pair: Pair) -> None:
    """Be new, write to the owner first, and wait for each answer."""
    _is_answered_late(pair, range(NEW_SINCE, 14, -10), hours=21)


def _is_answered_late(pair: Pair, days: Iterable[int], hours: float) -> None:
    working = pair.stage.working_time(owner=True)
    for before in days:
        thread, at = pair.thread(), pair.random_moment(pair.stage.day(before), THEY)
        pair.write(thread, THEY, at)
        pair.write(thread, OWNER_SIDE, working.after(at, hours + pair.rng.uniform(-2, 2)) + timedelta(minutes=1))
