"""Reading one calendar of Graph: the past once, the present whole once a day, and what changed in between."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from keepwarm.connectors.contract import CursorLost, Later
from keepwarm.connectors.graph_client import Json, NotAllowedError, NotThereError, Turning
from keepwarm.connectors.graph_events import MASTER, OCCURRENCE, PROPERTIES
from keepwarm.storage.observations import Batch, Gone, MeetingSeen, Rejected, Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keepwarm.connectors.graph_client import GraphClient, Page
    from keepwarm.connectors.graph_events import EventReader
    from keepwarm.storage.observations import Cursor

BEGUN: Cursor = {"v": 1}
"""The cursor of a first reading that has not come to its end: it starts over."""

PAGE = 200  # events
BATCH = 500  # meetings
LONGEST = timedelta(days=365)  # of one view; Graph allows 1,825 days
MAX_CHECKED = 50  # removed events that are asked for one by one; if there are more, all is read anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A calendar read to its end."""

    zone: str  # the owner's: all-day events were read as theirs
    day: str  # the date on which the view ended
    link: str  # that leads on from there; "" if delta query does not come to its end: it is read plainly each time

    @classmethod
    def of(cls, cursor: Cursor | None) -> Position | None:
        """Read a cursor; None if everything is still to be read. Raises CursorLost."""
        if cursor is None or cursor == BEGUN:
            return None
        match cursor:
            case {"v": 1, "zone": str(zone), "day": str(day), "link": str(link)}:
                return cls(zone=zone, day=day, link=link)
        raise CursorLost("The cursor was written by another version.")

    def ended(self) -> datetime:
        """Give when the view ended, in UTC. Raises CursorLost."""
        try:
            return datetime.fromisoformat(self.day).replace(tzinfo=UTC)
        except ValueError:
            raise CursorLost("The cursor was written by another version.") from None

    def cursor(self) -> Cursor:
        """Write it for storage."""
        return {"v": 1, "zone": self.zone, "day": self.day, "link": self.link}


@dataclass(frozen=True, slots=True)
class View:
    """A span of time, in aware UTC; ``until`` is not in it."""

    since: datetime
    until: datetime

    def parts(self) -> Iterator[View]:
        """Cut it into parts that Graph gives, oldest first."""
        since = self.since
        while since < self.until:
            yield View(since, min(since + LONGEST, self.until))
            since += LONGEST


