"""One source of each kind, to which items can be added; the contract suite reads them all alike."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from keepwarm.connectors.graph_calendars import CalendarSettings, GraphCalendars
from keepwarm.connectors.graph_client import GraphClient
from keepwarm.connectors.graph_mail import GraphMail, MailSettings
from keepwarm.connectors.ics import IcsConnector
from keepwarm.connectors.ics_feed import FeedConnector, FeedSettings
from keepwarm.connectors.imap import ImapConnector, ImapSettings
from keepwarm.connectors.maildir import MaildirConnector
from keepwarm.connectors.mbox import MboxConnector
from tests.calendars import connector_to, event
from tests.google import Hurried, calendar_of, gmail_of
from tests.google import event as google_event
from tests.microsoft import message, token
from tests.servers.web import Page
from tests.vcalendars import vcalendar, vevent

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from keepwarm.connectors.caldav import CaldavConnector
    from keepwarm.connectors.contract import Connector
    from keepwarm.connectors.gmail import GmailConnector
    from keepwarm.connectors.google_calendar import GoogleCalendarConnector
    from tests.microsoft import Microsoft
    from tests.servers.calendars import CalendarUser
    from tests.servers.dovecot import MailAccount
    from tests.servers.google import Google
    from tests.servers.web import Web

MANY = 1_100
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
BROKEN_MAIL = b"X-Nothing: that a mail has\r\n\r\nText\r\n"


class Source(Protocol):
    """Where a connector reads."""

    many: int  # items: more than a batch holds
    rereads: bool  # True if a change makes it hand over all items again, for storage to compare

    def connector(self) -> Connector:
        """Give a new connector to this source."""

    def add(self, numbers: Iterable[int]) -> None:
        """Add an item for each number; numbers grow from call to call."""

    def add_broken(self) -> None:
        """Add one item that is rejected."""

    def state(self) -> object:
        """Give all that a reader could have changed."""


def mail(number: int) -> bytes:
    lines = (
        "From: Ana <ana@acme.example>",
        "To: me@example.com",
        f"Subject: Message {number}",
        f"Date: {START + timedelta(minutes=number):%a, %d %b %Y %H:%M:%S} +0000",
        f"Message-ID: <{number}@acme.example>",
    )
    return "\r\n".join((*lines, "", "Hello", "")).encode()


@dataclass(slots=True)
class ImapSource:
    """A mailbox on a real server."""

    account: MailAccount
    many: int = MANY
    rereads: bool = False

    def connector(self) -> ImapConnector:
        server = self.account.server
        return ImapConnector(
            ImapSettings(
                host=server.host,
                port=server.tls_port,
                ca_file=server.ca_file,
                user=self.account.user,
                password=lambda: self.account.password,
            )
        )

    def add(self, numbers: Iterable[int]) -> None:
        self.account.deliver(*map(mail, numbers))

    def add_broken(self) -> None:
        self.account.deliver(BROKEN_MAIL)

    def state(self) -> object:
        # Where a file lies is the server's own affair; its name holds the flags.
        return sorted(name.partition(":2,")[::2] for name in self.account.files())


@dataclass(slots=True)
class MaildirSource:
    """A Maildir on disk."""

    path: Path
    many: int = MANY
    rereads: bool = False
    count: int = 0

    def __post_init__(self) -> None:
        for part in ("cur", "new", "tmp"):
            (self.path / part).mkdir(parents=True)

    def connector(self) -> MaildirConnector:
        return MaildirConnector(self.path)

    def add(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._write(mail(number))

    def add_broken(self) -> None:
        self._write(BROKEN_MAIL)

    def state(self) -> object:
        return tree(self.path)

    def _write(self, message: bytes) -> None:
        self.count += 1
        (self.path / "new" / f"{1_772_000_000 + self.count}.M{self.count}.host").write_bytes(message)


@dataclass(slots=True)
class MboxSource:
    """An mbox file."""

    path: Path
    many: int = MANY
    rereads: bool = False

    def __post_init__(self) -> None:
        self.path.touch()

    def connector(self) -> MboxConnector:
        return MboxConnector(self.path)

    def add(self, numbers: Iterable[int]) -> None:
        with self.path.open("ab") as file:
            for number in numbers:
                file.write(b"From - Sun Mar  1 09:00:00 2026\r\n" + mail(number) + b"\r\n")

    def add_broken(self) -> None:
        with self.path.open("ab") as file:
            file.write(b"From - Sun Mar  1 09:00:00 2026\r\n" + BROKEN_MAIL + b"\r\n")

    def state(self) -> object:
        return tree(self.path.parent)


@dataclass(slots=True)
class IcsSource:
    """A folder of .ics files."""

    path: Path
    many: int = MANY
    rereads: bool = True
    broken: str = field(default="BEGIN:VEVENT\r\nUID:broken\r\nDTSTART:never\r\nEND:VEVENT\r\n")

    def __post_init__(self) -> None:
        self.path.mkdir()

    def connector(self) -> IcsConnector:
        window = (START - timedelta(days=30), START + timedelta(days=90))
        return IcsConnector(self.path, lambda: window, UTC)

    def add(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            start = START + timedelta(hours=number)
            self._write(
                str(number),
                f"BEGIN:VEVENT\r\nUID:{number}\r\nDTSTART:{start:%Y%m%dT%H%M%SZ}\r\n"
                f"DTEND:{start + timedelta(minutes=30):%Y%m%dT%H%M%SZ}\r\nSUMMARY:Meeting\r\nEND:VEVENT\r\n",
            )

    def add_broken(self) -> None:
        self._write("broken", self.broken)

    def state(self) -> object:
        return tree(self.path)

    def _write(self, name: str, event: str) -> None:
        text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n{event}END:VCALENDAR\r\n"
        (self.path / f"{name}.ics").write_text(text, newline="")


@dataclass(slots=True)
class FeedSource:
    """A feed on a server of the tests' own."""

    web: Web
    rereads: bool = True
    many: int = MANY
    events: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._write()

    def connector(self) -> FeedConnector:
        window = (START - timedelta(days=30), START + timedelta(days=90))
        return FeedConnector(FeedSettings(url=self.web.url("/feed.ics")), lambda: window, UTC)

    def add(self, numbers: Iterable[int]) -> None:
        self.events += [vevent(str(number), START + timedelta(hours=number)) for number in numbers]
        self._write()

    def add_broken(self) -> None:
        self.events.append("BEGIN:VEVENT\r\nUID:broken\r\nDTSTART:never\r\nEND:VEVENT\r\n")
        self._write()

    def state(self) -> object:
        return {asked.method for asked in self.web.asked} - {"GET"}

    def _write(self) -> None:
        self.web.pages["/feed.ics"] = Page(body=vcalendar(*self.events), validators=True)


