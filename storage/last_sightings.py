"""The last thing that calendars showed of a meeting, and of the series that it is an occurrence of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from keepwarm.storage.observations import Method
from keepwarm.storage.sighting_json import restored
from keepwarm.storage.tables import meeting, meeting_sighting

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
            if sighting.method is not Method.CALENDAR:
                continue
            known = found.get(row.meeting_id)
            if known is None or _age(known) < _age(sighting):
                found[row.meeting_id] = sighting
    return found


def last_of_series(connection: Connection, meeting_ids: Iterable[int]) -> dict[int, Sighting]:
    """Give, by occurrence, the newest sighting of its series' own entry in any calendar, where there is one."""
    ids = sorted(set(meeting_ids))
    entry = meeting.alias()
    entries: dict[int, int] = {}
    for start in range(0, len(ids), _CHUNK):
        rows = (
            select(meeting.c.id, entry.c.id.label("entry_id"))
            .join(entry, (entry.c.ical_uid == meeting.c.ical_uid) & (entry.c.recurrence_id == ""))
            .where(meeting.c.id.in_(ids[start : start + _CHUNK]), meeting.c.recurrence_id != "")
        )
        entries.update({row.id: row.entry_id for row in connection.execute(rows)})
    shown = last_in_calendars(connection, entries.values())
    return {one: shown[entry_id] for one, entry_id in entries.items() if entry_id in shown}


def _age(sighting: Sighting) -> tuple[object, ...]:
    return sighting.at, sighting.sequence, sighting.ref