@dataclass(slots=True)
class ViewReader:
    """One pull of one calendar; ``before`` is the cursor that holds until it has come to its end."""

    client: GraphClient
    calendar: str
    events: EventReader
    before: Cursor
    _series: dict[str, Json | None] = field(default_factory=dict)  # own entries by id; None: there is none any more
    _given: set[str] = field(default_factory=set)  # ids of the own entries that were handed over
    _read: set[str] = field(default_factory=set)  # ids of events of the past that were handed over

    def everything(self, past: View, near: View, here: Position) -> Iterator[Batch]:
        """Read the past, and then what is near. Raises NotThereError, NotAllowedError, and the contract's errors."""
        for part in past.parts():
            for page in self._plain_pages(part):
                # What crosses the end of a part is in both.
                fresh = [event for event in page.items if event.get("id") not in self._read]
                self._read.update(event["id"] for event in fresh if isinstance(event.get("id"), str))
                yield from self._batches(fresh, [], len(fresh))
        yield from self._anew(near, here, Scope(since=past.since, until=near.until))

    def anew(self, near: View, here: Position) -> Iterator[Batch]:
        """Read what is near whole; raises as ``everything`` does."""
        yield from self._anew(near, here, Scope(since=near.since, until=near.until))

    def changes(self, near: View, known: Position) -> Iterator[Batch]:
        """Read what changed since ``known``; raises as ``everything`` does."""
        if not known.link:
            yield from self._anew(near, known, Scope(since=near.since, until=near.until), plainly=True)
            return
        try:
            items, link = self._round(known.link, from_start=False)
        except (Turning, NotAllowedError):
            yield from self.anew(near, known)
            return
        removed = [event["id"] for event in items if "@removed" in event]
        if len(removed) > MAX_CHECKED:
            yield from self.anew(near, known)
            return
        gone = list[Gone]()
        for number in removed:
            event = self._event(number)
            if event is None:
                gone.append(Gone(f"{number}/"))
            else:
                items.append(event)
        after = replace(known, link=link)
        if not items and after == known:
            return
        yield from self._batches(self._known(items), [], len(items))
        yield Batch(gone=tuple(gone), cursor=after.cursor())

    def _anew(self, near: View, here: Position, complete: Scope, *, plainly: bool = False) -> Iterator[Batch]:
        items, link = self._plainly(near) if plainly else self._whole(near)
        items = [event for event in items if "@removed" not in event and event["id"] not in self._read]
        known = self._known(items)
        later = [event for event in self._later(near.until) if event.get("id") not in self._given]
        yield from self._batches(known, later, len(items) + len(later))
        yield Batch(complete=(complete,), cursor=replace(here, link=link).cursor())

    def _whole(self, near: View) -> tuple[list[Json], str]:
        """Read a view whole, by delta query, whose link leads on from there.

        Of some calendars, mostly of many series, delta never comes to its end; of some that are others', it gives a
        first page and refuses the next. Such a one is read plainly until the next day, when delta is tried again.
        """
        span = {"startDateTime": _written(near.since), "endDateTime": _written(near.until)}
        try:
            return self._round(self._address("calendarView/delta", **span), from_start=True)
        except (Turning, NotAllowedError):
            return self._plainly(near)

    def _plainly(self, near: View) -> tuple[list[Json], str]:
        """Read a view whole, without a link that leads on from there."""
        items = [event for page in self._plain_pages(near) for event in page.items if isinstance(event.get("id"), str)]
        return list({event["id"]: event for event in items}.values()), ""

    def _plain_pages(self, view: View) -> Iterator[Page]:
        span = {"startDateTime": _written(view.since), "endDateTime": _written(view.until)}
        address = self._address("calendarView", _select=",".join(PROPERTIES), _top=str(PAGE), **span)
        return self.client.pages(address, from_start=True)

    def _round(self, address: str, *, from_start: bool) -> tuple[list[Json], str]:
        """Follow a delta query to its end: the last that was said of each event, and the link that leads on."""
        items, link = dict[str, Json](), ""
        for page in self.client.pages(address, f"odata.maxpagesize={PAGE}", from_start=from_start):
            for event in page.items:
                if isinstance(event.get("id"), str):
                    items.pop(event["id"], None)
                    items[event["id"]] = event
            link = page.link
        if not link:
            raise Later("The server does not say how to go on with this calendar.")
        return list(items.values()), link

    def _known(self, items: list[Json]) -> list[Json]:
        """Put the own entry of each series first: also of those that begin before the view, which do not come along."""
        events = [event for event in items if "@removed" not in event]
        self._series.update((event["id"], event) for event in events if event.get("type") == MASTER)
        fetched = list[Json]()
        for number in dict.fromkeys(str(event.get("seriesMasterId") or "") for event in events):
            if number and number not in self._series:
                found = self._series[number] = self._event(number)
                fetched += [found] if found is not None else []
        entries = [*fetched, *(event for event in events if event.get("type") == MASTER)]
        self._given.update(event["id"] for event in entries)
        return [*entries, *(event for event in events if event.get("type") != MASTER)]

    def _event(self, number: str) -> Json | None:
        try:
            path = f"/me/events/{quote(number, safe='')}"
            found = self.client.get(self.client.address(path, _select=",".join(PROPERTIES)))
        except NotThereError:
            return None
        return {**found, "id": number}

    def _later(self, until: datetime) -> Iterator[Json]:
        """Give what begins after the view, series not taken apart: a meeting that was put off for long is not gone."""
        address = self._address(
            "events",
            _filter=f"start/dateTime ge '{_written(until)}'",
            _select=",".join(PROPERTIES),
            _top=str(PAGE),
        )
        for page in self.client.pages(address, from_start=True):
            yield from page.items

    def _address(self, what: str, **query: str) -> str:
        return self.client.address(f"/me/calendars/{quote(self.calendar, safe='')}/{what}", **query)

    def _batches(self, events: Iterable[Json], later: Iterable[Json], looked_at: int) -> Iterator[Batch]:
        seen, rejected = list[MeetingSeen](), list[Rejected]()
        for event in (*events, *later):
            if not isinstance(event.get("id"), str) or event.get("isDraft") is True:
                continue
            series = self._series.get(str(event.get("seriesMasterId") or ""))
            if series is None and event.get("type") == OCCURRENCE and "iCalUId" not in event:
                continue  # its series was deleted meanwhile
            meetings, broken = self.events.read(event, series)
            seen += meetings
            rejected += [broken] if broken else []
            while len(seen) > BATCH:
                yield Batch(seen=tuple(seen[:BATCH]), rejected=tuple(rejected), cursor=self.before)
                seen, rejected = seen[BATCH:], []
        if seen or rejected or looked_at:
            yield Batch(seen=tuple(seen), rejected=tuple(rejected), cursor=self.before, looked_at=looked_at)


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