@dataclass(slots=True)
class CaldavSource:
    """A calendar on a real server."""

    user: CalendarUser
    many: int = 120  # a real server takes long to take in more
    rereads: bool = True

    def __post_init__(self) -> None:
        self.user.make_calendar("work")

    def connector(self) -> CaldavConnector:
        return connector_to(self.user.url(), self.user.user, self.user.password)

    def add(self, numbers: Iterable[int]) -> None:
        texts = {f"{number}.ics": event(str(number), start=START + timedelta(hours=number)) for number in numbers}
        self.user.fill("work", texts)

    def add_broken(self) -> None:
        self.user.put("work/broken.ics", event("broken").replace("20260302T", "99991231T"))

    def state(self) -> object:
        return self.user.state("work")


@dataclass(slots=True)
class GmailSource:
    """A mailbox at Google's fake."""

    google: Google
    many: int = 320
    rereads: bool = False

    def connector(self) -> GmailConnector:
        return gmail_of(self.google, Hurried())

    def add(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self.google.mail.deliver(mail(number), int(START.timestamp()) + 60 * number)

    def add_broken(self) -> None:
        self.google.mail.deliver(BROKEN_MAIL, int(START.timestamp()))

    def state(self) -> object:
        # A batch of questions is a POST, and changes nothing.
        asked = {(one.method, one.path) for one in self.google.asked if one.method != "GET"}
        return asked - {("POST", "/batch/gmail/v1")}, self.google.mail.newest


@dataclass(slots=True)
class GoogleCalendarSource:
    """A calendar at Google's fake."""

    google: Google
    many: int = 620
    rereads: bool = True

    def __post_init__(self) -> None:
        self.google.calendars.add("me@example.com")

    def connector(self) -> GoogleCalendarConnector:
        return calendar_of(self.google)

    def add(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._put(google_event(f"e{number}", START + timedelta(hours=number)))

    def add_broken(self) -> None:
        self._put({**google_event("broken"), "start": {"dateTime": "never"}})

    def state(self) -> object:
        return {asked.method for asked in self.google.asked} - {"GET"}

    def _put(self, event: dict[str, object]) -> None:
        self.google.calendars.put("me@example.com", event)


@dataclass(slots=True)
class GraphMailSource:
    """A mailbox at a Microsoft of the tests' own."""

    microsoft: Microsoft
    many: int = MANY
    rereads: bool = False

    def connector(self) -> GraphMail:
        client = GraphClient(self.microsoft.graph.url, token, "work")
        return GraphMail(client, MailSettings(include=("inbox",)))

    def add(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self.microsoft.mailbox.add(message(number))

    def add_broken(self) -> None:
        self.microsoft.mailbox.add({"receivedDateTime": "never"})

    def state(self) -> object:
        return [asked.method for asked in self.microsoft.graph.asked if asked.method != "GET"]


@dataclass(slots=True)
class GraphCalendarSource:
    """A calendar at a Microsoft of the tests' own."""

    microsoft: Microsoft
    many: int = MANY
    rereads: bool = True

    def connector(self) -> GraphCalendars:
        window = (START - timedelta(days=30), START + timedelta(days=90))
        client = GraphClient(self.microsoft.graph.url, token, "work")
        return GraphCalendars(client, CalendarSettings(window=lambda: window, zone=UTC))

    def add(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self.microsoft.calendars.add(START + timedelta(hours=number))

    def add_broken(self) -> None:
        self.microsoft.calendars.add(START, iCalUId="")

    def state(self) -> object:
        return [asked.method for asked in self.microsoft.graph.asked if asked.method != "GET"]


def tree(folder: Path) -> list[tuple[str, int, str]]:
    """Give the name, time and content of each file below ``folder``."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(str(file), file.stat().st_mtime_ns, hashlib.sha256(file.read_bytes()).hexdigest()) for file in files]
