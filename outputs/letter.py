"""Letter: a report as one mail, its text and its HTML side by side (RFC 2046, 5.1.4), and what is attached."""

from __future__ import annotations

from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING

from keepwarm.outputs.safe_text import one_line

if TYPE_CHECKING:
    from datetime import datetime

_UNFOLDED = SMTP.clone(max_line_length=320)
"""Some programs do not find a Message-ID that stands on a line of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What a mail says on its outside."""

    sender: str  # an address
    recipient: str
    sender_name: str
    subject: str
    language: str
    message_id: str  # without angle brackets
    at: datetime  # aware
    about: str  # "report 2026-W47": for the owner's own filters


def letter(envelope: Envelope, text: str, html: str, calendar: str = "") -> bytes:
    """Give one mail (RFC 5322), its lines ended by CRLF; with ``calendar`` as an attached .ics, if there is one.

    It says of itself that a machine wrote it (RFC 3834), so that no machine answers. Raises ValueError for an address
    that is none.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(one_line(envelope.sender_name, 60), addr_spec=envelope.sender)
    mail["To"] = Address(addr_spec=envelope.recipient)
    mail["Subject"] = one_line(envelope.subject, 200)
    mail["Date"] = envelope.at
    mail["Message-ID"] = f"<{envelope.message_id}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["X-Keepwarm"] = envelope.about
    mail.set_content(text, cte=_shorter(text))
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    if calendar:
        mail.add_attachment(calendar, subtype="calendar", filename="keepwarm.ics", cte="base64")
    mail["Content-Language"] = envelope.language  # last: whoever sets a content takes the header away
    return mail.as_bytes(policy=_UNFOLDED)


def _shorter(text: str) -> str:
    """Choose how a text travels: bars and lines of block characters are longer in quoted-printable (RFC 2045, 6.7)."""
    others = len(text.encode()) - sum(map(str.isascii, text))
    return "base64" if others * 5 > len(text.encode()) else "quoted-printable"
