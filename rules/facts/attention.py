"""Facts about the attention that a contact gets, what comes back, and how close the two are."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.facts.fact import fact, next_event
from keepwarm.rules.facts.silence import last_heard, source_of
from keepwarm.rules.sources import of_message
from keepwarm.rules.timeline import MEETINGS, MESSAGES, RECEIVED, SENT
from keepwarm.rules.warmth import base

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from keepwarm.rules.meetings import Step
    from keepwarm.rules.moment import Moment
    from keepwarm.rules.sources import Source
    from keepwarm.storage.histories import MessageFact, TouchFact

HALF_YEAR = 180  # days
CITED = 6
TOUCHES = MESSAGES | MEETINGS


def _sent(moment: Moment) -> Sequence[Source]:
    return [of_message(message) for message in moment.outbound.since(moment.ago(HALF_YEAR))[-CITED:]]


def _received(moment: Moment) -> Sequence[Source]:
    return [of_message(message) for message in moment.inbound.since(moment.ago(HALF_YEAR))[-CITED:]]


def _met(moment: Moment) -> Sequence[Source]:
    return [source_of(step) for step in moment.meetings.held.since(moment.ago(HALF_YEAR))[-CITED:]]


def _next_sent_to_fade(moment: Moment) -> datetime:
    return moment.leaves_window(moment.outbound, HALF_YEAR)


def _next_received_to_fade(moment: Moment) -> datetime:
    return moment.leaves_window(moment.inbound, HALF_YEAR)


def _next_message_to_fade(moment: Moment) -> datetime:
    return min(_next_sent_to_fade(moment), _next_received_to_fade(moment))


def _next_held_to_fade(moment: Moment) -> datetime:
    return moment.leaves_window(moment.meetings.held, HALF_YEAR)


def _next_day_to_fade(moment: Moment) -> datetime:
    return moment.leaves_window(moment.touch_days, HALF_YEAR)


@fact(float, "points", by=TOUCHES)
def warmth_base(moment: Moment) -> float:
    """The measured part of the warmth, from 0 to 100, without any rule's adjustment."""
    return base(moment.pulse, moment.now)


@fact(int, "messages", cites=_sent, until=_next_sent_to_fade, by=SENT, falls=True)
def messages_out_180d(moment: Moment) -> int:
    """How many messages you sent them in the last 180 days."""
    return len(moment.outbound.since(moment.ago(HALF_YEAR)))


@fact(int, "messages", cites=_received, until=_next_received_to_fade, by=RECEIVED, falls=True)
def messages_in_180d(moment: Moment) -> int:
    """How many messages they sent you in the last 180 days."""
    return len(moment.inbound.since(moment.ago(HALF_YEAR)))


@fact(float, "hours", cites=_met, until=_next_held_to_fade, by=MEETINGS, falls=True)
def meeting_hours_180d(moment: Moment) -> float:
    """How many hours you spent in meetings with them in the last 180 days."""
    held = moment.meetings.held.since(moment.ago(HALF_YEAR))
    return sum((step.revision.end - step.revision.start for step in held), timedelta(0)) / timedelta(hours=1)


@fact(float, "share", cites=_sent, until=_next_message_to_fade, by=MESSAGES)
def your_share_of_messages_180d(moment: Moment) -> float | None:
    """Which share of the messages of the last 180 days you wrote."""
    since = moment.ago(HALF_YEAR)
    sent, received = len(moment.outbound.since(since)), len(moment.inbound.since(since))
    return sent / (sent + received) if sent + received else None


@fact(int, "days", until=_next_day_to_fade, by=TOUCHES, falls=True)
def touch_days_180d(moment: Moment) -> int:
    """On how many of the last 180 days either of you wrote, or you met."""
    return len(moment.touch_days.since(moment.ago(HALF_YEAR)))


@fact(int, "days", cites=last_heard, until=_next_day_to_fade, by=TOUCHES, falls=True)
def touch_days_off_180d(moment: Moment) -> int:
    """How many of those days were weekends or holidays of yours."""
    working = moment.working
    days = moment.touch_days.since(moment.ago(HALF_YEAR))
    return sum(not working.is_working_day(working.local_day(day)) for day in days)


@fact(int, "weeks", until=_next_day_to_fade, by=TOUCHES, falls=True)
def touch_weeks_180d(moment: Moment) -> int:
    """In how many calendar weeks of the last 180 days either of you wrote, or you met; at most 27."""
    days = moment.touch_days.since(moment.ago(HALF_YEAR))
    return len({moment.working.local_day(day).isocalendar()[:2] for day in days})


# The last conversation.


def _last_talk(moment: Moment) -> tuple[datetime, MessageFact | Step | TouchFact] | None:
    """Give the last answer of either side, meeting held or call logged, whichever is youngest, and when it was."""
    answers = (replies.last for replies in (moment.replies.theirs, moment.replies.owners))
    talks: list[tuple[datetime, MessageFact | Step | TouchFact]] = [
        (answer.message.at, answer.message) for answer in answers if answer
    ]
    if touch := moment.touches.mutual.last:
        talks.append((touch.at, touch))
    if met := moment.meetings.held.last:
        talks.append((met.revision.end, met))
    return max(talks, key=lambda talk: talk[0], default=None)


def _cite_last_talk(moment: Moment) -> Sequence[Source]:
    talk = _last_talk(moment)
    return [source_of(talk[1])] if talk else []


@fact(str, "date", cites=_cite_last_talk, until=next_event, by=TOUCHES)
def last_talk_on(moment: Moment) -> str | None:
    """The day of your last conversation: an answer that either gave, a meeting, or a call that you logged."""
    talk = _last_talk(moment)
    return moment.working.local_day(talk[0]).isoformat() if talk else None
