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
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from keepwarm.storage.histories import MeetingFact, RevisionFact

HELD_AT_MOST = 10
"""A meeting of more people is no sign of a relationship (SIGNALS: definitions)."""

LATE = timedelta(hours=24)

TOGETHER = timedelta(hours=2)
"""What one person changes at one go is seen within this time: an hour to settle, and an hour until the next poll."""

REBOOKED_WITHIN = timedelta(days=14)
"""So soon after a cancellation another date is found, if anybody wants one."""

REBOOKED_FOR = timedelta(days=60)
"""A meeting that is later than this after a cancellation does not stand in for the one that was cancelled."""

_OFF = (Change.CANCELLED, Change.DECLINED)


@dataclass(frozen=True, slots=True)
class Step:
    """A revision together with its meeting."""

    meeting: MeetingFact
    revision: RevisionFact
    next_start: datetime | None = None  # of a series' own entry: when its next occurrence was planned
    goes_on_from: str = ""  # UID of the series that ended so that this one goes on

    @property
    def happening(self) -> tuple[str, datetime]:
        """What makes it one happening: fifty occurrences that change together are one change."""
        return (self.meeting.ical_uid, self.revision.at)

    @property
    def notice(self) -> timedelta:
        """How long before the meeting (as it was planned until then) it came."""
        return (self.next_start or self.revision.previous_start or self.revision.start) - self.revision.at

    @property
    def delay(self) -> timedelta:
        """How much later the meeting is after the move; negative if it is earlier."""
        return self.revision.start - (self.revision.previous_start or self.revision.start)

    @property
    def growth(self) -> timedelta:
        """How much longer the meeting is after the change; negative if it is shorter."""
        now = self.revision
        if now.previous_start is None or now.previous_end is None:
            return timedelta(0)
        return (now.end - now.start) - (now.previous_end - now.previous_start)


Plan = tuple["MeetingFact", "RevisionFact | None"]
"""A meeting and how it stands; None while it is only proposed."""


