"""Meetings: every snapshot that says something new is kept; the revisions are derived from all of them together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from keepwarm.storage import copies
from keepwarm.storage.addresses import BY_OTHERS, AddressBook, NameSeen
from keepwarm.storage.identity import content_id
from keepwarm.storage.inheritance import with_heirs
from keepwarm.storage.kept_out import SOMEBODY
from keepwarm.storage.last_sightings import last_in_calendars, last_of_series
from keepwarm.storage.lives import revise
from keepwarm.storage.messages import thread_keys
from keepwarm.storage.observations import MeetingSeen, Method
from keepwarm.storage.sighted import first_seen, seen_again, sighting_of
from keepwarm.storage.sighting_json import body
from keepwarm.storage.tables import account, meeting, meeting_sighting, stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.storage.accounts import Lease
    from keepwarm.storage.kept_out import KeptOut
    from keepwarm.storage.messages import Keeping
    from keepwarm.storage.observations import Attendee, MessageSeen, Party
    from keepwarm.storage.sightings import Sighting
    from keepwarm.storage.vanishing import GoneCopy

_CHUNK = 400


@dataclass(frozen=True, slots=True)
class _Kept:
    """A sighting on its way into the database."""

    meeting_id: int
    source_key: str
    sighting: Sighting
    message_key: int | None = None  # of the mail that brought it


@dataclass(frozen=True, slots=True)
class _Mailed:
    """A snapshot, with the key of the mail that carries it; None if a calendar tells what somebody said."""

    seen: MeetingSeen
    message_key: int | None


def store_meetings(
    connection: Connection,
    lease: Lease,
    copied: Sequence[MeetingSeen],
    mails: Sequence[MessageSeen],
    now: datetime,
    book: AddressBook,
    keeping: Keeping,
    out: KeptOut,
) -> int:
    """Store what is new in snapshots that calendars show (``copied``) and mails carry, but for whom is kept out.

    What a calendar tells of an attendee's proposal (COUNTER) is no copy, but their word, as if it had been mailed; nor
    is a record of attendance a copy.
    Gives the number of meetings that were created or have changed.
    """
    mailed = [_Mailed(_kept_of(one, keeping), thread_keys(mail).own) for mail in mails for one in mail.meetings]
    mailed += [_Mailed(_kept_of(one, keeping), None) for one in copied if one.method is not Method.CALENDAR]
    copied = [_kept_of(one, keeping) for one in copied if one.method is Method.CALENDAR]
    seen = out.meetings(connection, [*copied, *(one.seen for one in mailed)], keeping.owner)
    if not seen:
        return 0
    ids = _meeting_ids(connection, seen)
    book.ids(connection, (name for one in seen for name in _names(one, one.written_at or now, out)))
    copied = [one for one in copied if _key(one) in ids]
    kept = _from_mails(mailed, ids) + _from_copies(connection, lease, copied, ids, now)
    # Refs, and the hashes of copies, are of what was shown: the same whoever is kept out, so that what is read again
    # is known.
    kept = [replace(one, sighting=out.sighting(one.sighting)) for one in kept]
    return _keep(connection, lease.stream_id, kept, book, keeping)


def vanish(connection: Connection, lease: Lease, gone: Sequence[GoneCopy], book: AddressBook, keeping: Keeping) -> int:
    """Store that copies are gone; give the number of meetings that this changed.

    A copy is missed before it is gone. What another calendar first showed in between came before: it was moved there.
    """
    if not gone:
        return 0
    source = _source_of(connection, lease.stream_id)
    shown = last_in_calendars(connection, (one.meeting_id for one in gone))
    series = last_of_series(connection, (one.meeting_id for one in gone if not one.superseded))
    kept = []
    for one in gone:
        last = shown.get(one.meeting_id)
        if last is not None:
            marked = _marked(one, last, series.get(one.meeting_id), f"{source}:{one.source_key}")
            kept.append(_Kept(one.meeting_id, one.source_key, marked))
    return _keep(connection, lease.stream_id, kept, book, keeping)


def _marked(one: GoneCopy, last: Sighting, series: Sighting | None, source: str) -> Sighting:
    """Mark what was shown last as gone; if its series was written anew without it, as of then, and as a step of its."""
    at, sequence = max(one.since, last.at), last.sequence
    if series is not None and not series.gone and series.sequence > sequence and last.at <= series.at <= at:
        at, sequence = series.at, series.sequence
    ref = content_id("s", source, "gone", one.since.isoformat(), last.ref)
    return replace(
        last, ref=ref, at=at, sequence=sequence, source=source, method=Method.CALENDAR, gone=True,
        superseded=one.superseded,
    )  # fmt: skip


def _key(one: MeetingSeen) -> tuple[str, str]:
    return one.ical_uid, one.recurrence_id


def _names(one: MeetingSeen, at: datetime, out: KeptOut) -> Iterator[NameSeen]:
    people: list[Attendee | Party] = [attendee for attendee in one.attendees if attendee.person]
    if one.organizer:
        people.append(one.organizer)
    if out:
        yield NameSeen(SOMEBODY, "", BY_OTHERS, at, robot=True)
    for person in people:
        if person.address not in out:
            yield NameSeen(person.address, person.name, BY_OTHERS, at, person.robot)


def _meeting_ids(connection: Connection, seen: Sequence[MeetingSeen]) -> dict[tuple[str, str], int]:
    """Give the row id of each meeting, by UID and RECURRENCE-ID; new rows are created."""
    wanted = {(one.ical_uid, one.recurrence_id): one for one in seen}
    ids: dict[tuple[str, str], int] = {}
    uids = sorted({uid for uid, _ in wanted})
    for start in range(0, len(uids), _CHUNK):
        mine = meeting.c.ical_uid.in_(uids[start : start + _CHUNK])
        for row in connection.execute(select(meeting.c.id, meeting.c.ical_uid, meeting.c.recurrence_id).where(mine)):
            ids[row.ical_uid, row.recurrence_id] = row.id
    first = connection.execute(select(func.coalesce(func.max(meeting.c.id), 0))).scalar_one() + 1
    new = {key: number for number, key in enumerate((key for key in wanted if key not in ids), start=first)}
    if new:
        rows = [
            {"id": number, "ical_uid": uid, "recurrence_id": occurrence, "series": False}
            for (uid, occurrence), number in new.items()
        ]
        connection.execute(meeting.insert(), rows)
        ids.update(new)
    return ids


def _kept_of(one: MeetingSeen, keeping: Keeping) -> MeetingSeen:
    return one if keeping.subjects else replace(one, summary="")


def _from_mails(mailed: Sequence[_Mailed], ids: dict[tuple[str, str], int]) -> list[_Kept]:
    kept = []
    for mail in mailed:
        one = mail.seen
        if one.written_at is not None and _key(one) in ids:
            # The key in the source keeps apart what two mails say alike: each has a thread of its own.
            source = f"said:{one.source_key}" if mail.message_key is None else f"mail:{mail.message_key}"
            sighting = sighting_of(one, source=source, at=one.written_at)
            kept.append(_Kept(ids[one.ical_uid, one.recurrence_id], one.source_key, sighting, mail.message_key))
    return kept


def _from_copies(
    connection: Connection,
    lease: Lease,
    seen: Sequence[MeetingSeen],
    ids: dict[tuple[str, str], int],
    now: datetime,
) -> list[_Kept]:
    shown = {one.source_key: one for one in seen}
    if not shown:
        return []
    by_key = {key: ids[one.ical_uid, one.recurrence_id] for key, one in shown.items()}
    changed = copies.compare(connection, lease, shown, by_key, now)
    if not changed:
        return []
    source = _source_of(connection, lease.stream_id)
    before = _last_seen_at(connection, lease.stream_id, [key for key, is_new in changed.items() if not is_new])
    kept = []
    for key, is_new in changed.items():
        where = f"{source}:{key}"
        found = first_seen(shown[key], where, now) if is_new else [seen_again(shown[key], where, now, before.get(key))]
        kept += [_Kept(by_key[key], key, sighting) for sighting in found]
    return kept


def _keep(connection: Connection, stream_id: int, kept: Sequence[_Kept], book: AddressBook, keeping: Keeping) -> int:
    by_ref = {one.sighting.ref: one for one in kept}
    refs = list(by_ref)
    for start in range(0, len(refs), _CHUNK):
        known = meeting_sighting.c.ref.in_(refs[start : start + _CHUNK])
        for ref in connection.execute(select(meeting_sighting.c.ref).where(known)).scalars():
            del by_ref[ref]
    if not by_ref:
        return 0
    connection.execute(
        meeting_sighting.insert(),
        [
            {
                "ref": ref,
                "meeting_id": one.meeting_id,
                "stream_id": stream_id,
                "source_key": one.source_key,
                "at": one.sighting.at,
                "message_key": one.message_key,
                "body": body(one.sighting),
            }
            for ref, one in by_ref.items()
        ],
    )
    by_mail = with_heirs(connection, (one.meeting_id for one in by_ref.values() if one.message_key is not None))
    return revise(connection, {*by_mail, *(one.meeting_id for one in by_ref.values())}, book, keeping.owner)


def _source_of(connection: Connection, stream_id: int) -> str:
    names = select(account.c.name, stream.c.name.label("stream")).join(stream, stream.c.account_id == account.c.id)
    row = connection.execute(names.where(stream.c.id == stream_id)).one()
    return f"{row.name}/{row.stream}"


def _last_seen_at(connection: Connection, stream_id: int, keys: list[str]) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for start in range(0, len(keys), _CHUNK):
        mine = (meeting_sighting.c.stream_id == stream_id) & meeting_sighting.c.source_key.in_(
            keys[start : start + _CHUNK]
        )
        rows = select(meeting_sighting.c.source_key, func.max(meeting_sighting.c.at).label("at")).where(mine)
        for row in connection.execute(rows.group_by(meeting_sighting.c.source_key)):
            found[row.source_key] = row.at
    return found
