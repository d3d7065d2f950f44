"""What all sources of mail share: one mail's header and calendar part, turned into observations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keepwarm.connectors.headers import BrokenMessage, message_from_headers, reply_addresses
from keepwarm.connectors.icalendars import BrokenCalendar
from keepwarm.connectors.imip import LEFT_OUT, meetings_in
from keepwarm.connectors.robots import relays_of
from keepwarm.storage.observations import MessageKind, Rejected

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.connectors.calendar_parts import Invitation
    from keepwarm.storage.observations import MeetingSeen, MessageSeen

SEALED_REASON = "its attachment is in Outlook's own format (winmail.dat): if it is an invitation, it was not read"
_CALENDAR_HOLDERS = frozenset(
    {
        "text/calendar",
        "multipart/alternative",
        "multipart/mixed",
        "multipart/related",
        "multipart/signed",
        "application/ms-tnef",
    }
)


def may_hold_calendar(content_type: str) -> bool:
    """Say whether a mail with this Content-Type can carry an invitation (RFC 6047)."""
    return content_type.partition(";")[0].strip().lower() in _CALENDAR_HOLDERS


def observe(
    raw_header: bytes,
    *,
    source_key: str,
    where: str,
    stored_at: datetime | None,
    size: int,
    calendar_part: Invitation | None,
) -> tuple[MessageSeen | None, Rejected | None]:
    """Read one mail: what was seen, and what of it was broken; never raises for what is in a mail.

    ``where`` is what a person would look for; ``calendar_part`` is the text/calendar part, if there
    is one. A broken one, or one in a format that is not read, costs its meetings only: then there is a message
    and a Rejected.
    """
    try:
        message = message_from_headers(raw_header, source_key=source_key, stored_at=stored_at, size=size)
    except BrokenMessage as broken:
        return None, Rejected(source_key=source_key, reason=broken.reason, where=where)
    except Exception as unforeseen:  # noqa: BLE001 - one mail must never stop the mailbox it lies in
        return None, _unforeseen(unforeseen, "header", source_key, where)
    if calendar_part is None:
        return message, None
    if calendar_part.sealed:
        return message, Rejected(source_key=source_key, reason=SEALED_REASON, where=where)
    meetings, rejected = _meetings(calendar_part, message, raw_header, where)
    return replace(message, kind=MessageKind.INVITATION, meetings=meetings), rejected


def _meetings(
    part: Invitation, message: MessageSeen, raw_header: bytes, where: str
) -> tuple[tuple[MeetingSeen, ...], Rejected | None]:
    sender = message.author.address if message.author else ""
    by_service = relays_of(sender) is not None
    try:
        meetings = meetings_in(
            part.utf8,
            source_key=message.source_key,
            sent_by=sender,
            at=message.at,
            method=part.method,
            subject=message.subject,
            reply_to=reply_addresses(raw_header) if by_service else (),
            recipients=frozenset(party.address for party in (*message.to, *message.cc)),
        )
    except BrokenCalendar as broken:
        return (), Rejected(source_key=message.source_key, reason=broken.reason, where=where)
    except Exception as unforeseen:  # noqa: BLE001 - see above
        return (), _unforeseen(unforeseen, "invitation", message.source_key, where)
    if any(LEFT_OUT in seen.flaws for seen in meetings):
        reason = "some of the events in this invitation could not be read; the others were"
        return meetings, Rejected(source_key=message.source_key, reason=reason, where=where)
    return meetings, None


def _unforeseen(error: Exception, part: str, source_key: str, where: str) -> Rejected:
    reason = f"Its {part} could not be read ({type(error).__name__})."
    return Rejected(source_key=source_key, reason=reason, where=where)
