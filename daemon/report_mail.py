"""The report as a mail to its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.daemon import weekly_view
from keepwarm.daemon.enveloping import enveloped
from keepwarm.daemon.web import page_state
from keepwarm.outputs.edition import edition
from keepwarm.outputs.html_report import html_report
from keepwarm.outputs.tasks import tasks
from keepwarm.outputs.text_report import text_report
from keepwarm.storage import outbox
from keepwarm.storage.outbox import State

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Connection

    from keepwarm.daemon.sending import Written
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
    this = edition(week, settings.report.language, page_state.origin(settings) or "")
    calendar = tasks(week, this.words) if settings.report.tasks else ""
    text, html = text_report(this), html_report(this)
    return enveloped(settings, claimed, this.words, this.title, text=text, html=html, calendar=calendar)


def _told_before(connection: Connection, claimed: Letter, now: datetime) -> datetime | None:
    """Give as of when the last report that arrived was; None if none did."""
    before = [
        one.as_of
        for one in outbox.newest(connection, claimed.kind, 10)
        if one.state is State.SENT and one.key < claimed.key and one.as_of <= now
    ]
    return max(before, default=None)
