"""Copies of meetings: what each calendar showed last, what has changed, and what is missing from a complete read.

A copy that is missing is not gone yet: servers split, move and re-create events, and half-written files look like
deletions. It is gone when a later pull, at least SETTLING after the first, still does not show it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from keepwarm.storage.identity import content_id
from keepwarm.storage.tables import meeting, meeting_copy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.storage.accounts import Lease
    from keepwarm.storage.observations import Gone, MeetingSeen, Rejected, Scope

SETTLING = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneCopy:
    """A copy that has vanished for good."""

    meeting_id: int
    source_key: str
    since: datetime
    superseded: bool  # its series got another pattern or ended: no cancellation of its own


def content_hash(seen: MeetingSeen) -> str:
    """Hash all of a snapshot that a person would call a change."""
    return content_id(
        "h",
        seen.start.isoformat(),
        seen.end.isoformat(),
        str(seen.all_day),
        seen.status,
        seen.summary,
        seen.pattern,
        str(seen.sequence),
        seen.organizer.address if seen.organizer else "",
        *sorted(f"{one.address} {one.answer}" for one in seen.attendees),
        *_rarely_said(seen),
    )


def _rarely_said(seen: MeetingSeen) -> Iterator[str]:
    """Give what most snapshots do not say: left out where it is not said, so that older hashes hold."""
    if not seen.busy:
        yield "free"
    if seen.away:
        yield "away"
    if seen.agent:
        yield f"agent {seen.agent}"
    yield from sorted(f"attended {one.address} {one.attended}" for one in seen.attendees if one.attended is not None)


def compare(
    connection: Connection, lease: Lease, seen: Mapping[str, MeetingSeen], meeting_ids: Mapping[str, int]
) -> dict[str, bool]:
    """Bring the copies up to date; give the keys of those that changed, and whether each is new.

    ``seen`` and ``meeting_ids`` are by source key.
    """
    stored = _stored(connection, lease.stream_id, list(seen))
    hashes = {key: content_hash(one) for key, one in seen.items()}
    changed = {
        key: key not in stored
        for key in seen
        if key not in stored or stored[key] != (hashes[key], False, meeting_ids[key])
    }
    rows = [
        {
            "of_stream": lease.stream_id,
            "key": key,
            "of_meeting": meeting_ids[key],
            "starts": one.start,
            "hash": hashes[key],
            "pass": lease.pass_number,
        }
        for key, one in seen.items()
    ]
    _insert(connection, [row for row in rows if changed.get(str(row["key"]))])
    _touch(connection, [row for row in rows if str(row["key"]) not in changed])
    _change(connection, [row for row in rows if changed.get(str(row["key"])) is False])
    return changed


def _stored(connection: Connection, stream_id: int, keys: list[str]) -> dict[str, tuple[str, bool, int]]:
    columns = (
        meeting_copy.c.source_key,
        meeting_copy.c.content_hash,
        meeting_copy.c.gone,
        meeting_copy.c.meeting_id,
    )
    found: dict[str, tuple[str, bool, int]] = {}
    for start in range(0, len(keys), 500):
        mine = (meeting_copy.c.stream_id == stream_id) & meeting_copy.c.source_key.in_(keys[start : start + 500])
        for row in connection.execute(select(*columns).where(mine)):
            found[row.source_key] = (row.content_hash, row.gone, row.meeting_id)
    return found


def _insert(connection: Connection, rows: list[dict[str, object]]) -> None:
    if rows:
        connection.execute(
            meeting_copy.insert().values(
                stream_id=bindparam("of_stream"),
                source_key=bindparam("key"),
                meeting_id=bindparam("of_meeting"),
                start=bindparam("starts"),
                content_hash=bindparam("hash"),
                seen_in_pass=bindparam("pass"),
                changed_in_pass=bindparam("pass"),
                gone=False,
            ),
            rows,
        )


_THIS_ONE = (meeting_copy.c.stream_id == bindparam("of_stream")) & (meeting_copy.c.source_key == bindparam("key"))


def _touch(connection: Connection, rows: list[dict[str, object]]) -> None:
    if rows:
        connection.execute(
            update(meeting_copy)
            .where(_THIS_ONE)
            .values(seen_in_pass=bindparam("pass"), missing_since=None, missing_in_pass=None),
            rows,
        )


def _change(connection: Connection, rows: list[dict[str, object]]) -> None:
    if rows:
        connection.execute(
            update(meeting_copy)
            .where(_THIS_ONE)
            .values(
                meeting_id=bindparam("of_meeting"),
                start=bindparam("starts"),
                content_hash=bindparam("hash"),
                seen_in_pass=bindparam("pass"),
                changed_in_pass=bindparam("pass"),
                missing_since=None,
                missing_in_pass=None,
                gone=False,
            ),
            rows,
        )


def note_rejected(connection: Connection, lease: Lease, items: Iterable[Rejected]) -> None:
    """Count the copies of broken events as seen: they are there, only nobody can read them now."""
    for item in items:
        if item.source_key.endswith("/"):  # a UID with all its occurrences
            of_this = meeting_copy.c.source_key.startswith(item.source_key, autoescape=True)
            connection.execute(
                update(meeting_copy)
                .where((meeting_copy.c.stream_id == lease.stream_id) & of_this)
                .values(seen_in_pass=lease.pass_number, missing_since=None, missing_in_pass=None)
            )


def note_missing(connection: Connection, lease: Lease, scopes: Iterable[Scope], now: datetime) -> None:
    """Mark what a complete read of ``scopes`` did not show."""
    for scope in scopes:
        unseen = (
            (meeting_copy.c.stream_id == lease.stream_id)
            & (meeting_copy.c.seen_in_pass < lease.pass_number)
            & meeting_copy.c.missing_since.is_(None)
            & ~meeting_copy.c.gone
        )
        if scope.since is not None:
            unseen &= meeting_copy.c.start >= scope.since
        if scope.until is not None:
            unseen &= meeting_copy.c.start < scope.until
        connection.execute(
            update(meeting_copy).where(unseen).values(missing_since=now, missing_in_pass=lease.pass_number)
        )


def settled(connection: Connection, lease: Lease, now: datetime) -> list[GoneCopy]:
    """Mark as gone, and give, what has been missing since an earlier pull and for the settling time."""
    ripe = (
        (meeting_copy.c.stream_id == lease.stream_id)
        & (meeting_copy.c.missing_since <= now - SETTLING)
        & (meeting_copy.c.missing_in_pass < lease.pass_number)
        & ~meeting_copy.c.gone
    )
    columns = (
        meeting_copy.c.meeting_id,
        meeting_copy.c.source_key,
        meeting_copy.c.missing_since,
        meeting_copy.c.missing_in_pass,
        meeting.c.ical_uid,
        meeting.c.recurrence_id,
    )
    rows = connection.execute(
        select(*columns)
        .join(meeting, meeting.c.id == meeting_copy.c.meeting_id)
        .where(ripe)
        .order_by(meeting_copy.c.source_key)
    ).all()
    gone = [
        GoneCopy(
            meeting_id=row.meeting_id,
            source_key=row.source_key,
            since=row.missing_since,
            superseded=bool(row.recurrence_id)
            and _series_changed(connection, lease.stream_id, row.ical_uid, row.missing_in_pass),
        )
        for row in rows
    ]
    connection.execute(update(meeting_copy).where(ripe).values(gone=True))
    return gone


def delete(connection: Connection, lease: Lease, tombstones: Iterable[Gone], now: datetime) -> list[GoneCopy]:
    """Mark as gone, and give, what the source itself says was deleted; unknown keys are ignored."""
    gone = []
    for tombstone in tombstones:
        mine = (
            (meeting_copy.c.stream_id == lease.stream_id)
            & (meeting_copy.c.source_key == tombstone.source_key)
            & ~meeting_copy.c.gone
        )
        row = connection.execute(select(meeting_copy.c.meeting_id).where(mine)).one_or_none()
        if row is not None:
            connection.execute(update(meeting_copy).where(mine).values(gone=True))
            gone.append(
                GoneCopy(meeting_id=row.meeting_id, source_key=tombstone.source_key, since=now, superseded=False)
            )
    return gone


def _series_changed(connection: Connection, stream_id: int, ical_uid: str, in_pass: int) -> bool:
    """Tell whether the series' own entry changed, or went, in the pull that missed its occurrence."""
    own_entry = (
        select(meeting_copy.c.changed_in_pass, meeting_copy.c.missing_in_pass)
        .join(meeting, meeting.c.id == meeting_copy.c.meeting_id)
        .where(
            meeting_copy.c.stream_id == stream_id,
            meeting.c.ical_uid == ical_uid,
            meeting.c.recurrence_id == "",
        )
    )
    return any(in_pass in (row.changed_in_pass, row.missing_in_pass) for row in connection.execute(own_entry))
