"""Mergings in the feed: which contacts it has told of that are part of another one now, and which are back.

What the feed said last of a contact's fate is held against what is true now. A line is named after the one before it,
so that a second merging, or a second separation, is another line, and the same never one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import literal_column, select

from keepwarm.storage.identity import contact_id, content_id
from keepwarm.storage.kinship import families
from keepwarm.storage.tables import contact, feed_entry

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from keepwarm.storage.kinship import Merging

_CHUNK = 400


@dataclass(frozen=True, slots=True)
class _Told:
    """What the feed said last of a contact."""

    seq: int
    line_id: str
    time: datetime
    into: str | None  # the contact that it is part of; None: it is there


@dataclass(frozen=True, slots=True)
class _Part:
    into: str
    merging: Merging


def untold(connection: Connection) -> list[dict[str, Any]]:
    """Give the lines (``id``, ``type``, ``time``, ``contact_id``, ``data``) by which the feed would be true again."""
    parts = {
        contact_id(merging.gone): _Part(contact_id(head), merging)
        for head, merged in families(connection).merged().items()
        for merging in merged
    }
    told = _told(connection, parts)
    there = _there(connection, {*told, *(part.into for part in parts.values())})
    lines = []
    for gone, last in sorted(told.items()):
        part = parts.get(gone)
        if part is not None and part.into in there:
            if last.into != part.into:
                lines.append(_merged(gone, part, last))
        elif gone in there and last.into is not None:
            lines.append(_back(gone, last))
    return lines


def _told(connection: Connection, parts: Iterable[str]) -> dict[str, _Told]:
    """Give what was told last of each contact that is, or was, part of another one; left out is who is not known."""
    of_mergings: ColumnElement[str] = literal_column("'contact.merged'")  # no parameter: an index holds these lines
    rows = connection.execute(select(feed_entry).where(feed_entry.c.type == of_mergings).order_by(feed_entry.c.seq))
    last = {row.data["merged"]: _Told(row.seq, row.id, row.time, row.contact_id) for row in rows}
    wanted = sorted({*last, *parts})
    for start in range(0, len(wanted), _CHUNK):
        added = feed_entry.c.contact_id.in_(wanted[start : start + _CHUNK]) & (feed_entry.c.type == "contact.added")
        for row in connection.execute(select(feed_entry).where(added).order_by(feed_entry.c.seq)):
            if row.contact_id not in last or row.seq > last[row.contact_id].seq:
                last[row.contact_id] = _Told(row.seq, row.id, row.time, None)
    return last


def _there(connection: Connection, wanted: Iterable[str]) -> set[str]:
    ids = sorted(wanted)
    found: set[str] = set()
    for start in range(0, len(ids), _CHUNK):
        some = contact.c.id.in_(ids[start : start + _CHUNK])
        found.update(connection.execute(select(contact.c.id).where(some)).scalars())
    return found


def _merged(gone: str, part: _Part, last: _Told) -> dict[str, Any]:
    return {
        "id": content_id("mrg", gone, part.into, last.line_id),
        "type": "contact.merged",
        "time": part.merging.at,
        "contact_id": part.into,
        "data": {"merged": gone, "into": part.into, "addresses": list(part.merging.addresses)},
    }


def _back(gone: str, last: _Told) -> dict[str, Any]:
    """Tell of a contact again: it never was part of the other, as with a signal that never was."""
    return {
        "id": content_id("add", gone, last.line_id),
        "type": "contact.added",
        "time": last.time,
        "contact_id": gone,
        "data": {},
    }
