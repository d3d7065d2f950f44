"""Happenings: what became of meetings, as the feed tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.meetings import Step
from keepwarm.storage.histories import By
from keepwarm.storage.sightings import Change

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from keepwarm.rules.timeline import Event

_TOLD = {
    Change.CREATED: "created",
    Change.RESCHEDULED: "rescheduled",
    Change.CANCELLED: "cancelled",
    Change.DECLINED: "declined",
    Change.ACCEPTED: "accepted",
}
_OF_ONE_PERSON = (Change.ACCEPTED, Change.DECLINED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happened to a meeting; ``ref`` names the revision."""

    ref: str
    at: datetime
    change: str  # created, rescheduled, cancelled, declined, accepted, held
    by: str  # them, owner, unknown
    notice_hours: float | None  # before the meeting as it was planned until then; None for one that was held


def happenings(events: Iterable[Event]) -> tuple[Happening, ...]:
    """Give what is worth telling; the occurrences that a series was made with are not told one by one."""
    found = []
    for event in events:
        if not isinstance(event.what, Step):
            continue
        step = event.what
        if event.held:
            found.append(Happening(ref=step.revision.ref, at=event.at, change="held", by="unknown", notice_hours=None))
        elif _is_told(step):
            found.append(_happening(step))
    return tuple(found)


def _is_told(step: Step) -> bool:
    change = step.revision.change
    if change is Change.CREATED and step.meeting.recurrence_id:
        return False
    return change in _TOLD and not (change in _OF_ONE_PERSON and step.revision.by is By.OTHER)


def _happening(step: Step) -> Happening:
    by = step.revision.by
    return Happening(
        ref=step.revision.ref,
        at=step.revision.at,
        change=_TOLD[step.revision.change],
        by=by.value if by in (By.THEM, By.OWNER) else "unknown",
        notice_hours=round(step.notice / timedelta(hours=1), 1),
    )
