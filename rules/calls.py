"""Calls: the meetings that a contact called themselves, and that were held.

What the owner plans shorter, rarer or for more people is the owner's doing, and what a third plans nobody's here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.contrast import Contrast
from keepwarm.rules.trail import Trail
from keepwarm.storage.histories import By
from keepwarm.storage.sightings import Change

if TYPE_CHECKING:
    from keepwarm.rules.counted_time import CountedTime
    from keepwarm.rules.meetings import Step

FEW, LEAST_BEFORE, MOST_BEFORE = 4, 5, 20

_REPLANNED = (Change.RESIZED, Change.RESCHEDULED)


def _contrast() -> Contrast:
    return Contrast(FEW, MOST_BEFORE, LEAST_BEFORE)


@dataclass(slots=True)
class CallLog:
    """Takes the meetings that were held, in the order of their ends."""

    time: CountedTime
    held: Trail[Step] = field(default_factory=Trail)
    minutes: Contrast = field(default_factory=_contrast)
    gaps: Contrast = field(default_factory=_contrast)  # days since the one before, as they counted when it was held
    people: Contrast = field(default_factory=_contrast)

    def add(self, step: Step) -> None:
        """Take in a meeting that has just ended."""
        if not _is_theirs(step):
            return
        plan, last = step.revision, self.held.last
        if last is not None:
            self.gaps.add(self.time.days(last.revision.start, plan.start))
        self.minutes.add((plan.end - plan.start) / timedelta(minutes=1))
        self.people.add(plan.people)
        self.held.add(plan.end, step)


def _is_theirs(step: Step) -> bool:
    life = [one for one in step.meeting.revisions if one.at <= step.revision.end]
    replanned = any(one.by is By.OWNER and one.change in _REPLANNED for one in life)
    return bool(life) and life[0].by is By.THEM and not replanned
