"""Facts about who came, who did not, and who never said. That somebody did not come is never told from silence."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.facts.fact import fact, next_event
from keepwarm.rules.facts.meetings import CITED, cite
from keepwarm.rules.meetings import Step, standing, takes_two
from keepwarm.rules.moment import FAR
from keepwarm.rules.sources import Source, of_message, of_passing, of_revision
from keepwarm.rules.timeline import MEETINGS
from keepwarm.storage.histories import By
from keepwarm.storage.identity import meeting_id
from keepwarm.storage.observations import Answer, MeetingStatus
from keepwarm.storage.sightings import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from keepwarm.rules.moment import Moment
    from keepwarm.storage.histories import MeetingFact, MessageFact, RevisionFact

NO_SHOW_DAYS = 180
UNANSWERED_DAYS = 60
ASKED_DAYS = 14
APOLOGY_WITHIN = timedelta(hours=24)


def _no_shows_by_them(moment: Moment) -> list[Step]:
    return moment.meetings.no_shows(moment.ago(NO_SHOW_DAYS), By.THEM)


def _no_shows_by_owner(moment: Moment) -> list[Step]:
    return moment.meetings.no_shows(moment.ago(NO_SHOW_DAYS), By.OWNER)


def _next_to_fade(moment: Moment) -> datetime:
    return moment.leaves_window(moment.meetings.steps, NO_SHOW_DAYS)


@fact(int, "meetings", cites=cite(_no_shows_by_them), until=_next_to_fade, by=CITED, raised_by=MEETINGS, falls=True)
def no_shows_by_them_180d(moment: Moment) -> int:
    """To how many meetings of the last 180 days they did not come, by a record of attendance or by your word."""
    return len(_no_shows_by_them(moment))


@fact(int, "meetings", cites=cite(_no_shows_by_owner), until=_next_to_fade, by=CITED, raised_by=MEETINGS, falls=True)
def no_shows_by_owner_180d(moment: Moment) -> int:
    """To how many meetings of the last 180 days you did not come, by a record of attendance or by your word."""
    return len(_no_shows_by_owner(moment))


@fact(str, "date", cites=cite(_no_shows_by_them), until=_next_to_fade, by=CITED)
def last_no_show_by_them_on(moment: Moment) -> str | None:
    """The day of the last meeting to which they did not come, within 180 days."""
    steps = _no_shows_by_them(moment)
    return _day(moment, max(step.revision.start for step in steps)) if steps else None


# Invitations without an answer.


def _silent_on(moment: Moment, holds: Callable[[RevisionFact], bool]) -> list[Step]:
    """Give the owner's invitations, as they stand, of which nothing was heard: the first of each series, in order."""
    found = []
    for some in moment.meetings.waiting.values():
        plans = ((moment.meetings.in_force[ref], meeting) for ref, meeting in some.items())
        silent = [
            Step(meeting, now)
            for now, meeting in plans
            if now.their_answer is Answer.NONE
            and now.owner_answer is not Answer.DECLINED
            and now.status is not MeetingStatus.CANCELLED
            and takes_two(now)
            and holds(now)
        ]
        found += sorted(silent, key=_when)[:1]
    return sorted(found, key=_when)


def _when(step: Step) -> tuple[datetime, str]:
    return step.revision.start, step.meeting.ref


def _left_unanswered(moment: Moment) -> list[Step]:
    """Give those that passed, with no word from them in any other way since they were invited."""
    since, now = moment.ago(UNANSWERED_DAYS), moment.now
    passed = _silent_on(moment, lambda plan: since <= plan.end < now and plan.change is not Change.NO_SHOW)
    return [step for step in passed if not _heard_about(moment, step)]


def _cite_left_unanswered(moment: Moment) -> Sequence[Source]:
    passed = [of_passing(step.meeting, step.revision) for step in _left_unanswered(moment)]
    return sorted(passed, key=lambda source: source.at, reverse=True)


def _heard_about(moment: Moment, step: Step) -> bool:
    # What they wrote in between may have been an answer: a calendar does not show it.
    asked = step.meeting.revisions[0].at
    return len(moment.inbound.between(asked, step.revision.end + APOLOGY_WITHIN)) > 0


def _pending(moment: Moment) -> list[Step]:
    now = moment.now
    return _silent_on(moment, lambda plan: plan.start > now)


