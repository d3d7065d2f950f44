"""Rejections: items that could not be read, kept for the user to see until they can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from keepwarm.storage.tables import rejected

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.storage.observations import Batch, Rejected

_CHUNK = 500


def note(connection: Connection, stream_id: int, batch: Batch, now: datetime) -> tuple[Rejected, ...]:
    """Note what a batch could not read, and strike out what it could; give what was not known to be broken."""
    broken = {item.source_key: item for item in batch.rejected}
    known: set[str] = set()
    if _any(connection, stream_id):  # of most streams nothing ever is
        known = _known(connection, stream_id, {item.source_key for item in batch.seen} | broken.keys())
    # An item can be both: a message whose invitation cannot be read.
    _strike_out(connection, stream_id, known - broken.keys())
    new = tuple(item for key, item in broken.items() if key not in known)
    rows = [
        {
            "stream_id": stream_id,
            "source_key": item.source_key,
            "reason": item.reason,
            "where": item.where,
            "first_seen": now,
        }
        for item in new
    ]
    if rows:
        connection.execute(rejected.insert(), rows)
    return new


def keep_only(connection: Connection, stream_id: int, still_broken: Collection[str]) -> None:
    """Strike out what a pull that showed everything no longer shows as broken."""
    mine = select(rejected.c.source_key).where(rejected.c.stream_id == stream_id)
    _strike_out(connection, stream_id, set(connection.execute(mine).scalars()).difference(still_broken))


def forget_all(connection: Connection, stream_id: int) -> None:
    """Strike out all of a stream: in its new generation the items have other keys."""
    connection.execute(delete(rejected).where(rejected.c.stream_id == stream_id))


def _any(connection: Connection, stream_id: int) -> bool:
    one = select(rejected.c.source_key).where(rejected.c.stream_id == stream_id).limit(1)
    return connection.execute(one).first() is not None


def _known(connection: Connection, stream_id: int, keys: Collection[str]) -> set[str]:
    found: set[str] = set()
    for some in _chunks(keys):
        mine = (rejected.c.stream_id == stream_id) & rejected.c.source_key.in_(some)
        found.update(connection.execute(select(rejected.c.source_key).where(mine)).scalars())
    return found


def _strike_out(connection: Connection, stream_id: int, keys: Collection[str]) -> None:
    for some in _chunks(keys):
        mine = (rejected.c.stream_id == stream_id) & rejected.c.source_key.in_(some)
        connection.execute(delete(rejected).where(mine))


def _chunks(keys: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(keys)
    return (ordered[start : start + _CHUNK] for start in range(0, len(ordered), _CHUNK))
