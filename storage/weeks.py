"""A week whole: all that the weekly report is made of."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from keepwarm.storage import contacts, health, signals
from keepwarm.storage.tables import warmth_change
from keepwarm.storage.views import WeekView

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from zoneinfo import ZoneInfo

    from sqlalchemy import Connection

    from keepwarm.storage.views import ContactView

WEEKS_SHOWN = 52


def week(
    connection: Connection,
    monday: date,
    as_of: datetime,
    *,
    owner_name: str,
    zone: ZoneInfo,
    configured: Collection[str],
) -> WeekView:
    """Give the ISO week that begins on ``monday``, as of a moment within it or at its end.

    ``configured`` names the accounts whose health it shows.
    """
    began = datetime.combine(monday, time(0), zone)
    people = contacts.views(connection, as_of)
    before = contacts.warmth_at(connection, began, None)
    lines = _lines(connection, people, as_of)
    number = monday.isocalendar()
    return WeekView(
        week=f"{number.year}-W{number.week:02d}",
        since=monday,
        until=monday + timedelta(days=6),
        as_of=as_of,
        owner_name=owner_name,
        timezone=zone.key,
        contacts=tuple(people),
        warmth=lines,
        week_change={one.id: round(one.warmth - before.get(one.id, (0.0, ""))[0], 1) for one in people},
        signals=tuple(one for one in signals.views(connection, as_of, cleared_since=began) if not one.hidden),
        first_read=health.first_read(connection),
        accounts=tuple(health.accounts(connection, configured)),
        left_out=health.left_out(connection),
    )


def _lines(connection: Connection, people: Sequence[ContactView], as_of: datetime) -> dict[str, tuple[float, ...]]:
    """Give each contact's warmth at the end of each of the last 52 weeks; shorter for one known for less long."""
    moments = [as_of - timedelta(weeks=weeks) for weeks in reversed(range(WEEKS_SHOWN))]
    columns = (warmth_change.c.contact_id, warmth_change.c.at, warmth_change.c.after)
    rows = connection.execute(
        select(*columns).where(warmth_change.c.at <= as_of).order_by(warmth_change.c.contact_id, warmth_change.c.seq)
    )
    found: dict[str, list[float]] = {one.id: [] for one in people}
    last: dict[str, tuple[int, float]] = {}
    for row in rows:
        if row.contact_id not in found:
            continue
        index, value = last.get(row.contact_id, (0, -1.0))
        while index < WEEKS_SHOWN and moments[index] < row.at:
            if value >= 0:
                found[row.contact_id].append(value)
            index += 1
        last[row.contact_id] = (index, row.after)
    for one, (index, value) in last.items():
        found[one] += [value] * (WEEKS_SHOWN - index)
    return {one: tuple(values) for one, values in found.items()}
