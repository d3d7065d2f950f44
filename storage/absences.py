"""Absences: when the owner and the contacts were, or will be, away, step by step as it became known.

Three things tell of one: an auto-reply (see auto_replies.py); a time in a calendar that says "out of office", of the
owner if nobody else takes part in it, of a contact if they sent it; and a refusal that gives being away as its reason,
which stands for the whole days of the meeting. No absence is taken for longer than 120 days.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from keepwarm.storage import settings
from keepwarm.storage.auto_replies import AT_MOST, AutoReply, absences_of
from keepwarm.storage.column_types import from_microseconds, to_microseconds
from keepwarm.storage.histories import Absence, By
from keepwarm.storage.observations import MeetingStatus, MessageKind
from keepwarm.storage.sightings import Change
from keepwarm.storage.tables import address, contact, meeting, meeting_party, meeting_revision, message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from keepwarm.storage.histories import MessageFact

_CHUNK = 400
_PLAUSIBLE = timedelta(days=10 * 366)  # an entry further from when it was written is a slip, or mischief
_OF_THE_INVITED = (
    Change.ACCEPTED, Change.TENTATIVE, Change.DECLINED, Change.PROPOSED, Change.NO_SHOW, Change.REMOVED,
)  # fmt: skip
"""What attendees did leaves the entry itself as it was."""


def of_owner(connection: Connection, owner: frozenset[str]) -> tuple[Absence, ...]:
    """Give the owner's absences, in the order in which they became known."""
    found = absences_of(_owners_replies(connection), By.OWNER)
    mine = select(meeting_revision.c.meeting_id).where(meeting_revision.c.away).distinct()
    for life in _lives(connection, list(connection.execute(mine).scalars())):
        found += _told_by(life, owner, By.OWNER)
    return _in_order(found)


def of_contacts(
    connection: Connection,
    addresses: Mapping[str, Sequence[str]],
    messages: Mapping[str, Sequence[MessageFact]],
) -> dict[str, tuple[Absence, ...]]:
    """Give the absences of a few contacts, by their ids, from their addresses and the messages with them."""
    found = {one: absences_of(_replies_among(messages.get(one, ())), By.THEM) for one in addresses}
    whose: dict[int, list[str]] = defaultdict(list)
    named = (
        select(address.c.contact_id, meeting_revision.c.meeting_id)
        .join(meeting_party, meeting_party.c.address_id == address.c.id)
        .join(meeting_revision, meeting_revision.c.id == meeting_party.c.revision_id)
        .where(address.c.contact_id.in_(list(addresses)), meeting_revision.c.away)
        .distinct()
    )
    for row in connection.execute(named):
        whose[row.meeting_id].append(row.contact_id)
    for life in _lives(connection, list(whose)):
        for one in whose[life.meeting_id]:
            found[one] += _told_by(life, frozenset(addresses[one]), By.THEM)
    return {one: _in_order(absences) for one, absences in found.items()}


def together(owners: tuple[Absence, ...], theirs: tuple[Absence, ...]) -> tuple[Absence, ...]:
    """Give the absences of both sides in one order; without any of a contact's, the very tuple of the owner's."""
    return _in_order([*owners, *theirs]) if theirs else owners


def adopt(connection: Connection, owner: frozenset[str]) -> None:
    """Have everybody judged anew who was judged before an absence of the owner's became known that counts for then."""
    now = [_entry(one) for one in of_owner(connection, owner)]
    before = [tuple(entry) for entry in settings.get(connection, "owner_absences") or []]
    if changed := set(now).symmetric_difference(before):
        settings.put(connection, "owner_absences", [list(entry) for entry in now])
        since = from_microseconds(min(at for at, *_ in changed))
        connection.execute(update(contact).where(contact.c.evaluated_to >= since).values(dirty=True))


def newest_of_owner(connection: Connection) -> datetime | None:
    """Give when the last of the owner's absences became known, as of ``adopt``; None if there are none."""
    known = settings.get(connection, "owner_absences") or []
    return from_microseconds(max(at for at, *_ in known)) if known else None


def _entry(one: Absence) -> tuple[int, int, int, str]:
    return to_microseconds(one.at), to_microseconds(one.start), to_microseconds(one.end), one.ref


def _in_order(absences: Iterable[Absence]) -> tuple[Absence, ...]:
    return tuple(sorted((_bounded(one) for one in absences if _is_plausible(one)), key=lambda one: (one.at, one.ref)))


def _is_plausible(one: Absence) -> bool:
    return abs(one.start - one.at) <= _PLAUSIBLE


def _bounded(one: Absence) -> Absence:
    if one.end - one.start <= AT_MOST:
        return one
    return Absence(
        ref=one.ref, at=one.at, start=one.start, end=one.start + AT_MOST, by=one.by, whole_days=one.whole_days
    )


# Mail.


