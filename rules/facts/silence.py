"""Facts about silence and pace."""

from __future__ import annotations

from bisect import bisect_left
from datetime import timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from keepwarm.rules.facts.fact import as_days_pass, fact, next_event
from keepwarm.rules.model import RHYTHM_FROM_PACE
from keepwarm.rules.moment import FAR
from keepwarm.rules.sources import Source, of_message, of_revision, of_touch
from keepwarm.rules.timeline import MEETINGS, MESSAGES, NOTHING, RECEIVED, SENT
from keepwarm.storage.histories import MessageFact, TouchFact

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from keepwarm.rules.counted_time import CountedTime
    from keepwarm.rules.meetings import Step
    from keepwarm.rules.moment import Moment

GAPS_NEEDED = 6
MARGIN = 1.5  # mail is bursty: one gap in ten is longer than nine in ten of them, and means nothing
SHORTEST_INTERVAL, LONGEST_INTERVAL = 14, 180  # days
REMEMBERED_DAYS = 730
LOOKED_AHEAD = 12  # days that are forgotten: so far it is told whether the interval stays the same
KNOWN_DAYS = 60.0  # as long as the model looks ahead: who is known for a month has shown no gap longer than that
TOUCHES = MESSAGES | MEETINGS
HEARD, REACHED = RECEIVED | MEETINGS, SENT | MEETINGS


def source_of(event: MessageFact | Step | TouchFact) -> Source:
    """Make an event a source."""
    if isinstance(event, MessageFact):
        return of_message(event)
    if isinstance(event, TouchFact):
        return of_touch(event)
    return of_revision(event.meeting, event.revision)


def last_heard(moment: Moment) -> Sequence[Source]:
    """Cite the last messages of theirs, the last meeting held and the last call or lunch logged, youngest first."""
    found = [of_message(message) for message in moment.inbound.items[-3:]]
    found += [of_revision(step.meeting, step.revision) for step in moment.meetings.held.items[-1:]]
    found += [of_touch(touch) for touch in moment.touches.mutual.items[-1:]]
    return sorted(found, key=lambda source: source.at, reverse=True)


def last_from_owner(moment: Moment) -> Sequence[Source]:
    """Cite the owner's last message, and the last touch that they have logged."""
    found = [of_message(moment.outbound.last)] if moment.outbound.last else []
    found += [of_touch(moment.touches.last)] if moment.touches.last else []
    return sorted(found, key=lambda source: source.at, reverse=True)


def _while_not_judged(moment: Moment) -> datetime:
    return moment.now if moment.pulse.judged else FAR


def _while_without_rhythm(moment: Moment) -> datetime:
    # A pace only falls while nothing happens; so near to the bound that floats might tell otherwise nothing is said.
    lost = moment.pulse.pace_per_60_days(moment.now) < RHYTHM_FROM_PACE - 1e-6
    return FAR if lost or not moment.pulse.judged else moment.now


def _known_for_long(moment: Moment, first: datetime) -> bool:
    return moment.time.days(first, moment.now) >= KNOWN_DAYS


def _until_another_interval(moment: Moment) -> datetime:
    """Tell until when the gaps of the last two years give the same interval, as the oldest of them are forgotten."""
    if moment.history.owner_interval_days is not None:
        return FAR
    days = moment.touch_days.since(moment.ago(REMEMBERED_DAYS))
    if days and not _known_for_long(moment, days[0]):
        return max(days[0] + timedelta(days=KNOWN_DAYS), moment.now)
    if len(days) <= GAPS_NEEDED:
        return FAR
    gaps = _gaps(tuple(days), moment.time, moment.time.version)
    ordered = sorted(gaps)
    now = _learnt_interval(ordered)
    for gap, day, following in zip(gaps, days, days[1 : LOOKED_AHEAD + 1], strict=False):
        forgotten = day + timedelta(days=REMEMBERED_DAYS)
        del ordered[bisect_left(ordered, gap)]
        known = moment.time.days(following, forgotten) >= KNOWN_DAYS
        if len(ordered) < GAPS_NEEDED or not known or _learnt_interval(ordered) != now:
            return forgotten
    return days[min(LOOKED_AHEAD, len(days) - 1)] + timedelta(days=REMEMBERED_DAYS)


@fact(float, "days", cites=last_heard, by=HEARD, grows=as_days_pass, raised_by=NOTHING)
def their_silence_days(moment: Moment) -> float | None:
    """Days since they last wrote or met you, absences and holidays left out."""
    return moment.pulse.silent_days(moment.now)


@fact(str, "date", cites=last_heard, until=next_event, by=HEARD)
def last_heard_on(moment: Moment) -> str | None:
    """The day on which they last wrote or met you."""
    last = moment.pulse.last_heard
    return moment.working.local_day(last).isoformat() if last else None


@fact(float, "days", cites=last_from_owner, by=REACHED, grows=as_days_pass, raised_by=NOTHING)
def owner_silence_days(moment: Moment) -> float | None:
    """Days since you last wrote to them or met them, absences and holidays left out."""
    last = _last_by_owner(moment)
    return moment.time.days(last, moment.now) if last else None


@fact(str, "date", cites=last_from_owner, until=next_event, by=REACHED)
def last_touch_by_you_on(moment: Moment) -> str | None:
    """The day on which you last wrote to them or met them."""
    last = _last_by_owner(moment)
    return moment.working.local_day(last).isoformat() if last else None


def _last_by_owner(moment: Moment) -> datetime | None:
    wrote, met = moment.outbound.last, moment.meetings.held.last
    touched = moment.touches.last
    times = [one for one in (wrote and wrote.at, met and met.revision.end, touched and touched.at) if one]
    return max(times, default=None)