def _next_to_pass(moment: Moment) -> datetime:
    """Give the time at which one that waits begins, ends, or has ended too long ago to count."""
    log, now = moment.meetings, moment.now
    plans = (log.in_force[ref] for some in log.waiting.values() for ref in some)
    faded = timedelta(days=UNANSWERED_DAYS)
    return min((at for plan in plans for at in (plan.start, plan.end, plan.end + faded) if at >= now), default=FAR)


@fact(int, "invitations", cites=_cite_left_unanswered, until=_next_to_pass, by=CITED)
def left_unanswered_60d(moment: Moment) -> int:
    """How many of your invitations they left unanswered, and wrote nothing else, until they passed; in 60 days."""
    return len(_left_unanswered(moment))


@fact(str, "date", cites=_cite_left_unanswered, until=_next_to_pass, by=CITED)
def left_unanswered_on(moment: Moment) -> str | None:
    """The day for which the last of those invitations was."""
    steps = _left_unanswered(moment)
    return _day(moment, steps[-1].revision.start) if steps else None


@fact(int, "invitations", cites=cite(_pending), until=_next_to_pass, by=CITED)
def answer_pending(moment: Moment) -> int:
    """How many of your invitations to meetings ahead wait for their answer, a series counted once."""
    return len(_pending(moment))


@fact(int, "invitations", until=next_event, by=MEETINGS)
def invitations_answered(moment: Moment) -> int:
    """How many of your invitations they have ever answered, a series counted once: some people never press a button."""
    return len(moment.meetings.answered)


# Apologies: only the owner knows what they mean.


def _apologies(moment: Moment) -> Iterator[tuple[MessageFact, MeetingFact, datetime]]:
    """Give their apologies right after a meeting was to begin, with its start, youngest first; each meeting once.

    What the owner or a record has said of the meeting since settles it.
    """
    asked: set[tuple[str, datetime]] = set()
    for message in reversed(moment.inbound.since(moment.ago(ASKED_DAYS))):
        if message.apology and (about := _planned_before(moment, message.at)):
            meeting, start = about
            if (meeting.ref, start) not in asked and not _settled(meeting, start, moment.now):
                asked.add((meeting.ref, start))
                yield message, meeting, start


def _planned_before(moment: Moment, wrote: datetime) -> tuple[MeetingFact, datetime] | None:
    """Give the meeting that was to begin last before somebody wrote, not longer ago than a day."""
    found = []
    for meeting in moment.meetings.meetings.values():
        if meeting.series:
            continue
        for start in {revision.start for revision in meeting.revisions if revision.at <= wrote}:
            plan = standing(meeting, start) if wrote - APOLOGY_WITHIN <= start <= wrote else None
            if plan and plan.start == start and plan.status is not MeetingStatus.CANCELLED and takes_two(plan):
                found.append((start, meeting.ref, meeting))
    return (max(found)[2], max(found)[0]) if found else None


def _settled(meeting: MeetingFact, start: datetime, now: datetime) -> bool:
    told = (one for one in meeting.revisions if one.change is Change.NO_SHOW and one.at <= now)
    return any(one.start == start for one in told)


def _cite_apologies(moment: Moment) -> Sequence[Source]:
    found = []
    for message, meeting, start in _apologies(moment):
        plan = standing(meeting, start)
        found += [of_message(message), *([of_revision(meeting, plan)] if plan else [])]
    return sorted(found, key=lambda source: source.at, reverse=True)


def _next_apology_to_fade(moment: Moment) -> datetime:
    recent = moment.inbound.since(moment.ago(ASKED_DAYS))
    return next((message.at + timedelta(days=ASKED_DAYS) for message in recent if message.apology), FAR)


@fact(int, "messages", cites=_cite_apologies, until=_next_apology_to_fade, by=CITED)
def missed_call_mails_14d(moment: Moment) -> int:
    """How many meetings they were sorry for having missed, by mail within 24 hours of the start; in 14 days."""
    return sum(1 for _ in _apologies(moment))


@fact(str, "date", cites=_cite_apologies, until=_next_apology_to_fade, by=CITED)
def missed_call_on(moment: Moment) -> str | None:
    """The day of the last meeting that they were sorry for having missed."""
    return next((_day(moment, start) for _, _, start in _apologies(moment)), None)


@fact(str, "", cites=_cite_apologies, until=_next_apology_to_fade, by=CITED)
def missed_call_meeting(moment: Moment) -> str | None:
    """The id of that meeting, for ``keepwarm noshow``."""
    found = (meeting_id(meeting.ical_uid, meeting.recurrence_id) for _, meeting, _ in _apologies(moment))
    return next(found, None)


def _day(moment: Moment, at: datetime) -> str:
    return moment.working.local_day(at).isoformat()
