"""What all sources of mail share: one mail's header and calendar part, turned into observations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keepwarm.connectors.headers import BrokenMessage, message_from_headers
from keepwarm.connectors.icalendars import BrokenCalendar
from keepwarm.connectors.imip import meetings_in
from keepwarm.storage.observations import MessageKind, Rejected

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.storage.observations import MeetingSeen, MessageSeen

_CALENDAR_HOLDERS = frozenset(
    {"text/calendar", "multipart/alternative", "multipart/mixed", "multipart/related", "multipart/signed"}
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
    calendar_part: bytes | None,
) -> tuple[MessageSeen | None, Rejected | None]:
    """Read one mail: what was seen, and what of it was broken; never raises for what is in a mail.

    ``where`` is what a person would look for; ``calendar_part`` is the decoded text/calendar part, if there
    is one. A broken one costs its meetings only: then there is a message and a Rejected.
    """
    try:
        message = message_from_headers(raw_header, source_key=source_key, stored_at=stored_at, size=size)
    except BrokenMessage as broken:
        return None, Rejected(source_key=source_key, reason=broken.reason, where=where)
    except Exception as unforeseen:  # noqa: BLE001 - one mail must never stop the mailbox it lies in
        return None, _unforeseen(unforeseen, "header", source_key, where)
    if calendar_part is None:
        return message, None
    meetings, rejected = _meetings(calendar_part, message, where)
    return replace(message, kind=MessageKind.INVITATION, meetings=meetings), rejected


def _meetings(part: bytes, message: MessageSeen, where: str) -> tuple[tuple[MeetingSeen, ...], Rejected | None]:
    sender = message.author.address if message.author else ""
    try:
        return meetings_in(part, source_key=message.source_key, sent_by=sender, at=message.at), None
    except BrokenCalendar as broken:
        return (), Rejected(source_key=message.source_key, reason=broken.reason, where=where)
    except Exception as unforeseen:  # noqa: BLE001 - see above
        return (), _unforeseen(unforeseen, "invitation", message.source_key, where)


def _unforeseen(error: Exception, part: str, source_key: str, where: str) -> Rejected:
    reason = f"Its {part} could not be read ({type(error).__name__})."
    return Rejected(source_key=source_key, reason=reason, where=where)
