"""Cooling together: who of an organisation's people cool at once, as of a moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from keepwarm.rules.rule import Strength

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from keepwarm.storage.standings import Member, MemberSignal, OrganisationHistory

AT_ONCE = timedelta(days=60)
"""So near to each other their signals have to open."""

IN_TOUCH = timedelta(days=182)
"""Somebody counts if they were heard within this time before."""

_TELLING = (Strength.MEDIUM, Strength.STRONG)


@dataclass(frozen=True, slots=True)
class Cooled:
    """A person, and the signal by which they joined those who cool."""

    member: Member
    signal: MemberSignal

    @property
    def order(self) -> tuple[datetime, str, str]:
        """When they joined; whoever else joined at the same moment comes in the order of ids."""
        return (self.signal.opened, self.member.contact_id, self.signal.id)

    def is_open(self, now: datetime) -> bool:
        """Tell whether the signal is open at a moment."""
        cleared = self.signal.cleared
        return self.signal.opened <= now and (cleared is None or cleared > now)


@dataclass(frozen=True)
class Together:
    """An organisation as of ``now``."""

    history: OrganisationHistory
    telling: Sequence[Cooled]  # by ``telling``
    now: datetime
    zone: tzinfo

    @cached_property
    def cooled(self) -> tuple[Cooled, ...]:
        """Give the most people whose open signals opened within 60 days of each other, as they joined.

        Of several such times the latest counts.
        """
        opened = [one for one in self.telling if one.is_open(self.now)]
        best: tuple[Cooled, ...] = ()
        for end, last in enumerate(opened):
            people: dict[str, Cooled] = {}
            for one in opened[: end + 1]:
                if last.signal.opened - one.signal.opened <= AT_ONCE:
                    people.setdefault(one.member.contact_id, one)
            if len(people) >= len(best):
                best = tuple(people.values())
        return best

    @cached_property
    def counted(self) -> int:
        """Count the people who could be judged and were in touch in the half-year before the first of them cooled."""
        if not self.cooled:
            return 0
        among = {one.member.contact_id for one in self.cooled}
        since = self.cooled[0].signal.opened
        return len(among | {one.contact_id for one in self.history.members if in_touch(one, since)})

    @property
    def lead(self) -> Member:
        """Whose cooling completed it; the first of all people if nobody cools."""
        return self.cooled[-1].member if self.cooled else self.history.members[0]


def telling(history: OrganisationHistory) -> Sequence[Cooled]:
    """Give the signals that count, of people who were in touch when they opened, in the order of opening."""
    found = [
        Cooled(member, signal)
        for member in history.members
        for signal in _whole(member.signals)
        if in_touch(member, signal.opened)
    ]
    return sorted(found, key=lambda one: one.order)


def _whole(signals: Sequence[MemberSignal]) -> list[MemberSignal]:
    """Give those that count; one that came in the place of a weaker one, as it got worse, goes on with that one."""
    found: list[MemberSignal] = []
    for signal in sorted(signals, key=lambda one: (one.rule, one.opened, one.id)):
        if signal.strength not in _TELLING:
            continue
        last = found[-1] if found else None
        if last is not None and (last.rule, last.cleared) == (signal.rule, signal.opened):
            found[-1] = replace(last, cleared=signal.cleared)
        else:
            found.append(signal)
    return found


def in_touch(member: Member, moment: datetime) -> bool:
    """Tell whether a person could be judged at a moment, and had been heard in the half-year before."""
    if member.judged_since is None or member.judged_since > moment:
        return False
    return any(first <= moment and last >= moment - IN_TOUCH for first, last in member.heard)


def turns(history: OrganisationHistory, as_of: datetime) -> Sequence[datetime]:
    """Give the moments up to ``as_of`` at which a signal of somebody there opened or cleared, in order."""
    moments = {
        moment
        for member in history.members
        for signal in member.signals
        for moment in (signal.opened, signal.cleared)
        if moment is not None and moment <= as_of
    }
    return sorted(moments)
