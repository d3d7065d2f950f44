"""The lives of meetings as they are stored: revisions and parties, worked out anew when something is seen."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, select, update

from keepwarm.storage import inheritance, remarks, testimony
from keepwarm.storage.addresses import BY_OTHERS, AddressBook, NameSeen, mark_dirty
from keepwarm.storage.column_types import from_microseconds
from keepwarm.storage.observations import Answer, Method
from keepwarm.storage.revisions import revisions
from keepwarm.storage.sighting_json import restored
from keepwarm.storage.tables import address, meeting, meeting_party, meeting_revision, meeting_sighting

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.storage.sightings import Remark, Revision, Sighting, Testimony

_CHUNK = 400


def revise(connection: Connection, meeting_ids: Iterable[int], book: AddressBook, owner: frozenset[str]) -> int:
    """Work out the revisions of these meetings anew from all that is known; give how many meetings changed."""
    ids = sorted(set(meeting_ids))
    return sum(_revise(connection, ids[start : start + _CHUNK], book, owner) for start in range(0, len(ids), _CHUNK))


def revise_all(connection: Connection, owner: frozenset[str]) -> None:
    """Work out every meeting anew, after the owner's addresses have changed."""
    revise(connection, connection.execute(select(meeting.c.id)).scalars().all(), AddressBook(), owner)


def _revise(connection: Connection, ids: list[int], book: AddressBook, owner: frozenset[str]) -> int:
    sightings: dict[int, list[Sighting]] = defaultdict(list)
    mails: dict[int, set[int]] = defaultdict(set)
    for row in connection.execute(select(meeting_sighting).where(meeting_sighting.c.meeting_id.in_(ids))):
        sightings[row.meeting_id].append(restored(row.ref, row.at, row.body))
        if row.message_key is not None:
            mails[row.meeting_id].add(row.message_key)
    keys = _keys(connection, ids)
    inherited = inheritance.mails_of_series(connection, keys)
    for one, of_series in inherited.items():
        mails[one].update(key for _, key in of_series)
    said = remarks.on(connection, mails)
    words = testimony.on(connection, ids)
    before = _stored(connection, ids)
    known = {one: [*seen, *(mail for mail, _ in inherited.get(one, ()))] for one, seen in sightings.items()}
    after = {one: _life(seen, said[one], words[one], owner, keys[one]) for one, seen in known.items()}
    # Not by the refs alone: a sighting that comes late may tell the same change better.
    rewritten = {one: life for one, life in after.items() if life != before[one]}
    _replace(connection, rewritten, known, book)
    _name(connection, sightings)
    return sum(_refs(life) != _refs(before[one]) for one, life in rewritten.items())


def _keys(connection: Connection, ids: list[int]) -> dict[int, tuple[str, str]]:
    """Give UID and RECURRENCE-ID of each meeting."""
    rows = select(meeting.c.id, meeting.c.ical_uid, meeting.c.recurrence_id).where(meeting.c.id.in_(ids))
    return {row.id: (row.ical_uid, row.recurrence_id) for row in connection.execute(rows)}


@dataclass(frozen=True, slots=True)
class _Entry:
    """A revision as it is stored."""

    row: dict[str, Any]
    parties: frozenset[tuple[str, str, str]]  # address, role, answer


def _life(
    sightings: list[Sighting],
    said: Iterable[Remark],
    words: Iterable[Testimony],
    owner: frozenset[str],
    key: tuple[str, str],
) -> list[_Entry]:
    life = revisions(sightings, said, words, owner=owner, meeting="/".join(key), occurrence=key[1])
    return [_Entry(_revision_row(one), _parties(one)) for one in life]


def _refs(life: list[_Entry]) -> list[str]:
    return [entry.row["ref"] for entry in life]


