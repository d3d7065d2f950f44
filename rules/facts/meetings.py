"""Facts about meetings: moved, cancelled, declined, held, and by whom."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.facts.fact import fact
from keepwarm.rules.meetings import LATE, Step
from keepwarm.rules.sources import Source, of_revision
from keepwarm.storage.histories import By
from keepwarm.storage.sightings import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from keepwarm.rules.moment import Moment

WINDOW = 60  # days


def _moves(moment: Moment, by: By) -> list[Step]:
    return moment.meetings.changed(moment.ago(WINDOW), by, Change.RESCHEDULED)


def _cancellations(moment: Moment, by: By) -> list[Step]:
    """Give what one side cancelled or declined and did not take back; doing both to the same meeting is once."""
    steps = moment.meetings.changed(moment.ago(WINDOW), by, Change.CANCELLED, Change.DECLINED)
    return list({step.meeting.ref: step for step in steps if moment.meetings.is_off(step)}.values())


def _next_to_fade(moment: Moment) -> datetime:
    return moment.leaves_window(moment.meetings.steps, WINDOW)


def _cite(steps: Callable[[Moment], list[Step]]) -> Callable[[Moment], Sequence[Source]]:
    def cite(moment: Moment) -> Sequence[Source]:
        found = [of_revision(step.meeting, step.revision) for step in steps(moment)]
        return sorted(found, key=lambda source: source.at, reverse=True)

    return cite


def _moves_by_them(moment: Moment) -> list[Step]:
    return _moves(moment, By.THEM)


def _moves_by_owner(moment: Moment) -> list[Step]:
    return _moves(moment, By.OWNER)


def _cancellations_by_them(moment: Moment) -> list[Step]:
    return _cancellations(moment, By.THEM)


def _late_by_them(moment: Moment) -> list[Step]:
    return [step for step in _cancellations_by_them(moment) if step.notice < LATE]


def _cancellations_by_owner(moment: Moment) -> list[Step]:
    return _cancellations(moment, By.OWNER)


def _put_off_by_owner(moment: Moment) -> list[Step]:
    return _moves_by_owner(moment) + _cancellations_by_owner(moment)


@fact(int, "times", cites=_cite(_moves_by_them), until=_next_to_fade)
def moved_by_them_60d(moment: Moment) -> int:
    """How often they moved a meeting with you in the last 60 days."""
    return len(_moves_by_them(moment))


@fact(float, "days", cites=_cite(_moves_by_them), until=_next_to_fade)
def moved_away_days_60d(moment: Moment) -> float:
    """By how many days in all their moves of the last 60 days put meetings off."""
    return sum((step.delay for step in _moves_by_them(moment)), timedelta(0)) / timedelta(days=1)


@fact(int, "meetings")
def held_after_move_60d(moment: Moment) -> int:
    """How many of the meetings that they moved in the last 60 days have been held since."""
    moved = {step.meeting.ref: step.revision.at for step in reversed(_moves_by_them(moment))}
    return sum(
        step.meeting.ref in moved and step.revision.end > moved[step.meeting.ref]
        for step in moment.meetings.held.since(moment.ago(WINDOW))
    )


@fact(int, "meetings", cites=_cite(_cancellations_by_them), until=_next_to_fade)
def cancelled_by_them_60d(moment: Moment) -> int:
    """How many meetings with you they cancelled or declined in the last 60 days."""
    return len(_cancellations_by_them(moment))


@fact(int, "meetings", cites=_cite(_late_by_them), until=_next_to_fade)
def late_cancelled_by_them_60d(moment: Moment) -> int:
    """How many of those they cancelled or declined less than 24 hours before."""
    return len(_late_by_them(moment))


@fact(int, "times", cites=_cite(_moves_by_owner), until=_next_to_fade)
def moved_by_you_60d(moment: Moment) -> int:
    """How often you moved a meeting with them in the last 60 days."""
    return len(_moves_by_owner(moment))


@fact(int, "meetings", cites=_cite(_cancellations_by_owner), until=_next_to_fade)
def cancelled_by_you_60d(moment: Moment) -> int:
    """How many meetings with them you cancelled or declined in the last 60 days."""
    return len(_cancellations_by_owner(moment))


@fact(int, "times", cites=_cite(_put_off_by_owner), until=_next_to_fade)
def put_off_by_you_60d(moment: Moment) -> int:
    """How often you moved, cancelled or declined a meeting with them in the last 60 days."""
    return len(_put_off_by_owner(moment))


@fact(int, "meetings")
def held_60d(moment: Moment) -> int:
    """How many meetings with them were held in the last 60 days."""
    return len(moment.meetings.held.since(moment.ago(WINDOW)))
