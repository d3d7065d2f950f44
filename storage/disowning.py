"""Disowning: a stream turns out to be one that nothing can be told from, and all that it has shown is taken back.

What other calendars and mails have shown of the same meetings stays; a meeting that nothing else knows of was never
there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from keepwarm.storage.addresses import mark_dirty
from keepwarm.storage.lives import revise
from keepwarm.storage.reflections import reflected_on
from keepwarm.storage.tables import meeting, meeting_copy, meeting_party, meeting_revision, meeting_sighting

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from keepwarm.storage.addresses import AddressBook

_CHUNK = 400


def disown(connection: Connection, stream_id: int, book: AddressBook, owner: frozenset[str]) -> int:
    """Take back all that a stream has shown of meetings; give how many are told otherwise now, or not at all."""
    ids = _shown(connection, stream_id)
    for start in range(0, len(ids), _CHUNK):
        _look_at_people_anew(connection, ids[start : start + _CHUNK])
    connection.execute(delete(meeting_copy).where(meeting_copy.c.stream_id == stream_id))
    connection.execute(delete(meeting_sighting).where(meeting_sighting.c.stream_id == stream_id))
    return sum(
        _told_without(connection, ids[start : start + _CHUNK], book, owner) for start in range(0, len(ids), _CHUNK)
    )


def _shown(connection: Connection, stream_id: int) -> list[int]:
    copied = select(meeting_copy.c.meeting_id).where(meeting_copy.c.stream_id == stream_id)
    sighted = select(meeting_sighting.c.meeting_id).where(meeting_sighting.c.stream_id == stream_id)
    return sorted(connection.execute(copied.union(sighted)).scalars())


def _look_at_people_anew(connection: Connection, meeting_ids: list[int]) -> None:
    """Have those who were in these meetings sorted anew: who shares a meeting follows from the copies, too."""
    parties = (
        select(meeting_party.c.address_id)
        .join(meeting_revision, meeting_revision.c.id == meeting_party.c.revision_id)
        .where(meeting_revision.c.meeting_id.in_(meeting_ids))
        .distinct()
    )
    mark_dirty(connection, connection.execute(parties).scalars())


def _told_without(connection: Connection, meeting_ids: list[int], book: AddressBook, owner: frozenset[str]) -> int:
    """Work out the lives of these meetings from the sightings that are left; those without any are deleted."""
    left = select(meeting_sighting.c.meeting_id).where(meeting_sighting.c.meeting_id.in_(meeting_ids)).distinct()
    known = set(connection.execute(left).scalars())
    unknown = [one for one in meeting_ids if one not in known]
    # What the owner thought of a meeting stays, and with it the meeting's name.
    spoken_of = set(reflected_on(connection, unknown))
    gone = [one for one in unknown if one not in spoken_of]
    connection.execute(delete(meeting).where(meeting.c.id.in_(gone)))  # with its revisions and parties
    connection.execute(delete(meeting_revision).where(meeting_revision.c.meeting_id.in_(spoken_of)))
    return len(unknown) + revise(connection, known, book, owner)
