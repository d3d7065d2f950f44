"""Meetings as the rules see them: what changed and by whom, and which were held."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.trail import Trail
from keepwarm.storage.histories import By
from keepwarm.storage.observations import Answer, MeetingStatus
from keepwarm.storage.sightings import Change

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from keepwarm.storage.histories import MeetingFact, RevisionFact

HELD_AT_MOST = 10
"""A meeting of more people is no sign of a relationship (SIGNALS: definitions)."""

LATE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Step:
    """A revision together with its meeting."""

    meeting: MeetingFact
    revision: RevisionFact

    @property
    def happening(self) -> tuple[str, datetime]:
        """What makes it one happening: fifty occurrences that change together are one change."""
        return (self.meeting.ical_uid, self.revision.at)

    @property
    def notice(self) -> timedelta:
        """How long before the meeting (as it was planned until then) it came."""
        return (self.revision.previous_start or self.revision.start) - self.revision.at

    @property
    def delay(self) -> timedelta:
        """How much later the meeting is after the move; negative if it is earlier."""
        return self.revision.start - (self.revision.previous_start or self.revision.start)


@dataclass(slots=True)
class MeetingLog:
    """Takes revisions and held meetings in the order of time."""

    steps: Trail[Step] = field(default_factory=Trail)
    held: Trail[Step] = field(default_factory=Trail)
    proposed_by_them: Trail[Step] = field(default_factory=Trail)
    in_force: dict[str, RevisionFact] = field(default_factory=dict)  # by meeting: how it stands now

    def add(self, step: Step) -> None:
        """Take in a change."""
        self.steps.add(step.revision.at, step)
        if step.revision.change is not Change.PROPOSED:
            self.in_force[step.meeting.ref] = step.revision
        if step.revision.change is Change.CREATED and step.revision.by is By.THEM:
            self.proposed_by_them.add(step.revision.at, step)

    def add_held(self, step: Step) -> None:
        """Take in a meeting that has just ended."""
        self.held.add(step.revision.end, step)

    def changed(self, since: datetime, by: By, *changes: Change) -> list[Step]:
        """Give the changes of these kinds by that side since then, made before the meeting, each happening once.

        What one of a crowd does says nothing about the two.
        """
        found = {
            step.happening: step
            for step in self.steps.since(since)
            if step.revision.by is by
            and step.revision.change in changes
            and step.revision.people <= HELD_AT_MOST
            and step.notice > timedelta(0)
        }
        return list(found.values())

    def is_off(self, step: Step) -> bool:
        """Tell whether what was cancelled or declined still is: people take it back, and plans go on."""
        now = self.in_force[step.meeting.ref]
        if now.status is MeetingStatus.CANCELLED:
            return True
        answer = now.their_answer if step.revision.by is By.THEM else now.owner_answer
        return answer is Answer.DECLINED


def held(meeting: MeetingFact) -> Iterator[Step]:
    """Give the meeting as it was held, if it was: not cancelled by its end, both sides having accepted.

    A meeting has one revision in force at its end; what is changed afterwards does not undo that it took place. A
    proposal of another time is in force only once the organiser has followed it, which is a revision of its own.
    """
    if meeting.series:
        return
    planned = [revision for revision in meeting.revisions if revision.change is not Change.PROPOSED]
    for end in sorted({revision.end for revision in planned}):
        known = bisect_right(planned, end, key=lambda revision: revision.at)
        if known and planned[known - 1].end == end and _took_place(planned[known - 1]):
            yield Step(meeting, planned[known - 1])


def _took_place(revision: RevisionFact) -> bool:
    return (
        revision.status is not MeetingStatus.CANCELLED
        and revision.their_answer is Answer.ACCEPTED
        and revision.owner_answer is Answer.ACCEPTED
        and revision.people <= HELD_AT_MOST
    )
