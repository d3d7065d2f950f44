"""Facts about who begins, and how lively it is."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.facts.fact import fact
from keepwarm.rules.moment import FAR
from keepwarm.rules.sources import Source, of_message, of_revision, of_touch
from keepwarm.rules.timeline import MEETINGS, MESSAGES, RECEIVED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from keepwarm.rules.moment import Moment

LIVELY_DAYS = 30
USUAL_DAYS = 180
HISTORY_NEEDED_DAYS = 60
INITIATIVE_DAYS = 90
INITIATIVES_NEEDED = 8
_AN_INSTANT = timedelta(microseconds=1)
TOUCHES = MESSAGES | MEETINGS
HEARD = RECEIVED | MEETINGS
LEAST_COUNTED_DAYS = 30  # of these: who was away most of the time has shown no usual pace


def begun_lately(moment: Moment) -> Sequence[Source]:
    """Cite what they began in the last 30 days."""
    since = moment.ago(LIVELY_DAYS)
    found = [of_message(message) for message in moment.begun_by_them.since(since)]
    found += [of_revision(step.meeting, step.revision) for step in moment.meetings.proposed_by_them(since)]
    return sorted(found, key=lambda source: source.at, reverse=True)


def heard_lately(moment: Moment) -> Sequence[Source]:
    """Cite their messages, and the calls and lunches logged, of the last 30 days."""
    since = moment.ago(LIVELY_DAYS)
    found = [of_message(message) for message in moment.inbound.since(since)]
    found += [of_touch(touch) for touch in moment.touches.mutual.since(since)]
    return sorted(found, key=lambda source: source.at, reverse=True)


def _next_day_to_fade(moment: Moment) -> datetime:
    counted_or_cited = (moment.heard_days, moment.inbound, moment.touches.mutual)
    return min(moment.leaves_window(trail, LIVELY_DAYS) for trail in counted_or_cited)


def _while_too_young(moment: Moment) -> datetime:
    first = moment.pulse.first_noon
    if first is None:
        return FAR
    return max(first + timedelta(days=LIVELY_DAYS + HISTORY_NEEDED_DAYS), moment.now)


def _while_too_young_and_heard(moment: Moment) -> datetime:
    return min(_while_too_young(moment), _next_day_to_fade(moment))


def _next_begun_to_fade(moment: Moment) -> datetime:
    theirs, planned = moment.begun_by_them, moment.meetings.steps
    return min(moment.leaves_window(theirs, LIVELY_DAYS), moment.leaves_window(planned, LIVELY_DAYS))


def _next_conversation_to_fade(moment: Moment) -> datetime:
    theirs, owners = moment.begun_by_them, moment.begun_by_owner
    return min(moment.leaves_window(theirs, 90), moment.leaves_window(owners, 90))


@fact(int, "days", cites=heard_lately, until=_next_day_to_fade, by=HEARD, falls=True)
def heard_days_30d(moment: Moment) -> int:
    """On how many of the last 30 days they wrote or met you."""
    return len(moment.heard_days.since(moment.ago(LIVELY_DAYS)))


@fact(float, "days per 30 days", until=_while_too_young, by=HEARD)
def heard_days_usual(moment: Moment) -> float | None:
    """On how many of 30 days they wrote or met you in the half-year before the last 30 days."""
    return _usual(moment, len(moment.heard_days.between(moment.ago(USUAL_DAYS), moment.ago(LIVELY_DAYS))))


@fact(float, "standard deviations", cites=heard_lately, until=_while_too_young_and_heard, by=HEARD)
def heard_days_above_usual(moment: Moment) -> float | None:
    """By how much the days of the last 30 on which they wrote or met you exceed chance, at their usual pace."""
    usual = heard_days_usual(moment)
    if usual is None:
        return None
    # Counts of rare events scatter by the root of their mean (Poisson); one more keeps a pace of nothing from dividing.
    heard = len(moment.heard_days.since(moment.ago(LIVELY_DAYS)))
    return (heard - float(usual)) / math.sqrt(float(usual) + 1.0)


@fact(int, "times", cites=begun_lately, until=_next_begun_to_fade, by=HEARD, falls=True)
def begun_by_them_30d(moment: Moment) -> int:
    """How often they began a conversation or proposed a meeting in the last 30 days."""
    since = moment.ago(LIVELY_DAYS)
    return len(moment.begun_by_them.since(since)) + len(moment.meetings.proposed_by_them(since))


@fact(float, "times per 30 days", until=_while_too_young, by=HEARD)
def begun_by_them_usual(moment: Moment) -> float | None:
    """How often per 30 days they began something in the half-year before."""
    window = (moment.ago(USUAL_DAYS), moment.ago(LIVELY_DAYS))
    begun = len(moment.begun_by_them.between(*window)) + len(moment.meetings.proposed_by_them(*window))
    return _usual(moment, begun)


@fact(int, "times", until=_next_conversation_to_fade, by=MESSAGES, falls=True)
def begun_90d(moment: Moment) -> int:
    """How many conversations either of you began in the last 90 days."""
    since = moment.ago(90)
    return len(moment.begun_by_owner.since(since)) + len(moment.begun_by_them.since(since))


@fact(float, "share", until=_next_conversation_to_fade, by=MESSAGES)
def begun_by_you_share_90d(moment: Moment) -> float | None:
    """Which share of the conversations of the last 90 days you began."""
    begun = begun_90d(moment)
    return len(moment.begun_by_owner.since(moment.ago(90))) / int(begun) if begun else None


# Conversations and meetings together.


def _begun_by_you(moment: Moment, since: datetime, until: datetime) -> int:
    return len(moment.begun_by_owner.between(since, until)) + len(moment.meetings.proposed_by_owner(since, until))


def _begun_by_them(moment: Moment, since: datetime, until: datetime) -> int:
    return len(moment.begun_by_them.between(since, until)) + len(moment.meetings.proposed_by_them(since, until))


def _share(moment: Moment, since: datetime, until: datetime) -> float | None:
    yours, theirs = _begun_by_you(moment, since, until), _begun_by_them(moment, since, until)
    return yours / (yours + theirs) if yours + theirs >= INITIATIVES_NEEDED else None


def _later(moment: Moment) -> datetime:
    return moment.now + _AN_INSTANT


def _leaves(moment: Moment, days: float) -> datetime:
    begun = (moment.begun_by_owner, moment.begun_by_them, moment.meetings.steps)
    return min(moment.leaves_window(trail, days) for trail in begun)


def _next_initiative_to_fade(moment: Moment) -> datetime:
    return _leaves(moment, INITIATIVE_DAYS)


def _next_initiative_to_move_on(moment: Moment) -> datetime:
    return min(_leaves(moment, INITIATIVE_DAYS), _leaves(moment, INITIATIVE_DAYS + USUAL_DAYS))


def your_initiatives(moment: Moment) -> Sequence[Source]:
    """Cite what the owner began in the last 90 days."""
    since = moment.ago(INITIATIVE_DAYS)
    found = [of_message(message) for message in moment.begun_by_owner.since(since)]
    found += [of_revision(step.meeting, step.revision) for step in moment.meetings.proposed_by_owner(since)]
    return sorted(found, key=lambda source: source.at, reverse=True)


@fact(int, "times", cites=your_initiatives, until=_next_initiative_to_fade, by=TOUCHES, falls=True)
def begun_or_proposed_90d(moment: Moment) -> int:
    """How many conversations either of you began, and meetings either proposed, in the last 90 days."""
    window = (moment.ago(INITIATIVE_DAYS), _later(moment))
    return _begun_by_you(moment, *window) + _begun_by_them(moment, *window)


@fact(float, "share", cites=your_initiatives, until=_next_initiative_to_fade, by=TOUCHES)
def begun_or_proposed_by_you_share_90d(moment: Moment) -> float | None:
    """Which share of those, eight at least, was yours."""
    return _share(moment, moment.ago(INITIATIVE_DAYS), _later(moment))


@fact(float, "share", until=_next_initiative_to_move_on, by=TOUCHES)
def begun_or_proposed_by_you_share_before(moment: Moment) -> float | None:
    """Which share was yours of those, eight at least, in the half-year before the last 90 days."""
    return _share(moment, moment.ago(INITIATIVE_DAYS + USUAL_DAYS), moment.ago(INITIATIVE_DAYS))


def _usual(moment: Moment, count: int) -> float | None:
    """Bring a count over the window before the last 30 days to 30 days; None while it is too short to compare with."""
    first = moment.pulse.first_noon
    if first is None or first > moment.ago(LIVELY_DAYS + HISTORY_NEEDED_DAYS):
        return None
    start = max(first, moment.ago(USUAL_DAYS))
    days = moment.time.between(start, moment.ago(LIVELY_DAYS)).total_seconds() / 86400
    if days < LEAST_COUNTED_DAYS:
        return None
    return count * LIVELY_DAYS / days
