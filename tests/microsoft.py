"""A Microsoft of the tests' own, whole: identity platform, Graph, a mailbox and calendars."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.servers.graph import TOKEN, Graph
from tests.servers.graph_calendar import Calendars
from tests.servers.graph_mail import Mailbox

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keepwarm.storage.observations import Batch

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
ME = "me@example.com"


@dataclass(slots=True)
class Microsoft:
    """The running servers."""

    graph: Graph = field(default_factory=Graph)
    mailbox: Mailbox = field(default_factory=Mailbox)
    calendars: Calendars = field(default_factory=Calendars)

    def __post_init__(self) -> None:
        self.graph.parts += [self.mailbox, self.calendars]

    def stop(self) -> None:
        self.graph.stop()


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
