"""The agenda: meetings as the command line names and shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from keepwarm.storage.identity import meeting_id
from keepwarm.storage.observations import Answer, MeetingStatus
from keepwarm.storage.sightings import Change
from keepwarm.storage.tables import address, meeting, meeting_party, meeting_revision

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime, tzinfo

    from sqlalchemy import Connection

_CHUNK = 400
_FEWEST_DIGITS = 4
_LAST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """One change of a meeting."""

    at: datetime
    change: Change
    start: datetime
    actor: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingView:
    """A meeting as it is now."""

    row: int
    id: str
    title: str
    series: bool
    start: datetime
    end: datetime
    cancelled: bool
    organizer: str  # an address, or ""
    all_day: bool
    people: tuple[str, ...]  # organiser and attendees, by address; the owner too
    declined: tuple[str, ...]  # those of them who have declined
    changes: tuple[ChangeView, ...]  # oldest first


def find(connection: Connection, wanted: str, zone: tzinfo) -> list[MeetingView]:
    """Give the meetings that ``wanted`` may mean, the newest first.

    It is an id, or at least four digits of its beginning; or words of the title and, if wished, the day
    ("2026-11-16", in ``zone``).
    """
    rows = connection.execute(select(meeting.c.id, meeting.c.ical_uid, meeting.c.recurrence_id, meeting.c.summary))
    digits = wanted.strip().lower().removeprefix("mt_")
    words = wanted.casefold().split()
    by_id: list[int] = []
    by_title: dict[int, set[str]] = {}
    for row in rows:
        if len(digits) >= _FEWEST_DIGITS and meeting_id(row.ical_uid, row.recurrence_id)[3:].startswith(digits):
            by_id.append(row.id)
        title = (row.summary or "").casefold()
        missing = {word for word in words if word not in title}
        if words and len(missing) <= 1 and (len(missing) < len(words) or _is_day(wanted)):
            by_title[row.id] = missing
    found = views(connection, [*by_id, *by_title])
    return [
        one for one in found if one.row in by_id or by_title[one.row] <= {one.start.astimezone(zone).date().isoformat()}
    ]


def ended(connection: Connection, since: datetime, until: datetime) -> list[MeetingView]:
    """Give the meetings that were over within this time, the newest first; no series' own entries."""
    rows = (
        select(meeting_revision.c.meeting_id)
        .join(meeting, meeting.c.id == meeting_revision.c.meeting_id)
        .where(meeting_revision.c.end > since, meeting_revision.c.end <= until, ~meeting.c.series)
        .distinct()
    )
    return [one for one in views(connection, connection.execute(rows).scalars()) if since < one.end <= until]


def starting(connection: Connection, since: datetime, until: datetime, as_of: datetime) -> list[MeetingView]:
    """Give the meetings that start within this time, as was known at ``as_of``, the first first; no series' entries."""
    rows = (
        select(meeting_revision.c.meeting_id)
        .join(meeting, meeting.c.id == meeting_revision.c.meeting_id)
        .where(meeting_revision.c.start >= since, meeting_revision.c.start < until, ~meeting.c.series)
        .distinct()
    )
    found = views(connection, connection.execute(rows).scalars(), as_of)
    return [one for one in reversed(found) if since <= one.start < until]


def last_with(
    connection: Connection, addresses: Collection[str], before: datetime, as_of: datetime
) -> list[MeetingView]:
    """Give the last meetings with somebody of these addresses that were over before a moment, the newest first."""
    rows = (
        select(meeting_revision.c.meeting_id)
        .join(meeting, meeting.c.id == meeting_revision.c.meeting_id)
        .join(meeting_party, meeting_party.c.revision_id == meeting_revision.c.id)
        .join(address, address.c.id == meeting_party.c.address_id)
        .where(address.c.address.in_(sorted(addresses)), meeting_revision.c.end <= before, ~meeting.c.series)
        .group_by(meeting_revision.c.meeting_id)
        .order_by(func.max(meeting_revision.c.end).desc())
        .limit(_LAST)
    )
    return [one for one in views(connection, connection.execute(rows).scalars(), as_of) if one.end <= before]


def _is_day(text: str) -> bool:
    return len(text.strip()) == len("2026-11-16") and text.strip().count("-") == 2


def views(connection: Connection, rows: Iterable[int], as_of: datetime | None = None) -> list[MeetingView]:
    """Give the meetings of these row ids of which there is something to tell, the newest first.

    With ``as_of`` they are as they were known then.
    """
    ids = sorted(set(rows))
    found: list[MeetingView] = []
    for start in range(0, len(ids), _CHUNK):
        found += _views(connection, ids[start : start + _CHUNK], as_of)
    return sorted(found, key=lambda one: (one.start, one.id), reverse=True)


def _views(connection: Connection, ids: list[int], as_of: datetime | None) -> list[MeetingView]:
    lives: dict[int, list[Any]] = {}
    mine = select(meeting_revision).where(meeting_revision.c.meeting_id.in_(ids))
    if as_of is not None:
        mine = mine.where(meeting_revision.c.at <= as_of)
    for row in connection.execute(mine.order_by(meeting_revision.c.meeting_id, meeting_revision.c.seq)):
        lives.setdefault(row.meeting_id, []).append(row)
    people: dict[int, dict[str, Any]] = {}
    last = [life[-1].id for life in lives.values()]
    named = select(meeting_party.c.revision_id, meeting_party.c.role, meeting_party.c.answer, address.c.address)
    named = named.join(address, address.c.id == meeting_party.c.address_id)
    for party in connection.execute(named.where(meeting_party.c.revision_id.in_(last))):
        people.setdefault(party.revision_id, {})[party.address] = party
    rows = connection.execute(select(meeting).where(meeting.c.id.in_(list(lives)))).all()
    return [_view(row, lives[row.id], people.get(lives[row.id][-1].id, {})) for row in rows]


def _view(row: Any, life: list[Any], people: dict[str, Any]) -> MeetingView:
    planned = [one for one in life if one.change not in (Change.PROPOSED, Change.NO_SHOW)]
    now = (planned or life)[-1]
    return MeetingView(
        row=row.id,
        id=meeting_id(row.ical_uid, row.recurrence_id),
        title=row.summary or "",
        series=row.series,
        start=now.start,
        end=now.end,
        cancelled=life[-1].status == MeetingStatus.CANCELLED.value,
        all_day=now.all_day,
        organizer=next((who for who, party in people.items() if party.role == "organizer"), ""),
        people=tuple(sorted(people)),
        declined=tuple(sorted(who for who, party in people.items() if party.answer == Answer.DECLINED)),
        changes=tuple(
            ChangeView(at=one.at, change=Change(one.change), start=one.start, actor=one.actor, why=one.why)
            for one in life
        ),
    )
