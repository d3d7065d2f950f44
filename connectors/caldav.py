"""Calendars on a CalDAV server (RFC 4791), read only.

Terms are those of ``multistatus`` and ``caldav_discovery``. A resource that changed is handed over whole, with the
claim that this is all of it (``Scope.within``), so that an occurrence that is missing from its series shows by its
absence; a resource that the server says was deleted is a tombstone. As days pass, occurrences of unchanged series come
into the window: series are read again when the day on which it ends is another one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from keepwarm.connectors.caldav_changes import ChangeReader, Changes
from keepwarm.connectors.caldav_cursor import BEGUN, Position
from keepwarm.connectors.caldav_discovery import Discovery
from keepwarm.connectors.caldav_resources import ResourceReader
from keepwarm.connectors.contract import ConnectorError, Later, Refused
from keepwarm.connectors.http import Http
from keepwarm.connectors.http_auth import HttpAuth
from keepwarm.connectors.series import Window
from keepwarm.connectors.webdav import StatusError, WebDav, server_of
from keepwarm.storage.observations import Batch, Gone, MeetingSeen, Rejected, Scope, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime, tzinfo
    from pathlib import Path

    from keepwarm.connectors.caldav_discovery import Calendar
    from keepwarm.connectors.caldav_resources import Resource
    from keepwarm.connectors.http_auth import Choice
    from keepwarm.storage.observations import Cursor

MULTIGET = 50  # resources
BATCH = 500  # meetings


@dataclass(frozen=True, slots=True, kw_only=True)
class CaldavSettings:
    """What the configuration says about one server; ``window`` gives the span of time that is wanted, in aware UTC."""

    url: str = field(repr=False)  # of a calendar, a home, a principal or a server
    user: str
    password: Callable[[], str] = field(repr=False)  # asked when it is needed, and forgotten with ``close``
    auth: Choice = "any"
    ca_file: Path | None = None  # PEM, instead of the system's authorities
    include: tuple[str, ...] = ("*",)  # globs over display names, stream names and paths
    exclude: tuple[str, ...] = ()
    window: Callable[[], tuple[datetime, datetime]]
    zone: tzinfo  # the owner's: all-day and floating times are theirs


class CaldavConnector:
    """One account: a stream for each of its calendars. What was discovered is kept from pull to pull."""

    def __init__(self, settings: CaldavSettings) -> None:
        self._settings = settings
        self._auth = HttpAuth(settings.user, settings.password, settings.auth)
        self._http = Http(ca_file=settings.ca_file, auth=self._auth)
        self._dav = WebDav(self._http, self._auth)
        self._discovery = Discovery(self._dav, settings.url)
        self._calendars: dict[str, Calendar] = {}
        self._fresh: set[str] = set()  # calendars whose state was listed after their last pull

    def streams(self) -> Sequence[Stream]:
        """List the calendars to read. Raises Later, SignInNeeded or Refused."""
        found = self._discovery.calendars()
        wanted = {one.name: one for one in found if self._is_wanted(one)}
        if not wanted:
            raise self._nothing(found)
        self._calendars, self._fresh = wanted, set(wanted)
        return [Stream(name, holds="calendar") for name in sorted(wanted)]

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Batch]:
        """Read what changed in a calendar, in batches; only the last moves the cursor.

        Raises Later, CursorLost, SignInNeeded or Refused.
        """
        if stream.name not in self._calendars:
            self.streams()
        calendar = self._calendars.get(stream.name)
        if calendar is None:
            raise Refused(f"There is no calendar {stream.name} any more.", "Nothing, if it was deleted.")
        try:
            yield from self._pull(calendar, cursor)
        except StatusError as error:
            raise self._explained(error, calendar) from None

    def wait(self, stream: Stream, seconds: float) -> bool:
        """Give no hint: the daemon polls."""
        del stream, seconds
        return False

    def close(self) -> None:
        """Let go of connections, and of the password; what was discovered is kept."""
        self._http.close()
        self._auth.forget()

    def _is_wanted(self, calendar: Calendar) -> bool:
        names = {calendar.title, calendar.name, calendar.path, calendar.path.strip("/")}
        chosen, left_out = (
            any(fnmatchcase(name, glob.replace("[", "[[]")) for glob in globs for name in names)
            for globs in (self._settings.include, self._settings.exclude)
        )
        return chosen and not left_out

    def _nothing(self, found: Sequence[Calendar]) -> Refused:
        server = server_of(self._settings.url)
        if not found:
            return Refused(
                f"There is no calendar with events on {server}.",
                "Make one there, or set url to the address of the calendar that is meant.",
            )
        names = ", ".join(one.title or one.name for one in found[:10])
        return Refused(
            f"None of the calendars on {server} is chosen by this account's folders.",
            f"Choose among: {names}.",
        )

    def _pull(self, calendar: Calendar, cursor: Cursor | None) -> Iterator[Batch]:
        window = Window(*self._settings.window())
        day, zone = window.until.astimezone(UTC).date().isoformat(), str(self._settings.zone)
        known = Position.of(cursor)
        if known is not None and known.zone != zone:
            known = None  # all-day and floating times are others now
        if calendar.name not in self._fresh:
            calendar = self._discovery.state(calendar)
        self._fresh.discard(calendar.name)
        has_moved = known is not None and bool(known.daily) and known.day != day
        if known is not None and _is_unchanged(calendar, known):
            if not has_moved:
                return
            changes = Changes(there=(), token=known.token, etags=known.etags)
        else:
            changes = ChangeReader(self._dav, calendar).since(known)
        after = Position(zone=zone, day=day, mark=calendar.mark, token=changes.token, etags=changes.etags)
        reading = _Reading(ResourceReader(self._dav, calendar, window, self._settings.zone), changes, known, after)
        yield from reading.batches(has_moved=has_moved, before=BEGUN if cursor is None else cursor)

    def _explained(self, error: StatusError, calendar: Calendar) -> ConnectorError:
        name, server = calendar.title or calendar.name, server_of(calendar.url)
        self._discovery.forget()
        self._calendars = {}
        if error.status in (404, 410):
            return Later(f"The calendar {name} is no longer where it was on {server}.")
        return Refused(
            f"{server} does not let the calendar {name} be read ({error.status}).",
            "If it need not be read, name it under exclude in the account's folders.",
        )


class _Reading:
    """One pull: the resources that have to be read, and what becomes of them."""

    def __init__(self, reader: ResourceReader, changes: Changes, known: Position | None, after: Position) -> None:
        self._reader = reader
        self._changes = changes
        self._known = known
        self._after = after
        self._daily = set[str]() if known is None or changes.whole else set(known.daily) - set(changes.gone)

    def batches(self, *, has_moved: bool, before: Cursor) -> Iterator[Batch]:
        """Give the batches; ``has_moved``: series are read again though they did not change."""
        names = sorted({*self._changes.there, *(self._daily if has_moved else ())})
        gone = list(self._changes.gone)
        for start in range(0, len(names), MULTIGET):
            chunk = names[start : start + MULTIGET]
            resources = list(self._reader.read(chunk))
            self._daily.difference_update(chunk)
            self._daily.update(one.name for one in resources if one.daily)
            gone += [one.name for one in resources if one.gone]
            yield from self._cut(resources, Batch(cursor=before, total=len(names), looked_at=len(chunk)))
        yield from self._last(gone, before, len(names))

    def _cut(self, resources: Sequence[Resource], batch: Batch) -> Iterator[Batch]:
        """Cut what was read into bounded batches; what a resource proves comes with, or after, all of it."""
        seen, rejected, complete = list[MeetingSeen](), list[Rejected](), list[Scope]()
        for one in resources:
            seen += one.meetings
            while len(seen) > BATCH:
                yield replace(batch, seen=tuple(seen[:BATCH]), complete=tuple(complete), rejected=tuple(rejected))
                seen, rejected, complete = seen[BATCH:], [], []
                batch = replace(batch, looked_at=0)
            if one.rejected is not None:
                rejected.append(one.rejected)
            elif not one.gone and not self._changes.whole:
                complete.append(self._scope(f"{one.name}/"))
        yield replace(batch, seen=tuple(seen), complete=tuple(complete), rejected=tuple(rejected))

    def _last(self, gone: Sequence[str], before: Cursor, total: int) -> Iterator[Batch]:
        """Say what is gone, and move the cursor: a meeting moved to another resource has been seen by now."""
        for start in range(0, len(gone) - BATCH, BATCH):
            yield Batch(gone=_tombstones(gone[start : start + BATCH]), cursor=before, total=total)
        rest = gone[len(gone) - 1 - (len(gone) - 1) % BATCH :] if gone else ()
        position = replace(self._after, daily=tuple(sorted(self._daily)))
        if not (total or gone or self._changes.whole) and position == self._known:
            return
        yield Batch(
            gone=_tombstones(rest),
            complete=(self._scope(),) if self._changes.whole else (),
            cursor=position.cursor(),
            total=total,
        )

    def _scope(self, within: str = "") -> Scope:
        window = self._reader.window
        return Scope(since=window.since, until=window.until, within=within)


def _tombstones(names: Iterable[str]) -> tuple[Gone, ...]:
    return tuple(Gone(f"{name}/") for name in names)


def _is_unchanged(calendar: Calendar, known: Position) -> bool:
    """Say whether nothing in the calendar has changed, by what the server lists of it."""
    if calendar.mark or known.mark:
        return calendar.mark == known.mark
    return bool(calendar.token) and calendar.token == known.token
