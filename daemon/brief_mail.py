"""The morning's brief as a mail to its owner, on days on which they meet somebody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from keepwarm.daemon import posting
from keepwarm.daemon.enveloping import enveloped
from keepwarm.daemon.posting import Errand
from keepwarm.daemon.web import page_state
from keepwarm.daemon.weekly_view import reworded
from keepwarm.storage import briefs

if TYPE_CHECKING:
    from keepwarm.daemon.sending import Written
    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.outbox import Letter

KIND = "brief"
_WAITS_FOR_FIRST_READ = timedelta(hours=1)
"""So long a brief waits while a new account is read for the first time."""


def deliver_due(workshop: Workshop, now: datetime) -> datetime | None:
    """Send the brief of today, if it is due; give when to ask again, at the latest; None if none is wanted.

    It is due from the hour that the settings name until the last meeting of the day is over: whoever slept so long
    needs none. To be asked after the accounts were read and judged. Raises DatabaseError.
    """
    at, zone = workshop.configuration.brief.at, workshop.configuration.owner.timezone
    if at is None:
        return None
    today = now.astimezone(zone).date()
    due = datetime.combine(today, at, zone).astimezone(UTC)
    later = datetime.combine(today + timedelta(days=1), at, zone).astimezone(UTC)
    if now < due:
        return due
    with workshop.database.reading() as connection:
        meetings = briefs.coming(connection, now, zone, workshop.owner, days=1)
    if not meetings:
        return later

    def write(claimed: Letter) -> Written:
        return _written(workshop, claimed, now)

    until = max(one.end for one in meetings)
    errand = Errand(kind=KIND, key=today.isoformat(), write=write, useful_until=until)
    again = posting.post_in_time(workshop, errand, now, due=due, patience=_WAITS_FOR_FIRST_READ)
    return min(again or later, later)


def _written(workshop: Workshop, claimed: Letter, now: datetime) -> Written:
    """Write the cards of today and tomorrow as of now. Raises NotSent and BadUsage."""
    # Templates: only when something is due.
    from keepwarm.outputs.brief import brief  # noqa: PLC0415
    from keepwarm.outputs.html_brief import html_brief  # noqa: PLC0415
    from keepwarm.outputs.text_brief import text_brief  # noqa: PLC0415

    settings = workshop.configuration
    zone = settings.owner.timezone
    with workshop.database.reading() as connection:
        meetings = briefs.coming(connection, now, zone, workshop.owner)
        view = briefs.brief(connection, meetings, now, zone, workshop.owner, reworded=reworded(workshop))
    this = brief(view, settings.report.language, page_state.origin(settings) or "")
    return enveloped(settings, claimed, this.words, this.title, text=text_brief(this), html=html_brief(this))
