"""A mail's header, read into the facts of one message.

Whatever bytes are given, the outcome is a MessageSeen or BrokenMessage. All sizes and counts are bounded: a
header is written by strangers.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING

from keepwarm.connectors.absence import away_until, is_apology
from keepwarm.connectors.addresses import parties
from keepwarm.connectors.bulk import BULK_FIELDS, kind_of
from keepwarm.connectors.dates import parse_date, sent_at
from keepwarm.connectors.fields import split_fields
from keepwarm.connectors.words import readable
from keepwarm.storage.observations import MessageKind, MessageSeen

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.connectors.fields import Fields
    from keepwarm.storage.observations import Party

HEADER_FIELDS: tuple[str, ...] = (
    "From",
    "To",
    "Cc",
    "Bcc",
    "Subject",
    "Date",
    "Received",
    "Message-ID",
    "References",
    "Reply-To",
    *BULK_FIELDS,
)
"""All that is read of a header; a connector need not fetch more."""

MAX_REFERENCES = 50
MAX_ID = 998  # the longest line of a mail (RFC 5322, 2.1.1)
MAX_SUBJECT = 998
_MAX_RECEIVED = 10  # topmost Received fields that are looked at for a date

_WANTED = frozenset(field.lower() for field in HEADER_FIELDS)
_MESSAGE_ID = re.compile(r"<([^<>]+)>")
# What stays the same wherever the same mail is found.
_LARGEST_SIZE = 2**31 - 1  # as large as a column holds
_IDENTITY = ("from", "to", "cc", "subject", "date", "references", "in-reply-to")


class BrokenMessage(Exception):
    """A header tells too little to be a message; the text is one sentence without the header's content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def message_from_headers(raw: bytes, *, source_key: str, stored_at: datetime | None, size: int) -> MessageSeen:
    """Read the header block ``raw``; what follows its first blank line is ignored.

    ``stored_at`` is the source's own time of the message (INTERNALDATE, delivery time), aware; ``size`` is
    in bytes.

    Raises BrokenMessage if there is no header, or no time that can be believed.
    """
    fields = split_fields(raw, _WANTED)
    if not fields:
        raise BrokenMessage("It has no header of a mail.")
    date = parse_date(_first(fields, "date"))
    at = sent_at(date, _received_at(fields), stored_at)
    if at is None:
        raise BrokenMessage("It has no date that can be believed.")
    author = next(iter(_people(fields, "from")[0]), None)
    to, cc, bcc = (_people(fields, name) for name in ("to", "cc", "bcc"))
    subject = readable(_first(fields, "subject"), MAX_SUBJECT)
    message_id = _message_id(_first(fields, "message-id"))
    address = author.address if author else ""
    kind = kind_of(fields, author=address, subject=subject)
    return MessageSeen(
        source_key=source_key,
        dedupe_key=_dedupe_key(fields, message_id, address, date),
        message_id=message_id,
        references=_references(fields),
        at=at,
        author=author,
        to=to[0],
        cc=cc[0],
        bcc=bcc[0],
        recipients=to[1] + cc[1] + bcc[1],
        subject=subject,
        size=min(max(size, 0), _LARGEST_SIZE),
        kind=kind,
        away_until=away_until(subject, at) if kind is MessageKind.OUT_OF_OFFICE else None,
        apology=kind is MessageKind.HUMAN and is_apology(subject),
    )


def reply_addresses(raw: bytes) -> frozenset[str]:
    """Give the addresses of a header's Reply-To."""
    return frozenset(party.address for party in _people(split_fields(raw, {"reply-to"}), "reply-to")[0])


def _first(fields: Fields, name: str) -> str:
    values = fields.get(name)
    return values[0] if values else ""


def _people(fields: Fields, name: str) -> tuple[tuple[Party, ...], int]:
    values = fields.get(name)
    return parties(", ".join(values)) if values else ((), 0)


def _received_at(fields: Fields) -> datetime | None:
    """Give the newest date in the trace (RFC 5321, 4.4): the one of the server that took the mail in."""
    for value in fields.get("received", ())[:_MAX_RECEIVED]:
        moment = parse_date(value.rpartition(";")[2])
        if moment:
            return moment
    return None


def _message_id(text: str) -> str:
    """Give the id without its brackets and without white space from folding; "" if there is none."""
    bracketed = _MESSAGE_ID.search(text)
    return _without_spaces(bracketed[1] if bracketed else text.strip("<>"))[:MAX_ID]


def _references(fields: Fields) -> tuple[str, ...]:
    """Give the thread's ids, oldest first: its first message and the newest ones, if there are too many."""
    if "references" not in fields and "in-reply-to" not in fields:
        return ()
    found = [_without_spaces(ref)[:MAX_ID] for ref in _MESSAGE_ID.findall(_first(fields, "references"))]
    replied_to = _MESSAGE_ID.search(_first(fields, "in-reply-to"))
    if replied_to:
        last = _without_spaces(replied_to[1])[:MAX_ID]
        if not found or found[-1] != last:
            found.append(last)
    if len(found) > MAX_REFERENCES:
        found = [found[0], *found[1 - MAX_REFERENCES :]]
    return tuple(ref for ref in found if ref)


def _without_spaces(text: str) -> str:
    return "".join(text.split())


def _dedupe_key(fields: Fields, message_id: str, author: str, date: datetime | None) -> str:
    """Name the mail, so that it has the same name in each place where a copy lies."""
    when = date.isoformat() if date else _without_spaces(_first(fields, "date"))
    if message_id:
        identity = ["id", message_id, author, when]
    else:
        identity = ["fields", when]
        identity += (name + ":" + _without_spaces("".join(fields.get(name, ()))) for name in _IDENTITY)
        if not when:  # nothing else keeps two notices with the same text apart
            identity.append(_without_spaces(_first(fields, "received")))
    return sha256("\0".join(identity).encode("utf-8", "backslashreplace")).hexdigest()[:32]
