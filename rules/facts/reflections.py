"""Facts about what the owner thought after meetings, and which meeting they could still reflect on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.facts.fact import fact, next_event
from keepwarm.rules.moment import FAR
from keepwarm.rules.sources import of_reflection, of_revision
from keepwarm.rules.timeline import MEETINGS, OTHERS
from keepwarm.storage.histories import ReflectionFact
from keepwarm.storage.identity import meeting_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from keepwarm.rules.meetings import Step
    from keepwarm.rules.moment import Moment
    from keepwarm.rules.sources import Source

LATELY = 30  # days
ASKED_FOR = 3  # days after the meeting's
_DAY = timedelta(days=1)


def _last(moment: Moment) -> ReflectionFact | None:
    last = moment.others[ReflectionFact].last
    return last if isinstance(last, ReflectionFact) and last.at >= moment.ago(LATELY) else None


def _cite_last(moment: Moment) -> Sequence[Source]:
    last = _last(moment)
    return [of_reflection(last)] if last else []


def _until_it_is_old(moment: Moment) -> datetime:
    last = _last(moment)
    return last.at + LATELY * _DAY if last else FAR


@fact(int, "from 1 to 5", cites=_cite_last, until=_until_it_is_old, by=OTHERS)
def mood_after_meeting(moment: Moment) -> int | None:
    """In which mood they left the meeting that you reflected on last, within the last 30 days."""
    last = _last(moment)
    return last.mood if last else None


@fact(bool, "", cites=_cite_last, until=_until_it_is_old, by=OTHERS)
def both_questions_answered(moment: Moment) -> bool | None:
    """You knew then what they needed from you, and how you could help."""
    last = _last(moment)
    return last.needs_answered is True and last.help_answered is True if last else None


@fact(str, "date", cites=_cite_last, until=_until_it_is_old, by=OTHERS)
def reflected_on(moment: Moment) -> str | None:
    """The day on which you reflected on it."""
    last = _last(moment)
    return moment.working.local_day(last.at).isoformat() if last else None


@fact(int, "meetings", until=next_event, by=OTHERS)
def reflections(moment: Moment) -> int:
    """How many meetings with them you have reflected on so far."""
    return len(moment.others[ReflectionFact])


def _to_reflect(moment: Moment) -> Step | None:
    """Give the last meeting held, if it was one to three days ago, and they have not reflected on it."""
    last = moment.meetings.held.last
    if last is None:
        return None
    today, day = (moment.working.local_day(one) for one in (moment.now, last.revision.end))
    if not _DAY <= today - day <= ASKED_FOR * _DAY:
        return None
    since = moment.others[ReflectionFact].since(last.revision.start - LATELY * _DAY)
    known_as = meeting_id(last.meeting.ical_uid, last.meeting.recurrence_id)
    done = any(isinstance(one, ReflectionFact) and one.meeting == known_as for one in since)
    return None if done else last


def _cite_to_reflect(moment: Moment) -> Sequence[Source]:
    step = _to_reflect(moment)
    return [of_revision(step.meeting, step.revision)] if step else []


def _first_or_last_day(moment: Moment) -> datetime:
    last = moment.meetings.held.last
    if last is None:
        return FAR
    day = moment.working.local_day(last.revision.end)
    bounds = (moment.working.midnight(day + days * _DAY) for days in (1, ASKED_FOR + 1))
    return next((bound for bound in bounds if bound > moment.now), FAR)


@fact(int, "meetings", cites=_cite_to_reflect, until=_first_or_last_day, by=MEETINGS | OTHERS)
def meetings_to_reflect(moment: Moment) -> int:
    """1 if you last met one to three days ago, and have not reflected on that meeting yet; else 0."""
    return int(_to_reflect(moment) is not None)


@fact(str, "date", cites=_cite_to_reflect, until=_first_or_last_day, by=MEETINGS | OTHERS)
def meeting_to_reflect_on(moment: Moment) -> str | None:
    """The day of that meeting."""
    step = _to_reflect(moment)
    return moment.working.local_day(step.revision.start).isoformat() if step else None
