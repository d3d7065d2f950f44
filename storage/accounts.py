"""Accounts and their streams: cursors, leases, and how the reading goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import false, select, update

from keepwarm.storage import rejections
from keepwarm.storage.tables import account, stream

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.storage.observations import Cursor, Stream

MOST_RENEWALS = 3
"""How often in a day a folder of mail is read anew because its source has numbered it anew."""

LONGEST_WAIT = timedelta(days=2)
"""How long a stream may be put off."""

_A_DAY = timedelta(days=1)


class LeaseLost(Exception):
    """Another process has begun to read this stream; what this one still holds must not be stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamState:
    """What is stored of a stream."""

    id: int
    name: str
    holds: str
    generation: int
    failures: int
    retry_at: datetime | None
    problem: str
    is_new: bool  # nothing was read of it yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to write to a stream, until somebody else begins a pull."""

    stream_id: int
    epoch: int
    pass_number: int  # counts the pulls: what a complete pull did not show is missing
    broke_off: bool = False  # the pull before came to no end: its process may have died of what it read


def ensure_account(connection: Connection, name: str, kind: str) -> int:
    """Give the id of the account, created if it is new."""
    found: int | None = connection.execute(select(account.c.id).where(account.c.name == name)).scalar()
    if found is not None:
        connection.execute(update(account).where(account.c.id == found).values(kind=kind))
        return found
    connection.execute(account.insert().values(name=name, kind=kind))
    return ensure_account(connection, name, kind)


def ensure_stream(connection: Connection, account_id: int, seen: Stream) -> StreamState:
    """Give what is stored of a stream, created if it is new."""
    mine = (stream.c.account_id == account_id) & (stream.c.name == seen.name)
    row = connection.execute(select(stream).where(mine)).one_or_none()
    if row is None:
        connection.execute(stream.insert().values(account_id=account_id, name=seen.name, holds=seen.holds))
        row = connection.execute(select(stream).where(mine)).one()
    return StreamState(
        id=row.id,
        name=row.name,
        holds=row.holds,
        generation=row.generation,
        failures=row.failures,
        retry_at=row.retry_at,
        problem=row.problem,
        is_new=row.cursor is None and row.first_complete is None,
    )


def note_streams(connection: Connection, account_id: int, seen: Iterable[Stream]) -> list[StreamState]:
    """Take in the list of an account's streams; give what is stored of each. Those that are not in it are gone."""
    states = [ensure_stream(connection, account_id, one) for one in seen]
    mine = stream.c.account_id == account_id
    listed = {one.id for one in states}
    for row in connection.execute(select(stream.c.id, stream.c.listed).where(mine)).all():
        if row.listed is not (row.id in listed):
            connection.execute(update(stream).where(stream.c.id == row.id).values(listed=row.id in listed))
    return states


def cursor_of(connection: Connection, stream_id: int) -> Cursor | None:
    """Give the stored cursor of a stream."""
    found: Cursor | None = connection.execute(select(stream.c.cursor).where(stream.c.id == stream_id)).scalar_one()
    return found


def begin_pull(connection: Connection, stream_id: int) -> Lease:
    """Take the stream's lease; whoever held it before can no longer write."""
    mine = stream.c.id == stream_id
    begun = {"lease_epoch": stream.c.lease_epoch + 1, "pass_number": stream.c.pass_number + 1, "pulling": True}
    broke_off: bool = connection.execute(select(stream.c.pulling).where(mine)).scalar_one()
    connection.execute(update(stream).where(mine).values(begun))
    row = connection.execute(select(stream.c.lease_epoch, stream.c.pass_number).where(mine)).one()
    return Lease(stream_id=stream_id, epoch=row.lease_epoch, pass_number=row.pass_number, broke_off=broke_off)


def move_cursor(connection: Connection, lease: Lease, cursor: Cursor | None) -> None:
    """Store the cursor, in the transaction of the batch that it stands for.

    Raises LeaseLost, which rolls that transaction back.
    """
    _write(connection, lease, cursor=cursor)


