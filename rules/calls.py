"""Calls: the meetings of the two that were held, and which of them the contact had called.

What the owner plans shorter, rarer or for more people is the owner's doing, so it counts who called each of them; one
that the owner has changed since is none of the contact's.
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


@dataclass(frozen=True, slots=True)
class Call:
    """A meeting that was held."""

    step: Step
    theirs: bool
    minutes: float
    people: int


def _contrast() -> Contrast:
    return Contrast(FEW, MOST_BEFORE, LEAST_BEFORE)


@dataclass(slots=True)
class CallLog:
    """Takes the meetings that were held, in the order of their ends."""

    time: CountedTime
    held: Trail[Call] = field(default_factory=Trail)
    minutes: Contrast = field(default_factory=_contrast)
    gaps: Contrast = field(default_factory=_contrast)  # days since the one before, as they counted when it was held
    people: Contrast = field(default_factory=_contrast)

    def add(self, step: Step) -> None:
        """Take in a meeting that has just ended."""
        plan, last = step.revision, self.held.last
        if last is not None:
            self.gaps.add(self.time.days(last.step.revision.start, plan.start))
        one = Call(step, _is_theirs(step), (plan.end - plan.start) / timedelta(minutes=1), plan.people)
        self.minutes.add(one.minutes)
        self.people.add(one.people)
        self.held.add(plan.end, one)

    def their_pace(self) -> float | None:
        """Give how often they call meetings lately, as a share of how often they did before; None if never."""
        calls = self.held.items[-FEW - MOST_BEFORE :]
        few, before = calls[-FEW:], calls[:-FEW]
        if len(before) <= LEAST_BEFORE:
            return None
        lately, then = self._pace(before[-1], few), self._pace(before[0], before[1:])
        return lately / then if then else None

    def _pace(self, since: Call, calls: list[Call]) -> float:
        days = self.time.days(since.step.revision.start, calls[-1].step.revision.start)
        return sum(one.theirs for one in calls) / days if days > 0 else 0.0


def _is_theirs(step: Step) -> bool:
    life = [one for one in step.meeting.revisions if one.at <= step.revision.end]
    replanned = any(one.by is By.OWNER and one.change in _REPLANNED for one in life)
    return bool(life) and life[0].by is By.THEM and not replanned
