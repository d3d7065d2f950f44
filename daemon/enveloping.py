"""Enveloping: a letter to the owner as it goes out, by whichever way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.daemon import sending
from keepwarm.daemon.sending import NotSent, Written
from keepwarm.outputs.letter import Envelope, letter

if TYPE_CHECKING:
    from keepwarm.daemon.settings import Configuration
    from keepwarm.outputs.wording import Wording
    from keepwarm.storage.outbox import Letter


def enveloped(
    settings: Configuration, claimed: Letter, words: Wording, subject: str, *, text: str, html: str, calendar: str = ""
) -> Written:
    """Put the two texts of a letter into an envelope, from one of the owner's addresses to another.

    Raises NotSent if one of them is none.
    """
    name = f"{claimed.kind}-{claimed.key}"
    if settings.report.via == "file":
        return Written(name=name, mail=b"", text=text, html=html)
    between = sending.addresses(settings)
    envelope = Envelope(
        sender=between.sender,
        recipient=between.recipient,
        sender_name=words.say("masthead.name"),
        subject=subject,
        language=words.get("language"),
        message_id=claimed.message_id,
        at=claimed.as_of,
        about=f"{claimed.kind} {claimed.key}",
    )
    try:
        mail = letter(envelope, text, html, calendar)
    except ValueError:
        cure = "Set to in [report] to another address of yours."
        raise NotSent(f"No mail can be written to {between.recipient!r}.", cure) from None
    return Written(name=name, mail=mail, text=text, html=html)