def new_generation(connection: Connection, lease: Lease, why: str) -> None:
    """Forget the cursor: the stream is read anew, and what is already stored is recognised.

    Raises LeaseLost.
    """
    rejections.forget_all(connection, lease.stream_id)
    _write(connection, lease, cursor=None, generation=stream.c.generation + 1, problem=why, pulling=False)


def may_renew(connection: Connection, stream_id: int, now: datetime) -> bool:
    """Say whether a stream may be read anew, and count it: no more than ``MOST_RENEWALS`` times a day.

    A source that numbers its items anew all the time would otherwise be read whole at each poll.
    """
    mine = stream.c.id == stream_id
    row = connection.execute(select(stream.c.renewals, stream.c.renewed_since).where(mine)).one()
    counts = row.renewed_since is not None and row.renewed_since <= now < row.renewed_since + _A_DAY
    if counts and row.renewals >= MOST_RENEWALS:
        return False
    since, number = (row.renewed_since, row.renewals + 1) if counts else (now, 1)
    connection.execute(update(stream).where(mine).values(renewals=number, renewed_since=since))
    return True


def succeeded(connection: Connection, lease: Lease, now: datetime) -> None:
    """Note that a pull came to its end.

    Raises LeaseLost.
    """
    _write(connection, lease, last_success=now, failures=0, retry_at=None, problem="", what_to_do="", pulling=False)
    first = (stream.c.id == lease.stream_id) & stream.c.first_complete.is_(None)
    connection.execute(update(stream).where(first).values(first_complete=now))


def paused(connection: Connection, lease: Lease) -> None:
    """Note that a pull was left where it is, to be gone on with.

    Raises LeaseLost.
    """
    _write(connection, lease, pulling=False)


def failed(
    connection: Connection,
    stream_id: int,
    *,
    problem: str,
    what_to_do: str = "",
    retry_at: datetime | None = None,
) -> None:
    """Note why a pull ended early."""
    connection.execute(
        update(stream)
        .where(stream.c.id == stream_id)
        .values(
            failures=stream.c.failures + 1,
            retry_at=retry_at,
            problem=problem,
            what_to_do=what_to_do,
            pulling=false(),
        )
    )


def put_off(connection: Connection, account_id: int, retry_at: datetime) -> None:
    """Have nothing of an account asked for before ``retry_at``."""
    listed = (stream.c.account_id == account_id) & stream.c.listed
    connection.execute(update(stream).where(listed).values(retry_at=retry_at))


def put_off_until(connection: Connection, account_name: str, now: datetime) -> dict[str, tuple[datetime, str]]:
    """Give, by name, until when each stream of an account is put off, and why; nothing unless all of them are.

    What is more than ``LONGEST_WAIT`` ahead was said by a clock that is not to be believed.
    """
    theirs = select(stream.c.name, stream.c.retry_at, stream.c.problem).join(
        account, account.c.id == stream.c.account_id
    )
    rows = connection.execute(theirs.where(account.c.name == account_name, stream.c.listed)).all()
    if not all(is_put_off(row.retry_at, now) for row in rows):
        return {}
    return {row.name: (row.retry_at, row.problem) for row in rows}


def is_put_off(retry_at: datetime | None, now: datetime) -> bool:
    """Say whether a stream is not to be asked for yet."""
    return retry_at is not None and now < retry_at <= now + LONGEST_WAIT


def set_account_problem(connection: Connection, account_id: int, problem: str, what_to_do: str = "") -> None:
    """Note what keeps a whole account from being read; "" if nothing does."""
    connection.execute(update(account).where(account.c.id == account_id).values(problem=problem, what_to_do=what_to_do))


def _write(connection: Connection, lease: Lease, **values: Any) -> None:
    mine = (stream.c.id == lease.stream_id) & (stream.c.lease_epoch == lease.epoch)
    if connection.execute(update(stream).where(mine).values(**values)).rowcount != 1:
        raise LeaseLost(f"stream {lease.stream_id} is being read by another process")
