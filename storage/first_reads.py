"""First reads: which accounts' histories are still to be read, and how long the others wait for that.

What is told before an account is read whole may have to be taken back: so the feed waits for the first reads with which
everything begins. It does not wait for ever: an account that has got no further for a day (its server is gone, its
password refused) holds back nobody. And once something was told, an account that is added holds back the people of its
own mail only: what is known of all others is as true as it was before it came.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, select

from keepwarm.storage import settings
from keepwarm.storage.tables import (
    account,
    address,
    feed_pending,
    meeting_copy,
    meeting_party,
    meeting_revision,
    message,
    message_party,
    stream,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

PATIENCE = timedelta(days=1)
"""How long a first read that does not get on is waited for."""

_TRIES = 5
"""Tries to read a stream for the first time, each of which may be the last that fails."""

_WAITS = "first_reads"


def unfinished(connection: Connection, account_names: Iterable[str]) -> list[str]:
    """Name, of these accounts, those that were never tried, and those whose first read goes on or broke off.

    A stream of which nothing can be read at all, for good or again and again, does not count: it may stay so for ever.
    One that is gone does not either.
    """
    is_there = exists().where(stream.c.account_id == account.c.id, _is_unfinished())
    known = select(account.c.name, is_there.label("is_unfinished"))
    is_unfinished = {row.name: row.is_unfinished for row in connection.execute(known)}
    return [name for name in dict.fromkeys(account_names) if is_unfinished.get(name, True)]


def note(connection: Connection, account_names: Iterable[str], now: datetime) -> None:
    """Note how far the first reads have come, by which it is seen since when one has got no further."""
    before = settings.get(connection, _WAITS) or {}
    found = {}
    for name in unfinished(connection, account_names):
        reached = _reached(connection, name)
        known = before.get(name, {})
        since = settings.moment(known.get("since"))
        stands_still = known.get("reached") == reached and since is not None and since <= now
        found[name] = known if stands_still else {"reached": reached, "since": now.isoformat()}
    settings.put(connection, _WAITS, found)


def waited_for(connection: Connection, account_names: Iterable[str], now: datetime) -> list[str]:
    """Name the accounts whose first read is to be over before all that is known is believed."""
    still = stalled(connection, account_names, now)
    return [name for name in unfinished(connection, account_names) if name not in still]


def stalled(connection: Connection, account_names: Iterable[str], now: datetime) -> dict[str, datetime]:
    """Give the accounts whose first read has got no further for so long that nobody waits for it, and since when."""
    waits = settings.get(connection, _WAITS) or {}
    found = {}
    for name in unfinished(connection, account_names):
        known = waits.get(name, {})
        since = settings.moment(known.get("since"))
        if since and now - since >= PATIENCE and known["reached"] == _reached(connection, name):
            found[name] = since
    return found


def people_of(connection: Connection, account_names: Collection[str]) -> frozenset[str]:
    """Name the contacts of whom there is something to be told, and of whom these accounts have brought something."""
    theirs = select(stream.c.id).join(account).where(account.c.name.in_(account_names))
    by_mail = (
        exists()
        .where(message_party.c.address_id == address.c.id, message.c.id == message_party.c.message_id)
        .where(message.c.stream_id.in_(theirs))
    )
    by_meeting = (
        exists()
        .where(meeting_party.c.address_id == address.c.id, meeting_revision.c.id == meeting_party.c.revision_id)
        .where(meeting_copy.c.meeting_id == meeting_revision.c.meeting_id, meeting_copy.c.stream_id.in_(theirs))
    )
    waiting = address.c.contact_id.in_(select(feed_pending.c.contact_id))
    found = select(address.c.contact_id).where(waiting, by_mail | by_meeting).distinct()
    return frozenset(connection.execute(found).scalars())


def _is_unfinished() -> ColumnElement[bool]:
    passing = stream.c.retry_at.is_not(None) & (stream.c.failures < _TRIES)
    hoped_for = stream.c.cursor.is_not(None) | (stream.c.failures == 0) | passing
    return stream.c.first_complete.is_(None) & stream.c.listed & hoped_for


def _reached(connection: Connection, name: str) -> str:
    """Tell how far an account was read: another text once it has got further; "" if it was never listed."""
    columns = (stream.c.name, stream.c.cursor, stream.c.first_complete)
    rows: list[Any] = list(
        connection.execute(select(*columns).join(account).where(account.c.name == name).order_by(stream.c.name)).all()
    )
    told = repr([(row.name, row.cursor, row.first_complete is not None) for row in rows])
    return sha256(told.encode()).hexdigest()[:16] if rows else ""
