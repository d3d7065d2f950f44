"""Forgetting in the feed: its old lines keep their numbers and nothing else, and a last one says who is forgotten.

A line that says something else than before is another line, so it gets another id; should the contact ever come back,
whatever is true then is told under its own.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, select, update

from keepwarm.storage.identity import content_id, happening_id
from keepwarm.storage.tables import feed_entry, feed_pending, webhook_line
from keepwarm.storage.views import ContactRef

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

SCOPE = "forgotten"
"""Of lines that nobody looks at to see what was told of a contact."""

_CHUNK = 400
_HAPPENINGS = ("created", "rescheduled", "cancelled", "declined", "accepted", "held", "no_show")
_NOTHING = {"rule": SCOPE, "strength": "weak", "sentence": "", "historical": True, "facts": {}, "evidence": []}


def forget(connection: Connection, contact_ids: Collection[str], now: datetime) -> int:
    """Empty all lines about these contacts, and tell of each of whom any was told; give how many lines were emptied."""
    ids = sorted(contact_ids)
    connection.execute(delete(feed_pending).where(feed_pending.c.contact_id.in_(ids)))
    theirs = feed_entry.c.contact_id.in_(ids) & (feed_entry.c.scope != SCOPE)
    rows = connection.execute(select(feed_entry).where(theirs).order_by(feed_entry.c.seq)).all()
    if not rows:
        return 0
    last = {row.contact_id: row.id for row in rows}
    newest: int = connection.execute(select(func.max(feed_entry.c.seq))).scalar_one()
    emptied = [
        {
            "number": row.seq,
            "new_id": _other(row.id, newest),
            "new_contact": _only(row.contact_id),
            "new_data": _emptied(row.type, row.data, newest),
        }
        for row in rows
    ]
    connection.execute(_EMPTY, emptied)
    waiting = select(feed_entry.c.seq).where(feed_entry.c.contact_id.in_(ids))
    connection.execute(delete(webhook_line).where(webhook_line.c.seq.in_(waiting)))
    told = [
        {
            "seq": seq,
            "id": content_id("fgt", who, _other(line, newest)),
            "type": "contact.forgotten",
            "time": now,
            "contact_id": who,
            "contact": _only(who),
            "data": {},
            "scope": SCOPE,
        }
        for seq, (who, line) in enumerate(sorted(last.items()), start=newest + 1)
    ]
    connection.execute(feed_entry.insert(), told)
    return len(rows)


def rename(connection: Connection, contact_ids: Collection[str], refs: Mapping[str, str]) -> None:
    """Call what was told of other people's meetings after the refs that their revisions have now, or it is told twice.

    ``refs`` gives the new one by the old one.
    """
    new = {
        happening_id(who, before, change): happening_id(who, after, change)
        for who in contact_ids
        for before, after in refs.items()
        for change in _HAPPENINGS
    }
    ids = sorted(new)
    for start in range(0, len(ids), _CHUNK):
        some = feed_entry.c.id.in_(ids[start : start + _CHUNK])
        told = connection.execute(select(feed_entry.c.id).where(some)).scalars().all()
        if told:
            connection.execute(_RENAME, [{"before": one, "after": new[one]} for one in told])


_RENAME = update(feed_entry).where(feed_entry.c.id == bindparam("before")).values(id=bindparam("after"))
_EMPTY = (
    update(feed_entry)
    .where(feed_entry.c.seq == bindparam("number"))
    .values(id=bindparam("new_id"), contact=bindparam("new_contact"), data=bindparam("new_data"), scope=SCOPE)
)


def _other(line_id: str, newest: int) -> str:
    """Give the new id of a line; ``newest`` is the number of the last line then, as one may be forgotten twice."""
    return content_id("gone", line_id, str(newest))


def _only(contact_id: str) -> dict[str, Any]:
    ref = ContactRef(id=contact_id, name="", addresses=(), organisation=None, labels=())
    return {**asdict(ref), "addresses": [], "labels": []}


def _emptied(kind: str, data: dict[str, Any], newest: int) -> dict[str, Any]:
    """Give data that the schema allows and that say nothing but which lines, and contacts, belong together."""
    match kind:
        case "signal.opened":
            return _NOTHING
        case "signal.cleared":
            return {**_NOTHING, "signal": _other(data["signal"], newest)}
        case "warmth.changed":
            return {"before": 0.0, "after": 0.0, "band": "cold", "cause": SCOPE, "signal": None}
        case "meeting.changed":
            return {"change": "created", "by": "unknown", "notice_hours": None}
        case "contact.merged":
            return {"merged": data["merged"], "into": data["into"], "addresses": []}
        case _:
            return {}
