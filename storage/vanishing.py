"""Vanishing: what becomes of the copies that a calendar no longer shows.

A copy is gone when a later pull, at least SETTLING after the first that missed it, still does not show it; a tombstone
waits as well, for what one calendar deletes another one may show a moment later. If more than half of at least ten
coming meetings vanish at once, somebody may have emptied the calendar by mistake: they are held until a second complete
read, at least SETTLING after the first, agrees.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from keepwarm.storage import accounts
from keepwarm.storage.fates import Fate, fates
from keepwarm.storage.missing import SETTLING, all_missing
from keepwarm.storage.observations import MeetingStatus
from keepwarm.storage.tables import meeting_copy, meeting_revision, stream

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.storage.accounts import Lease
    from keepwarm.storage.missing import Missing

FEW = 10
"""Of fewer coming meetings any number may vanish at once."""

_CHUNK = 500
_copy = meeting_copy.c


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneCopy:
    """A copy that has vanished for good."""

    meeting_id: int
    source_key: str
    since: datetime
    superseded: bool  # it lives on elsewhere, or what happened is told of its series: no cancellation of its own


def settle(connection: Connection, lease: Lease, now: datetime) -> list[GoneCopy]:
    """Mark as gone, and give, what has been missing for long enough; hold back what vanished with too many others.

    Where a second complete read is needed, the stream's cursor is forgotten, at most once in SETTLING.
    """
    missing = all_missing(connection, lease.stream_id)
    why = fates(connection, lease.stream_id, missing)
    counting = [one for one in missing if _counts(one, why[one.source_key])]
    held = _hold(connection, lease, missing, counting, now)
    ripe = _whole_series(missing, why, {one.source_key for one in missing if _is_ripe(one, held, lease, now)})
    gone = [one for one in missing if one.source_key in ripe]
    told = _tellers(connection, gone, why)
    still_held = held - ripe
    _mark_gone(connection, lease, sorted(ripe))
    _note_held(connection, lease, [one for one in counting if one.source_key in still_held], now)
    return [
        GoneCopy(
            meeting_id=one.meeting_id,
            source_key=one.source_key,
            since=one.since,
            superseded=why[one.source_key] is not Fate.DROPPED and one.source_key not in told,
        )
        for one in gone
    ]


def _counts(one: Missing, fate: Fate) -> bool:
    """Tell whether a copy counts among those that vanished at once: a meeting to come, and nothing explains it."""
    return one.was_to_come and not one.series and fate in (Fate.DROPPED, Fate.WITH_SERIES)


def _hold(
    connection: Connection, lease: Lease, missing: Sequence[Missing], counting: Sequence[Missing], now: datetime
) -> set[str]:
    """Hold all that is missing, if too much vanished at once; give the keys of what is held.

    What was held once stays so until it is confirmed, or nothing of it counts any more.
    """
    before = {one.source_key for one in missing if one.held}
    if counting and too_many(len(counting), _still_to_come(connection, lease.stream_id, now)):
        held = {one.source_key for one in missing}
    elif any(one.held for one in counting):
        held = before
    else:
        held = set[str]()
    if held != before:
        here = (_copy.stream_id == lease.stream_id) & _copy.missing_since.is_not(None) & ~_copy.gone
        connection.execute(update(meeting_copy).where(here).values(held=bool(held)))
    return held


def too_many(vanished: int, left: int) -> bool:
    """Tell whether so many of the meetings to come must not be believed to be off: more than half of at least ten."""
    return vanished + left >= FEW and vanished > left


def _still_to_come(connection: Connection, stream_id: int, now: datetime) -> int:
    shown = (_copy.stream_id == stream_id) & _copy.missing_since.is_(None) & ~_copy.gone
    meetings = select(func.count()).where(shown & (_copy.start > now) & (_copy.shape == ""))
    return connection.execute(meetings).scalar_one()


def _is_ripe(one: Missing, held: Collection[str], lease: Lease, now: datetime) -> bool:
    confirmed = one.source_key not in held or one.reads > 1
    return confirmed and _is_settled(one, lease, now)


def _is_settled(one: Missing, lease: Lease, now: datetime) -> bool:
    return one.since <= now - SETTLING and one.in_pass < lease.pass_number


def _whole_series(missing: Sequence[Missing], why: dict[str, Fate], ripe: set[str]) -> set[str]:
    """Leave out what is not ripe with all of its series: a series that was deleted is told once, so it goes at once."""
    together = [one for one in missing if one.series or why[one.source_key] is Fate.WITH_SERIES]
    waiting = {one.ical_uid for one in together if one.source_key not in ripe}
    return ripe - {one.source_key for one in together if one.ical_uid in waiting}


def _tellers(connection: Connection, gone: Sequence[Missing], why: dict[str, Fate]) -> set[str]:
    """Choose for each series that was deleted whole the one occurrence that tells it: the next that was to come.

    None if the series' own entry was still to begin, and so tells it itself, or was called off before.
    """
    coming: dict[str, list[Missing]] = defaultdict(list)
    for one in gone:
        if why[one.source_key] is Fate.WITH_SERIES and one.was_to_come:
            coming[one.ical_uid].append(one)
    own = {one.ical_uid: one for one in gone if one.series and one.ical_uid in coming}
    theirs = [one.meeting_id for some in coming.values() for one in some] + [one.meeting_id for one in own.values()]
    off = _called_off(connection, theirs)
    told = set[str]()
    for uid, occurrences in coming.items():
        entry = own.get(uid)
        if entry and (entry.meeting_id in off or (entry.was_to_come and why[entry.source_key] is Fate.DROPPED)):
            continue
        on = [one for one in occurrences if one.meeting_id not in off]
        told.update(one.source_key for one in sorted(on, key=lambda one: (one.start, one.source_key))[:1])
    return told


def _called_off(connection: Connection, meeting_ids: Sequence[int]) -> set[int]:
    """Give those of these meetings that are cancelled as it is."""
    last = dict[int, str]()
    for start in range(0, len(meeting_ids), _CHUNK):
        theirs = meeting_revision.c.meeting_id.in_(meeting_ids[start : start + _CHUNK])
        rows = select(meeting_revision.c.meeting_id, meeting_revision.c.status).where(theirs)
        for row in connection.execute(rows.order_by(meeting_revision.c.meeting_id, meeting_revision.c.seq)):
            last[row.meeting_id] = row.status
    return {one for one, status in last.items() if status == MeetingStatus.CANCELLED}


def _mark_gone(connection: Connection, lease: Lease, keys: Sequence[str]) -> None:
    for start in range(0, len(keys), _CHUNK):
        these = (_copy.stream_id == lease.stream_id) & _copy.source_key.in_(keys[start : start + _CHUNK])
        connection.execute(update(meeting_copy).where(these).values(gone=True, held=False))


def _note_held(connection: Connection, lease: Lease, held: Sequence[Missing], now: datetime) -> None:
    """Note how many are held; once they could be confirmed, have the next pull read everything."""
    mine = stream.c.id == lease.stream_id
    row = connection.execute(select(stream.c.held, stream.c.reread_at).where(mine)).one()
    reread_at = row.reread_at if held else None
    if any(_is_settled(one, lease, now) for one in held) and (reread_at is None or reread_at <= now - SETTLING):
        accounts.move_cursor(connection, lease, None)
        reread_at = now
    if (row.held, row.reread_at) != (len(held), reread_at):
        connection.execute(update(stream).where(mine).values(held=len(held), reread_at=reread_at))
