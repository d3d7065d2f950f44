"""The timeline of a contact: the events in order, and the moments at which the rules look.

The rules look at every event, and, because time passing is a finding too, in the morning of each weekday for
QUIET_AFTER after an event, then once a week, on Mondays. The moments depend on the history alone, never on when a sync
ran: what was true as of a day stays what it was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.days import DayComes, day_comes
from keepwarm.rules.meetings import Step, held
from keepwarm.rules.series import steps
from keepwarm.storage.histories import MessageFact, PromiseFact, TouchFact

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, tzinfo

    from keepwarm.storage.histories import History, Other

LOOK_AT = time(5)  # of the owner's clock
QUIET_AFTER = timedelta(days=60)
_MONDAY, _SATURDAY = 0, 5
_MOVING = (MessageFact, Step, TouchFact)


@dataclass(frozen=True, slots=True)
class Event:
    """A message, a change of a meeting, the end of one that was held, or what else happened."""

    at: datetime
    what: MessageFact | Step | Other | DayComes
    held: bool = False

    @property
    def moves_warmth(self) -> bool:
        """Tell what may change the warmth by itself from what is only noted; for that there are rules."""
        return isinstance(self.what, _MOVING)


def events(history: History) -> list[Event]:
    """Give everything that happened, in the order of time."""
    found = [Event(message.at, message) for message in history.messages]
    for other in history.others:
        found.extend(_events_of(other))
    found.extend(Event(step.revision.at, step) for step in steps(history.meetings))
    for meeting in history.meetings:
        found.extend(Event(step.revision.end, step, held=True) for step in held(meeting))
    found.sort(key=_order)
    return found


def _events_of(other: Other) -> Iterator[Event]:
    """Give a thing its time; a promise is made, and perhaps kept later: before that nobody knows that it will be.

    The day for which it is, is a time of its own: it would be missed where only Mondays are looked at.
    """
    if (at := day_comes(other)) is not None:
        yield Event(at, DayComes(other))
    if not isinstance(other, PromiseFact) or other.kept_at is None:
        yield Event(other.at, other)
        return
    yield Event(other.at, replace(other, kept_at=None))
    yield Event(max(other.at, other.kept_at), other)


def _order(event: Event) -> tuple[datetime, bool, str, bool]:
    what = event.what
    ref = what.revision.ref if isinstance(what, Step) else what.ref
    return (event.at, event.held, ref, isinstance(what, PromiseFact) and what.kept_at is not None)


def looks(after: datetime, before: datetime, zone: tzinfo) -> Iterator[datetime]:
    """Give the moments in (after, before) at which time passing is looked at, if nothing happens in between."""
    day = after.astimezone(zone).date()
    daily_until = after + QUIET_AFTER
    while True:
        look = _look_of(day, zone)
        if look >= before:
            return
        if look > after and (day.weekday() == _MONDAY or (look <= daily_until and day.weekday() < _SATURDAY)):
            yield look
        day += timedelta(days=1 if look <= daily_until else 7 - day.weekday())


def next_look(after: datetime, now: datetime, zone: tzinfo) -> datetime:
    """Give the first look later than ``now``, the last event having been at ``after``."""
    return next(look for look in looks(after, now + timedelta(days=9), zone) if look > now)


def _look_of(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, LOOK_AT, zone).astimezone(UTC)
