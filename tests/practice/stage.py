"""The stage on which the year is played: its clock, and all that was written and arranged so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING

from tests.practice.hours import WorkingTime, at_clock

if TYPE_CHECKING:
    from tests.practice.letters import Letter
    from tests.practice.meetings import Meeting

OWNERS_LEAVE = (200, 187)  # days before the end, first and last


@dataclass(slots=True)
class Stage:
    """All is counted in days before ``end``; the play stops at the midnight before it, in Berlin."""

    seed: int
    end: date
    weeks: int
    letters: list[Letter] = field(default_factory=list)
    meetings: list[Meeting] = field(default_factory=list)

    @property
    def days(self) -> int:
        """Give how many days are played."""
        return self.weeks * 7

    @property
    def start(self) -> datetime:
        """Give the first moment."""
        return at_clock(self.day(self.days), time())

    @property
    def now(self) -> datetime:
        """Give the moment at which the play is stopped: nothing is written at or after it."""
        return at_clock(self.end, time())

    def rng(self, name: str) -> Random:
        """Give a source of chance of its own to ``name``, so that one script never disturbs another."""
        return Random(f"{self.seed}/{name}")

    def day(self, before: float) -> date:
        """Give the date ``before`` days before the end."""
        return self.end - timedelta(days=int(before))

    def working_day(self, before: float) -> date:
        """Give the owner's working day nearest to a date, never nearer to the end than that."""
        nearest = self.working_time(owner=True).on_or_before
        if before < 0:
            nearest = self.working_time(owner=True).on_or_after
        return nearest(self.day(before))

    def at(self, before: float, clock: time) -> datetime:
        """Give a wall-clock time on a working day."""
        return at_clock(self.working_day(before), clock)

    def working_time(self, *, owner: bool) -> WorkingTime:
        """Give the working time of the owner (with a leave of two weeks), or of everybody else."""
        if not owner:
            return WorkingTime()
        first, last = OWNERS_LEAVE
        return WorkingTime(away=((self.day(first), self.day(last)),))

    def happens(self, at: datetime) -> bool:
        """Tell whether a moment is within the play."""
        return self.start <= at < self.now

    def post(self, letter: Letter) -> bool:
        """Send a letter, if its time is within the play; tell whether it was."""
        if not self.happens(letter.at):
            return False
        self.letters.append(letter)
        return True