@fact(float, "days", cites=last_heard, by=TOUCHES, grows=as_days_pass, raised_by=NOTHING)
def mutual_silence_days(moment: Moment) -> float | None:
    """Days since either of you wrote, or you met, absences and holidays left out."""
    return moment.pulse.quiet_days(moment.now) if moment.pulse.last_touch else None


@fact(int, "days", until=next_event, by=HEARD)
def heard_days_ever(moment: Moment) -> int:
    """On how many days they wrote or met you so far."""
    return len(moment.heard_days)


@fact(float, "share", until=next_event, by=TOUCHES)
def between_two_share(moment: Moment) -> float | None:
    """What part of all messages and meetings so far was between the two of you, or with one more, and no group's."""
    return moment.between_two / moment.exchanged if moment.exchanged else None


@fact(int, "messages", until=next_event, by=RECEIVED)
def messages_in(moment: Moment) -> int:
    """Messages from them so far."""
    return moment.pulse.messages_in


@fact(int, "messages", until=next_event, by=SENT)
def messages_out(moment: Moment) -> int:
    """Messages from you to them so far."""
    return moment.pulse.messages_out


def _until_chance_has_sunk(moment: Moment, by: float) -> datetime:
    # Counted days are days, or fewer.
    now = moment.now
    days = moment.pulse.days_until_heard_less(now, moment.pulse.chance_to_hear(now) - by)
    return now + timedelta(days=days)


def _until_drop_has_risen(moment: Moment, by: float) -> datetime:
    now = moment.now
    return now + timedelta(days=moment.pulse.days_until_drop(now, moment.pulse.drop(now) + by))


@fact(float, "probability", cites=last_heard, until=_while_not_judged, by=TOUCHES, sinks=_until_chance_has_sunk)
def chance_to_hear(moment: Moment) -> float | None:
    """Probability that you hear from them within 60 days."""
    return moment.pulse.chance_to_hear(moment.now) if moment.pulse.judged else None


@fact(float, "probability", cites=last_heard, until=_while_without_rhythm, by=TOUCHES, rises=_until_drop_has_risen)
def chance_of_drop(moment: Moment) -> float | None:
    """Probability that their pace falls to a quarter; only where they have a rhythm."""
    return moment.pulse.chance_of_drop(moment.now)


@fact(float, "days per 60 days", until=_while_not_judged, by=TOUCHES)
def their_pace(moment: Moment) -> float | None:
    """On how many of 60 days they write or meet you, over the last half-year."""
    return moment.pulse.pace_per_60_days(moment.now) if moment.pulse.judged else None


@fact(bool, "", until=next_event, by=TOUCHES)
def had_rhythm(moment: Moment) -> bool | None:
    """They wrote or met you on at least three of 60 days, as of the last time."""
    return moment.pulse.rhythm >= RHYTHM_FROM_PACE if moment.pulse.judged else None


@fact(int, "days", until=_until_another_interval, by=TOUCHES)
def ping_interval_days(moment: Moment) -> int | None:
    """How many days, absences and holidays left out, the two of you may be silent: set by you, or learnt."""
    if moment.history.owner_interval_days is not None:
        return moment.history.owner_interval_days
    days = moment.touch_days.since(moment.ago(REMEMBERED_DAYS))
    if len(days) <= GAPS_NEEDED or not _known_for_long(moment, days[0]):
        return None
    return _learnt_interval(sorted(_gaps(tuple(days), moment.time, moment.time.version)))


def _while_learnt_or_not_judged(moment: Moment) -> datetime:
    if ping_interval_days(moment) is None and moment.pulse.judged:
        return moment.now
    return _until_another_interval(moment)


@fact(float, "days", until=_while_learnt_or_not_judged, by=TOUCHES)
def long_silence_days(moment: Moment) -> float | None:
    """How long a silence of theirs is a long one: your ping interval, else one and a half of their usual gaps."""
    interval = ping_interval_days(moment)
    if interval is not None:
        return float(interval)
    if not moment.pulse.judged:
        return None
    return max(float(SHORTEST_INTERVAL), MARGIN * 60.0 / moment.pulse.pace_per_60_days(moment.now))


# Asked again and again, and others only when a day was added or has become too old, or an absence became known.
@lru_cache(maxsize=4)
def _gaps(days: tuple[datetime, ...], time: CountedTime, _version: int) -> tuple[float, ...]:
    return tuple(time.days(earlier, later) for earlier, later in pairwise(days))


def _learnt_interval(ordered: Sequence[float]) -> int:
    usual = MARGIN * ordered[int(len(ordered) * 0.9)]
    return round(min(max(usual, SHORTEST_INTERVAL), LONGEST_INTERVAL))


def _return(moment: Moment) -> Sequence[Source]:
    broken = moment.broken_silence
    return [source_of(broken.event)] if broken else []


def _until_old_news(moment: Moment) -> datetime:
    broken = moment.broken_silence
    return broken.at + timedelta(days=30) if broken and broken.at >= moment.ago(30) else FAR


@fact(float, "days", cites=_return, until=_until_old_news, by=HEARD)
def broken_silence_days(moment: Moment) -> float | None:
    """How many days, absences and holidays left out, the silence lasted that they broke in the last 30 days."""
    broken = moment.broken_silence
    return broken.days if broken and broken.at >= moment.ago(30) else None


@fact(str, "date", cites=_return, until=_until_old_news, by=HEARD)
def silent_since(moment: Moment) -> str | None:
    """The day of their last word before the silence that they have broken within the last 30 days."""
    broken = moment.broken_silence
    return moment.working.local_day(broken.since).isoformat() if broken and broken.at >= moment.ago(30) else None
