"""The last thing that calendars showed of a meeting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from keepwarm.storage.sighting_json import restored
from keepwarm.storage.tables import meeting_sighting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from keepwarm.storage.sightings import Sighting

_CHUNK = 400


def last_in_calendars(connection: Connection, meeting_ids: Iterable[int]) -> dict[int, Sighting]:
    """Give the newest sighting of each meeting in any calendar, where there is one."""
    ids = sorted(set(meeting_ids))
    found: dict[int, Sighting] = {}
    for start in range(0, len(ids), _CHUNK):
        theirs = meeting_sighting.c.meeting_id.in_(ids[start : start + _CHUNK])
        not_by_mail = meeting_sighting.c.message_key.is_(None)
        for row in connection.execute(select(meeting_sighting).where(theirs & not_by_mail)):
            sighting = restored(row.ref, row.at, row.body)
            known = found.get(row.meeting_id)
            if known is None or _age(known) < _age(sighting):
                found[row.meeting_id] = sighting
    return found


def _age(sighting: Sighting) -> tuple[object, ...]:
    return sighting.at, sighting.sequence, sighting.ref
