"""The measured model: how likely one is to hear from somebody, from two numbers that mail leaves behind.

An *inbound day* is a day of the owner's calendar on which the contact wrote, or on which a meeting with them was held;
it counts once, at its noon. With half-lives of 60 and 180 days, ages in days, ``s`` the logistic function:

    D60, D180   decayed counts of inbound days
    heard       ln(1 + D60)
    quiet       ln(1 + days since either of the two wrote)
    E180        (180 / ln 2) * (1 - 2^(-age / 180)), age = days since the first inbound day, at least 7
    pace        ln((D180 + 0.3) / (E180 + 10))

    P(hear from them within 60 days)     = 1 - s(0.632 - 1.602 heard + 0.309 quiet)
    P(their pace falls to a quarter)     = s(4.464 - 1.775 heard + 1.211 pace + 0.373 quiet)

Days are counted time (rules/counted_time.py): where somebody was away, or on holidays, nothing fades. The model was
measured on plain days; without absences and holidays these are the same.

The constants were fitted on eight public corpora of real mail; ``docs/decisions.md`` says how far to trust them.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from keepwarm.rules.counted_time import CountedTime
from keepwarm.rules.working_time import WorkingTime

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, tzinfo

HALF_LIFE_HEARD = 60.0
HALF_LIFE_PACE = 180.0
JUDGED_FROM_MESSAGES = 8
LONGEST = 3650.0  # days: farther ahead nobody looks
RHYTHM_FROM_PACE = 3.0  # inbound days per 60 days: less is no rhythm whose loss could be told


def _plain_time() -> CountedTime:
    return CountedTime(WorkingTime(zone=UTC))


@dataclass(slots=True)
class Pulse:
    """The state of one contact: a handful of numbers, brought up to date in O(1) by each event, in the order of time.

    ``heard`` and ``paced`` are the decayed counts D60 and D180 as of ``counted_at``, the noon of the last inbound day.
    The noons before are kept for absences that become known late.
    """

    zone: tzinfo
    time: CountedTime = field(default_factory=_plain_time)
    first_noon: datetime | None = None
    counted_at: datetime | None = None
    heard: float = 0.0
    paced: float = 0.0
    last_heard: datetime | None = None  # the contact wrote, or they met
    last_touch: datetime | None = None  # either of the two wrote, or they met
    rhythm: float = 0.0  # pace per 60 days as it was at the last inbound day
    messages_in: int = 0
    messages_out: int = 0
    meetings_held: int = 0
    _noons: list[datetime] = field(default_factory=list)
    _counts: list[tuple[float, float]] = field(default_factory=list)  # D60 and D180 at each of them

    def they_wrote(self, at: datetime) -> None:
        """Take in a message from the contact."""
        self.messages_in += 1
        self._inbound(at)

    def owner_wrote(self, at: datetime) -> None:
        """Take in a message from the owner."""
        self.messages_out += 1
        self.last_touch = at

    def owner_was_in_touch(self, at: datetime) -> None:
        """Take in a letter or a gift of the owner's: a touch, and no message."""
        self.last_touch = at

    def they_met(self, at: datetime) -> None:
        """Take in a meeting that was held, or a call or lunch: it counts as writing by both."""
        self.meetings_held += 1
        self._inbound(at)

    def _inbound(self, at: datetime) -> None:
        self.last_heard = self.last_touch = at
        noon = noon_of(at.astimezone(self.zone).date(), self.zone)
        if noon == self.counted_at:
            return
        self._count(noon)
        self.first_noon = self.first_noon or noon
        self.rhythm = self.pace_per_60_days(noon)

    def recount(self, since: datetime) -> None:
        """Count anew what came later than ``since``: from then on time is counted differently."""
        first = bisect_right(self._noons, since)
        noons = self._noons[first:]
        if not noons:
            return
        del self._noons[first:], self._counts[first:]
        self.counted_at = self._noons[-1] if first else None
        self.heard, self.paced = self._counts[-1] if first else (0.0, 0.0)
        for noon in noons:
            self._count(noon)
        self.rhythm = self.pace_per_60_days(noons[-1])

    def _count(self, noon: datetime) -> None:
        days = self.time.days(self.counted_at, noon) if self.counted_at else 0.0
        self.heard = self.heard * _decay(days, HALF_LIFE_HEARD) + 1.0
        self.paced = self.paced * _decay(days, HALF_LIFE_PACE) + 1.0
        self.counted_at = noon
        self._noons.append(noon)
        self._counts.append((self.heard, self.paced))

    def decayed(self, now: datetime) -> tuple[float, float]:
        """Give D60 and D180 as of ``now``."""
        if self.counted_at is None:
            return 0.0, 0.0
        days = max(0.0, self.time.days(self.counted_at, now))  # a day counts from its noon, even in its morning
        return self.heard * _decay(days, HALF_LIFE_HEARD), self.paced * _decay(days, HALF_LIFE_PACE)

    def log_heard(self, now: datetime) -> float:
        """Give ``heard = ln(1 + D60)``."""
        return math.log1p(self.decayed(now)[0])

    def log_quiet(self, now: datetime) -> float:
        """Give ``quiet = ln(1 + days since either wrote)``."""
        return math.log1p(self.quiet_days(now))

    def quiet_days(self, now: datetime) -> float:
        """Give the days since either of the two wrote, or they met; 0 if never."""
        return max(0.0, self.time.days(self.last_touch, now)) if self.last_touch else 0.0

    def silent_days(self, now: datetime) -> float | None:
        """Give the days since the contact wrote or met; None if never."""
        return max(0.0, self.time.days(self.last_heard, now)) if self.last_heard else None

    def pace(self, now: datetime) -> float:
        """Give ``pace``, the log of their inbound days per day over the last half-year, shrunk."""
        age = max(7.0, self.time.days(self.first_noon, now)) if self.first_noon else 7.0
        exposure = HALF_LIFE_PACE / math.log(2) * (1.0 - _decay(age, HALF_LIFE_PACE))
        return math.log((self.decayed(now)[1] + 0.3) / (exposure + 10.0))

    def pace_per_60_days(self, now: datetime) -> float:
        """Give their own half-year pace, in inbound days per 60 days."""
        return 60.0 * math.exp(self.pace(now))

    @property
    def judged(self) -> bool:
        """Tell whether there are enough exchanges, both ways, to judge by."""
        theirs, owners = self.messages_in + self.meetings_held, self.messages_out + self.meetings_held
        return theirs > 0 and owners > 0 and self.exchanges >= JUDGED_FROM_MESSAGES

    @property
    def exchanges(self) -> int:
        """Count the messages both ways; a meeting counts as one by each."""
        return self.messages_in + self.messages_out + 2 * self.meetings_held

    def chance_to_hear(self, now: datetime) -> float:
        """Give P(hear from them within 60 days)."""
        return 1.0 - logistic(0.632 - 1.602 * self.log_heard(now) + 0.309 * self.log_quiet(now))

    def chance_of_drop(self, now: datetime) -> float | None:
        """Give P(their pace falls to a quarter); None where there is no rhythm, or too little mail, to judge by."""
        if not self.judged or self.pace_per_60_days(now) < RHYTHM_FROM_PACE:
            return None
        return self.drop(now)

    def days_until_heard_less(self, now: datetime, chance: float) -> float:
        """Give so many days of counted time before which ``chance_to_hear`` is above ``chance`` if nothing happens."""
        recent, quiet = self.decayed(now)[0], self.quiet_days(now)

        def reached(days: float) -> bool:
            heard = math.log1p(recent * _decay(days, HALF_LIFE_HEARD))
            return 1.0 - logistic(0.632 - 1.602 * heard + 0.309 * math.log1p(quiet + days)) <= chance

        return _days_before(reached)

    def days_until_drop(self, now: datetime, chance: float) -> float:
        """Give so many before which ``drop`` is below ``chance``; a pace only falls, and then it falls less."""
        recent, quiet, pace = self.decayed(now)[0], self.quiet_days(now), self.pace(now)

        def reached(days: float) -> bool:
            heard = math.log1p(recent * _decay(days, HALF_LIFE_HEARD))
            return logistic(4.464 - 1.775 * heard + 1.211 * pace + 0.373 * math.log1p(quiet + days)) >= chance

        return _days_before(reached)

    def drop(self, now: datetime) -> float:
        """Give the formula of P(their pace falls to a quarter) as it is, also where there is nothing to judge by."""
        return logistic(4.464 - 1.775 * self.log_heard(now) + 1.211 * self.pace(now) + 0.373 * self.log_quiet(now))


def _days_before(reached: Callable[[float], bool]) -> float:
    """Give a number of days before which something is not reached that stays so once it is; within an hour or so."""
    least, most = 0.0, 1.0
    while not reached(most):
        least, most = most, 2.0 * most
        if most > LONGEST:
            return least
    while most - least > 0.05:
        middle = (least + most) / 2.0
        least, most = (least, middle) if reached(middle) else (middle, most)
    return least


def noon_of(day: date, zone: tzinfo) -> datetime:
    """Give the noon of a day of that zone, in UTC."""
    return datetime.combine(day, time(12), zone).astimezone(UTC)


def logistic(value: float) -> float:
    """Give 1 / (1 + e^-value) without overflow."""
    if value >= 0:
        return 1.0 / (1.0 + math.exp(-value))
    power = math.exp(value)
    return power / (1.0 + power)


def _decay(days: float, half_life: float) -> float:
    return float(2.0 ** (-days / half_life))
