"""Calendars at Microsoft: one stream for each, by delta query of a view that moves on with the days.

A view may span at most five years, and delta does not tell of every occurrence that was deleted. So the past is read
once, and the part of the calendar that still changes is read whole once a day: what that does not show is missing. In
between, a poll asks for what changed. What delta calls removed is asked for by its id: it may only have left the view.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import TYPE_CHECKING

from keepwarm.connectors.contract import CursorLost
from keepwarm.connectors.graph_events import EventReader
from keepwarm.connectors.graph_folders import CALENDARS
from keepwarm.connectors.graph_streams import GraphStreams, Words
from keepwarm.connectors.graph_view import BEGUN, Position, View, ViewReader
from keepwarm.connectors.words import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import tzinfo

    from keepwarm.connectors.graph_client import Json
    from keepwarm.storage.observations import Batch, Cursor

DAILY = timedelta(days=180)
"""How much of the window, counted from its end, is read whole each day: 60 days back where 120 ahead are wanted."""

MAX_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarSettings:
    """What the configuration says about the calendars of one account; ``window`` gives the span that is wanted, in UTC.

    Globs that begin with "calendar:" choose among the calendars; without any, the owner's own ones are read.
    """

    window: Callable[[], tuple[datetime, datetime]]
    zone: tzinfo  # the owner's: all-day events are theirs
    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()
    owner: frozenset[str] = frozenset()  # the owner's addresses, lower case


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """One calendar."""

    id: str
    title: str
    stream: str
    owner: str  # address, lower case
    own: bool  # the user's own, and no list of holidays


@dataclass(slots=True)
class GraphCalendars(GraphStreams[Calendar]):
    """The calendars of one account."""

    settings: CalendarSettings
    _mine: frozenset[str] = frozenset()

    @property
    def _words(self) -> Words:
        return Words("calendar", "calendar", "the calendars", "Calendars.ReadBasic")

    def _listed(self) -> Mapping[str, Calendar]:
        found = self._all()
        mine = {one.owner for one in found if one.stream == "calendar" and one.owner}
        self._mine = self.settings.owner | mine
        return {one.stream: one for one in sorted(found, key=lambda one: one.stream) if self._is_wanted(one)}

    def _read(self, calendar: Calendar, cursor: Cursor | None) -> Iterator[Batch]:
        since, until = (_midnight(moment) for moment in self.settings.window())
        zone, known = str(self.settings.zone), Position.of(cursor)
        if known is not None and known.zone != zone:
            raise CursorLost("The owner's time zone is another one now: all-day events are at other times.")
        events = EventReader(calendar.title, self.settings.zone, self._mine)
        reader = ViewReader(self.client, calendar.id, events, cursor or BEGUN)
        near = View(max(since, until - DAILY), until)
        here = Position(zone=zone, day=until.date().isoformat(), link="")
        if known is None:
            yield from reader.everything(View(since, near.since), near, here)
        elif known.day != here.day:
            # What changed after the last whole look, and is no longer near since, was shown by none.
            unseen = View(max(since, min(near.since, known.ended() - DAILY)), near.since)
            yield from reader.everything(unseen, near, here)
        else:
            yield from reader.changes(near, known)

    def _all(self) -> list[Calendar]:
        first = self.client.address("/me/calendars", _select="id,name,isDefaultCalendar,canEdit,owner", _top="100")
        pages = self.client.pages(first, from_start=True)
        found = [one for page in pages for told in page.items if (one := _calendar(told)) is not None]
        mine = {one.owner for one in found if one.stream == "calendar"} | self.settings.owner
        return [one if one.owner in mine else replace(one, own=one.own and not one.owner) for one in found]

    def _is_wanted(self, calendar: Calendar) -> bool:
        names = {CALENDARS + calendar.title, calendar.stream}
        chosen, left_out = (
            [glob for glob in globs if glob.startswith(CALENDARS)]
            for globs in (self.settings.include, self.settings.exclude)
        )
        if any(fnmatchcase(name, glob.replace("[", "[[]")) for glob in left_out for name in names):
            return False
        if not chosen:
            return calendar.own
        return any(fnmatchcase(name, glob.replace("[", "[[]")) for glob in chosen for name in names)


def _calendar(told: Json) -> Calendar | None:
    number, owner = told.get("id"), told.get("owner")
    if not isinstance(number, str):
        return None
    address = owner.get("address") if isinstance(owner, dict) else None
    is_default = told.get("isDefaultCalendar") is True
    return Calendar(
        id=number,
        title=clean(str(told.get("name") or ""))[:MAX_NAME] or "Calendar",
        # Not by its display name, which changes: a calendar that was renamed would be another one.
        stream="calendar" if is_default else CALENDARS + sha256(number.encode()).hexdigest()[:8],
        owner=address.lower() if isinstance(address, str) else "",
        own=is_default or told.get("canEdit") is True,
    )


def _midnight(moment: datetime) -> datetime:
    """Give the beginning of a day in UTC, so that the view is the same all day."""
    day = moment.astimezone(UTC)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