def _stored(connection: Connection, ids: list[int]) -> dict[int, list[_Entry]]:
    parties: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
    named = (
        select(meeting_party.c.revision_id, address.c.address, meeting_party.c.role, meeting_party.c.answer)
        .join(address, address.c.id == meeting_party.c.address_id)
        .join(meeting_revision, meeting_revision.c.id == meeting_party.c.revision_id)
        .where(meeting_revision.c.meeting_id.in_(ids))
    )
    for row in connection.execute(named):
        parties[row.revision_id].append((row.address, row.role, row.answer))
    found: dict[int, list[_Entry]] = defaultdict(list)
    rows = select(meeting_revision).where(meeting_revision.c.meeting_id.in_(ids))
    for row in connection.execute(rows.order_by(meeting_revision.c.meeting_id, meeting_revision.c.seq)):
        entry = {name: getattr(row, name) for name in _COLUMNS}
        found[row.meeting_id].append(_Entry(entry, frozenset(parties[row.id])))
    return found


def _replace(
    connection: Connection,
    lives: dict[int, list[_Entry]],
    sightings: dict[int, list[Sighting]],
    book: AddressBook,
) -> None:
    if not lives:
        return
    people = {who for one in lives for seen in sightings[one] for who in _addresses(seen)}
    ids = book.ids(connection, [NameSeen(who, "", BY_OTHERS, from_microseconds(0)) for who in sorted(people)])
    old = connection.execute(
        select(meeting_party.c.address_id)
        .join(meeting_revision, meeting_revision.c.id == meeting_party.c.revision_id)
        .where(meeting_revision.c.meeting_id.in_(list(lives)))
        .distinct()
    ).scalars()
    mark_dirty(connection, [*old, *ids.values()])
    connection.execute(delete(meeting_revision).where(meeting_revision.c.meeting_id.in_(list(lives))))
    number = connection.execute(select(func.coalesce(func.max(meeting_revision.c.id), 0))).scalar_one()
    rows, parties = [], []
    for meeting_id, life in lives.items():
        for seq, entry in enumerate(life, start=1):
            number += 1
            rows.append({"id": number, "meeting_id": meeting_id, "seq": seq, **entry.row})
            parties += [
                {"revision_id": number, "address_id": ids[who], "role": role, "answer": answer}
                for who, role, answer in sorted(entry.parties)
            ]
    if rows:
        connection.execute(meeting_revision.insert(), rows)
    if parties:
        connection.execute(meeting_party.insert(), parties)


def _addresses(one: Sighting) -> Iterable[str]:
    if one.organizer:
        yield one.organizer
    if one.sent_by:
        yield one.sent_by
    yield from (attendee for attendee, _ in one.answers)


_COLUMNS = (
    "ref", "at", "change", "start", "end", "previous_start", "previous_end", "status", "actor", "why", "prompt",
    "sighting", "all_day", "busy", "away",
)  # fmt: skip


def _revision_row(revision: Revision) -> dict[str, Any]:
    row = {name: getattr(revision, name) for name in _COLUMNS}
    return {**row, "change": revision.change.value, "status": revision.status.value}


def _parties(revision: Revision) -> frozenset[tuple[str, str, str]]:
    answers, organizer = dict(revision.answers), revision.organizer
    if organizer:
        answers[organizer] = Answer.ACCEPTED
    return frozenset(
        (who, "organizer" if who == organizer else "attendee", answer.value) for who, answer in answers.items()
    )


def _name(connection: Connection, sightings: dict[int, list[Sighting]]) -> None:
    """Call each meeting what its newest sighting calls it, and say whether it is the entry of a series."""
    telling = {
        one: [sighting for sighting in seen if sighting.method is not Method.ATTENDANCE]
        for one, seen in sightings.items()
    }
    rows = [
        {"row": one, "title": max(seen, key=_age).summary or None, "recurs": _recurs(seen)}
        for one, seen in telling.items()
        if seen
    ]
    if not rows:
        return
    mine = meeting.c.id == bindparam("row")
    connection.execute(update(meeting).where(mine).values(summary=bindparam("title"), series=bindparam("recurs")), rows)


def _age(sighting: Sighting) -> tuple[datetime, str]:
    return sighting.at, sighting.ref


def _recurs(seen: Iterable[Sighting]) -> bool:
    """Tell a series by what calendars showed of it last, else by its invitations: a series may become one meeting."""
    shown = {method: [one for one in seen if one.method is method] for method in (Method.CALENDAR, Method.REQUEST)}
    telling = shown[Method.CALENDAR] or shown[Method.REQUEST] or list(seen)
    return bool(max(telling, key=_age).pattern)
