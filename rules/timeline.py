"""The timeline of a contact: the events in order, and the moments at which the rules look.

The rules look at every event, and, because time passing is a finding too, in the morning of each weekday for
QUIET_AFTER after an event, then once a week, on Mondays. The moments depend on the history alone, never on when a sync
ran: what was true as of a day stays what it was.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.days import DayComes, day_comes
from keepwarm.rules.meetings import Step, held
from keepwarm.rules.series import steps
from keepwarm.storage.histories import MessageFact, PromiseFact, TouchFact

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import tzinfo

    from keepwarm.storage.histories import History, Other

LOOK_AT = time(5)  # of the owner's clock
QUIET_AFTER = timedelta(days=60)
_NEVER = datetime.max.replace(tzinfo=UTC)
_MONDAY, _SATURDAY = 0, 5
_MOVING = (MessageFact, Step, TouchFact)

NOTHING, RECEIVED, SENT, MEETINGS, OTHERS = 0, 1, 2, 4, 8
MESSAGES = RECEIVED | SENT
ANYTHING = MESSAGES | MEETINGS | OTHERS
"""Kinds of events, to be put together: they wrote, or the owner; a meeting is planned, changed or held."""


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

    @property
    def kind(self) -> int:
        """Which kind of event it is; a touch that was logged stands for a message or a meeting."""
        if isinstance(self.what, Step):
            return MEETINGS
        if isinstance(self.what, TouchFact):
            return ANYTHING
        if isinstance(self.what, MessageFact):
            return SENT if self.what.outbound else RECEIVED
        return OTHERS


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


class Looks:
    """The moments at which time passing is looked at, of one zone."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._laid_out = (MAXYEAR, MINYEAR)  # from and to which year
        self._weekdays: list[datetime] = []
        self._mondays: list[datetime] = []

    def between(self, last_event: datetime, after: datetime, before: datetime) -> Iterator[datetime]:
        """Give the looks in (after, before), none of which is before ``last_event``, if nothing happens until then."""
        look = self.first(last_event, after, before)
        while look is not None:
            yield look
            look = self.first(last_event, look, before)

    def first(self, last_event: datetime, after: datetime, before: datetime) -> datetime | None:
        """Give the first look in (after, before); None if there is none."""
        if after >= before:
            return None
        self._lay_out(after.year - 1, before.year + 1)
        daily_until = last_event + QUIET_AFTER
        found = self._weekdays[bisect_right(self._weekdays, after)]
        if found > daily_until:
            found = self._mondays[bisect_right(self._mondays, max(after, daily_until))]
        return found if found < before else None

    def last(self, last_event: datetime, before: datetime) -> datetime:
        """Give the last look or event before then, if nothing happens until then."""
        self._lay_out(last_event.year - 1, before.year + 1)
        daily = bisect_left(self._weekdays, before), bisect_right(self._weekdays, last_event + QUIET_AFTER)
        weekday, monday = self._weekdays[min(daily) - 1], self._mondays[bisect_left(self._mondays, before) - 1]
        return max(weekday, monday, last_event)

    def next(self, last_event: datetime, now: datetime) -> datetime:
        """Give the first look later than ``now``, if nothing happens until then."""
        return next(self.between(last_event, now, now + timedelta(days=9)))

    def mondays(self, after: datetime, before: datetime) -> Sequence[datetime]:
        """Give the Mondays' looks in (after, before): they are looks however long nothing has happened."""
        if after >= before:
            return ()
        self._lay_out(after.year - 1, before.year + 1)
        return self._mondays[bisect_right(self._mondays, after) : bisect_left(self._mondays, before)]

    def _lay_out(self, first: int, last: int) -> None:
        first, last = max(first, MINYEAR), min(last, MAXYEAR)
        if self._laid_out[0] <= first and last <= self._laid_out[1]:
            return
        if self._weekdays:
            first, last = min(first, self._laid_out[0]), max(last, self._laid_out[1])
        self._laid_out = (first, last)
        self._weekdays.clear()
        self._mondays.clear()
        for ordinal in range(date(first, 1, 3).toordinal(), date(last, 12, 30).toordinal()):
            day = date.fromordinal(ordinal)
            if day.weekday() < _SATURDAY:
                look = datetime.combine(day, LOOK_AT, self._zone).astimezone(UTC)
                self._weekdays.append(look)
                if day.weekday() == _MONDAY:
                    self._mondays.append(look)
        self._weekdays.append(_NEVER)
        self._mondays.append(_NEVER)
