"""The evening's question as a mail to its owner: how did those leave whom they met today?"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from keepwarm.daemon import posting
from keepwarm.daemon.enveloping import enveloped
from keepwarm.daemon.posting import Errand
from keepwarm.daemon.reflecting import left
from keepwarm.storage import agenda, briefs, thoughts
from keepwarm.storage.settings import moment
from keepwarm.storage.thoughts import KIND
from keepwarm.storage.views import AskView

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

    from keepwarm.daemon.sending import Written
    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.agenda import MeetingView
    from keepwarm.storage.outbox import Letter
    from keepwarm.storage.reflections import Met

MOST = 12
"""People whom one letter asks about."""

_AFTER = timedelta(minutes=15)
"""So long after the last meeting: it may go on a little, and who has missed it may say so."""

_USEFUL_FOR = timedelta(hours=18)
"""So long after the last meeting it is of use to ask: a machine that slept through the evening asks in the morning."""


def deliver_due(workshop: Workshop, now: datetime) -> datetime | None:
    """Send the question of a day, if it is due; give when to ask again, at the latest; None if none is wanted.

    It is due once the last meeting of a day with contacts is over, for 18 hours, if any was held of which nothing was
    said yet. To be asked after the accounts were read and judged. Raises DatabaseError.
    """
    if not workshop.configuration.reflect.mail:
        return None
    zone = workshop.configuration.owner.timezone
    today = now.astimezone(zone).date()
    midnight = datetime.combine(today + timedelta(days=1), time(0), zone)
    again = [midnight]
    for day in (today - timedelta(days=1), today):
        over = _over(workshop, day, now)
        if over is None or now >= over + _USEFUL_FOR:
            continue
        if now < over:
            again.append(over)
        elif retry_at := _deliver(workshop, day, over, now):
            again.append(retry_at)
    return min(again)


def _over(workshop: Workshop, day: date, now: datetime) -> datetime | None:
    """Give when the meetings of a day are over; None if there is none."""
    with workshop.database.reading() as connection:
        ends = [one.end for one in _meetings(connection, workshop, day, now)]
    return max(ends) + _AFTER if ends else None


def _meetings(connection: Connection, workshop: Workshop, day: date, now: datetime) -> list[MeetingView]:
    """Give the meetings with contacts that begin on a day, the first first; what lasts the whole day is none."""
    zone = workshop.configuration.owner.timezone
    begins, ends = (datetime.combine(day + timedelta(days=days), time(0), zone) for days in (0, 1))
    found = agenda.starting(connection, begins, ends, now)
    return [one for one in found if not one.all_day and briefs.is_met_at(connection, one, workshop.owner)]


def _deliver(workshop: Workshop, day: date, over: datetime, now: datetime) -> datetime | None:
    def is_wanted() -> bool:
        with workshop.database.reading() as connection:
            return bool(_people(connection, workshop, day, now))

    def write(claimed: Letter) -> Written:
        return _written(workshop, claimed, day, now)

    errand = Errand(kind=KIND, key=day.isoformat(), write=write, useful_until=over + _USEFUL_FOR)
    return posting.post_in_time(workshop, errand, now, due=over, patience=_USEFUL_FOR, is_wanted=is_wanted)


def _people(connection: Connection, workshop: Workshop, day: date, now: datetime) -> list[tuple[MeetingView, Met]]:
    """Give those of whom nothing was said yet, each with the meeting."""
    return [
        (one, person)
        for one in _meetings(connection, workshop, day, now)
        for person in left(connection, workshop, one, None, now)
    ]


def _written(workshop: Workshop, claimed: Letter, day: date, now: datetime) -> Written:
    """Write the question. Whom it asks about, and their numbers, are those of the first try. Raises NotSent."""
    # Templates: only when something is due.
    from keepwarm.outputs.html_question import html_question  # noqa: PLC0415
    from keepwarm.outputs.question import question  # noqa: PLC0415
    from keepwarm.outputs.text_question import text_question  # noqa: PLC0415

    with workshop.database.writing() as connection:
        people = _people(connection, workshop, day, now)
        asked = thoughts.ask(connection, claimed, people[:MOST])
        view = _view(connection, asked, day, workshop.configuration.owner.timezone.key, max(0, len(people) - MOST))
    this = question(view, workshop.configuration.report.language)
    settings = workshop.configuration
    return enveloped(settings, claimed, this.words, this.title, text=text_question(this), html=html_question(this))


def _view(connection: Connection, letter: Letter, day: date, zone: str, more: int) -> AskView:
    unread = thoughts.unread_answer(connection)
    return AskView(
        day=day,
        as_of=letter.as_of,
        timezone=zone,
        asked=tuple(thoughts.people_asked(connection, letter)),
        more=more,
        unread_at=moment(unread[1]) if unread else None,
        unread_why=unread[2] if unread else "",
    )
