"""A Microsoft of the tests' own, whole: identity platform, Graph, a mailbox and calendars."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from keepwarm.connectors.graph_attendance import AttendanceSettings, GraphAttendance
from keepwarm.connectors.graph_calendars import CalendarSettings, GraphCalendars
from keepwarm.connectors.graph_client import GraphClient
from keepwarm.connectors.graph_mail import GraphMail, MailSettings
from keepwarm.storage import schema
from keepwarm.storage.database import Database
from tests.servers.graph import READ_BASIC, TOKEN, Graph
from tests.servers.graph_calendar import Calendars
from tests.servers.graph_calls import ATTENDANCE, Calls
from tests.servers.graph_mail import Mailbox
from tests.storage.world import Store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from keepwarm.connectors.contract import Connector
    from keepwarm.storage.observations import Batch, Cursor

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
ME = "me@example.com"


@dataclass(slots=True)
class Microsoft:
    """The running servers."""

    graph: Graph = field(default_factory=Graph)
    mailbox: Mailbox = field(default_factory=Mailbox)
    calendars: Calendars = field(default_factory=Calendars)
    calls: Calls = field(default_factory=Calls)

    def __post_init__(self) -> None:
        self.graph.parts += [self.mailbox, self.calendars, self.calls]

    def mail(self, **settings: Any) -> GraphMail:
        """Give a new connector to the mailbox."""
        return GraphMail(GraphClient(self.graph.url, token, "work"), MailSettings(**settings))

    def calendar(self, day: int = 0, **settings: Any) -> GraphCalendars:
        """Give a new connector to the calendars, ``day`` days after START."""
        window = (START + timedelta(days=day - 400), START + timedelta(days=day + 120))
        given = {"window": lambda: window, "zone": UTC, "owner": frozenset({ME}), **settings}
        return GraphCalendars(GraphClient(self.graph.url, token, "work"), CalendarSettings(**given))

    def attendance(self, now: datetime) -> GraphAttendance:
        """Give a new connector to the attendance reports."""
        self.graph.scopes_of[TOKEN] = READ_BASIC | ATTENDANCE
        settings = AttendanceSettings(now=lambda: now, zone=UTC, owner=frozenset({ME}))
        return GraphAttendance(GraphClient(self.graph.url, token, "work"), settings)

    def stop(self) -> None:
        self.graph.stop()


@dataclass(slots=True)
class Reading:
    """A database into which one stream is read again and again, as the daemon does."""

    folder: Path
    owner: str = ME
    store: Store = field(init=False)
    cursors: dict[str, Cursor | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        database = Database(f"sqlite:///{self.folder / 'keepwarm.db'}")
        schema.upgrade(database)
        self.store = Store(database, owner=frozenset({self.owner}))

    def poll(self, connector: Connector, name: str = "calendar", now: datetime = START) -> list[Batch]:
        """Pull one stream to its end, and store it."""
        [stream] = [one for one in connector.streams() if one.name == name]
        lease = self.store.ingest.begin(self.store.stream(name))
        batches = []
        for batch in connector.pull(stream, self.cursors.get(name)):
            self.store.ingest.store(lease, batch, now)
            self.cursors[name] = batch.cursor
            batches.append(batch)
        self.store.ingest.finish(lease, now)
        return batches


def pull(connector: Connector, cursor: Cursor | None = None, name: str = "inbox") -> list[Batch]:
    """Pull one stream to its end."""
    [stream] = [one for one in connector.streams() if one.name == name]
    return list(connector.pull(stream, cursor))


def token(fresh: bool = False) -> str:
    """Give a token that the fake knows."""
    del fresh
    return TOKEN


def person(address: str, name: str = "") -> dict[str, Any]:
    """Write a recipient."""
    return {"emailAddress": {"name": name or address.partition("@")[0].title(), "address": address}}


def message(number: int, sender: str = "ana@acme.example", to: Iterable[str] = (ME,), **more: Any) -> dict[str, Any]:
    """Write a message as Graph has it."""
    at = START + timedelta(minutes=number)
    return {
        "internetMessageId": f"<{number}@acme.example>",
        "subject": f"Message {number}",
        "from": person(sender),
        "sender": person(sender),
        "toRecipients": [person(address) for address in to],
        "ccRecipients": [],
        "bccRecipients": [],
        "replyTo": [],
        "sentDateTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "receivedDateTime": f"{at + timedelta(seconds=2):%Y-%m-%dT%H:%M:%SZ}",
        "inferenceClassification": "focused",
        "body": {"contentType": "text", "content": "Hello"},
        **more,
    }


def attendee(address: str, response: str = "none", **more: Any) -> dict[str, Any]:
    """Write an attendee."""
    status = {"response": response, "time": "2026-02-02T10:00:00Z"}
    return {"type": "required", "status": status, **person(address), **more}


def keys(batches: Iterable[Batch]) -> list[str]:
    """Give the keys of all that was seen, in order."""
    return [item.source_key for batch in batches for item in batch.seen]


def gone(batches: Iterable[Batch]) -> list[str]:
    """Give the keys of all tombstones."""
    return [item.source_key for batch in batches for item in batch.gone]
