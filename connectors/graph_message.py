"""A message as Graph tells it, put back into the header of a mail, so that all that reads headers reads it too.

The same mail then is the same message whether it comes by Graph or by IMAP. Where the sign-in reaches the header that
came over the internet, its fields are taken over; of what was sent, and where it does not, there are only Graph's own
properties, and less is known of who is a list or a robot.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from keepwarm.connectors.headers import HEADER_FIELDS
from keepwarm.connectors.mail import observe
from keepwarm.connectors.own_text import text_of_html
from keepwarm.connectors.robots import is_robot_address
from keepwarm.storage.observations import MessageKind, MessageSeen, Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keepwarm.connectors.graph_client import Json
    from keepwarm.connectors.own_mail import OwnMail

PROPERTIES = (
    "internetMessageId", "subject", "from", "sender", "toRecipients", "ccRecipients", "bccRecipients", "replyTo",
    "sentDateTime", "receivedDateTime", "isDraft", "inferenceClassification",
)  # fmt: skip
HEADERS = "internetMessageHeaders"
BODY = "body"

MAX_PEOPLE = 10_000
MAX_HEADERS = 1_000
MAX_VALUE = 64 * 1024  # characters of a field
_OWN_FIELDS = frozenset({"from", "to", "cc", "bcc", "subject", "message-id", "reply-to"})
_TAKEN_OVER = {name.lower(): name for name in HEADER_FIELDS if name.lower() not in _OWN_FIELDS}
_RECIPIENTS = {"To": "toRecipients", "Cc": "ccRecipients", "Bcc": "bccRecipients", "Reply-To": "replyTo"}
_BREAKS = re.compile(r"[\r\n\0]+")
_QUOTING = re.compile(r"[\"\\]")


@dataclass(frozen=True, slots=True)
class MessageMaker:
    """Makes observations of the messages of one folder."""

    where: str  # the folder's name, for people
    owner: frozenset[str]  # the owner's addresses, lower case
    own_mail: OwnMail | None = None

    def made(self, told: Json) -> tuple[MessageSeen | None, Rejected | None]:
        """Read one message; never raises for what is in it."""
        number, fields = str(told["id"]), dict(_fields(told))
        lines = [f"{name}: {value}" for name, values in fields.items() for value in values]
        seen, rejected = observe(
            "\r\n".join((*lines, "", "")).encode("utf-8", "replace"),
            source_key=number,
            where=f"{self.where}, {str(told.get('receivedDateTime') or 'a message')[:20]}",
            stored_at=moment_of(told.get("receivedDateTime")),
            size=0,
            calendar_part=None,
        )
        if seen is None:
            return None, rejected
        seen = replace(seen, kind=self._kind(seen, told))
        return (self.with_text(seen, told) if self.own_mail else seen), rejected

    def _kind(self, seen: MessageSeen, told: Json) -> MessageKind:
        if "eventMessage" in str(told.get("@odata.type", "")):
            return MessageKind.INVITATION
        if seen.kind is MessageKind.HUMAN and not told.get(HEADERS) and self._looks_sent_out(seen, told):
            return MessageKind.LIST
        return seen.kind

    def _looks_sent_out(self, seen: MessageSeen, told: Json) -> bool:
        """Tell bulk mail without its header: by where answers go, or by what Outlook puts aside and names nobody here.

        Either sign of the second kind alone is common in mail from people: a first mail of a stranger is put aside too.
        """
        if seen.author is None or seen.author.address in self.owner:
            return False
        behind = [address for name in ("sender", "replyTo") for _, address in _people(told.get(name))]
        if any(is_robot_address(address.lower()) for address in behind):
            return True
        named = {party.address for party in (*seen.to, *seen.cc, *seen.bcc)}
        return told.get("inferenceClassification") == "other" and named.isdisjoint(self.owner)

    def with_text(self, seen: MessageSeen, told: Json) -> MessageSeen:
        """Give a message with what its text says, if that is to be read."""
        body = told.get(BODY)
        if self.own_mail is None or not isinstance(body, dict) or not self.own_mail.wants(seen):
            return seen
        content = body.get("content")
        if not isinstance(content, str):
            return seen
        is_html = str(body.get("contentType", "")).lower() == "html"
        return self.own_mail.read(seen, text_of_html(content) if is_html else content)


def moment_of(text: Any) -> datetime | None:
    """Read a time as Graph writes it, "2026-03-02T09:00:00Z"; None if it is none."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text[:40])
    except ValueError:
        return None
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        return None


def _fields(told: Json) -> Iterator[tuple[str, list[str]]]:
    for name, key in (
        ("To", "toRecipients"),
        ("Cc", "ccRecipients"),
        ("Bcc", "bccRecipients"),
        ("Reply-To", "replyTo"),
    ):
        if people := _mailboxes(told.get(key)):
            yield name, [people]
    if author := _mailboxes(told.get("from")) or _mailboxes(told.get("sender")):
        yield "From", [author]
    for name, key in (("Subject", "subject"), ("Message-ID", "internetMessageId")):
        if (value := told.get(key)) and isinstance(value, str):
            yield name, [_one_line(value)]
    came = _came_along(told.get(HEADERS))
    sent = moment_of(told.get("sentDateTime"))
    if sent is not None and "Date" not in came:
        yield "Date", [format_datetime(sent)]
    yield from came.items()


def _came_along(headers: Any) -> dict[str, list[str]]:
    """Give what is read of the header that came over the internet, by name."""
    found: dict[str, list[str]] = {}
    for header in headers[:MAX_HEADERS] if isinstance(headers, list) else ():
        name, value = (header.get("name"), header.get("value")) if isinstance(header, dict) else (None, None)
        known = _TAKEN_OVER.get(name.lower()) if isinstance(name, str) else None
        if known is not None and isinstance(value, str):
            found.setdefault(known, []).append(_one_line(value))
    return found


def _mailboxes(told: Any) -> str:
    """Write one recipient, or a list of them, as an address field."""
    return ", ".join(f'"{_QUOTING.sub(" ", _one_line(name))}" <{_one_line(at)}>' for name, at in _people(told))


def _people(told: Any) -> Iterator[tuple[str, str]]:
    """Give name and address of a recipient, or of a list of them; who has no address is left out."""
    for recipient in told[:MAX_PEOPLE] if isinstance(told, list) else (told,):
        known = recipient.get("emailAddress") if isinstance(recipient, dict) else None
        if isinstance(known, dict) and isinstance(known.get("address"), str) and "@" in known["address"]:
            yield str(known.get("name") or ""), known["address"]


def _one_line(text: str) -> str:
    return _BREAKS.sub(" ", text[:MAX_VALUE])
