"""The report as a mail to its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.daemon import sending, weekly_view
from keepwarm.daemon.sending import NotSent, Written
from keepwarm.outputs.edition import edition
from keepwarm.outputs.html_report import html_report
from keepwarm.outputs.letter import Envelope, letter
from keepwarm.outputs.tasks import tasks
from keepwarm.outputs.text_report import text_report
from keepwarm.storage import outbox
from keepwarm.storage.outbox import State

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Connection

    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.outbox import Letter


def written(workshop: Workshop, claimed: Letter, monday: date, now: datetime) -> Written:
    """Write the report of the week that begins on ``monday``, as of now.

    Raises NotSent and BadUsage.
    """
    settings = workshop.configuration
    with workshop.database.reading() as connection:
        since = _told_before(connection, claimed, now)
        week = weekly_view.view(connection, workshop, monday, now, since)
    this = edition(week, settings.report.language)
    between = sending.addresses(settings)
    text, html = text_report(this), html_report(this)
    envelope = Envelope(
        sender=between.sender,
        recipient=between.recipient,
        sender_name=this.words.say("masthead.name"),
        subject=this.title,
        language=this.words.get("language"),
        message_id=claimed.message_id,
        at=now,
        about=f"{claimed.kind} {claimed.key}",
    )
    if settings.report.via == "file":
        return Written(key=claimed.key, mail=b"", text=text, html=html)
    try:
        mail = letter(envelope, text, html, tasks(week, this.words) if settings.report.tasks else "")
    except ValueError:
        cure = "Set to in [report] to another address of yours."
        raise NotSent(f"No mail can be written to {between.recipient!r}.", cure) from None
    return Written(key=claimed.key, mail=mail, text=text, html=html)


def _told_before(connection: Connection, claimed: Letter, now: datetime) -> datetime | None:
    """Give as of when the last report that arrived was; None if none did."""
    before = [
        one.as_of
        for one in outbox.newest(connection, claimed.kind, 10)
        if one.state is State.SENT and one.key < claimed.key and one.as_of <= now
    ]
    return max(before, default=None)
