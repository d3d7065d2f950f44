"""Attention as it is stored: by contact and month, with who each contact was when it was last taken into account.

Whatever changes here, or in a contact's signals, has its organisation judged again; and the practice, if it changes a
month that a picture of the practice was drawn from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from keepwarm.storage import settings
from keepwarm.storage.identity import hash63
from keepwarm.storage.standings import AttentionMonth
from keepwarm.storage.tables import attention, contact, organisation, signal, standing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.storage.standings import Standing

_PRACTICE = "practice"


def differs(connection: Connection, found: Standing) -> bool:
    """Tell whether a contact's standing is another one than what is stored."""
    return bool(_changed(connection, found)) or _stored_row(connection, found) != _row(found)


def take(connection: Connection, found: Standing, *, signals_changed: bool) -> None:
    """Store a contact's standing, and note who has to be judged again because of it."""
    changed, before = _changed(connection, found), _stored_row(connection, found)
    after = _row(found)
    if not (changed or before != after or signals_changed):
        return
    _write_months(connection, found, changed)
    if before != after:
        connection.execute(delete(standing).where(standing.c.contact_id == found.contact_id))
        connection.execute(standing.insert().values(after))
    mark_dirty(connection, {one["organisation"] for one in (before, after) if one})
    drawn = practice_drawn(connection)
    renamed = before is not None and before["digest"] != after["digest"]
    if renamed or (drawn is not None and any(month < f"{drawn:%Y-%m}" for month in changed)):
        mark_practice_stale(connection)


def let_go(connection: Connection) -> set[str]:
    """Forget who is no contact any more, and the findings about an organisation of whoever has left it.

    Gives the contacts whose findings went.
    """
    left = select(standing.c.contact_id, standing.c.organisation).join_from(
        standing, contact, contact.c.id == standing.c.contact_id, isouter=True
    )
    gone = connection.execute(left.where(contact.c.id.is_(None))).all()
    if gone:
        connection.execute(delete(standing).where(standing.c.contact_id.in_([row.contact_id for row in gone])))
        mark_dirty(connection, {row.organisation for row in gone})
        mark_practice_stale(connection)
    moved = connection.execute(
        select(signal.c.id, signal.c.contact_id)
        .join(contact, contact.c.id == signal.c.contact_id)
        .where(signal.c.scope == "organisation", signal.c.about.is_distinct_from(contact.c.organisation))
    ).all()
    if moved:
        connection.execute(delete(signal).where(signal.c.id.in_([row.id for row in moved])))
    return {row.contact_id for row in moved}


def forget_all(connection: Connection) -> None:
    """Forget every standing, and that organisations and the practice were ever judged."""
    connection.execute(delete(attention))
    connection.execute(delete(standing))
    connection.execute(update(organisation).values(dirty=True, evaluated_to=None, next_evaluation=None))
    settings.put(connection, _PRACTICE, {"drawn": None, "stale": True})


def mark_all_dirty(connection: Connection) -> None:
    """Have all organisations and the practice judged anew, after the rules or a setting have changed."""
    connection.execute(update(organisation).values(dirty=True))
    mark_practice_stale(connection)


def mark_dirty(connection: Connection, domains: Iterable[str | None]) -> None:
    """Have these organisations judged anew."""
    if named := sorted(one for one in domains if one is not None):
        clean = organisation.c.domain.in_(named) & ~organisation.c.dirty
        connection.execute(update(organisation).where(clean).values(dirty=True))


def mark_practice_stale(connection: Connection) -> None:
    """Have the pictures of the practice drawn anew."""
    known = settings.get(connection, _PRACTICE) or {"drawn": None}
    settings.put(connection, _PRACTICE, {**known, "stale": True})


def practice_drawn(connection: Connection) -> datetime | None:
    """Give the moment of the last picture of the practice; None before the first."""
    known = settings.get(connection, _PRACTICE) or {}
    return settings.moment(known.get("drawn"))


def practice_is_stale(connection: Connection, last_look: datetime) -> bool:
    """Tell whether something has changed, or a picture later than the last one can be drawn."""
    known = settings.get(connection, _PRACTICE) or {"stale": True}
    drawn = practice_drawn(connection)
    return bool(known["stale"]) or drawn is None or drawn < last_look


def practice_was_drawn(connection: Connection, look: datetime) -> None:
    """Note up to when the practice was judged."""
    settings.put(connection, _PRACTICE, {"drawn": look.isoformat(), "stale": False})


def _changed(connection: Connection, found: Standing) -> set[str]:
    """Name the months that are not what is stored."""
    columns = [attention.c[name] for name in AttentionMonth._fields]
    rows = connection.execute(select(*columns).where(attention.c.contact_id == found.contact_id))
    stored = {row.month: AttentionMonth(*row)._replace(reply_hours=tuple(row.reply_hours)) for row in rows}
    new = {one.month: one for one in found.months}
    return {month for month in stored.keys() | new.keys() if stored.get(month) != new.get(month)}


def _write_months(connection: Connection, found: Standing, changed: set[str]) -> None:
    if not changed:
        return
    theirs = attention.c.contact_id == found.contact_id
    connection.execute(delete(attention).where(theirs, attention.c.month.in_(sorted(changed))))
    rows = [
        {"contact_id": found.contact_id, **one._asdict(), "reply_hours": list(one.reply_hours)}
        for one in found.months
        if one.month in changed
    ]
    if rows:
        connection.execute(attention.insert(), rows)


def _row(found: Standing) -> dict[str, Any]:
    return {
        "contact_id": found.contact_id,
        "organisation": found.organisation,
        "digest": hash63(repr((found.name, sorted(found.labels)))),
        "judged_since": found.judged_since,
    }


def _stored_row(connection: Connection, found: Standing) -> dict[str, Any] | None:
    row = connection.execute(select(standing).where(standing.c.contact_id == found.contact_id)).one_or_none()
    return None if row is None else dict(row._mapping)
