"""What explains that a calendar no longer shows a copy: a change of its series, or a twin that took its place.

What nothing explains was dropped by itself: that is a cancellation.
"""

from __future__ import annotations

from collections import defaultdict
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from keepwarm.storage.last_sightings import last_in_calendars
from keepwarm.storage.missing import SETTLING
from keepwarm.storage.sightings import span_of
from keepwarm.storage.tables import meeting, meeting_copy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.storage.missing import Missing
    from keepwarm.storage.sightings import Sighting

_CHUNK = 500


class Fate(Enum):
    """Why a copy is missing."""

    DROPPED = auto()  # by itself
    RESHAPED = auto()  # its series is held at other times, ended sooner, or was split
    WITH_SERIES = auto()  # the series was deleted whole
    REBORN = auto()  # the same meeting was created anew under another UID


class _Entry(NamedTuple):
    """A series' own entry."""

    ical_uid: str
    changed_in_pass: int
    missing_since: datetime | None
    gone: bool


def fates(connection: Connection, stream_id: int, missing: Sequence[Missing]) -> dict[str, Fate]:
    """Give the fate of all that is missing from a stream, by source key."""
    uids = {one.ical_uid for one in missing if one.recurrence_id}
    entries: dict[str, list[_Entry]] = defaultdict(list)
    for entry in _own_entries(connection, stream_id, sorted(uids)):
        entries[entry.ical_uid].append(entry)
    reborn = set(_reborn(connection, stream_id, missing))
    return {
        one.source_key: Fate.REBORN if one.source_key in reborn else _fate(one, entries[one.ical_uid])
        for one in missing
    }


def _own_entries(connection: Connection, stream_id: int, uids: Sequence[str]) -> Iterator[_Entry]:
    columns = (
        meeting.c.ical_uid, meeting_copy.c.changed_in_pass, meeting_copy.c.missing_since, meeting_copy.c.gone,
    )  # fmt: skip
    rows = select(*columns).join(meeting_copy, meeting_copy.c.meeting_id == meeting.c.id)
    for start in range(0, len(uids), _CHUNK):
        own = meeting.c.ical_uid.in_(uids[start : start + _CHUNK]) & (meeting.c.recurrence_id == "")
        for row in connection.execute(rows.where(own & (meeting_copy.c.stream_id == stream_id))):
            yield _Entry(*row)


def _fate(one: Missing, entries: Iterable[_Entry]) -> Fate:
    if not one.recurrence_id:
        return Fate.DROPPED
    shown = [entry for entry in entries if entry.missing_since is None]
    if shown:
        reshaped = any(entry.changed_in_pass >= one.in_pass for entry in shown)
        return Fate.RESHAPED if reshaped else Fate.DROPPED
    went = any(not entry.gone or _at_once(entry.missing_since, one.since) for entry in entries)
    return Fate.WITH_SERIES if went else Fate.DROPPED


def _at_once(one: datetime | None, other: datetime) -> bool:
    return one is not None and abs(one - other) <= SETTLING


def _reborn(connection: Connection, stream_id: int, missing: Sequence[Missing]) -> Iterator[str]:
    """Give the keys of what lives on: at the same time, with the same title and everybody in it, first shown since."""
    pairs = _younger(connection, stream_id, missing)
    last = last_in_calendars(connection, (number for pair in pairs for number in (pair[0].meeting_id, pair[1])))
    for one, other in pairs:
        if one.meeting_id in last and other in last and _lives_on(last[one.meeting_id], last[other]):
            yield one.source_key


def _younger(connection: Connection, stream_id: int, missing: Sequence[Missing]) -> list[tuple[Missing, int]]:
    """Pair what is missing with meetings that begin when it does, and were created when it went."""
    by_start: dict[datetime, list[Missing]] = defaultdict(list)
    for one in missing:
        by_start[one.start].append(one)
    if not missing:
        return []
    rows = connection.execute(
        select(meeting_copy.c.start, meeting_copy.c.meeting_id, meeting_copy.c.shown_since, meeting.c.ical_uid)
        .join(meeting, meeting.c.id == meeting_copy.c.meeting_id)
        .where(
            (meeting_copy.c.stream_id == stream_id)
            & (meeting_copy.c.shown_since >= min(one.since for one in missing) - SETTLING)
            & ~meeting_copy.c.gone
        )
    )
    return [
        (one, row.meeting_id)
        for row in rows
        for one in by_start.get(row.start, ())
        if row.ical_uid != one.ical_uid
        and _at_once(row.shown_since, one.since)
        and (one.shown_since is None or one.shown_since < row.shown_since)
    ]


def _lives_on(old: Sighting, new: Sighting) -> bool:
    return (span_of(old), old.all_day, old.summary) == (span_of(new), new.all_day, new.summary) and (
        _people(old) <= _people(new)
    )


def _people(one: Sighting) -> set[str]:
    return {address.lower() for address, _ in one.answers} | ({one.organizer.lower()} if one.organizer else set())
