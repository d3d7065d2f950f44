"""Waiting: what time alone does to a contact's warmth; it needs a handful of numbers, and no history."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from keepwarm.rules.counted_time import CountedTime
from keepwarm.rules.model import Pulse
from keepwarm.rules.moment import FAR
from keepwarm.rules.timeline import QUIET_AFTER
from keepwarm.rules.warmth import Adjustment, Change, Ledger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keepwarm.rules.timeline import Looks
    from keepwarm.rules.warmth import Bands
    from keepwarm.rules.working_time import WorkingTime

# So many points has time alone to make before it gets a line of the ledger: on Mondays any, on other days only a
# crossed band does, and before an event enough that the event is not given the blame.
WEEKLY, DAILY, BEFORE_AN_EVENT = 0.0, math.inf, 1.0

TICK = timedelta(microseconds=1)
_PULSE_TIMES = ("counted_at", "last_heard", "last_touch")
_PULSE_NUMBERS = ("heard", "messages_in", "messages_out", "meetings_held")


class Waiting:
    """A contact to whom nothing happens."""

    def __init__(self, looks: Looks, ledger: Ledger, pulse: Pulse, last_event: datetime) -> None:
        self.ledger = ledger
        self.pulse = pulse
        self.last_event = last_event
        self._looks = looks
        self._band_at_most = "close"

    @property
    def awake_at(self) -> datetime:
        """When something else than the warmth has to be looked at."""
        return FAR

    @property
    def band_at_most(self) -> str:
        """Name the warmest band that may be shown now."""
        return self._band_at_most

    def wait(self, after: datetime, end: datetime) -> None:
        """Let time pass, looking now and then in (after, end).

        On Mondays the ledger is written. Of the other looks only those matter at which somebody is awake, or a band is
        crossed.
        """
        for monday in self._looks.mondays(after, end):
            self._look_between(after, monday)
            self.look(monday, WEEKLY)
            after = monday
            if self.awake_at >= end and self.ledger.is_at_its_end(self.pulse, monday):
                return
        self._look_between(after, end)

    def _look_between(self, after: datetime, before: datetime) -> None:
        """Look at what matters in (after, before), where there are no Mondays."""
        while after < self.last_event + QUIET_AFTER:  # later on there are only Mondays
            awake = self.awake_at
            if awake > after and self.ledger.may_cross(self.pulse, after, before, self.band_at_most):
                awake = after
            if awake >= before:
                return
            look = self._looks.first(self.last_event, after if awake <= after else awake - TICK, before)
            if look is None:
                return
            self.look(look, DAILY)
            after = look

    def look(self, now: datetime, at_least: float) -> None:
        """Write down what time has done, if it is so many points or a crossed band."""
        self.ledger.time_passed(self.pulse, now, self.band_at_most, at_least=at_least)

    def next_look(self, now: datetime) -> datetime:
        """Give the first look later than ``now``, if nothing happens until then."""
        return self._looks.next(self.last_event, now)

    def kept(self, until: datetime, next_event: datetime) -> dict[str, Any]:
        """Give what is needed to go on waiting, for JSON; ``until`` is when more has to be looked at."""
        last, pulse = self.ledger.changes[-1], self.pulse
        since = min((at for at in (pulse.counted_at, pulse.last_heard, pulse.last_touch) if at), default=last.at)
        return {
            "until": until.isoformat(),
            "next_event": next_event.isoformat(),
            "last_event": self.last_event.isoformat(),
            "band_at_most": self.band_at_most,
            "line": [last.at.isoformat(), last.before, last.after, last.band],
            "adjustments": [[one.at.isoformat(), one.points, one.rule] for one in self.ledger.adjustments],
            "times": [at and at.isoformat() for at in (getattr(pulse, name) for name in _PULSE_TIMES)],
            "numbers": [getattr(pulse, name) for name in _PULSE_NUMBERS],
            "away": [[one.isoformat() for one in span] for span in pulse.time.away_since(since)],
        }

    @staticmethod
    def going_on(kept: dict[str, Any], looks: Looks, working: WorkingTime, bands: Bands) -> Waiting:
        """Go on from what was kept; the ledger begins with the last line that was written before."""
        time = CountedTime(working)
        time.leave_out((_time(start), _time(end)) for start, end in kept["away"])
        pulse = Pulse(working.zone, time)
        for name, at in zip(_PULSE_TIMES, kept["times"], strict=True):
            setattr(pulse, name, at and _time(at))
        for name, number in zip(_PULSE_NUMBERS, kept["numbers"], strict=True):
            setattr(pulse, name, number)
        waiting = Waiting(looks, ledger_going_on(kept, bands), pulse, _time(kept["last_event"]))
        waiting._band_at_most = kept["band_at_most"]
        return waiting


def ledger_going_on(kept: Mapping[str, Any], bands: Bands) -> Ledger:
    """Give the ledger as it was kept; it begins with the last line that was written before."""
    at, before, after, band = kept["line"]
    ledger = Ledger(bands, [Change(at=_time(at), before=before, after=after, band=band, cause="", sentence="")])
    ledger.go_on(Adjustment(_time(at), points, rule) for at, points, rule in kept["adjustments"])
    return ledger


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
