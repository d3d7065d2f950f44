"""Copies of meetings: what each calendar showed last, and what of it has changed.

What is no longer shown: ``missing``. What becomes of it: ``vanishing``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from keepwarm.storage.identity import content_id
from keepwarm.storage.prefixes import end_of
from keepwarm.storage.tables import meeting_copy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.storage.accounts import Lease
    from keepwarm.storage.observations import MeetingSeen, Rejected

_CHUNK = 500
_SHOWN = {"missing_since": None, "missing_in_pass": None, "missed_reads": 0, "buried": False, "held": False}
_THIS_ONE = (meeting_copy.c.stream_id == bindparam("of_stream")) & (meeting_copy.c.source_key == bindparam("key"))


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
    if seen.online:
        yield "online"
    if seen.agent:
        yield f"agent {seen.agent}"
    yield from sorted(f"attended {one.address} {one.attended}" for one in seen.attendees if one.attended is not None)


def shape_of(seen: MeetingSeen) -> str:
    """Hash when a series is held, as its own entry says; "" for all else. A dropped occurrence does not change it."""
    if not seen.pattern:
        return ""
    return content_id("p", seen.pattern, seen.start.isoformat(), seen.end.isoformat(), str(seen.all_day))


@dataclass(frozen=True, slots=True)
class _Known:
    """What is stored of a copy."""

    content_hash: str
    meeting_id: int
    gone: bool
    shape: str
    changed_in_pass: int
    shown_since: datetime | None


def compare(
    connection: Connection, lease: Lease, seen: Mapping[str, MeetingSeen], meeting_ids: Mapping[str, int], now: datetime
) -> dict[str, bool]:
    """Bring the copies up to date; give the keys of those that changed, and whether each is new.

    ``seen`` and ``meeting_ids`` are by source key.
    """
    stored = _stored(connection, lease.stream_id, list(seen))
    new, changed, reshaped, same = list[str](), list[str](), list[str](), list[str]()
    rows = {}
    for key, one in seen.items():
        row = rows[key] = _row(lease, key, one, meeting_ids[key], now)
        known = stored.get(key)
        if known is None:
            new.append(key)
            continue
        if known.shape == row["shape"]:
            row["changed"] = known.changed_in_pass
        if (known.meeting_id, known.gone) == (meeting_ids[key], False):
            row["since"] = known.shown_since
        if (known.content_hash, known.meeting_id, known.gone) != (row["hash"], meeting_ids[key], False):
            changed.append(key)
        else:  # of a copy that was stored before shapes were, only that is to be noted
            (same if known.shape == row["shape"] else reshaped).append(key)
    _insert(connection, [rows[key] for key in new])
    _change(connection, [rows[key] for key in changed + reshaped])
    _touch(connection, lease, same)
    return dict.fromkeys(new, True) | dict.fromkeys(changed, False)


def _row(lease: Lease, key: str, one: MeetingSeen, meeting_id: int, now: datetime) -> dict[str, object]:
    return {
        "of_stream": lease.stream_id,
        "key": key,
        "of_meeting": meeting_id,
        "starts": one.start,
        "hash": content_hash(one),
        "shape": shape_of(one),
        "since": now,
        "pass": lease.pass_number,
        "changed": lease.pass_number,
    }


def _stored(connection: Connection, stream_id: int, keys: list[str]) -> dict[str, _Known]:
    columns = (
        meeting_copy.c.source_key,
        meeting_copy.c.content_hash,
        meeting_copy.c.meeting_id,
        meeting_copy.c.gone,
        meeting_copy.c.shape,
        meeting_copy.c.changed_in_pass,
        meeting_copy.c.shown_since,
    )
    found: dict[str, _Known] = {}
    for start in range(0, len(keys), _CHUNK):
        mine = (meeting_copy.c.stream_id == stream_id) & meeting_copy.c.source_key.in_(keys[start : start + _CHUNK])
        for key, *known in connection.execute(select(*columns).where(mine)):
            found[key] = _Known(*known)
    return found


_VALUES = {
    "meeting_id": bindparam("of_meeting"),
    "start": bindparam("starts"),
    "content_hash": bindparam("hash"),
    "shape": bindparam("shape"),
    "shown_since": bindparam("since"),
    "seen_in_pass": bindparam("pass"),
    "changed_in_pass": bindparam("changed"),
    "gone": False,
}


def _insert(connection: Connection, rows: list[dict[str, object]]) -> None:
    if rows:
        connection.execute(
            meeting_copy.insert().values(stream_id=bindparam("of_stream"), source_key=bindparam("key"), **_VALUES), rows
        )


def _change(connection: Connection, rows: list[dict[str, object]]) -> None:
    if rows:
        connection.execute(update(meeting_copy).where(_THIS_ONE).values(**_VALUES, **_SHOWN), rows)


def _touch(connection: Connection, lease: Lease, keys: list[str]) -> None:
    for start in range(0, len(keys), _CHUNK):
        these = meeting_copy.c.source_key.in_(keys[start : start + _CHUNK])
        connection.execute(
            update(meeting_copy)
            .where((meeting_copy.c.stream_id == lease.stream_id) & these)
            .values(seen_in_pass=lease.pass_number, **_SHOWN)
        )


def note_rejected(connection: Connection, lease: Lease, items: Iterable[Rejected]) -> None:
    """Count the copies of broken events as seen: they are there, only nobody can read them now."""
    for item in items:
        if item.source_key.endswith("/"):  # a UID with all its occurrences
            mine = (meeting_copy.c.stream_id == lease.stream_id) & ~meeting_copy.c.gone
            key = meeting_copy.c.source_key
            connection.execute(
                update(meeting_copy)
                .where(mine & (key >= item.source_key) & (key < end_of(item.source_key)))
                .values(seen_in_pass=lease.pass_number, **_SHOWN)
            )
