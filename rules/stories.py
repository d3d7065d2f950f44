"""Stories: what became of a meeting, in one line.

"moved by them twice (+7 d, +14 d), cancelled 3 h before; not rebooked": first what was done to it and by whom, in the
order of time, then how it ended. Whoever did the last thing named does the next one too, unless somebody else is named.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepwarm.rules.meetings import REBOOKED_WITHIN, Step, held, rebooking, standing
from keepwarm.rules.story_words import BY, date, notice, shifts, span, times
from keepwarm.storage.histories import By
from keepwarm.storage.observations import Answer, MeetingStatus
from keepwarm.storage.sightings import Change

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta, tzinfo

    from keepwarm.storage.histories import MeetingFact, RevisionFact

_AWAY = ", being out of the office"
_OFF = (Change.CANCELLED, Change.DECLINED)
_ABSENT = {By.THEM: "they did not come", By.OWNER: "you did not come", By.OTHER: "somebody else did not come"}
_MOVES = {
    Change.RESCHEDULED: "moved",
    Change.PROPOSED: "another time proposed",
    Change.REINSTATED: "put on again",
}
_SIMPLE = {
    Change.RESTORED: "moved back",
    Change.REINSTATED: "put on again",
    Change.TENTATIVE: "accepted with reservations",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A meeting, or a series, and what became of it; ``line`` does not repeat the title."""

    meeting: MeetingFact
    start: datetime
    end: datetime
    status: MeetingStatus
    line: str
    steps: tuple[RevisionFact, ...]  # what it rests on, oldest first


def story(meeting: MeetingFact, others: Iterable[MeetingFact], as_of: datetime, zone: tzinfo) -> Story | None:
    """Tell a meeting by what was known as of a moment; None if nothing was.

    ``others`` are the meetings with the same contact: one of them may have been made in its place. ``zone`` is the
    owner's, for dates.
    """
    known = tuple(revision for revision in meeting.revisions if revision.at <= as_of)
    now = standing(meeting, as_of)
    if not known or now is None:
        return None
    clauses = _Clauses(occurrence=bool(meeting.recurrence_id))
    for revision in known:
        clauses.add(revision)
    ending = _ending(meeting, known, others, as_of, zone)
    line = "; ".join(part for part in (clauses.text(), ending) if part)
    return Story(
        meeting=meeting,
        start=now.start,
        end=now.end,
        status=now.status,
        line=line or f"arranged {BY[known[0].by]}",
        steps=known,
    )


@dataclass(slots=True)
class _Clause:
    """One thing that was done, maybe several times by the same side."""

    words: str
    by: By | None  # None: it is said in the words
    count: int = 1
    moves: list[timedelta] = field(default_factory=list)
    after: str = ""


