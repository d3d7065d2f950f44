"""Briefs: some meetings, with what to have in mind before each of them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from keepwarm.storage import agenda, cards, contacts, signals
from keepwarm.storage.reflections import met
from keepwarm.storage.views import BriefView, WeekView
from keepwarm.storage.weeks import warmth_lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from sqlalchemy import Connection

    from keepwarm.storage.agenda import MeetingView

DAYS = 2
"""Today's meetings, and tomorrow's."""

_MOST_PEOPLE = 20
"""Who is in a meeting with more, as in an assembly, is not met there."""


def coming(
    connection: Connection, as_of: datetime, zone: ZoneInfo, own: frozenset[str], days: int = DAYS
) -> list[MeetingView]:
    """Give the meetings with contacts, of today and the days after, that are not over, the first first."""
    midnight = datetime.combine(as_of.astimezone(zone).date(), time(0), zone)
    # Yesterday too: what began before midnight may go on.
    until = datetime.combine(midnight.date() + timedelta(days=days), time(0), zone)
    found = agenda.starting(connection, midnight - timedelta(days=1), until, as_of)
    return [one for one in found if one.end > as_of and is_met_at(connection, one, own)]


def is_met_at(connection: Connection, one: MeetingView, own: frozenset[str]) -> bool:
    """Tell whether the owner is to meet contacts there, as far as is known."""
    if one.cancelled or own & set(one.declined) or len(one.people) > _MOST_PEOPLE:
        return False
    return bool(people_at(connection, one, own))


def people_at(connection: Connection, one: MeetingView, own: frozenset[str]) -> list[str]:
    """Give the contacts, by id, who come there and have not declined."""
    return [who.contact for who in met(connection, [who for who in one.people if who not in own | {*one.declined}])]


def brief(
    connection: Connection,
    meetings: Sequence[MeetingView],
    as_of: datetime,
    zone: ZoneInfo,
    own: frozenset[str],
    *,
    reworded: frozenset[str] = frozenset(),
) -> BriefView:
    """Give these meetings, each with the cards of its contacts, the warmest first.

    ``reworded`` names the rules whose words are the owner's own.
    """
    there = {one.row: people_at(connection, one, own) for one in meetings}
    wanted = sorted({who for some in there.values() for who in some})
    people = contacts.views(connection, as_of, wanted)
    today = as_of.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    number = monday.isocalendar()
    before = contacts.warmth_at(connection, as_of - timedelta(days=7), wanted)
    week = WeekView(
        week=f"{number.year}-W{number.week:02d}",
        since=monday,
        until=monday + timedelta(days=6),
        as_of=as_of,
        owner_name="",
        timezone=zone.key,
        contacts=tuple(people),
        warmth=warmth_lines(connection, people, as_of),
        week_change={one.id: round(one.warmth - before.get(one.id, (0.0, ""))[0], 1) for one in people},
        signals=tuple(one for one in signals.views(connection, as_of, contacts=wanted) if not one.hidden),
        accounts=(),
        left_out={},
        reworded=reworded,
    )
    return BriefView(
        people=week,
        meetings=tuple(
            cards.gathering(connection, one, [who for who in people if who.id in there[one.row]], as_of, zone)
            for one in meetings
        ),
    )
