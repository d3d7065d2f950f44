"""Warmth by week: what each contact's was when a calendar week ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from keepwarm.storage.contacts import warmth_at
from keepwarm.storage.tables import contact, warmth_change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import tzinfo

    from sqlalchemy import Connection

WEEKS = 104
"""So many weeks back it goes: two years; the feed has every step since the first."""

_ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmthWeek:
    """A contact at the end of a week."""

    contact_id: str
    name: str
    week: str  # ISO 8601, "2026-W47"
    ends: date  # its Sunday
    warmth: float
    band: str


class _Week(NamedTuple):
    name: str
    sunday: date
    ended: datetime


class _Step(NamedTuple):
    at: datetime
    warmth: float
    band: str


def of(connection: Connection, as_of: datetime, zone: tzinfo) -> Iterator[WarmthWeek]:
    """Give the last weeks that are over, of each contact whose warmth was known by then: by contact id, then week.

    A week is over with its Sunday, in ``zone``; so what is given of it changes only if older mail comes to light. They
    are given while they are read: the ledger of a large mailbox is never held whole.
    """
    weeks = _ended(as_of, zone)
    before = warmth_at(connection, weeks[0].ended, None)
    columns = warmth_change.c
    steps = (
        select(contact.c.id, contact.c.name, columns.at, columns.after, columns.band)
        .outerjoin(
            warmth_change,
            (columns.contact_id == contact.c.id) & (columns.at > weeks[0].ended) & (columns.at <= weeks[-1].ended),
        )
        .order_by(contact.c.id, columns.seq)
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    for (who, name), rows in groupby(connection.execute(steps), key=lambda row: (row.id, row.name)):
        first = [_Step(weeks[0].ended, *before[who])] if who in before else []
        changes = (_Step(row.at, row.after, row.band) for row in rows if row.at is not None)
        for week, step in _at_ends(weeks, first, changes):
            yield WarmthWeek(
                contact_id=who, name=name, week=week.name, ends=week.sunday, warmth=step.warmth, band=step.band
            )


def _ended(as_of: datetime, zone: tzinfo) -> list[_Week]:
    today = as_of.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    found = []
    for back in range(WEEKS, 0, -1):
        sunday = monday - timedelta(weeks=back - 1, days=1)
        number = sunday.isocalendar()
        ended = datetime.combine(sunday + timedelta(days=1), time(0), zone)
        found.append(_Week(f"{number.year}-W{number.week:02d}", sunday, ended))
    return found


def _at_ends(weeks: Sequence[_Week], first: list[_Step], changes: Iterable[_Step]) -> Iterator[tuple[_Week, _Step]]:
    """Give the last step before the end of each week."""
    last = first[0] if first else None
    coming = iter(changes)
    following = next(coming, None)
    for week in weeks:
        while following is not None and following.at <= week.ended:
            last, following = following, next(coming, None)
        if last is not None:
            yield week, last
