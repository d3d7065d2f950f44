"""A week whole: all that the weekly report is made of."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from keepwarm.storage import cards, contacts, health, last_subjects, signals
from keepwarm.storage.tables import warmth_change
from keepwarm.storage.views import MEETINGS_AHEAD, WeekView

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from zoneinfo import ZoneInfo

    from sqlalchemy import Connection

    from keepwarm.storage.views import AttentionView, ContactView, DeliveryTrouble

WEEKS_SHOWN = 52
_FEW = 400


def week(
    connection: Connection,
    monday: date,
    as_of: datetime,
    *,
    owner_name: str,
    zone: ZoneInfo,
    configured: Collection[str],
    since: date | None = None,
    news_since: datetime | None = None,
    attention: AttentionView | None = None,
    trouble: DeliveryTrouble | None = None,
    reworded: frozenset[str] = frozenset(),
) -> WeekView:
    """Give the ISO week that begins on ``monday``, as of a moment within it, at its end, or later.

    ``configured`` names the accounts whose health it shows. ``since`` is the day with which the owner's week begins,
    if that is not ``monday``. What was cleared is told from ``news_since`` on.
    """
    since = since or monday
    began = datetime.combine(since, time(0), zone)
    people = contacts.views(connection, as_of)
    before = contacts.warmth_at(connection, began, None)
    lines = warmth_lines(connection, people, as_of)
    found = signals.views(connection, as_of, cleared_since=news_since or began)
    number = monday.isocalendar()
    return WeekView(
        week=f"{number.year}-W{number.week:02d}",
        since=since,
        until=since + timedelta(days=6),
        as_of=as_of,
        owner_name=owner_name,
        timezone=zone.key,
        contacts=tuple(people),
        warmth=lines,
        week_change={one.id: round(one.warmth - before.get(one.id, (0.0, ""))[0], 1) for one in people},
        signals=tuple(one for one in found if not one.hidden),
        first_read=health.first_read(connection),
        accounts=tuple(health.accounts(connection, configured)),
        left_out=health.left_out(connection),
        news_since=news_since,
        last_subjects=last_subjects.last_with(
            connection, {one.contact.id for one in found if one.cleared is None}, as_of
        ),
        cards=cards.of(connection, [one for one in people if _meets_soon(one, as_of)], as_of),
        attention=attention,
        trouble=trouble,
        reworded=reworded,
    )


def _meets_soon(one: ContactView, as_of: datetime) -> bool:
    return one.next_meeting is not None and as_of <= one.next_meeting < as_of + MEETINGS_AHEAD


def warmth_lines(
    connection: Connection, people: Sequence[ContactView], as_of: datetime
) -> dict[str, tuple[float, ...]]:
    """Give each contact's warmth at the end of each of the last 52 weeks; shorter for one known for less long."""
    moments = [as_of - timedelta(weeks=weeks) for weeks in reversed(range(WEEKS_SHOWN))]
    columns = (warmth_change.c.contact_id, warmth_change.c.at, warmth_change.c.after)
    wanted = select(*columns).where(warmth_change.c.at <= as_of)
    if len(people) <= _FEW:
        wanted = wanted.where(warmth_change.c.contact_id.in_([one.id for one in people]))
    rows = connection.execute(wanted.order_by(warmth_change.c.contact_id, warmth_change.c.seq))
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