@dataclass(slots=True)
class _Clauses:
    """What was done to a meeting."""

    occurrence: bool
    found: list[_Clause] = field(default_factory=list)
    answers: dict[By, Change] = field(default_factory=dict)

    def add(self, revision: RevisionFact) -> None:
        """Take the next revision."""
        change = revision.change
        delay = revision.start - (revision.previous_start or revision.start)
        if change in _MOVES and (delay or change is not Change.REINSTATED):
            self._put(_MOVES[change], revision, move=delay)
        elif change is Change.RESIZED:
            self._resized(revision)
        elif change in _OFF:
            before = revision.start - revision.at
            told = notice(before, revision.end - revision.start)
            self._put(change.value, revision, after=f" {told}{_away(revision)}")
        elif change in _SIMPLE:
            self._put(_SIMPLE[change], revision, after=_away(revision))
        elif change is Change.ACCEPTED:
            if self.answers.get(revision.by) in (Change.DECLINED, Change.TENTATIVE):
                self._put("then accepted", revision)
        elif change is Change.REMOVED:
            self._removed(revision)
        elif change is Change.NO_SHOW:
            self.found.append(_Clause(_ABSENT.get(revision.by, "it did not take place"), None))
        elif change is Change.SUPERSEDED:
            became = "dropped when its series changed" if self.occurrence else "made anew"
            self.found.append(_Clause(became, None))
        if change in (Change.ACCEPTED, Change.DECLINED, Change.TENTATIVE):
            self.answers[revision.by] = change

    def text(self) -> str:
        """Give all clauses as one line."""
        told, last = [], None
        for one in self.found:
            whose = f" {BY[one.by]}" if one.by not in (None, last) else ""
            told.append(f"{one.words}{whose}{times(one.count)}{shifts(one.moves)}{one.after}")
            last = one.by
        return ", ".join(told)

    def _put(self, words: str, revision: RevisionFact, *, move: timedelta | None = None, after: str = "") -> None:
        last = self.found[-1] if self.found else None
        after = after or (_away(revision) if move is not None else "")
        if move is not None and last and (last.words, last.by, last.after) == (words, revision.by, after):
            last.count += 1
            last.moves.append(move)
            return
        self.found.append(_Clause(words, revision.by, moves=[] if move is None else [move], after=after))

    def _resized(self, revision: RevisionFact) -> None:
        length = revision.end - revision.start
        before = (revision.previous_end or revision.end) - (revision.previous_start or revision.start)
        self._put(f"{'shortened' if length < before else 'lengthened'} to {span(length)}", revision)

    def _removed(self, revision: RevisionFact) -> None:
        if revision.owner_answer is None:
            self.found.append(_Clause("you were taken off the list", None))
        elif revision.their_answer is None:
            self.found.append(_Clause("they were taken off the list", None))


def _away(revision: RevisionFact) -> str:
    return _AWAY if revision.away else ""


def _ending(
    meeting: MeetingFact,
    known: tuple[RevisionFact, ...],
    others: Iterable[MeetingFact],
    as_of: datetime,
    zone: tzinfo,
) -> str:
    now = [revision for revision in known if revision.change is not Change.PROPOSED]
    last = now[-1] if now else known[-1]
    if last.change is Change.SUPERSEDED or any(
        one.change is Change.NO_SHOW and one.by is not By.OTHER for one in known
    ):
        return ""
    if any(step.revision.end <= as_of for step in held(meeting) if step.revision in known):
        return "held"
    off = _called_off(known, last)
    if off is not None:
        return _rebooked(Step(meeting, off), others, as_of, zone)
    if last.end <= as_of:
        return "your invitation was left unanswered" if _left_unanswered(known, last) else ""
    return _ahead(last) if last.start > as_of else ""


def _called_off(known: tuple[RevisionFact, ...], last: RevisionFact) -> RevisionFact | None:
    if last.status is not MeetingStatus.CANCELLED and Answer.DECLINED not in (last.their_answer, last.owner_answer):
        return None
    return next((one for one in reversed(known) if one.change in _OFF), None)


def _rebooked(off: Step, others: Iterable[MeetingFact], as_of: datetime, zone: tzinfo) -> str:
    plan = rebooking(off, ((other, standing(other, as_of)) for other in others), as_of)
    if plan is not None:
        return f"rebooked for {date(plan.start, zone)}"
    return "not rebooked" if as_of >= off.revision.at + REBOOKED_WITHIN else ""


def _left_unanswered(known: tuple[RevisionFact, ...], last: RevisionFact) -> bool:
    silent = last.their_answer is Answer.NONE and not any(one.by is By.THEM for one in known)
    return silent and known[0].by is By.OWNER


def _ahead(last: RevisionFact) -> str:
    answers = (last.their_answer, last.owner_answer)
    waiting = [who for who, answer in zip(("their", "your"), answers, strict=True) if answer is Answer.NONE]
    if waiting:
        return f"{' and '.join(waiting)} answer pending"
    return "accepted by both" if answers == (Answer.ACCEPTED, Answer.ACCEPTED) else ""