@dataclass(slots=True)
class MeetingLog:
    """Takes revisions and held meetings in the order of time."""

    steps: Trail[Step] = field(default_factory=Trail)
    held: Trail[Step] = field(default_factory=Trail)
    in_force: dict[str, RevisionFact] = field(default_factory=dict)  # by meeting: how it stands now
    meetings: dict[str, MeetingFact] = field(default_factory=dict)  # those that something was heard of
    waiting: dict[str, dict[str, MeetingFact]] = field(default_factory=dict)  # the owner's that they said nothing to
    answered: set[str] = field(default_factory=set)  # UIDs of the owner's invitations to which they said anything
    _proposed_by_them: Trail[Step] = field(default_factory=Trail)
    _proposed_by_owner: Trail[Step] = field(default_factory=Trail)
    _made: set[str] = field(default_factory=set)  # UIDs: a series is made once, whatever is seen of it later
    _moves: dict[str, list[RevisionFact]] = field(default_factory=dict)  # by meeting, not taken back
    _undone: set[str] = field(default_factory=set)  # refs of moves that were taken back
    _went_on: dict[str, datetime] = field(default_factory=dict)  # by UID of a series that ended so: since when
    _carries_on: set[str] = field(default_factory=set)  # UIDs of those that carry on

    def add(self, step: Step) -> None:
        """Take in a change."""
        if step.goes_on_from:
            self._went_on[step.goes_on_from] = step.revision.at
            self._carries_on.add(step.meeting.ical_uid)
        self.steps.add(step.revision.at, step)
        self.meetings[step.meeting.ref] = step.meeting
        if step.revision.change is not Change.PROPOSED:
            self.in_force[step.meeting.ref] = step.revision
        if step.revision.change is Change.CREATED:
            self._add_made(step)
        elif step.revision.change is Change.RESCHEDULED:
            self._moves.setdefault(step.meeting.ref, []).append(step.revision)
        elif step.revision.change is Change.RESTORED:
            self._take_back(step)
        if step.revision.by is By.THEM and step.revision.change is not Change.NO_SHOW:
            self._heard(step.meeting.ical_uid)

    def add_held(self, step: Step) -> None:
        """Take in a meeting that has just ended."""
        self.held.add(step.revision.end, step)

    def proposed_by_them(self, since: datetime, until: datetime | None = None) -> list[Step]:
        """Give the meetings that they proposed since then, each series once; not what only carries on another."""
        return self._proposed(self._proposed_by_them, since, until)

    def proposed_by_owner(self, since: datetime, until: datetime | None = None) -> list[Step]:
        """Give those that the owner proposed, in the same way."""
        return self._proposed(self._proposed_by_owner, since, until)

    def _proposed(self, trail: Trail[Step], since: datetime, until: datetime | None) -> list[Step]:
        found = trail.since(since) if until is None else trail.between(since, until)
        return [step for step in found if step.meeting.ical_uid not in self._carries_on]

    def changed(self, since: datetime, by: By, *changes: Change) -> list[Step]:
        """Give the changes of these kinds by that side since then, made before the meeting, each happening once.

        What one of a crowd does says nothing about the two, nor what somebody does who is out of the office, nor a
        move that was taken back.
        """
        return list({step.happening: step for step in self.changes(since, by, *changes)}.values())

    def changes(self, since: datetime, by: By, *changes: Change) -> list[Step]:
        """Give the same, each occurrence of a series on its own."""
        return [
            step
            for step in self.steps.since(since)
            if step.revision.by is by
            and step.revision.change in changes
            and not step.revision.away
            and takes_two(step.revision)
            and step.notice > timedelta(0)
            and step.revision.ref not in self._undone
        ]

    def called_off(self, since: datetime, by: By) -> list[Step]:
        """Give what one side cancelled or declined and did not take back.

        Declining and cancelling the same meeting is once, and so is a series with whatever was left of it.
        """
        off = [step for step in self.changed(since, by, *_OFF) if self.is_off(step)]
        whole = {step.meeting.ical_uid: step.revision.at for step in off if step.meeting.series}
        return list({step.meeting.ref: step for step in off if not _part_of(whole, step)}.values())

    def plans(self) -> Iterator[Plan]:
        """Give the meetings as they stand by what was taken in: of two things at one time perhaps only the first."""
        return ((meeting, self.in_force.get(ref)) for ref, meeting in self.meetings.items())

    def is_off(self, step: Step) -> bool:
        """Tell whether what was cancelled or declined still is: people take it back, and plans go on."""
        if _within(self._went_on.get(step.meeting.ical_uid), step.revision.at):
            return False
        now = self.in_force[step.meeting.ref]
        if now.status is MeetingStatus.CANCELLED:
            return True
        answer = now.their_answer if step.revision.by is By.THEM else now.owner_answer
        return answer is Answer.DECLINED

    def no_shows(self, since: datetime, by: By) -> list[Step]:
        """Give the meetings that ended since then to which that side did not come, by a record or somebody's word."""
        return [
            step
            for step in self.steps.since(since)
            if step.revision.change is Change.NO_SHOW and step.revision.by is by and takes_two(step.revision)
        ]

    def _add_made(self, step: Step) -> None:
        uid, asked = step.meeting.ical_uid, step.revision.by is By.OWNER
        if asked and uid not in self.answered and not step.meeting.series:
            self.waiting.setdefault(uid, {})[step.meeting.ref] = step.meeting
            if step.revision.their_answer not in (None, Answer.NONE):
                self._heard(uid)
        if uid in self._made:
            return
        self._made.add(uid)
        if is_free(step.revision):
            return
        if step.revision.by is By.THEM:
            self._proposed_by_them.add(step.revision.at, step)
        elif asked:
            self._proposed_by_owner.add(step.revision.at, step)

    def _heard(self, uid: str) -> None:
        if self.waiting.pop(uid, None) is not None:
            self.answered.add(uid)

    def _take_back(self, step: Step) -> None:
        """Undo the moves since the meeting was where it is again; what is not known to be more is the last one."""
        moves = self._moves.get(step.meeting.ref, [])
        back = [number for number, move in enumerate(moves) if move.previous_start == step.revision.start]
        first = back[-1] if back else len(moves) - 1
        if moves:
            self._undone.update(move.ref for move in moves[first:])
            del moves[first:]


