"""Calendars on disk: an .ics file, or a folder of them (a vdir, or exports put side by side).

A file has no history, so it is read whole whenever it changed, and what vanished shows by its absence.
Absence is claimed (``Batch.complete``) only if every file was read to its end.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from keepwarm.connectors.contentlines import components
from keepwarm.connectors.contract import Refused
from keepwarm.connectors.icalendars import BrokenCalendar, Event, event_of, identity
from keepwarm.connectors.series import Window, meetings_of
from keepwarm.connectors.zones import Zones, embedded_zones
from keepwarm.storage.observations import Batch, MeetingSeen, Rejected, Scope, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import tzinfo

    from keepwarm.connectors.contentlines import Component
    from keepwarm.storage.observations import Cursor

MAX_FILE = 100 * 1024 * 1024  # bytes
MAX_FILES = 20_000
BATCH = 500  # meetings
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_IN_SERIES = ("RRULE", "RDATE", "RECURRENCE-ID")


@dataclass(frozen=True, slots=True)
class _Found:
    """One VEVENT in a file, not yet understood."""

    component: Component
    zones: Zones
    where: str


@dataclass(slots=True)
class _Shelf:
    """All events of the stream, by UID: copies and exceptions of one meeting may lie in several files."""

    by_uid: dict[str, list[_Found]] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    whole: bool = True  # False if something could be missing, so that absence proves nothing
    past: int = 0  # events that ended before the window
    has_series: bool = False

    def count(self) -> int:
        return self.past + sum(map(len, self.by_uid.values()))

    def refuse(self, name: str, reason: str) -> None:
        """Note a file that could not be read, or not to its end."""
        self.rejected.append(Rejected(source_key=f"file:{name}", reason=reason, where=name))
        self.whole = False


class IcsConnector:
    """Reads the calendars under ``path``; ``window`` gives the span of time that is wanted, in aware UTC.

    ``zone`` is the owner's: all-day and floating times are theirs.
    """

    def __init__(self, path: Path, window: Callable[[], tuple[datetime, datetime]], zone: tzinfo) -> None:
        self._path = path
        self._window = window
        self._zone = zone

    def streams(self) -> Sequence[Stream]:
        """Give the one stream that the file or folder is. Raises Refused if it is not there."""
        self._files()
        return (Stream(self._path.name or "calendar", holds="calendar"),)

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Batch]:
        """Read everything if anything changed, else nothing. Raises Refused if the path cannot be read."""
        del stream  # there is only one
        window = Window(*self._window())
        files, unreadable = self._files()
        mark, day = self._fingerprint(files, unreadable), window.until.astimezone(UTC).date().isoformat()
        if cursor and cursor.get("files") == mark and cursor.get("day") in ("", day):
            return
        shelf = self._collect(files, unreadable, window)
        yield from _batches(shelf, window, dict(cursor or {"v": 1}), mark, day)

    def wait(self, stream: Stream, seconds: float) -> bool:
        """Say at once that there is no hint: a file tells nobody that it changed."""
        del stream, seconds
        return False

    def close(self) -> None:
        """Hold nothing, so let nothing go."""

    def _files(self) -> tuple[list[Path], list[str]]:
        """Give the calendar files, and the folders that could not be listed."""
        try:
            mode = self._path.stat().st_mode
        except FileNotFoundError:
            raise self._refused(f"there is no calendar at {self._path}") from None
        except OSError as error:
            raise self._refused(f"the calendar at {self._path} cannot be read: {error.strerror}") from error
        if stat.S_ISREG(mode):
            return [self._path], []
        if not stat.S_ISDIR(mode):
            raise self._refused(f"{self._path} is neither a file nor a folder")
        return _calendars_under(self._path)

    @staticmethod
    def _refused(why: str) -> Refused:
        return Refused(why, "Check `path` of this account; it names an .ics file or a folder of them.")

    def _name(self, file: Path) -> str:
        return file.name if file == self._path else file.relative_to(self._path).as_posix()

    def _fingerprint(self, files: Iterable[Path], unreadable: Iterable[str]) -> str:
        digest = hashlib.sha256(f"1 {self._zone}".encode())
        for file in files:
            try:
                status = file.stat()
                line = f"{self._name(file)}\0{status.st_size}\0{status.st_mtime_ns}\n"
            except OSError:
                line = f"{self._name(file)}\0gone\n"
            digest.update(line.encode("utf-8", "surrogateescape"))
        digest.update("\0".join(unreadable).encode("utf-8", "surrogateescape"))
        return digest.hexdigest()

    def _collect(self, files: list[Path], unreadable: list[str], window: Window) -> _Shelf:
        shelf = _Shelf()
        for folder in unreadable:
            shelf.refuse(folder, "the folder cannot be listed: give yourself the right to read it")
        if len(files) > MAX_FILES:
            shelf.refuse(self._path.name, f"the folder holds more than {MAX_FILES} calendar files")
        for file in files[:MAX_FILES]:
            try:
                self._read(file, shelf, window)
            except OSError as error:
                shelf.refuse(self._name(file), f"the file cannot be read: {error.strerror or 'unknown fault'}")
        return shelf

    def _read(self, file: Path, shelf: _Shelf, window: Window) -> None:
        name = self._name(file)
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            shelf.refuse(name, "this is no file: take it out of the folder")
            return
        if status.st_size > MAX_FILE:
            shelf.refuse(name, "the file is larger than 100 MB: export a shorter span of time")
            return
        with file.open("rb") as stream:
            parts = list(_near(components(stream), window, shelf))
        calendars = [part for part in parts if part.name == "VCALENDAR"]
        if not calendars:
            shelf.refuse(name, "the file is no iCalendar: export the calendar as .ics, or correct `path`")
        elif not all(calendar.ended for calendar in calendars):
            shelf.refuse(name, "the file ends in the middle: export or copy it again")
        zones = Zones(owner=self._zone, embedded=embedded_zones(p for p in parts if p.name == "VTIMEZONE"))
        for part in parts:
            if part.name == "VEVENT":
                found = _Found(part, zones, f"{name}, line {part.line}")
                shelf.by_uid.setdefault(identity(part, set()), []).append(found)


def _calendars_under(folder: Path) -> tuple[list[Path], list[str]]:
    files: list[Path] = []
    unreadable: list[str] = []
    walk = os.walk(folder, onerror=lambda error: unreadable.append(str(error.filename)), followlinks=False)
    for where, folders, names in walk:
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files.extend(Path(where, name) for name in sorted(names) if name.lower().endswith(".ics") and name[0] != ".")
    return files, unreadable


def _near(parts: Iterable[Component], window: Window, shelf: _Shelf) -> Iterator[Component]:
    """Leave out single events of long before the window: an old calendar is mostly those."""
    first = (window.since - timedelta(days=2)).strftime("%Y%m%d")
    for part in parts:
        if part.name == "VEVENT" and part.ended and _is_before(part, first):
            shelf.past += 1
        else:
            yield part


def _is_before(part: Component, day: str) -> bool:
    if any(line.upper().startswith(_IN_SERIES) for line in part.lines):
        return False
    start = next((line for line in part.lines if line.upper().startswith("DTSTART")), "")
    written = start.rpartition(":")[2][:8]
    return written.isascii() and written.isdigit() and "19900101" <= written < day


def _batches(shelf: _Shelf, window: Window, before: Cursor, mark: str, day: str) -> Iterator[Batch]:
    """Cut the shelf into batches; the cursor stays until the last, so that a broken pull starts over."""
    total, looked_at, seen = shelf.count(), shelf.past, list[MeetingSeen]()
    for found in shelf.by_uid.values():
        seen.extend(_meetings(found, shelf, window))
        looked_at += len(found)
        while len(seen) >= BATCH:
            yield Batch(seen=tuple(seen[:BATCH]), cursor=before, total=total, looked_at=looked_at)
            seen, looked_at = seen[BATCH:], 0
    yield Batch(
        seen=tuple(seen),
        complete=(Scope(since=window.since, until=window.until),) if shelf.whole else (),
        rejected=tuple(shelf.rejected),
        cursor={"v": 1, "files": mark, "day": day if shelf.has_series else ""},
        total=total,
        looked_at=looked_at,
    )


def _meetings(found: Sequence[_Found], shelf: _Shelf, window: Window) -> list[MeetingSeen]:
    """Read all events with one UID; a broken one is noted on the shelf and does not keep the others."""
    events = []
    for one in found:
        try:
            events.append(event_of(one.component, one.zones))
        except BrokenCalendar as error:
            shelf.rejected.append(_broken(one, error))
    winners = _winners(events)
    shelf.has_series = shelf.has_series or any(event.recurs for event in winners)
    try:
        meetings = list(meetings_of(winners, window))
    except BrokenCalendar as error:
        shelf.rejected.append(_broken(found[0], error))
        return []
    return [seen for seen in meetings if seen.pattern or seen.recurrence_id or seen.start >= window.since]


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
