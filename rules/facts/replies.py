"""Facts about answers: theirs, the owner's, and those that are missing; in working hours, less absences."""

from __future__ import annotations

from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

from keepwarm.rules.facts.fact import as_hours_are_worked, fact, next_event
from keepwarm.rules.moment import FAR
from keepwarm.rules.sources import Source, of_message
from keepwarm.rules.timeline import MEETINGS, MESSAGES, NOTHING, RECEIVED, SENT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from keepwarm.rules.contrast import Contrast
    from keepwarm.rules.moment import Moment
    from keepwarm.rules.replies import Reply
    from keepwarm.rules.trail import Trail

TOUCHES = MESSAGES | MEETINGS
RECENT = 5
RECENT_DAYS = 90
USUAL_LEAST = 16.0  # working hours: nobody is late within two working days


def recent(replies: Trail[Reply], moment: Moment) -> Sequence[Reply]:
    """Give the last five replies of one side, if there are five and all within 90 days."""
    last = replies.items[-RECENT:]
    return last if len(last) == RECENT and last[0].message.at >= moment.ago(RECENT_DAYS) else ()


def median_hours(replies: Sequence[Reply]) -> float | None:
    """Give the median of their times, in working hours."""
    return median(reply.hours for reply in replies) if replies else None


def slow_among_recent(replies: Trail[Reply], pace: Contrast, moment: Moment) -> int | None:
    """Count those of the last five that took longer than nine in ten of those before."""
    return pace.above(0.9) if pace.told and recent(replies, moment) else None


def first_reply_fades(replies: Trail[Reply], moment: Moment) -> datetime:
    """Give the time at which the last five are no longer all recent; they change only by another one."""
    last = recent(replies, moment)
    return last[0].message.at + timedelta(days=RECENT_DAYS) if last else FAR


def their_recent_replies(moment: Moment) -> Sequence[Source]:
    """Cite their last five replies."""
    return [of_message(reply.message) for reply in reversed(moment.replies.theirs.items[-RECENT:])]


def chased(moment: Moment) -> Sequence[Source]:
    """Cite the owner's messages that wait for an answer."""
    return [of_message(message) for message in reversed(moment.chasing)]


def owed(moment: Moment) -> Sequence[Source]:
    """Cite the message that has waited longest for the owner."""
    return [of_message(message) for message in moment.owed[:1]]


def _first_reply_fades(moment: Moment) -> datetime:
    return first_reply_fades(moment.replies.theirs, moment)


@fact(float, "working hours", cites=their_recent_replies, until=_first_reply_fades, by=RECEIVED, falls=True)
def their_reply_hours(moment: Moment) -> float | None:
    """Median time of their last five replies, all within 90 days."""
    return median_hours(recent(moment.replies.theirs, moment))


@fact(float, "working hours", until=next_event, by=RECEIVED, falls=True)
def their_reply_hours_before(moment: Moment) -> float | None:
    """Median time of up to forty replies of theirs before the last five."""
    return moment.replies.pace.median_before() if moment.replies.pace.told else None


@fact(int, "replies", cites=their_recent_replies, until=_first_reply_fades, by=RECEIVED, falls=True)
def their_slow_replies(moment: Moment) -> int | None:
    """How many of their last five replies took longer than nine in ten of those before."""
    return slow_among_recent(moment.replies.theirs, moment.replies.pace, moment)


@fact(int, "replies", cites=their_recent_replies, until=_first_reply_fades, by=RECEIVED, falls=True)
def their_quick_replies(moment: Moment) -> int | None:
    """How many of their last five replies took no longer than the quickest quarter of those before."""
    pace = moment.replies.pace
    return pace.among_smallest(0.25) if pace.told and recent(moment.replies.theirs, moment) else None


@fact(int, "messages", cites=chased, until=next_event, by=TOUCHES, raised_by=SENT, falls=True)
def unanswered_in_row(moment: Moment) -> int:
    """Messages of yours, addressed to them, since you last heard from them."""
    return len(moment.chasing)


@fact(float, "days", cites=chased, until=next_event, by=TOUCHES)
def unanswered_span_days(moment: Moment) -> float:
    """Days between the first and the last of your unanswered messages, absences and holidays left out."""
    if not moment.chasing:
        return 0.0
    return moment.time.between(moment.chasing[0].at, moment.chasing[-1].at).total_seconds() / 86400


@fact(float, "working hours", cites=chased, by=TOUCHES, grows=as_hours_are_worked, raised_by=NOTHING)
def unanswered_for_hours(moment: Moment) -> float:
    """Working hours for which your last message to them has waited."""
    return moment.time.hours_between(moment.chasing[-1].at, moment.now) if moment.chasing else 0.0


def _while_nothing_is_owed(moment: Moment) -> datetime:
    return moment.now if moment.owed else FAR


@fact(
    float,
    "working hours",
    cites=owed,
    until=_while_nothing_is_owed,
    by=TOUCHES,
    grows=as_hours_are_worked,
    raised_by=NOTHING,
)
def owed_hours(moment: Moment) -> float:
    """Working hours for which a message of theirs has waited for your answer."""
    return moment.time.hours_between(moment.owed[0].at, moment.now) if moment.owed else 0.0


@fact(int, "messages", cites=owed, until=next_event, by=TOUCHES, raised_by=RECEIVED, falls=True)
def owed_messages(moment: Moment) -> int:
    """How many of their messages wait for your answer."""
    return len(moment.owed)


@fact(str, "date", cites=owed, until=next_event, by=TOUCHES)
def owed_since(moment: Moment) -> str | None:
    """The day of their message that waits for your answer."""
    return moment.working.local_day(moment.owed[0].at).isoformat() if moment.owed else None


@fact(float, "working hours", until=next_event, by=SENT)
def your_usual_reply_hours(moment: Moment) -> float:
    """Time within which nine in ten of your last forty replies to them came; 16 at least, or with fewer than five."""
    hours = sorted(reply.hours for reply in moment.replies.owners.items[-40:])
    if len(hours) < RECENT:
        return USUAL_LEAST
    return max(USUAL_LEAST, hours[int(len(hours) * 0.9)])
