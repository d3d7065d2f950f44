"""A week whole: all that the weekly report is made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, func, select, type_coerce

from keepwarm.storage import cards, contacts, health, last_subjects, signals
from keepwarm.storage.column_types import to_microseconds
from keepwarm.storage.tables import warmth_change
from keepwarm.storage.views import MEETINGS_AHEAD, WeekView

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from zoneinfo import ZoneInfo

    from sqlalchemy import ColumnElement, Connection

    from keepwarm.storage.views import AttentionView, ContactView, DeliveryTrouble

WEEKS_SHOWN = 52
_FEW = 400
_WEEK, _MICROSECOND = timedelta(weeks=1), timedelta(microseconds=1)


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
    told: Callable[[WeekView], Collection[str]] | None = None,
) -> WeekView:
    """Give the ISO week that begins on ``monday``, as of a moment within it, at its end, or later.

    ``configured`` names the accounts whose health it shows. ``since`` is the day with which the owner's week begins,
    if that is not ``monday``. What was cleared is told from ``news_since`` on. Evidence and last subjects are those of
    the contacts that ``told`` chooses, once all else is known; without it, of everybody.
    """
    since = since or monday
    began = datetime.combine(since, time(0), zone)
    people = contacts.views(connection, as_of)
    before = contacts.warmth_at(connection, began, None)
    lines = warmth_lines(connection, people, as_of)
    found = signals.views(connection, as_of, cleared_since=news_since or began, cited=told is None)
    number = monday.isocalendar()
    this = WeekView(
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
        cards=cards.of(connection, [one for one in people if _meets_soon(one, as_of)], as_of, zone),
        attention=attention,
        trouble=trouble,
        reworded=reworded,
    )
    chosen = {one.contact.id for one in this.signals if one.cleared is None} if told is None else set(told(this))
    subjects = last_subjects.last_with(connection, chosen, as_of)
    if told is None:
        return replace(this, last_subjects=subjects)
    cited = signals.with_evidence(connection, this.signals, chosen)
    return replace(this, last_subjects=subjects, signals=tuple(cited))


def _meets_soon(one: ContactView, as_of: datetime) -> bool:
    return one.next_meeting is not None and as_of <= one.next_meeting < as_of + MEETINGS_AHEAD


def warmth_lines(
    connection: Connection, people: Sequence[ContactView], as_of: datetime
) -> dict[str, tuple[float, ...]]:
    """Give each contact's warmth at the end of each of the last 52 weeks; shorter for one known for less long."""
    first = as_of - timedelta(weeks=WEEKS_SHOWN - 1)
    only = [one.id for one in people] if len(people) <= _FEW else None
    found: dict[str, list[float]] = {one.id: [] for one in people}
    for who, (value, _) in contacts.warmth_at(connection, first, only).items():
        if who in found:
            found[who].append(value)
    weeks_before = {who: 1 if values else 0 for who, values in found.items()}
    for who, week_number, after in _ends_of_weeks(connection, first, as_of, only):
        if (values := found.get(who)) is None:
            continue
        if values:
            values += [values[-1]] * (week_number - weeks_before[who])
        values.append(after)
        weeks_before[who] = week_number + 1
    return {who: (*values, *values[-1:] * (WEEKS_SHOWN - weeks_before[who])) for who, values in found.items()}


def _ends_of_weeks(
    connection: Connection, first: datetime, as_of: datetime, only: Sequence[str] | None
) -> Iterator[tuple[str, int, float]]:
    """Give contact, week from 1 on, and warmth at its end, where it changed in the week; in the order of time.

    A week is what lies between two moments, the later one included. The database sorts it out: a ledger has hundreds
    of lines for each contact.
    """
    columns, week_number = warmth_change.c, _week_of(connection, first)
    inside = [columns.at > first, columns.at <= as_of]
    if only is not None:
        inside.append(columns.contact_id.in_(only))
    last = (
        select(columns.contact_id, week_number.label("week"), func.max(columns.seq).label("seq"))
        .where(*inside)
        .group_by(columns.contact_id, week_number)
        .subquery()
    )
    same = (columns.contact_id == last.c.contact_id) & (columns.seq == last.c.seq)
    wanted = select(last.c.contact_id, last.c.week, columns.after).join_from(last, warmth_change, same)
    for who, number, after in connection.execute(wanted.order_by(last.c.contact_id, last.c.week)):
        yield who, int(number), after


def _week_of(connection: Connection, first: datetime) -> ColumnElement[Any]:
    """Number the week of a line of the ledger that is later than ``first``, from 1 on."""
    if connection.dialect.name == "postgresql":
        return func.ceil(func.extract("epoch", warmth_change.c.at - first) / _WEEK.total_seconds())
    microseconds = type_coerce(warmth_change.c.at, BigInteger) - to_microseconds(first)
    return (microseconds + (_WEEK // _MICROSECOND - 1)) // (_WEEK // _MICROSECOND)
