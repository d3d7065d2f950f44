"""Facts about informal touches, and about catch-ups that talk business; absent where no subjects are kept."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from keepwarm.rules.facts.fact import as_days_pass, fact, next_event
from keepwarm.rules.meetings import takes_two
from keepwarm.rules.moment import FAR
from keepwarm.rules.small_talk import Touch, TouchClass, class_of
from keepwarm.rules.timeline import MEETINGS, MESSAGES, NOTHING
from keepwarm.storage.observations import Answer, MeetingStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from keepwarm.rules.moment import Moment
    from keepwarm.rules.sources import Source
    from keepwarm.storage.histories import MeetingFact, RevisionFact

LATELY_DAYS = 90
YEAR_DAYS = 365
LEAST_KNOWN_DAYS = 180
LEAST_INFORMAL = 3
LEAST_SPAN_DAYS = 120  # three lunches of one week are no rhythm
STEADY = 1.5  # nor is it one if a gap is longer than so many usual ones: what comes by chance stays away by chance
CATCH_UP_DAYS = 180
TOUCHES = MESSAGES | MEETINGS


def _informal_lately(moment: Moment) -> Sequence[Source]:
    return [touch.source for touch in reversed(moment.small_talk.informal.since(moment.ago(LATELY_DAYS)))]


def _last_informal(moment: Moment) -> Sequence[Source]:
    return [touch.source for touch in reversed(moment.small_talk.informal.items[-LEAST_INFORMAL:])]


def _next_informal_to_fade(moment: Moment) -> datetime:
    return moment.leaves_window(moment.small_talk.informal, LATELY_DAYS)


def _while_there_are_none(moment: Moment) -> datetime:
    return moment.now if moment.small_talk.informal.last else FAR


def _while_known_too_short(moment: Moment) -> datetime:
    known = moment.small_talk.known_since
    return FAR if known is None else max(known + timedelta(days=LEAST_KNOWN_DAYS + LATELY_DAYS), moment.now)


@fact(int, "touches", cites=_informal_lately, until=_next_informal_to_fade, by=TOUCHES, falls=True)
def informal_touches_90d(moment: Moment) -> int | None:
    """How many lunches, coffees, walks and other informal touches there were in the last 90 days."""
    if moment.small_talk.known_since is None:
        return None
    return len(moment.small_talk.informal.since(moment.ago(LATELY_DAYS)))


@fact(float, "touches per 90 days", until=_while_known_too_short, by=TOUCHES)
def informal_touches_usual(moment: Moment) -> float | None:
    """How many informal touches there were per 90 days in the year before these."""
    known = moment.small_talk.known_since
    if known is None:
        return None
    start, end = max(known, moment.ago(YEAR_DAYS + LATELY_DAYS)), moment.ago(LATELY_DAYS)
    days = moment.time.days(start, end)
    if days < LEAST_KNOWN_DAYS:
        return None
    return len(moment.small_talk.informal.between(start, end)) * LATELY_DAYS / days


@fact(float, "days", until=next_event, by=TOUCHES)
def informal_gap_days(moment: Moment) -> float | None:
    """The most days between two informal touches in the year up to the last one, where these had a rhythm."""
    last = moment.small_talk.informal.last
    if last is None:
        return None
    times = [touch.at for touch in moment.small_talk.informal.since(last.at - timedelta(days=YEAR_DAYS))]
    gaps = [moment.time.days(earlier, later) for earlier, later in pairwise(times)]
    if len(times) < LEAST_INFORMAL or sum(gaps) < LEAST_SPAN_DAYS or max(gaps) > STEADY * median(gaps):
        return None
    return max(gaps)


@fact(
    float,
    "days",
    cites=_last_informal,
    until=_while_there_are_none,
    by=TOUCHES,
    grows=as_days_pass,
    raised_by=NOTHING,
)
def informal_silence_days(moment: Moment) -> float | None:
    """Days since the last informal touch, absences and holidays left out."""
    last = moment.small_talk.informal.last
    return moment.time.days(last.at, moment.now) if last else None


@fact(str, "date", cites=_last_informal, until=next_event, by=TOUCHES)
def last_informal_on(moment: Moment) -> str | None:
    """The day of the last informal touch."""
    last = moment.small_talk.informal.last
    return moment.working.local_day(last.at).isoformat() if last else None


@fact(int, "days", until=next_event, by=TOUCHES)
def touch_days_since_informal(moment: Moment) -> int | None:
    """On how many days you have been in touch in any way since the last informal touch."""
    last = moment.small_talk.informal.last
    return moment.touch_days.count_after(last.at) if last else None


# Catch-ups.


def _catch_ups(moment: Moment) -> Sequence[Touch]:
    return moment.small_talk.catch_ups.since(moment.ago(CATCH_UP_DAYS))


def _business_catch_ups(moment: Moment) -> Sequence[Source]:
    return [touch.source for touch in reversed(_catch_ups(moment)) if touch.business]


def _next_catch_up_to_fade(moment: Moment) -> datetime:
    return moment.leaves_window(moment.small_talk.catch_ups, CATCH_UP_DAYS)


def _next_of_either_to_fade(moment: Moment) -> datetime:
    return min(_next_informal_to_fade(moment), _next_catch_up_to_fade(moment))


@fact(int, "catch-ups", until=_next_catch_up_to_fade, by=TOUCHES, falls=True)
def catch_ups_180d(moment: Moment) -> int | None:
    """How many catch-ups there were in the last 180 days, without weekly and conference calls."""
    return len(_catch_ups(moment)) if moment.small_talk.known_since else None


@fact(int, "catch-ups", cites=_business_catch_ups, until=_next_catch_up_to_fade, by=TOUCHES, falls=True)
def business_catch_ups_180d(moment: Moment) -> int | None:
    """How many of those catch-ups talk business by their titles."""
    return len(_business_catch_ups(moment)) if moment.small_talk.known_since else None


@fact(float, "share", cites=_business_catch_ups, until=_next_catch_up_to_fade, by=TOUCHES)
def business_catch_ups_share_180d(moment: Moment) -> float | None:
    """Which share of those catch-ups talks business by their titles."""
    found = _catch_ups(moment)
    return len(_business_catch_ups(moment)) / len(found) if found else None


@fact(str, "", cites=_last_informal, until=_next_of_either_to_fade, by=TOUCHES)
def all_business_shown(moment: Moment) -> str | None:
    """What speaks for it that the two have become all business: no lunch since a day, catch-ups with business."""
    log, shown = moment.small_talk, []
    if log.informal.last and not log.informal.since(moment.ago(LATELY_DAYS)):
        day = moment.working.local_day(log.informal.items[-1].at)
        shown.append(f"no lunch, coffee or the like since {day.day} {day:%B %Y}")
    if business := len(_business_catch_ups(moment)):
        shown.append(f"business in the title of {business} of {len(_catch_ups(moment))} catch-ups within 180 days")
    return ", and ".join(shown) or None


# What is planned.


def _ahead(moment: Moment) -> list[MeetingFact]:
    """Give the meetings of the two ahead that stand, a series counted by its occurrences."""
    log = moment.meetings
    refs = [ref for ref, plan in log.in_force.items() if plan.start > moment.now and _stands(plan)]
    return [meeting for ref in refs if not (meeting := log.meetings[ref]).series]


def _next_to_begin(moment: Moment) -> datetime:
    return min((moment.meetings.in_force[meeting.ref].start for meeting in _ahead(moment)), default=FAR)


def _stands(plan: RevisionFact) -> bool:
    declined = Answer.DECLINED in (plan.their_answer, plan.owner_answer)
    return plan.status is not MeetingStatus.CANCELLED and not declined and takes_two(plan)


@fact(int, "meetings", until=_next_to_begin, by=MEETINGS, falls=True)
def meetings_ahead(moment: Moment) -> int:
    """How many meetings with them are ahead, as planned now."""
    return len(_ahead(moment))


@fact(int, "meetings", until=_next_to_begin, by=MEETINGS, falls=True)
def informal_ahead(moment: Moment) -> int:
    """How many of the meetings ahead are informal by their titles."""
    titles = (meeting.summary for meeting in _ahead(moment))
    return sum(title is not None and class_of(title)[0] is TouchClass.INFORMAL for title in titles)
