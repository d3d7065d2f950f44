"""Happenings: what became of meetings, as the feed tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.meetings import Step
from keepwarm.storage.histories import By
from keepwarm.storage.sightings import Change

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from keepwarm.rules.timeline import Event

_TOLD = {
    Change.CREATED: "created",
    Change.RESCHEDULED: "rescheduled",
    Change.RESTORED: "rescheduled",
    Change.CANCELLED: "cancelled",
    Change.REINSTATED: "created",  # whoever has struck it out has to know that it is there again
    Change.DECLINED: "declined",
    Change.ACCEPTED: "accepted",
    Change.NO_SHOW: "no_show",
}
_OF_ONE_PERSON = (Change.ACCEPTED, Change.DECLINED, Change.NO_SHOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happened to a meeting; ``ref`` names the revision."""

    ref: str
    at: datetime
    change: str  # created, rescheduled, cancelled, declined, accepted, held, no_show
    by: str  # them, owner, unknown
    notice_hours: float | None  # before the meeting as it was planned until then; None of what is known of its end


def happenings(events: Sequence[Event]) -> tuple[Happening, ...]:
    """Give what is worth telling.

    The occurrences that a series was made with are not told one by one, nor is a series that only carries on another.
    """
    found = []
    steps = [event.what for event in events if isinstance(event.what, Step)]
    carried_on = {step.happening for step in steps if step.goes_on_from}
    for event in events:
        if not isinstance(event.what, Step):
            continue
        step = event.what
        if event.held:
            found.append(Happening(ref=step.revision.ref, at=event.at, change="held", by="unknown", notice_hours=None))
        elif _is_told(step, carried_on):
            found.append(_happening(step))
    return tuple(found)


def _is_told(step: Step, carried_on: set[tuple[str, datetime]]) -> bool:
    change = step.revision.change
    if change is Change.CREATED and (step.meeting.recurrence_id or step.happening in carried_on):
        return False
    return change in _TOLD and not (change in _OF_ONE_PERSON and step.revision.by is By.OTHER)


def _happening(step: Step) -> Happening:
    by, ended = step.revision.by, step.revision.change is Change.NO_SHOW
    return Happening(
        ref=step.revision.ref,
        at=step.revision.at,
        change=_TOLD[step.revision.change],
        by=by.value if by in (By.THEM, By.OWNER) else "unknown",
        notice_hours=None if ended else round(step.notice / timedelta(hours=1), 1),
    )
