"""Calendars at Google, through Google's API, read only.

What changed is asked for by a sync token. A series is always read whole, with its exceptions, and handed over with the
claim that this is all of it; a deletion is a tombstone. As days pass, occurrences of unchanged series come into the
window: series are read again when the day on which it ends is another one.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import TYPE_CHECKING, Any

from keepwarm.connectors.contract import CursorLost, Later, Refused
from keepwarm.connectors.google_api import GoogleApi, NotFoundError, Parts
from keepwarm.connectors.google_calendar_cursor import BEGUN, Position
from keepwarm.connectors.google_calendar_list import wanted_calendars
from keepwarm.connectors.google_changes import ChangeReader, Changes
from keepwarm.connectors.google_events import is_meeting, written
from keepwarm.connectors.series import Window
from keepwarm.connectors.shelf import Shelf
from keepwarm.storage.observations import Batch, Gone, MeetingSeen, Rejected, Scope, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime, tzinfo

    from keepwarm.connectors.google_api import GoogleSettings
    from keepwarm.connectors.google_changes import Group
    from keepwarm.storage.observations import Cursor

BATCH = 500  # meetings
PER_MINUTE = 600
"""Requests of one user in one minute (Google's quota of the Calendar API)."""

_LISTED_FOR = 12
"""Passes for which the list of calendars is believed: a poll with nothing new costs one request a calendar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleCalendarSettings:
    """What the configuration says about the calendars; ``window`` gives the span of time that is wanted, aware."""

    google: GoogleSettings
    include: tuple[str, ...] = ("*",)  # globs over titles and ids
    exclude: tuple[str, ...] = ()
    window: Callable[[], tuple[datetime, datetime]]
    zone: tzinfo  # the owner's: all-day events are theirs


class GoogleCalendarConnector:
    """One account: a stream for each of its calendars, by its id."""

    def __init__(self, settings: GoogleCalendarSettings) -> None:
        self._settings = settings
        self.api = GoogleApi(
            settings.google, "calendar", "v3", "Google Calendar API", "/calendar/v3/", per_minute=PER_MINUTE
        )
        self._titles: dict[str, str] = {}
        self._believed = 0
        self._known: dict[str, Parts] = {}  # by calendar: answers of a pull that was put off

    def streams(self) -> Sequence[Stream]:
        """List the calendars to read. Raises Later, SignInNeeded or Refused."""
        if self._believed <= 0:
            self._titles = wanted_calendars(self.api, self._settings.include, self._settings.exclude)
            self._believed = _LISTED_FOR
        self._believed -= 1
        return self.known()

    def known(self) -> Sequence[Stream]:
        """Give the calendars of the last list, without asking for it."""
        return [Stream(name, holds="calendar") for name in sorted(self._titles)]

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Batch]:
        """Read what changed in a calendar, in batches; only the last moves the cursor.

        Raises Later, CursorLost, SignInNeeded or Refused.
        """
        window, zone = Window(*self._settings.window()), str(self._settings.zone)
        day = window.until.astimezone(UTC).date().isoformat()
        known = Position.of(cursor)
        if known is not None and known.zone != zone:
            known = None  # all-day events are others now
        reader = ChangeReader(self.api, stream.name, window, self._known.setdefault(stream.name, Parts()))
        try:
            again = known.series if known is not None and known.day != day else {}
            changes = reader.since(known.token, again) if known is not None else reader.everything()
        except NotFoundError as error:
            raise self._lost(error, stream, known) from None
        del self._known[stream.name]
        after = Position(zone=zone, day=day, token=changes.token, series=_series(changes, known))
        before = BEGUN if cursor is None else cursor
        yield from self._batches(changes, Shelves(window, self._settings.zone, self._title(stream)), before)
        if changes.whole or changes.gone or changes.refused or after != known:
            yield Batch(
                gone=tuple(Gone(key) for key in changes.gone),
                rejected=tuple(self._refused(name, stream) for name in changes.refused),
                complete=(Scope(since=window.since, until=window.until),) if changes.whole else (),
                cursor=after.cursor(),
                total=len(changes.groups),
            )

    def wait(self, stream: Stream, seconds: float) -> bool:
        """Give no hint: the daemon polls."""
        del stream, seconds
        return False

    def close(self) -> None:
        """Let go of connections; the list of calendars is kept."""
        self.api.close()

    def _title(self, stream: Stream) -> str:
        return self._titles.get(stream.name, stream.name)

    def _refused(self, name: str, stream: Stream) -> Rejected:
        reason = "Google does not hand over this series."
        return Rejected(source_key=f"{name}/", reason=reason, where=f"{self._title(stream)}, event {name}")

    def _lost(self, error: NotFoundError, stream: Stream, known: Position | None) -> Exception:
        if error.status == 410 and known is not None:
            return CursorLost("Google no longer knows the sync token of this calendar.")
        self._believed = 0
        if error.status == 410:
            return Later("Google gives no whole list of this calendar now.")
        return Refused(f"There is no calendar {self._title(stream)} at Google any more.", "Nothing, if it was deleted.")

    def _batches(self, changes: Changes, shelves: Shelves, before: Cursor) -> Iterator[Batch]:
        """Cut what was read into bounded batches; what a series proves comes with, or after, all of it."""
        total = len(changes.groups)
        batch = Batch(cursor=before, total=total)
        for group in changes.groups:
            found, rejected = shelves.read(group)
            if batch.seen and len(batch.seen) + len(found) > BATCH:
                yield batch
                batch = Batch(cursor=before, total=total)
            while len(found) > BATCH:
                yield replace(batch, seen=found[:BATCH])
                batch, found = Batch(cursor=before, total=total), found[BATCH:]
            claims = not (changes.whole or rejected or not group.is_whole)
            batch = replace(
                batch,
                seen=(*batch.seen, *found),
                rejected=(*batch.rejected, *rejected),
                complete=(*batch.complete, *((shelves.scope(group),) if claims else ())),
                looked_at=batch.looked_at + 1,
            )
        if batch.looked_at:
            yield batch


@dataclass(frozen=True, slots=True)
class Shelves:
    """Turns the events of a series into meetings."""

    window: Window
    zone: tzinfo
    title: str = field(default="")

    def read(self, group: Group) -> tuple[tuple[MeetingSeen, ...], tuple[Rejected, ...]]:
        """Read one series or single event; its meetings are named ``id/recurrence_id``."""
        events = [event for event in group.events if is_meeting(event)]
        if not events:
            return (), ()
        shelf = Shelf(self.window, self.zone)
        shelf.put(group.name, io.BytesIO(written(events, group.uid)))
        found = [seen for meetings, _ in shelf.meetings() for seen in meetings]
        keyed = tuple(replace(seen, source_key=f"{group.name}/{seen.recurrence_id}") for seen in found)
        return keyed, tuple(self._refused(group, one.reason) for one in shelf.rejected[:1])

    def scope(self, group: Group) -> Scope:
        """Claim that this is all of a series in the window."""
        return Scope(since=self.window.since, until=self.window.until, within=f"{group.name}/")

    def _refused(self, group: Group, reason: str) -> Rejected:
        return Rejected(source_key=f"{group.name}/", reason=reason, where=f"{self.title}, event {group.name}")


def _series(changes: Changes, known: Position | None) -> dict[str, str]:
    """Give the series that are to be read again when the window moves: what is gone is none of them."""
    before: dict[str, Any] = {} if known is None or changes.whole else known.series
    gone = set(changes.gone)
    touched = {group.name: group for group in changes.groups}
    kept = {name: uid for name, uid in before.items() if f"{name}/" not in gone and name not in touched}
    missed = {name: uid for name, uid in changes.refused.items() if uid}
    return kept | missed | {name: group.uid for name, group in touched.items() if group.repeats}
