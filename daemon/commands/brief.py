"""``keepwarm brief``: the cards to read before today's and tomorrow's meetings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from keepwarm.daemon import appointments
from keepwarm.daemon.failure import BadUsage
from keepwarm.daemon.opening import opened
from keepwarm.daemon.tables import show_json
from keepwarm.daemon.weekly_view import reworded
from keepwarm.storage import agenda, briefs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.daemon.session import Session
    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.agenda import MeetingView


@click.command("brief")
@click.option("--meeting", metavar="MEETING", help="Only this one, on whatever day: its id, or words of its title.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def command(session: Session, /, meeting: str | None, as_json: bool) -> None:
    """Show the cards of today's and tomorrow's meetings with people on the sonar, as far as they are not over."""
    as_of, settings = session.now(), session.configuration
    with opened(session) as workshop, workshop.database.reading() as connection:
        zone = settings.owner.timezone
        meetings = meetings_of(connection, workshop, meeting, as_of)
        view = briefs.brief(connection, meetings, as_of, zone, workshop.owner, reworded=reworded(workshop))
    if as_json:
        from keepwarm.outputs.json_views import card_row  # noqa: PLC0415

        people = {one.id: one for one in view.people.contacts}
        show_json([card_row(one, people, view.people.week_change) for one in view.meetings])
        return
    from keepwarm.outputs.brief import brief  # noqa: PLC0415 - the words, only where used
    from keepwarm.outputs.text_brief import text_brief  # noqa: PLC0415

    click.echo(text_brief(brief(view, settings.report.language)), nl=False)


def meetings_of(
    connection: Connection, workshop: Workshop, wanted: str | None, as_of: datetime
) -> Sequence[MeetingView]:
    """Give the meeting that is meant, or all of today and tomorrow that are not over. Raises BadUsage."""
    if wanted is None:
        return briefs.coming(connection, as_of, workshop.configuration.owner.timezone, workshop.owner)
    return [_named(connection, workshop, wanted, as_of)]


def _named(connection: Connection, workshop: Workshop, wanted: str, as_of: datetime) -> MeetingView:
    """Give the meeting that is meant; of several the next one. Raises BadUsage."""
    coming = [
        one
        for one in agenda.find(connection, wanted, workshop.configuration.owner.timezone)
        if one.end > as_of and not one.cancelled and not one.series
    ]
    soonest = min((one.start for one in coming), default=None)
    one = appointments.the_meeting(connection, workshop, wanted, lambda one: one.start == soonest and one in coming)
    if one.series:
        raise BadUsage(f"{one.title or one.id!r} is a whole series.", "Name one of its meetings, by its id.")
    if not briefs.people_at(connection, one, workshop.owner):
        raise BadUsage(f"None of your contacts comes to {one.title or one.id!r}.")
    return one
