"""Silences that came: what is known afterwards of who fell silent, to hold beforehand's signals against.

This looks back from the end with all that is known there, absences that became known late among it. No rule may use it.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.model import RHYTHM_FROM_PACE
from keepwarm.rules.moment import Moment
from keepwarm.rules.timeline import events

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.rules.counted_time import CountedTime
    from keepwarm.rules.working_time import WorkingTime
    from keepwarm.storage.histories import History

SILENCE_DAYS = 60.0
"""So many counted days without a word from somebody with a rhythm are a silence that came."""

_A_MINUTE = 1 / 1440


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """One that came, ended or not."""

    began: datetime  # their last word
    came: datetime  # its 60th counted day
    ended: datetime | None = None  # they wrote or met the owner again


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """When somebody was heard, in the order of time, and the silences in between."""

    times: tuple[datetime, ...]  # each inbound day, at its first event
    paces: tuple[float | None, ...]  # days heard per 60 days as of each; None without a rhythm
    silences: tuple[Silence, ...]
    first_event: datetime | None  # of anything with them

    def days_between(self, after: datetime, until: datetime) -> int:
        """Count the days on which they were heard, later than ``after`` and not later than ``until``."""
        return bisect_right(self.times, until) - bisect_right(self.times, after)

    def pace_at(self, moment: datetime) -> float | None:
        """Give their pace as of the last time they were heard; None without a rhythm."""
        known = bisect_right(self.times, moment)
        return self.paces[known - 1] if known else None

    @property
    def had_rhythm(self) -> bool:
        """Tell whether they ever had a rhythm, whose loss can be told."""
        return any(pace is not None for pace in self.paces)


def heard(history: History, working: WorkingTime, as_of: datetime) -> Heard:
    """Look back on a history from ``as_of``."""
    past = [event for event in events(history) if event.at <= as_of]
    if not past:
        return Heard(times=(), paces=(), silences=(), first_event=None)
    moment = Moment.before(history, working, past[0].at)
    moment.learn(as_of)
    times: list[datetime] = []
    paces: list[float | None] = []
    silences: list[Silence] = []
    for event in past:
        before, pace = moment.pulse.last_heard, paces[-1] if paces else None
        moment.take_in(event)
        if moment.pulse.last_heard == before:
            continue
        if before is not None and pace is not None:
            silences += _came(before, moment.time, event.at, ended=True)
        if len(moment.heard_days) > len(times):
            times.append(event.at)
            paces.append(None)
        paces[-1] = _rhythm(moment)
    last = moment.pulse.last_heard
    if last is not None and paces[-1] is not None:
        silences += _came(last, moment.time, as_of, ended=False)
    return Heard(times=tuple(times), paces=tuple(paces), silences=tuple(silences), first_event=past[0].at)


def _rhythm(moment: Moment) -> float | None:
    pulse = moment.pulse
    return pulse.rhythm if pulse.judged and pulse.rhythm >= RHYTHM_FROM_PACE else None


def _came(last: datetime, time: CountedTime, until: datetime, *, ended: bool) -> list[Silence]:
    if time.days(last, until) < SILENCE_DAYS:
        return []
    return [Silence(began=last, came=_counted_day(time, last, SILENCE_DAYS), ended=until if ended else None)]


def _counted_day(time: CountedTime, since: datetime, days: float) -> datetime:
    """Give when so many days have been counted: at least as many have passed, and then what was left out."""
    at = since + timedelta(days=days)
    while (short := days - time.days(since, at)) > _A_MINUTE:
        at += timedelta(days=short)
    return at
