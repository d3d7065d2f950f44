"""The queue of a webhook: how far the feed was taken in for it, and the lines that are still to be posted.

A line is posted after every earlier one about its contact. What is kept of one is its number: what it says is read from
the feed when it is posted, so that nothing of it lies here that was wiped there. Only one process posts at a time: the
one that holds the webhook, for a while that is longer than any posting takes, and renews that before each.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update

from keepwarm.storage import settings
from keepwarm.storage.feed import entry_of
from keepwarm.storage.tables import feed_entry, webhook, webhook_line

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from keepwarm.storage.views import FeedEntry

HELD_FOR = timedelta(seconds=60)
_CHUNK = 400

_OF_SIGNALS = frozenset({"signal.opened", "signal.cleared"})
_OF_WHO_IS_WHO = frozenset({"contact.merged", "contact.forgotten"})


class HeldElsewhere(Exception):
    """Another process posts, or has posted within the last minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """How a webhook stands."""

    key: str  # a keyed hash of its address
    began: datetime  # lines of what happened before are not for it
    taken_to: int  # seq
    held_until: datetime | None
    rests_until: datetime | None
    failures: int  # of the endpoint itself, one after the other
    gone_at: datetime | None
    sent: int
    sent_at: datetime | None
    problem: str
    what_to_do: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A line that is still to be posted, or was given up."""

    seq: int
    contact_id: str
    type: str
    attempts: int
    retry_at: datetime | None  # None: it was not tried yet
    dead_at: datetime | None
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A line that is about to be posted by whoever claimed it."""

    entry: FeedEntry
    attempts: int  # this one included


def find(connection: Connection, url: str) -> Endpoint | None:
    """Give how the webhook at this address stands; None if nothing was ever posted there."""
    secret = settings.get(connection, "hash_key")
    if secret is None:
        return None
    row = connection.execute(select(webhook).where(webhook.c.endpoint == _key(secret, url))).one_or_none()
    return None if row is None else _endpoint(row)


def adopt(connection: Connection, url: str, now: datetime) -> Endpoint:
    """Give how the webhook at this address stands; a new one begins with what the feed will tell from now on.

    What was to be posted to another address is dropped.
    """
    settings.hash_key(connection)
    known = find(connection, url)
    if known is not None:
        return known
    forget(connection)
    newest: int = connection.execute(select(func.coalesce(func.max(feed_entry.c.seq), 0))).scalar_one()
    connection.execute(
        webhook.insert().values(
            endpoint=_key(settings.get(connection, "hash_key"), url),
            began=now,
            taken_to=newest,
            holder="",
            failures=0,
            sent=0,
            problem="",
            what_to_do="",
        )
    )
    found = find(connection, url)
    assert found is not None  # noqa: S101 - for the type checker
    return found


def is_known(connection: Connection) -> bool:
    """Tell whether anything is known of any webhook."""
    return connection.execute(select(webhook.c.endpoint).limit(1)).scalar() is not None


def forget(connection: Connection) -> None:
    """Drop what is known of any webhook."""
    connection.execute(delete(webhook_line))
    connection.execute(delete(webhook))


def take_in(connection: Connection, endpoint: Endpoint, events: Collection[str]) -> int:
    """Queue the lines of these types that the feed has told since the last time; give how many.

    What is history is left out: signals that are marked so, and anything else that happened before the webhook began.
    """
    taken, queued = endpoint.taken_to, 0
    columns = (feed_entry.c.seq, feed_entry.c.type, feed_entry.c.time, feed_entry.c.data)
    wanted = select(*columns).where(feed_entry.c.type.in_(events))
    while True:
        rows = connection.execute(wanted.where(feed_entry.c.seq > taken).order_by(feed_entry.c.seq).limit(_CHUNK)).all()
        new = [{"seq": row.seq, "attempts": 0, "problem": ""} for row in rows if _is_news(row, endpoint.began)]
        queued += _queue(connection, new)
        if len(rows) < _CHUNK:
            break
        taken = rows[-1].seq
    newest: int = connection.execute(select(func.coalesce(func.max(feed_entry.c.seq), 0))).scalar_one()
    connection.execute(_mine(endpoint).values(taken_to=max(newest, endpoint.taken_to)))
    return queued


def is_behind(connection: Connection, endpoint: Endpoint) -> bool:
    """Tell whether the feed has lines that were not looked at."""
    newer = select(feed_entry.c.seq).where(feed_entry.c.seq > endpoint.taken_to).limit(1)
    return connection.execute(newer).scalar() is not None


def waiting(connection: Connection, *, dead: bool = False) -> list[Waiting]:
    """Give the lines that are to be posted, or those that were given up, in their order."""
    its = webhook_line.c.dead_at.is_not(None) if dead else webhook_line.c.dead_at.is_(None)
    rows = (
        select(webhook_line, feed_entry.c.contact_id, feed_entry.c.type)
        .join(feed_entry, feed_entry.c.seq == webhook_line.c.seq)
        .where(its)
        .order_by(webhook_line.c.seq)
    )
    return [
        Waiting(
            seq=row.seq,
            contact_id=row.contact_id,
            type=row.type,
            attempts=row.attempts,
            retry_at=row.retry_at,
            dead_at=row.dead_at,
            problem=row.problem,
        )
        for row in connection.execute(rows)
    ]


def heads(connection: Connection) -> list[Waiting]:
    """Give of each contact the line that is to be posted next, in their order."""
    first: dict[str, Waiting] = {}
    for one in waiting(connection):
        first.setdefault(one.contact_id, one)
    return list(first.values())


