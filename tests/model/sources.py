"""The sources of a story: calendars in a folder, at an address or on a CalDAV server, and a Maildir."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepwarm.connectors.caldav import CaldavConnector, CaldavSettings
from keepwarm.connectors.ics import IcsConnector
from keepwarm.connectors.ics_feed import FeedConnector, FeedSettings
from keepwarm.connectors.maildir import MaildirConnector
from tests.model.play import window
from tests.model.world import ZONE
from tests.servers.web import Page

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from tests.servers.calendars import CalendarUser
    from tests.servers.web import Web


@dataclass(slots=True)
class Folder:
    """A folder with one .ics file an object."""

    path: Path

    def __post_init__(self) -> None:
        self.path.mkdir(parents=True)

    def put(self, uid: str, text: str) -> None:
        (self.path / f"{uid}.ics").write_text(text, newline="")

    def delete(self, uid: str) -> None:
        (self.path / f"{uid}.ics").unlink()

    def expire(self) -> bool:
        return False

    def connector(self) -> IcsConnector:
        return IcsConnector(self.path, window, ZONE)


@dataclass(slots=True)
class Maildir:
    """A Maildir."""

    path: Path
    count: int = 0

    def __post_init__(self) -> None:
        for part in ("cur", "new", "tmp"):
            (self.path / part).mkdir(parents=True)

    def deliver(self, raw: bytes, at: datetime) -> None:
        self.count += 1
        seconds = int(at.timestamp())
        file = self.path / "new" / f"{seconds}.M{self.count:06d}.world"
        file.write_bytes(raw)
        os.utime(file, (seconds, seconds))

    def connector(self) -> MaildirConnector:
        return MaildirConnector(self.path)


@dataclass(slots=True)
class Feed:
    """A calendar as one .ics file at an address."""

    web: Web
    path: str
    texts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._show()

    def put(self, uid: str, text: str) -> None:
        self.texts[uid] = text
        self._show()

    def delete(self, uid: str) -> None:
        del self.texts[uid]
        self._show()

    def expire(self) -> bool:
        return False

    def connector(self) -> FeedConnector:
        return FeedConnector(FeedSettings(url=self.web.url(self.path), private=True), window, ZONE)

    def _show(self) -> None:
        head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//The world//EN\r\n"
        body = "".join(map(components, self.texts.values()))
        self.web.pages[self.path] = Page(body=f"{head}{body}END:VCALENDAR\r\n".encode(), validators=True)


@dataclass(slots=True)
class Collection:
    """A calendar on a CalDAV server."""

    user: CalendarUser
    name: str

    def __post_init__(self) -> None:
        self.user.make_calendar(self.name)

    def put(self, uid: str, text: str) -> None:
        self.user.put(f"{self.name}/{uid}.ics", components(text))

    def delete(self, uid: str) -> None:
        self.user.delete(f"{self.name}/{uid}.ics")

    def expire(self) -> bool:
        """Make Radicale forget its tokens; those of Xandikos are never lost."""
        folder = self.user.server.folder / "collections" / "collection-root" / self.user.home.strip("/") / self.name
        tokens = list(folder.glob(".Radicale.cache/sync-token/*"))
        for token in tokens:
            token.unlink()
        return bool(tokens)

    def connector(self) -> CaldavConnector:
        return CaldavConnector(
            CaldavSettings(
                url=self.user.url(), user=self.user.user, password=lambda: self.user.password, include=(self.name,),
                window=window, zone=ZONE,
            )
        )  # fmt: skip


def components(text: str) -> str:
    """Give what an iCalendar object holds, without its own first and last lines."""
    return text.partition("PRODID:-//The world//EN\r\n")[2].removesuffix("END:VCALENDAR\r\n")
