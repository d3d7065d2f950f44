"""A shelf: all events of a calendar, by UID, on their way from iCalendar to meetings.

Copies and exceptions of one meeting may lie in several files; so all of a calendar is put on the shelf first, and
what belongs together is read together.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from keepwarm.connectors.contentlines import components
from keepwarm.connectors.icalendars import BrokenCalendar, Event, event_of, identity
from keepwarm.connectors.series import meetings_of
from keepwarm.connectors.zones import Zones, embedded_zones
from keepwarm.storage.observations import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import tzinfo
    from typing import BinaryIO

    from keepwarm.connectors.contentlines import Component
    from keepwarm.connectors.series import Window
    from keepwarm.storage.observations import MeetingSeen

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_IN_SERIES = ("RRULE", "RDATE", "RECURRENCE-ID")


@dataclass(frozen=True, slots=True)
class _Found:
    """One VEVENT, not yet understood."""

    component: Component
    zones: Zones
    where: str


@dataclass(slots=True)
class Shelf:
    """The events of a calendar; ``zone`` is the owner's: all-day and floating times are theirs."""

    window: Window
    zone: tzinfo
    rejected: list[Rejected] = field(default_factory=list)
    whole: bool = True  # False if something could be missing, so that absence proves nothing
    past: int = 0  # events that ended before the window
    has_series: bool = False
    _by_uid: dict[str, list[_Found]] = field(default_factory=dict)

    def count(self) -> int:
        """Count the events, those of long ago included."""
        return self.past + sum(map(len, self._by_uid.values()))

    def refuse(self, name: str, reason: str) -> None:
        """Note a file that could not be read, or not to its end."""
        self.rejected.append(Rejected(source_key=f"file:{name}", reason=reason, where=name))
        self.whole = False

    def put(self, name: str, stream: BinaryIO) -> None:
        """Put all events of one iCalendar on the shelf; what is wrong with it is noted under ``name``."""
        parts = list(self._near(components(stream)))
        calendars = [part for part in parts if part.name == "VCALENDAR"]
        if not calendars:
            self.refuse(name, "this is no iCalendar: export the calendar as .ics, or correct the account's settings")
        elif not all(calendar.ended for calendar in calendars):
            self.refuse(name, "it ends in the middle: export or copy it again")
        zones = Zones(owner=self.zone, embedded=embedded_zones(p for p in parts if p.name == "VTIMEZONE"))
        for part in parts:
            if part.name == "VEVENT":
                found = _Found(part, zones, f"{name}, line {part.line}")
                self._by_uid.setdefault(identity(part, set()), []).append(found)

    def written(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Give the UID and the content lines of each event, as they were written."""
        for uid, found in self._by_uid.items():
            for one in found:
                yield uid, one.component.lines

    def meetings(self) -> Iterator[tuple[list[MeetingSeen], int]]:
        """Give the meetings of one UID after the other, and of how many events they were made.

        A broken event is noted in ``rejected``, and does not keep the others.
        """
        for found in self._by_uid.values():
            yield self._meetings(found), len(found)

    def _near(self, parts: Iterable[Component]) -> Iterator[Component]:
        """Leave out single events of long before the window: an old calendar is mostly those."""
        first = (self.window.since - timedelta(days=2)).strftime("%Y%m%d")
        for part in parts:
            if part.name == "VEVENT" and part.ended and _is_before(part, first):
                self.past += 1
            else:
                yield part

    def _meetings(self, found: Sequence[_Found]) -> list[MeetingSeen]:
        events = []
        for one in found:
            try:
                events.append(event_of(one.component, one.zones))
            except BrokenCalendar as error:
                self.rejected.append(_broken(one, error))
        winners = _winners(events)
        self.has_series = self.has_series or any(event.recurs for event in winners)
        try:
            meetings = list(meetings_of(winners, self.window))
        except BrokenCalendar as error:
            self.rejected.append(_broken(found[0], error))
            return []
        return [seen for seen in meetings if seen.pattern or seen.recurrence_id or seen.start >= self.window.since]


def _is_before(part: Component, day: str) -> bool:
    if any(line.upper().startswith(_IN_SERIES) for line in part.lines):
        return False
    start = next((line for line in part.lines if line.upper().startswith("DTSTART")), "")
    written = start.rpartition(":")[2][:8]
    return written.isascii() and written.isdigit() and "19900101" <= written < day


def _broken(one: _Found, error: BrokenCalendar) -> Rejected:
    return Rejected(source_key=f"{identity(one.component, set())}/", reason=error.reason, where=one.where)


def _winners(events: Iterable[Event]) -> list[Event]:
    """Of events with one UID and RECURRENCE-ID, keep that of the highest SEQUENCE, then LAST-MODIFIED."""
    best: dict[str, Event] = {}
    doubled: set[str] = set()
    for event in events:
        key = event.seen.recurrence_id
        if key in best:
            doubled.add(key)
        best[key] = max(best.get(key, event), event, key=_rank)
    return [_noted(event) if key in doubled else event for key, event in best.items()]


def _rank(event: Event) -> tuple[int, datetime, str]:
    # The text of the rest decides a tie, so that the order of the files decides nothing.
    return event.seen.sequence, event.seen.written_at or _LONG_AGO, repr(event.seen)


def _noted(event: Event) -> Event:
    return replace(event, seen=replace(event.seen, flaws=(*event.seen.flaws, "duplicated-uid")))