def _within(when: datetime | None, at: datetime) -> bool:
    return when is not None and abs(when - at) <= TOGETHER


def _part_of(whole: dict[str, datetime], step: Step) -> bool:
    return not step.meeting.series and _within(whole.get(step.meeting.ical_uid), step.revision.at)


def is_free(revision: RevisionFact) -> bool:
    """Tell what stands in a calendar and takes no time: a birthday, a note."""
    return revision.all_day and not revision.busy


def is_absence(meeting: MeetingFact) -> bool:
    """Tell a notice that somebody is away; a refusal for that reason is none."""
    return meeting.revisions[0].away


def takes_two(revision: RevisionFact) -> bool:
    """Tell whether a meeting says something about the two: it takes time, and there is no crowd."""
    return revision.people <= HELD_AT_MOST and not is_free(revision)


def standing(meeting: MeetingFact, at: datetime) -> RevisionFact | None:
    """Give the revision that held at a moment: a proposal is in force only once the organiser has followed it."""
    planned = [revision for revision in meeting.revisions if revision.change is not Change.PROPOSED]
    known = bisect_right(planned, at, key=lambda revision: revision.at)
    return planned[known - 1] if known else None


def held(meeting: MeetingFact) -> Iterator[Step]:
    """Give the meeting as it was held, if it was: not cancelled by its end, both sides having accepted and come.

    A meeting has one revision in force at its end; what is changed afterwards does not undo that it took place. That
    somebody did not come is known only later, and still of the end.
    """
    if meeting.series or is_absence(meeting):
        return
    planned = [revision for revision in meeting.revisions if revision.change is not Change.PROPOSED]
    missed = {
        revision.end
        for revision in meeting.revisions
        if revision.change is Change.NO_SHOW and revision.by is not By.OTHER
    }
    for end in sorted({revision.end for revision in planned} - missed):
        last = standing(meeting, end)
        if last is not None and last.end == end and _took_place(last):
            yield Step(meeting, last)


def _took_place(revision: RevisionFact) -> bool:
    return (
        revision.status is not MeetingStatus.CANCELLED
        and revision.their_answer is Answer.ACCEPTED
        and revision.owner_answer is Answer.ACCEPTED
        and takes_two(revision)
    )


def rebooking(off: Step, plans: Iterable[Plan], as_of: datetime) -> RevisionFact | None:
    """Give the plan that has come in the place of what was called off, as it stands; None if nothing has.

    ``plans`` are meetings as they stand as of then.
    That is the meeting itself, put on again, or another one that either side has made since. A further occurrence of
    a series that goes on anyway is none.
    """
    until = min(off.revision.at + REBOOKED_WITHIN, as_of)
    last_start = off.revision.at + REBOOKED_FOR
    found = []
    for meeting, now in plans:
        own = meeting.ref == off.meeting.ref
        since = off.revision.at if own else meeting.revisions[0].at
        if meeting.series or now is None or not off.revision.at <= since <= until or not _stands(now):
            continue
        if (own or meeting.ical_uid != off.meeting.ical_uid) and off.revision.at < now.start <= last_start:
            found.append(now)
    return min(found, key=lambda plan: (plan.start, plan.ref), default=None)


def _stands(now: RevisionFact) -> bool:
    declined = Answer.DECLINED in (now.their_answer, now.owner_answer)
    return now.status is not MeetingStatus.CANCELLED and not declined and takes_two(now)
