"""The lives of meetings as they are stored: revisions and parties, worked out anew when something is seen."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, select, update

from keepwarm.storage.addresses import BY_OTHERS, AddressBook, NameSeen, mark_dirty
from keepwarm.storage.column_types import from_microseconds
from keepwarm.storage.observations import Answer
from keepwarm.storage.revisions import revisions
from keepwarm.storage.sighting_json import restored
from keepwarm.storage.tables import meeting, meeting_party, meeting_revision, meeting_sighting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from keepwarm.storage.sightings import Revision, Sighting

_CHUNK = 400


def revise(connection: Connection, meeting_ids: Iterable[int], book: AddressBook, owner: frozenset[str]) -> int:
    """Work out the revisions of these meetings anew from all their sightings; give how many meetings changed."""
    ids = sorted(set(meeting_ids))
    return sum(_revise(connection, ids[start : start + _CHUNK], book, owner) for start in range(0, len(ids), _CHUNK))


def revise_all(connection: Connection, owner: frozenset[str]) -> None:
    """Work out every meeting anew, after the owner's addresses have changed."""
    revise(connection, connection.execute(select(meeting.c.id)).scalars().all(), AddressBook(), owner)


def _revise(connection: Connection, ids: list[int], book: AddressBook, owner: frozenset[str]) -> int:
    sightings: dict[int, list[Sighting]] = defaultdict(list)
    rows = connection.execute(select(meeting_sighting).where(meeting_sighting.c.meeting_id.in_(ids)))
    for row in rows:
        sightings[row.meeting_id].append(restored(row.ref, row.at, row.body))
    before: dict[int, list[str]] = defaultdict(list)
    stored = select(meeting_revision.c.meeting_id, meeting_revision.c.ref).where(meeting_revision.c.meeting_id.in_(ids))
    for row in connection.execute(stored.order_by(meeting_revision.c.meeting_id, meeting_revision.c.seq)):
        before[row.meeting_id].append(row.ref)
    keys = {
        row.id: f"{row.ical_uid}/{row.recurrence_id}"
        for row in connection.execute(
            select(meeting.c.id, meeting.c.ical_uid, meeting.c.recurrence_id).where(meeting.c.id.in_(ids))
        )
    }
    after = {one: revisions(seen, owner=owner, meeting=keys[one]) for one, seen in sightings.items()}
    changed = {one: life for one, life in after.items() if [revision.ref for revision in life] != before[one]}
    _replace(connection, changed, sightings, book)
    _name(connection, sightings)
    return len(changed)


def _replace(
    connection: Connection,
    lives: dict[int, tuple[Revision, ...]],
    sightings: dict[int, list[Sighting]],
    book: AddressBook,
) -> None:
    if not lives:
        return
    organizers = {one.ref: one.organizer for seen in sightings.values() for one in seen}
    people = {address for seen in sightings.values() for one in seen for address in _addresses(one)}
    ids = book.ids(connection, [NameSeen(address, "", BY_OTHERS, from_microseconds(0)) for address in sorted(people)])
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
        for seq, revision in enumerate(life, start=1):
            number += 1
            rows.append({"id": number, "meeting_id": meeting_id, "seq": seq, **_revision_row(revision)})
            parties += _party_rows(number, revision, organizers.get(revision.sighting, ""), ids)
    if rows:
        connection.execute(meeting_revision.insert(), rows)
    if parties:
        connection.execute(meeting_party.insert(), parties)


def _addresses(one: Sighting) -> Iterable[str]:
    if one.organizer:
        yield one.organizer
    if one.sent_by:
        yield one.sent_by
    for address, _ in one.answers:
        yield address


def _revision_row(revision: Revision) -> dict[str, Any]:
    return {
        "ref": revision.ref,
        "at": revision.at,
        "change": revision.change.value,
        "start": revision.start,
        "end": revision.end,
        "previous_start": revision.previous_start,
        "previous_end": revision.previous_end,
        "status": revision.status.value,
        "actor": revision.actor,
        "why": revision.why,
        "sighting": revision.sighting,
    }


def _party_rows(number: int, revision: Revision, organizer: str, ids: dict[str, int]) -> list[dict[str, Any]]:
    answers = dict(revision.answers)
    if organizer:
        answers[organizer] = Answer.ACCEPTED
    return [
        {
            "revision_id": number,
            "address_id": ids[address],
            "role": "organizer" if address == organizer else "attendee",
            "answer": answer.value,
        }
        for address, answer in answers.items()
        if address in ids
    ]


def _name(connection: Connection, sightings: dict[int, list[Sighting]]) -> None:
    """Call each meeting what its newest sighting calls it."""
    newest = {one: max(seen, key=lambda sighting: (sighting.at, sighting.ref)) for one, seen in sightings.items()}
    rows = [{"row": one, "title": sighting.summary or None} for one, sighting in newest.items()]
    connection.execute(update(meeting).where(meeting.c.id == bindparam("row")).values(summary=bindparam("title")), rows)