def _owners_replies(connection: Connection) -> Iterator[AutoReply]:
    by_hand = message.alias()
    wrote_at = (
        select(by_hand.c.at)
        .where(by_hand.c.outbound, by_hand.c.kind == MessageKind.HUMAN.value, by_hand.c.at > message.c.at)
        .order_by(by_hand.c.at)
        .limit(1)
        .scalar_subquery()
    )
    rows = (
        select(message.c.dedupe_key, message.c.at, message.c.away_until, wrote_at.label("wrote_at"))
        .where(message.c.outbound, message.c.kind == MessageKind.OUT_OF_OFFICE.value)
        .order_by(message.c.at, message.c.dedupe_key)
    )
    for row in connection.execute(rows):
        yield AutoReply("m_" + row.dedupe_key, row.at, row.away_until, row.wrote_at)


def _replies_among(messages: Sequence[MessageFact]) -> list[AutoReply]:
    found, wrote_at = [], None
    for one in reversed([one for one in messages if not one.outbound]):
        if one.kind is MessageKind.HUMAN:
            wrote_at = one.at
        elif one.kind is MessageKind.OUT_OF_OFFICE:
            found.append(AutoReply(one.ref, one.at, one.away_until, wrote_at))
    return found[::-1]


# Calendars.


@dataclass(frozen=True, slots=True)
class _Life:
    """The revisions of one meeting, oldest first, and who was named in each, with their roles."""

    meeting_id: int
    ref: str
    revisions: list[Row[Any]]
    parties: Mapping[int, dict[str, str]]


def _lives(connection: Connection, meeting_ids: Sequence[int]) -> Iterator[_Life]:
    ordered = sorted(meeting_ids)
    for start in range(0, len(ordered), _CHUNK):
        yield from _some_lives(connection, ordered[start : start + _CHUNK])


def _some_lives(connection: Connection, ids: list[int]) -> Iterator[_Life]:
    rows: dict[int, list[Row[Any]]] = defaultdict(list)
    parties: dict[int, dict[str, str]] = defaultdict(dict)
    mine = meeting_revision.c.meeting_id.in_(ids)
    for row in connection.execute(
        select(meeting_revision).where(mine).order_by(meeting_revision.c.meeting_id, meeting_revision.c.seq)
    ):
        rows[row.meeting_id].append(row)
    for row in connection.execute(
        select(meeting_party.c.revision_id, meeting_party.c.role, address.c.address)
        .join(address, address.c.id == meeting_party.c.address_id)
        .join(meeting_revision, meeting_revision.c.id == meeting_party.c.revision_id)
        .where(mine)
    ):
        parties[row.revision_id][row.address] = row.role
    # The entry of a whole series is no time of its own.
    held = select(meeting.c.id, meeting.c.ical_uid, meeting.c.recurrence_id).where(meeting.c.id.in_(ids))
    for row in connection.execute(held.where(~meeting.c.series).order_by(meeting.c.id)):
        yield _Life(row.id, f"{row.ical_uid}/{row.recurrence_id}", rows[row.id], parties)


def _told_by(life: _Life, whose: frozenset[str], by: By) -> Iterator[Absence]:
    """Give the absences of one side that a meeting tells of: the entry's own, and refusals."""
    yield from _of_entry(life, whose, by)
    yield from _of_refusals(life, whose, by)


def _of_entry(life: _Life, whose: frozenset[str], by: By) -> Iterator[Absence]:
    told: tuple[datetime, datetime] | None = None
    for row in life.revisions:
        if Change(row.change) in _OF_THE_INVITED and row.status != MeetingStatus.CANCELLED.value:
            continue
        span = (row.start, row.end) if _is_away(row, life.parties.get(row.id, {}), whose, by) else None
        if span is not None and span != told:
            yield Absence(ref=life.ref, at=row.at, start=span[0], end=span[1], by=by)
        elif span is None and told is not None:
            yield Absence(ref=life.ref, at=row.at, start=told[0], end=told[0], by=by)
        told = span


def _is_away(row: Row[Any], parties: Mapping[str, str], whose: frozenset[str], by: By) -> bool:
    if not row.away or row.status == MeetingStatus.CANCELLED.value:
        return False
    if by is By.OWNER:
        return whose.issuperset(parties)
    return any(role == "organizer" and who in whose for who, role in parties.items())


def _of_refusals(life: _Life, whose: frozenset[str], by: By) -> Iterator[Absence]:
    """Give each absence for which one side declines, and its end if they can come after all."""
    refused = set()
    for row in life.revisions:
        if row.actor not in whose:
            continue
        ref = f"{life.ref}/{row.actor}/{to_microseconds(row.start)}"
        change = Change(row.change)
        if change is Change.DECLINED and row.away:
            refused.add(ref)
            yield Absence(ref=ref, at=row.at, start=row.start, end=row.end, by=by, whole_days=True)
        elif change in (Change.ACCEPTED, Change.TENTATIVE) and ref in refused:
            yield Absence(ref=ref, at=row.at, start=row.start, end=row.start, by=by)
