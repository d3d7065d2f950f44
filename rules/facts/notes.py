"""Facts about what the owner has noted: what is to be remembered on a day, and what at the next meeting."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.facts.fact import fact, next_event
from keepwarm.rules.meetings import is_absence, takes_two
from keepwarm.rules.moment import FAR
from keepwarm.rules.sources import of_note, of_revision, quoted
from keepwarm.rules.timeline import MEETINGS, OTHERS
from keepwarm.storage.histories import NoteFact
from keepwarm.storage.observations import Answer, MeetingStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from keepwarm.rules.moment import Moment
    from keepwarm.rules.sources import Source
    from keepwarm.storage.histories import MeetingFact, RevisionFact

DAYS_BEFORE = 3
DAYS_AFTER = 1
NEWEST = 3  # notes that are told at once
_DAY = timedelta(days=1)


def _notes(moment: Moment) -> Iterator[NoteFact]:
    """Give all notes, youngest first."""
    for one in reversed(moment.others[NoteFact].items):
        if isinstance(one, NoteFact):
            yield one


# With a day.


def _window(moment: Moment, on: date) -> tuple[datetime, datetime]:
    """Give from when and up to when a day is due."""
    working = moment.working
    return working.midnight(on - DAYS_BEFORE * _DAY), working.midnight(on + (DAYS_AFTER + 1) * _DAY)


def _due(moment: Moment) -> list[NoteFact]:
    """Give the notes whose day is due, the one written last first."""
    found = []
    for note in _notes(moment):
        if note.on is not None:
            start, end = _window(moment, note.on)
            if start <= moment.now < end:
                found.append(note)
    return found


def _next_window(moment: Moment) -> datetime:
    """Give when the next note becomes due, or the next one that is due no longer is."""
    ends = (end for note in _notes(moment) if note.on is not None for end in _window(moment, note.on))
    return min((end for end in ends if end > moment.now), default=FAR)


def _cite_due(moment: Moment) -> Sequence[Source]:
    return [of_note(note) for note in _due(moment)]


@fact(int, "notes", cites=_cite_due, until=_next_window, by=OTHERS)
def notes_due(moment: Moment) -> int:
    """How many notes of yours are for a day from yesterday to three days ahead."""
    return len(_due(moment))


@fact(str, "", cites=_cite_due, until=_next_window, by=OTHERS)
def note_due(moment: Moment) -> str | None:
    """What the one of them says that you wrote last."""
    return next((quoted(note.text) for note in _due(moment)), None)


@fact(str, "date", cites=_cite_due, until=_next_window, by=OTHERS)
def note_due_on(moment: Moment) -> str | None:
    """The day that it is for."""
    return next((note.on.isoformat() for note in _due(moment) if note.on), None)


# Without: for the next meeting.


def _to_raise(moment: Moment) -> list[NoteFact]:
    """Give the notes without a day that were written since the last meeting, the youngest few."""
    met = moment.meetings.held.last
    found: list[NoteFact] = []
    for note in _notes(moment):
        if len(found) == NEWEST or (met is not None and note.at < met.revision.end):
            break
        if note.on is None:
            found.append(note)
    return found


def _cite_to_raise(moment: Moment) -> Sequence[Source]:
    return [of_note(note) for note in _to_raise(moment)]


@fact(int, "notes", cites=_cite_to_raise, until=next_event, by=OTHERS | MEETINGS, raised_by=OTHERS, falls=True)
def notes_to_raise(moment: Moment) -> int:
    """How many notes without a day you have written since you last met, counted up to three."""
    return len(_to_raise(moment))


@fact(str, "", cites=_cite_to_raise, until=next_event, by=OTHERS | MEETINGS)
def notes_to_raise_text(moment: Moment) -> str | None:
    """What they say, the youngest first."""
    return "; ".join(quoted(note.text) for note in _to_raise(moment)) or None


def _next_plan(moment: Moment) -> tuple[str, RevisionFact] | None:
    """Give what is planned next, with its ref; what either has declined is none."""
    plans = (
        (plan.start, ref, plan)
        for ref, plan in moment.meetings.in_force.items()
        if plan.start > moment.now and not moment.meetings.meetings[ref].series and _stands(plan)
    )
    _, ref, plan = min(plans, key=lambda one: one[:2], default=(None, "", None))
    return (ref, plan) if plan is not None else None


def _next_meeting(moment: Moment) -> tuple[MeetingFact, RevisionFact] | None:
    """Give the next meeting as it is planned; None if nothing is, or an absence comes first."""
    found = _next_plan(moment)
    if found is None or is_absence(moment.meetings.meetings[found[0]]):
        return None
    return moment.meetings.meetings[found[0]], found[1]


def _until_it_begins(moment: Moment) -> datetime:
    found = _next_plan(moment)
    return found[1].start if found else FAR


def _until_midnight(moment: Moment) -> datetime:
    begins = _until_it_begins(moment)
    return min(begins, moment.working.midnight(moment.working.local_day(moment.now) + _DAY)) if begins < FAR else FAR


def _stands(plan: RevisionFact) -> bool:
    declined = Answer.DECLINED in (plan.their_answer, plan.owner_answer)
    return plan.status is not MeetingStatus.CANCELLED and not declined and not plan.away and takes_two(plan)


def _cite_next_meeting(moment: Moment) -> Sequence[Source]:
    found = _next_meeting(moment)
    return [of_revision(*found)] if found else []


@fact(str, "date", cites=_cite_next_meeting, until=_until_it_begins, by=MEETINGS)
def next_meeting_on(moment: Moment) -> str | None:
    """The day of the next meeting with them that is planned."""
    found = _next_meeting(moment)
    return moment.working.local_day(found[1].start).isoformat() if found else None


@fact(int, "working days", cites=_cite_next_meeting, until=_until_midnight, by=MEETINGS)
def working_days_to_meeting(moment: Moment) -> int | None:
    """How many working days from tomorrow on until the day of that meeting, which is one of them; 0 for today."""
    found = _next_meeting(moment)
    if found is None:
        return None
    today, day = (moment.working.local_day(one) for one in (moment.now, found[1].start))
    days = (today + number * _DAY for number in range(1, min((day - today).days, 400) + 1))
    return sum(moment.working.is_working_day(one) for one in days)
