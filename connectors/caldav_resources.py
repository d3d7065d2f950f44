"""The resources of a calendar on their way to meetings: fetched in batches (RFC 4791, 7.9), or one by one.

A resource is a meeting, or a series with its exceptions (RFC 4791, 4.1). One that cannot be had or understood is
rejected, and does not keep the others.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from keepwarm.connectors.contract import Later
from keepwarm.connectors.http import TooLarge
from keepwarm.connectors.multistatus import CALDAV, BrokenAnswerError
from keepwarm.connectors.shelf import Shelf
from keepwarm.connectors.webdav import StatusError
from keepwarm.storage.observations import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import tzinfo

    from keepwarm.connectors.caldav_discovery import Calendar
    from keepwarm.connectors.series import Window
    from keepwarm.connectors.webdav import WebDav
    from keepwarm.storage.observations import MeetingSeen

MAX_RESOURCE = 8 * 1024 * 1024  # bytes
_GONE = (404, 410)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What one resource turned out to be."""

    name: str
    meetings: tuple[MeetingSeen, ...] = ()
    rejected: Rejected | None = None
    gone: bool = False
    daily: bool = False  # to be read again when the window has moved


@dataclass(slots=True)
class ResourceReader:
    """Reads the resources of one calendar; ``zone`` is the owner's."""

    dav: WebDav
    calendar: Calendar
    window: Window
    zone: tzinfo
    _multiget: bool = field(default=True)

    def read(self, names: Sequence[str]) -> Iterator[Resource]:
        """Read resources. Raises StatusError, Later, SignInNeeded or Refused if none can be had."""
        contents = self._together(names) if self._multiget and len(names) > 1 else {}
        yield from (self._understood(name, content) for name, content in contents.items() if content is not None)
        yield from (Resource(name=name, gone=True) for name, content in contents.items() if content is None)
        yield from self._one_by_one([name for name in names if name not in contents])

    def _together(self, names: Sequence[str]) -> dict[str, bytes | None]:
        """Fetch what can be had at once: the content, or None for what is gone; the rest is left out."""
        base = self.calendar.path
        try:
            found = self.dav.calendar_multiget(self.calendar.url, [base + name for name in names])
        except StatusError as error:
            if error.status in _GONE:  # not the resources, the calendar
                raise
            self._multiget = False
            return {}
        except (BrokenAnswerError, TooLarge, Later):  # one resource of them may be at fault
            return {}
        wanted, contents = set(names), dict[str, bytes | None]()
        for answer in found.answers:
            name = self.calendar.member(answer.href)
            content = answer.text(f"{CALDAV}calendar-data")
            if name in wanted and answer.status in _GONE:
                contents[name] = None
            elif name in wanted and content:
                contents[name] = content.encode("utf-8", "replace")
        return contents

    def _one_by_one(self, names: Sequence[str]) -> Iterator[Resource]:
        """Fetch each by itself; if two in a row cannot be had now, it is the server: raises Later."""
        failed = False
        for name in names:
            try:
                content = self.dav.get(urljoin(self.calendar.url, self.calendar.path + name), MAX_RESOURCE)
            except StatusError as error:
                yield self._missed(name, error.status)
            except TooLarge:
                yield self._refused(name, "it is larger than 8 MB", daily=False)
            except Later:
                if failed or len(names) == 1:
                    raise
                failed = True
                yield self._refused(name, "the server cannot hand it over", daily=True)
            else:
                failed = False
                yield self._understood(name, content)

    def _missed(self, name: str, status: int) -> Resource:
        if status in _GONE:
            return Resource(name=name, gone=True)
        return self._refused(name, f"the server does not hand it over ({status})", daily=True)

    def _refused(self, name: str, reason: str, *, daily: bool) -> Resource:
        rejected = Rejected(source_key=f"{name}/", reason=reason, where=f"{self.calendar.title}, {name}")
        return Resource(name=name, rejected=rejected, daily=daily)

    def _understood(self, name: str, content: bytes) -> Resource:
        shelf = Shelf(self.window, self.zone)
        shelf.put(name, io.BytesIO(content))
        meetings = _keyed(name, [found for found, _ in shelf.meetings()])
        if not shelf.rejected:
            return Resource(name=name, meetings=tuple(meetings), daily=shelf.has_series)
        first = shelf.rejected[0]
        reason = first.reason if shelf.whole else "it is no whole iCalendar"
        refused = self._refused(name, reason, daily=shelf.has_series)
        return replace(refused, meetings=tuple(meetings))


def _keyed(name: str, by_uid: Sequence[Sequence[MeetingSeen]]) -> Iterator[MeetingSeen]:
    """Name meetings after their resource: ``name/recurrence_id``.

    There is one UID in a resource (RFC 4791, 4.1); where a server holds more, each further one has its UID in the key.
    """
    found = sorted((meetings for meetings in by_uid if meetings), key=lambda meetings: meetings[0].ical_uid)
    for number, meetings in enumerate(found):
        prefix = f"{name}/{meetings[0].ical_uid}/" if number else f"{name}/"
        yield from (replace(seen, source_key=prefix + seen.recurrence_id) for seen in meetings)
