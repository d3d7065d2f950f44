"""Facts about the owner's service to one contact, against what it was before."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.facts.fact import fact, next_event
from keepwarm.rules.facts.meetings import CITED, cite, next_to_ripen
from keepwarm.rules.facts.replies import RECENT, first_reply_fades, median_hours, recent, slow_among_recent
from keepwarm.rules.meetings import LATE, REBOOKED_WITHIN, Step, rebooking
from keepwarm.rules.moment import FAR
from keepwarm.rules.sources import Source, of_message
from keepwarm.rules.timeline import MEETINGS, RECEIVED, SENT
from keepwarm.storage.histories import By
from keepwarm.storage.sightings import Change

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from keepwarm.rules.moment import Moment

SERVICE_DAYS = 90
COMPARED_DAYS = 180
LEAST_COMPARED_DAYS = 90


def your_recent_replies(moment: Moment) -> Sequence[Source]:
    """Cite the owner's last five replies."""
    return [of_message(reply.message) for reply in reversed(moment.replies.owners.items[-RECENT:])]


def _first_reply_fades(moment: Moment) -> datetime:
    return first_reply_fades(moment.replies.owners, moment)


@fact(float, "working hours", cites=your_recent_replies, until=_first_reply_fades, by=SENT, falls=True)
def your_reply_hours(moment: Moment) -> float | None:
    """Median time of your last five replies to them, all within 90 days."""
    return median_hours(recent(moment.replies.owners, moment))


@fact(float, "working hours", until=next_event, by=SENT)
def your_reply_hours_before(moment: Moment) -> float | None:
    """Median time of up to forty replies of yours before the last five."""
    pace = moment.replies.owners_pace
    return pace.median_before() if pace.told else None


@fact(int, "replies", cites=your_recent_replies, until=_first_reply_fades, by=SENT, falls=True)
def your_slow_replies(moment: Moment) -> int | None:
    """How many of your last five replies to them took longer than nine in ten of those before."""
    return slow_among_recent(moment.replies.owners, moment.replies.owners_pace, moment)


# Meetings: what the owner did to them beside moving them in good time.


def _let_down(moment: Moment, since: datetime) -> list[Step]:
    """Give what the owner shortened, put off or called off within a day of it, or dropped without another date."""
    log = moment.meetings
    off = log.called_off(since, By.OWNER)
    late = [step for step in (*log.changed(since, By.OWNER, Change.RESCHEDULED), *off) if step.notice < LATE]
    cut = [step for step in log.changed(since, By.OWNER, Change.RESIZED) if step.growth < timedelta(0)]
    ripe = [step for step in off if step.revision.at <= moment.now - REBOOKED_WITHIN]
    lost = [step for step in ripe if rebooking(step, log.plans(), moment.now) is None]
    return list({step.meeting.ref: step for step in (*cut, *lost, *late)}.values())


def _let_down_lately(moment: Moment) -> list[Step]:
    return _let_down(moment, moment.ago(SERVICE_DAYS))


def _next_to_change(moment: Moment) -> datetime:
    """Give the time at which a change fades, or at which what was called off should have got another date."""
    fades = moment.leaves_window(moment.meetings.steps, SERVICE_DAYS)
    return min(fades, next_to_ripen(moment, By.OWNER))


def _while_windows_hold(moment: Moment) -> datetime:
    """Give the time at which the half-year that is compared with has begun, or holds another change."""
    first = moment.beginning.at
    if first is None:
        return FAR
    begins, full = (first + timedelta(days=SERVICE_DAYS + days) for days in (LEAST_COMPARED_DAYS, COMPARED_DAYS))
    if moment.now < full:
        return max(begins, moment.now)
    return min(_next_to_change(moment), moment.leaves_window(moment.meetings.steps, SERVICE_DAYS + COMPARED_DAYS))


@fact(int, "meetings", cites=cite(_let_down_lately), until=_next_to_change, by=CITED)
def let_down_by_you_90d(moment: Moment) -> int:
    """How many meetings you shortened, dropped, or moved or cancelled within 24 hours of them, in the last 90 days."""
    return len(_let_down_lately(moment))


@fact(float, "meetings per 90 days", until=_while_windows_hold, by=MEETINGS | SENT | RECEIVED)
def let_down_by_you_usual(moment: Moment) -> float | None:
    """How many such meetings there were per 90 days in the half-year before these."""
    first = moment.beginning.at
    if first is None or first > moment.ago(SERVICE_DAYS + LEAST_COMPARED_DAYS):
        return None
    until = moment.ago(SERVICE_DAYS)
    since = max(first, moment.ago(SERVICE_DAYS + COMPARED_DAYS))
    earlier = [step for step in _let_down(moment, since) if step.revision.at < until]
    return len(earlier) * SERVICE_DAYS / ((until - since) / timedelta(days=1))
