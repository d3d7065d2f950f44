"""Meeting parts: who of the contacts is, or was to be, in which meeting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from keepwarm.storage import agenda, settings
from keepwarm.storage.identity import meeting_id
from keepwarm.storage.sightings import Change
from keepwarm.storage.tables import address, contact, meeting, meeting_party, meeting_revision

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.storage.agenda import MeetingView

_CHUNK = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingPart:
    """One contact in one meeting, as both are now."""

    meeting_id: str
    title: str  # "" if it has none, or none may be kept
    start: datetime
    end: datetime
    all_day: bool
    cancelled: bool
    organised_by: str  # "owner", "contact" (this one), "other", or "" if nobody is known to
    moved: int  # how often it was put at another time
    contact_id: str
    contact_name: str
    declined: bool  # by the contact


def of(connection: Connection, as_of: datetime) -> Iterator[MeetingPart]:
    """Give all parts as of a moment, by the time at which the meeting was first to be, then by its and their ids.

    A series' own entry is no meeting: its occurrences are. They are given while they are read.
    """
    people = {
        row.address: (row.id, row.name)
        for row in connection.execute(
            select(address.c.address, contact.c.id, contact.c.name).join(contact, contact.c.id == address.c.contact_id)
        )
    }
    own = frozenset(settings.get(connection, "owner") or ())
    ids = _in_order(connection, as_of)
    for start in range(0, len(ids), _CHUNK):
        some = ids[start : start + _CHUNK]
        found = {one.row: one for one in agenda.views(connection, some, as_of)}
        for row in some:
            if row in found:
                yield from _parts(found[row], people, own)


def _in_order(connection: Connection, as_of: datetime) -> list[int]:
    with_contacts = (
        select(meeting_revision.c.meeting_id)
        .join(meeting_party, meeting_party.c.revision_id == meeting_revision.c.id)
        .join(address, address.c.id == meeting_party.c.address_id)
        .where(address.c.contact_id.is_not(None))
    )
    rows = connection.execute(
        select(
            meeting.c.id, meeting.c.ical_uid, meeting.c.recurrence_id, func.min(meeting_revision.c.start).label("at")
        )
        .join(meeting_revision, meeting_revision.c.meeting_id == meeting.c.id)
        .where(meeting.c.id.in_(with_contacts), ~meeting.c.series, meeting_revision.c.at <= as_of)
        .group_by(meeting.c.id, meeting.c.ical_uid, meeting.c.recurrence_id)
    )
    keys = sorted((row.at, meeting_id(row.ical_uid, row.recurrence_id), row.id) for row in rows)
    return [key[-1] for key in keys]


def _parts(one: MeetingView, people: Mapping[str, tuple[str, str]], own: frozenset[str]) -> Iterator[MeetingPart]:
    there: dict[str, str] = {}
    declined = {people[who][0] for who in one.declined if who in people}
    came = {people[who][0] for who in one.people if who in people and who not in one.declined}
    for who in one.people:
        if who in people and who not in own:
            there.setdefault(*people[who])
    organiser = people.get(one.organizer, ("", ""))[0]
    for contact_id, name in sorted(there.items()):
        by = "owner" if one.organizer in own else "contact" if organiser == contact_id else "other"
        yield MeetingPart(
            meeting_id=one.id,
            title=one.title,
            start=one.start,
            end=one.end,
            all_day=one.all_day,
            cancelled=one.cancelled,
            organised_by=by if one.organizer else "",
            moved=sum(change.change is Change.RESCHEDULED for change in one.changes),
            contact_id=contact_id,
            contact_name=name,
            declined=contact_id in declined - came,  # somebody may be invited at two addresses
        )
