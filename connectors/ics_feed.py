"""Calendars by address: an iCalendar feed, fetched whole if it has changed.

The address of a feed is its password: it is in no sentence, no cursor and no stream's name.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from keepwarm.connectors.contract import Refused
from keepwarm.connectors.edition import Past, batches
from keepwarm.connectors.http import Http
from keepwarm.connectors.http_faults import place
from keepwarm.connectors.series import Window
from keepwarm.connectors.shelf import Shelf
from keepwarm.storage.observations import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime, tzinfo
    from pathlib import Path

    from keepwarm.connectors.http import Reply
    from keepwarm.storage.observations import Batch, Cursor

MAX_FEED = 20 * 1024 * 1024  # bytes, decoded
_LONGEST_VALIDATOR = 512
_NAME = "calendar"
_ACCEPT = "text/calendar, text/plain;q=0.5, */*;q=0.1"
_NEW_ADDRESS = "Copy the calendar's secret address (iCal) anew from its settings, and set url to it."
# Some servers write the time of the request into every event.
_NOISE = re.compile(rb"^DTSTAMP[^\n]*\n?", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSettings:
    """What the configuration says about one feed."""

    url: str  # https://, or http:// on loopback
    private: bool = False  # may it lead to addresses that are not public?
    ca_file: Path | None = None  # PEM, instead of the system's authorities

    def __repr__(self) -> str:
        return f"FeedSettings({place(self.url)})"


class FeedConnector:
    """Reads one feed; ``window`` and ``zone`` are as of an ``IcsConnector``."""

    def __init__(self, settings: FeedSettings, window: Callable[[], tuple[datetime, datetime]], zone: tzinfo) -> None:
        self._settings = settings
        self._window = window
        self._zone = zone
        self._http = Http(ca_file=settings.ca_file, private=settings.private)

    def streams(self) -> Sequence[Stream]:
        """Give the one stream that a feed is; nothing is fetched yet."""
        return (Stream(_NAME, holds="calendar"),)

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Batch]:
        """Fetch the feed, and read all of it if it has changed. Raises Later or Refused."""
        del stream  # there is only one
        window, past = Window(*self._window()), Past.of(cursor)
        before = cursor or {}
        moved = bool(cursor) and before.get("at") != self._address_mark()
        known = bool(past.mark) and past.is_of(window) and not moved
        reply = self._fetch(_validators(before) if known and not past.state else {})
        if reply.status == 304:
            return
        mark = self._mark(reply.body)
        if known and past.mark == mark and not past.may_recover:
            return
        shelf = Shelf(window, self._zone)
        shelf.put(_NAME, BytesIO(reply.body))
        more = {"at": self._address_mark(), **_validators_of(reply)}
        # A body that was cut off on its way is to be fetched again, whatever its ETag says.
        yield from batches(shelf, cursor, mark if shelf.whole else "", more=more, moved=moved)

    def wait(self, stream: Stream, seconds: float) -> bool:
        """Say at once that there is no hint: a feed tells nobody that it changed."""
        del stream, seconds
        return False

    def close(self) -> None:
        """Let the connection go."""
        self._http.close()

    def _fetch(self, conditions: Mapping[str, str]) -> Reply:
        """Give an answer that is a calendar, or 304. Raises Later or Refused."""
        headers = {"Accept": _ACCEPT, **conditions}
        reply = self._http.send("GET", self._settings.url, headers=headers, limit=MAX_FEED)
        where = place(reply.url)
        if reply.status in (401, 403):
            raise Refused(f"{where} does not give the calendar to whoever asks (HTTP {reply.status}).", _NEW_ADDRESS)
        if reply.status in (404, 410):
            raise Refused(
                f"{where} has no calendar at this address (HTTP {reply.status}): it was withdrawn, or is mistyped.",
                _NEW_ADDRESS,
            )
        if reply.status == 304 and conditions:
            return reply
        if reply.status != 200:
            raise Refused(f"{where} gave no calendar (HTTP {reply.status}).", _NEW_ADDRESS)
        if b"BEGIN:VCALENDAR" not in reply.body.upper():
            what = "a web page, perhaps one to sign in at," if reply.body.lstrip()[:1] == b"<" else "something else"
            raise Refused(
                f"{where} sent {what} instead of a calendar.",
                "Set url to the address of the calendar's iCalendar (.ics) form, which opens without signing in.",
            )
        return reply

    def _mark(self, body: bytes) -> str:
        digest = hashlib.sha256(f"1 {self._zone}\n".encode())
        digest.update(_NOISE.sub(b"", body))
        return digest.hexdigest()

    def _address_mark(self) -> str:
        """Tell this address from others; too short for anybody to find the address by it."""
        return hashlib.sha256(self._settings.url.encode()).hexdigest()[:8]


def _validators(cursor: Cursor) -> dict[str, str]:
    pairs = {"If-None-Match": cursor.get("etag", ""), "If-Modified-Since": cursor.get("modified", "")}
    return {name: value for name, value in pairs.items() if value}


def _validators_of(reply: Reply) -> dict[str, str]:
    pairs = {"etag": reply.headers.get("ETag", ""), "modified": reply.headers.get("Last-Modified", "")}
    return {
        name: value for name, value in pairs.items() if 0 < len(value) <= _LONGEST_VALIDATOR and value.isprintable()
    }
