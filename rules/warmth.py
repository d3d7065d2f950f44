"""Warmth: a measured base and small, decaying adjustments; every step of either is a line of the ledger.

``base = 50 + 10 * logit(P(hear within 60 days))``: the logit of the model is a sum, so the terms add up. Two terms are
judgements, not measured: beyond 60 days of their silence the model is outside what it was fitted on, and with fewer
than eight messages it knows next to nothing of the two.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.model import JUDGED_FROM_MESSAGES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keepwarm.rules.model import Pulse

ADJUSTMENT_HALF_LIFE = 60.0  # days
ADJUSTMENTS_AT_MOST = 20.0
SILENCE_FITTED = 60.0  # days

# Ten points a unit of the logit of P(hear within 60 days), see rules/model.py; ``terms`` shows what ``_sum`` adds.
_START, _PER_HEARD, _PER_QUIET = 43.68, 16.02, -3.09
_PER_LONG_SILENCE = -15.0
POINTS_A_MISSING_MESSAGE = 5.0
BANDS = ("cold", "cool", "happy_medium", "close")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """Where the bands begin; below ``cool`` it is cold."""

    cool: float = 20
    happy_medium: float = 45
    close: float = 85

    def of(self, warmth: float, at_most: str = "close") -> str:
        """Name the band of a warmth, no warmer than ``at_most``."""
        found = (warmth >= self.cool) + (warmth >= self.happy_medium) + (warmth >= self.close)
        return BANDS[min(found, BANDS.index(at_most))]


@dataclass(frozen=True, slots=True)
class Term:
    """A part of the base: its points, and the sentence that says where they come from."""

    points: float
    sentence: str


def terms(pulse: Pulse, now: datetime) -> tuple[Term, ...]:
    """Give the parts of the base, in points; their sum, within 0 and 100, is the base."""
    if pulse.last_heard is None:
        return (Term(0, "You have never heard from them: a stranger stands at 0"),)
    recent = pulse.decayed(now)[0]
    quiet = pulse.quiet_days(now)
    found = [
        Term(_START, "Everybody starts here"),
        Term(
            _PER_HEARD * math.log1p(recent),
            f"You heard from them on {recent:.1f} recent days (each counts half after 60 days"
            f"{_less(pulse, pulse.first_noon, now)})",
        ),
        Term(
            _PER_QUIET * math.log1p(quiet),
            f"Neither of you has written for {round(quiet)} days{_less(pulse, pulse.last_touch, now)}",
        ),
    ]
    silent = pulse.silent_days(now)
    if silent is not None and silent > SILENCE_FITTED:
        found.append(
            Term(
                _PER_LONG_SILENCE * math.log(silent / SILENCE_FITTED),
                f"They have been silent for {round(silent)} days{_less(pulse, pulse.last_heard, now)}"
                " (judgement, not measured)",
            )
        )
    missing = JUDGED_FROM_MESSAGES - pulse.exchanges
    if missing > 0:
        found.append(
            Term(
                -POINTS_A_MISSING_MESSAGE * missing,
                f"You hardly know each other: {pulse.exchanges} messages (judgement, not measured)",
            )
        )
    return tuple(found)


def base(pulse: Pulse, now: datetime) -> float:
    """Give the base: the sum of the terms, within 0 and 100."""
    return min(max(_sum(pulse, now), 0.0), 100.0)


def _sum(pulse: Pulse, now: datetime) -> float:
    """Add the terms without their sentences: this runs once for every contact and day."""
    if pulse.last_heard is None:
        return 0.0
    total = _START + _PER_HEARD * pulse.log_heard(now) + _PER_QUIET * pulse.log_quiet(now)
    silent = pulse.silent_days(now)
    if silent is not None and silent > SILENCE_FITTED:
        total += _PER_LONG_SILENCE * math.log(silent / SILENCE_FITTED)
    return total - POINTS_A_MISSING_MESSAGE * max(0, JUDGED_FROM_MESSAGES - pulse.exchanges)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Points that a rule gave; they halve every 60 days."""

    at: datetime
    points: float
    rule: str = ""  # its id

    def left(self, now: datetime) -> float:
        """Give what is left of them."""
        return self.points * float(2.0 ** (-((now - self.at) / timedelta(days=1)) / ADJUSTMENT_HALF_LIFE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line of the ledger."""

    at: datetime
    before: float
    after: float
    band: str
    cause: str  # "first", "heard", "wrote", "met", "touch", "time", "away", or a rule's id
    sentence: str
    signal: str | None = None


@dataclass(slots=True)
class Ledger:
    """Writes down each step of a contact's warmth, rounded to a tenth of a point."""

    bands: Bands
    changes: list[Change] = field(default_factory=list)
    _adjustments: list[Adjustment] = field(default_factory=list)
    _seen: tuple[datetime, float] | None = None  # the warmth when it was last asked for
    _ahead: tuple[datetime, float] | None = None  # what it will be if nothing happens until then

    def warmth(self, pulse: Pulse, now: datetime) -> float:
        """Give the warmth, in tenths."""
        total = base(pulse, now)
        if self._adjustments:
            adjusted = sum(one.left(now) for one in self._adjustments)
            total += min(max(adjusted, -ADJUSTMENTS_AT_MOST), ADJUSTMENTS_AT_MOST)
        warmth = round(min(max(total, 0.0), 100.0), 1)
        self._seen = (now, warmth)
        return warmth

    def may_cross(self, pulse: Pulse, since: datetime, until: datetime, at_most: str) -> bool:
        """Tell whether a band may be crossed in between, if nothing happens.

        The base only falls by time alone, and adjustments fade: the warmth stays between what it is at either end, give
        or take what fades. A tenth more is for the rounding.
        """
        if not self.changes:
            return False
        before = self._seen[1] if self._seen and self._seen[0] == since else self.warmth(pulse, since)
        faded = sum(abs(one.left(since)) - abs(one.left(until)) for one in self._adjustments) + 0.1
        after = self.warmth(pulse, until)
        self._ahead = (until, after)
        band = self.changes[-1].band
        return self.bands.of(before + faded, at_most) != band or self.bands.of(after - faded, at_most) != band

    def is_at_its_end(self, pulse: Pulse, now: datetime) -> bool:
        """Tell whether time alone changes it no more: it is 0, and the base, falling, far enough below."""
        if not self.changes or self.changes[-1].after != 0.0:
            return False
        above = sum(max(one.left(now), 0.0) for one in self._adjustments)
        if pulse.last_heard is None:
            return above == 0.0
        return _sum(pulse, now) + above < -0.1

    def go_on(self, adjustments: Iterable[Adjustment]) -> None:
        """Go on with adjustments that were made before."""
        self._adjustments = list(adjustments)

    @property
    def adjustments(self) -> tuple[Adjustment, ...]:
        """Give the adjustments that may still be worth something."""
        return tuple(self._adjustments)

    def adjust(self, at: datetime, points: float, rule: str = "") -> None:
        """Take in the points of a rule."""
        self._ahead = None
        self._adjustments = [one for one in self._adjustments if abs(one.left(at)) >= 0.05]
        self._adjustments.append(Adjustment(at, points, rule))

    def time_passed(self, pulse: Pulse, now: datetime, at_most: str, *, at_least: float) -> None:
        """Write down what time alone has done, if it is so many points, or if it has crossed a band."""
        if not self.changes:
            return
        last = self.changes[-1]
        after = self._ahead[1] if self._ahead is not None and self._ahead[0] == now else self.warmth(pulse, now)
        self._ahead = None
        if abs(after - last.after) >= at_least or self.bands.of(after, at_most) != last.band:
            self.write(after, now, at_most, cause="time", sentence=_of_time(pulse, now))

    def time_left_out(self, pulse: Pulse, now: datetime, at_most: str, before: float) -> None:
        """Write down what it changes that an absence has become known; without it the warmth was ``before``."""
        self._ahead = None
        after = self.warmth(pulse, now)
        if self.changes and after != before:
            self.write(before, now, at_most, cause="time", sentence="Time passed.")
            self.write(after, now, at_most, cause="away", sentence="Time away became known: it is no silence.")

    def write(
        self,
        after: float,
        at: datetime,
        at_most: str,
        *,
        cause: str,
        sentence: str,
        signal: str | None = None,
    ) -> None:
        """Write a line, unless it would say that nothing changed."""
        before = self.changes[-1].after if self.changes else 0.0
        band = self.bands.of(after, at_most)
        if self.changes and before == after and self.changes[-1].band == band:
            return
        self.changes.append(
            Change(at=at, before=before, after=after, band=band, cause=cause, sentence=sentence, signal=signal)
        )


def _of_time(pulse: Pulse, now: datetime) -> str:
    days = int(pulse.quiet_days(now))
    if days == 0:
        return "Time passed."
    less = _less(pulse, pulse.last_touch, now)
    return f"{days} {'day' if days == 1 else 'days'}{less}{',' if less else ''} without a word from either of you."


def _less(pulse: Pulse, since: datetime | None, now: datetime) -> str:
    """Say that days shown were not all counted, where some were not: a sentence claims no more than it shows."""
    left_out = since is not None and pulse.time.leaves_out(since, now)
    return ", absences and holidays left out" if left_out else ""
