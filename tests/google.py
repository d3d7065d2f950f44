"""Connectors to Google's fake, read as the daemon does but without waiting, and events as Google writes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from keepwarm.connectors.contract import Later
from keepwarm.connectors.gmail import GmailConnector, GmailSettings
from keepwarm.connectors.google_api import GoogleSettings
from keepwarm.connectors.google_calendar import GoogleCalendarConnector, GoogleCalendarSettings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keepwarm.connectors.contract import Connector
    from keepwarm.storage.observations import Batch, Cursor, MeetingSeen, MessageSeen
    from tests.servers.google import Google

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
WINDOW = (START - timedelta(days=30), START + timedelta(days=90))


@dataclass(slots=True)
class Clock:
    """A clock that goes on only while somebody waits."""

    now: float = 0.0
    waits: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def wait(self, later: Later) -> None:
        """Wait as long as was asked for."""
        self.waits.append(later.after.total_seconds())
        self.now += later.after.total_seconds()


@dataclass(slots=True)
class Hurried(Clock):
    """A clock that is a minute on each time somebody looks: no quota is ever used up."""

    def __call__(self) -> float:
        self.now += 60
        return self.now


def settings_of(google: Google, clock: Clock | None = None) -> GoogleSettings:
    return GoogleSettings(token=lambda refused: "any", clock=clock or Clock(), endpoint=google.url)


def gmail_of(google: Google, clock: Clock | None = None, **others: Any) -> GmailConnector:
    return GmailConnector(GmailSettings(google=settings_of(google, clock), **others))


def calendar_of(google: Google, clock: Clock | None = None, **others: Any) -> GoogleCalendarConnector:
    given: dict[str, Any] = {"window": lambda: WINDOW, "zone": UTC}
    return GoogleCalendarConnector(GoogleCalendarSettings(google=settings_of(google, clock), **given | others))


def poll(connector: Connector, cursor: Cursor | None = None) -> list[Batch]:
    """Read the first stream; whatever is put off is the caller's."""
    return list(connector.pull(connector.streams()[0], cursor))


def patiently(connector: Connector, clock: Clock, cursor: Cursor | None = None, waits: int = 20) -> list[Batch]:
    """Read the first stream as the daemon does: what is put off is waited for, and gone on with from where it was."""
    batches: list[Batch] = []
    while True:
        some, later = pulled(connector, batches[-1].cursor if batches else cursor)
        batches += some
        if later is None:
            return batches
        if len(clock.waits) >= waits:
            raise later
        clock.wait(later)


def pulled(connector: Connector, cursor: Cursor | None = None) -> tuple[list[Batch], Later | None]:
    """Read the first stream, as ``poll`` does; give what came before it was put off, and by what."""
    batches: list[Batch] = []
    try:
        batches.extend(connector.pull(connector.streams()[0], cursor))
    except Later as later:
        return batches, later
    return batches, None


def messages(batches: Iterable[Batch]) -> list[MessageSeen]:
    return [one for batch in batches for one in batch.seen]  # type: ignore[misc]


def meetings(batches: Iterable[Batch]) -> dict[str, MeetingSeen]:
    """Give the meetings by source key."""
    return {one.source_key: one for batch in batches for one in batch.seen}  # type: ignore[misc]


def letter(
    number: int,
    *more: str,
    sender: str = "Ana <ana@acme.example>",
    to: str = "me@example.com",
    at: datetime | None = None,
) -> bytes:
    at = at or START + timedelta(minutes=number)
    lines = (
        f"From: {sender}",
        f"To: {to}",
        f"Subject: Message {number}",
        f"Date: {at:%a, %d %b %Y %H:%M:%S} +0000",
        f"Message-ID: <{number}@acme.example>",
        *more,
    )
    return "\r\n".join((*lines, "", "Hello", "")).encode()


def seconds(number: int) -> int:
    """Give when a letter of this number came, in seconds since 1970."""
    return int((START + timedelta(minutes=number)).timestamp())


def moment(at: datetime) -> dict[str, str]:
    return {"dateTime": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "timeZone": "UTC"}


def event(name: str, start: datetime = START, **others: Any) -> dict[str, Any]:
    """Write an event of an hour, as Google does."""
    return {
        "kind": "calendar#event",
        "id": name,
        "iCalUID": f"{name}@google.com",
        "status": "confirmed",
        "created": "2026-01-01T00:00:00.000Z",
        "updated": "2026-01-01T00:00:00.000Z",
        "summary": f"Meeting {name}",
        "start": moment(start),
        "end": moment(start + timedelta(hours=1)),
        "sequence": 0,
        "eventType": "default",
        **others,
    }