def hold(connection: Connection, endpoint: Endpoint, holder: str, now: datetime) -> None:
    """Be the one who posts, for a minute from now on. Raises HeldElsewhere if another process is."""
    row = connection.execute(
        select(webhook.c.holder, webhook.c.held_until).where(webhook.c.endpoint == endpoint.key)
    ).one_or_none()
    if row is None:
        raise HeldElsewhere  # it posts to another address
    is_held = row.held_until is not None and now < row.held_until <= now + HELD_FOR  # not by a clock that was set back
    if is_held and row.holder != holder:
        raise HeldElsewhere
    connection.execute(_mine(endpoint).values(holder=holder, held_until=now + HELD_FOR))


def let_go(connection: Connection, endpoint: Endpoint, holder: str) -> None:
    """Let others post."""
    connection.execute(_mine(endpoint).where(webhook.c.holder == holder).values(holder="", held_until=None))


def claim(connection: Connection, one: Waiting, retry_at: datetime) -> Claimed | None:
    """Note that a line is posted now; should nobody say how that ended, it is tried again at ``retry_at``.

    None if it is not in the queue any more.
    """
    row = connection.execute(
        select(feed_entry, webhook_line.c.attempts)
        .join(webhook_line, webhook_line.c.seq == feed_entry.c.seq)
        .where(feed_entry.c.seq == one.seq, webhook_line.c.dead_at.is_(None))
    ).one_or_none()
    if row is None:
        return None
    attempts = row.attempts + 1
    connection.execute(
        update(webhook_line).where(webhook_line.c.seq == one.seq).values(attempts=attempts, retry_at=retry_at)
    )
    return Claimed(entry=entry_of(row), attempts=attempts)


def was_taken(connection: Connection, endpoint: Endpoint, seq: int, now: datetime) -> None:
    """Note that a line was taken: the endpoint is well, too."""
    connection.execute(delete(webhook_line).where(webhook_line.c.seq == seq))
    well = {"failures": 0, "rests_until": None, "problem": "", "what_to_do": ""}
    connection.execute(_mine(endpoint).values(**well, sent=webhook.c.sent + 1, sent_at=now))


def was_not_taken(
    connection: Connection, seq: int, problem: str, *, retry_at: datetime | None, dead_at: datetime | None
) -> None:
    """Note why a line was not taken, and when it is tried again, or that it was given up."""
    tried = {"problem": problem, "retry_at": retry_at, "dead_at": dead_at}
    connection.execute(update(webhook_line).where(webhook_line.c.seq == seq).values(**tried))


def rest(connection: Connection, endpoint: Endpoint, problem: str, what_to_do: str, until: datetime) -> None:
    """Note what is wrong with the endpoint itself; nothing is posted before ``until``."""
    tried = {"rests_until": until, "problem": problem, "what_to_do": what_to_do}
    connection.execute(_mine(endpoint).values(**tried, failures=webhook.c.failures + 1))


def is_gone(connection: Connection, endpoint: Endpoint, problem: str, what_to_do: str, now: datetime) -> None:
    """Note that the endpoint wants nothing any more."""
    connection.execute(_mine(endpoint).values(gone_at=now, problem=problem, what_to_do=what_to_do))


def begin_again(connection: Connection, endpoint: Endpoint) -> int:
    """Have everything that waits, or was given up, tried anew and at once; give how many lines that are."""
    connection.execute(_mine(endpoint).values(gone_at=None, rests_until=None, failures=0, problem="", what_to_do=""))
    fresh = update(webhook_line).values(attempts=0, retry_at=None, dead_at=None)
    return connection.execute(fresh).rowcount


def go_back(connection: Connection, endpoint: Endpoint, seq: int) -> None:
    """Have the lines after ``seq`` taken in again, of which those in the queue stay as they are."""
    connection.execute(_mine(endpoint).values(taken_to=min(seq, endpoint.taken_to)))


def drop_dead(connection: Connection) -> list[Waiting]:
    """Drop the lines that were given up; gives them."""
    dropped = waiting(connection, dead=True)
    connection.execute(delete(webhook_line).where(webhook_line.c.dead_at.is_not(None)))
    return dropped


def _is_news(row: Row[*tuple[Any, ...]], began: datetime) -> bool:
    if row.type in _OF_SIGNALS:
        return not row.data["historical"]
    return row.type in _OF_WHO_IS_WHO or row.time >= began


def _queue(connection: Connection, lines: list[dict[str, Any]]) -> int:
    seqs = [line["seq"] for line in lines]
    known = set(connection.execute(select(webhook_line.c.seq).where(webhook_line.c.seq.in_(seqs))).scalars())
    new = [line for line in lines if line["seq"] not in known]
    if new:
        connection.execute(webhook_line.insert(), new)
    return len(new)


def _mine(endpoint: Endpoint) -> Any:
    return update(webhook).where(webhook.c.endpoint == endpoint.key)


def _key(secret: str, url: str) -> str:
    return hmac.new(bytes.fromhex(secret), f"webhook {url}".encode(), "sha256").hexdigest()


def _endpoint(row: Row[Any]) -> Endpoint:
    return Endpoint(
        key=row.endpoint,
        began=row.began,
        taken_to=row.taken_to,
        held_until=row.held_until,
        rests_until=row.rests_until,
        failures=row.failures,
        gone_at=row.gone_at,
        sent=row.sent,
        sent_at=row.sent_at,
        problem=row.problem,
        what_to_do=row.what_to_do,
    )
