"""How the reading of each account goes, as far as it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, func, select

from keepwarm.storage.observations import MessageKind
from keepwarm.storage.tables import account, meeting, meeting_copy, message, rejected, stream
from keepwarm.storage.views import AccountHealth

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

# A folder of mail that is gone is nothing to worry about: what was in it has happened. Nor is a calendar of which
# nothing was ever read.
_MATTERS = stream.c.listed | ((stream.c.holds != "mail") & stream.c.cursor.is_not(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamHealth:
    """How the reading of one stream goes."""

    account: str
    stream: str
    holds: str
    last_success: datetime | None
    first_complete: datetime | None
    begun: bool  # something of it was read
    failures: int
    retry_at: datetime | None
    problem: str
    what_to_do: str
    missing: int  # copies of meetings that are no longer shown, and not gone yet
    held: int  # coming meetings that vanished at once, and are not believed to be off yet


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedItem:
    """An item that could not be read."""

    account: str
    stream: str
    where: str
    reason: str
    first_seen: datetime


def first_read(connection: Connection) -> datetime | None:
    """Give when a stream was read whole for the first time; None if none was."""
    found: datetime | None = connection.execute(select(func.min(stream.c.first_complete))).scalar()
    return found


def accounts(connection: Connection, configured: Collection[str]) -> list[AccountHealth]:
    """Give the health of the accounts of these names that were ever read; of others only the data is kept."""
    counts = {
        row.account_id: row.number
        for row in connection.execute(
            select(stream.c.account_id, func.count(message.c.id).label("number"))
            .join(message, message.c.stream_id == stream.c.id)
            .group_by(stream.c.account_id)
        )
    }
    meetings = _by_account(connection, meeting_copy)
    refused = _by_account(connection, rejected)
    found = []
    for row in connection.execute(select(account).where(account.c.name.in_(configured)).order_by(account.c.name)).all():
        theirs = (stream.c.account_id == row.id) & _MATTERS
        mine = connection.execute(select(stream).where(theirs).order_by(stream.c.name)).all()
        problem, what_to_do = _trouble(row, mine)
        found.append(
            AccountHealth(
                name=row.name,
                kind=row.kind,
                streams=len(mine),
                last_success=_furthest_behind(mine),
                problem=problem,
                what_to_do=what_to_do,
                messages=counts.get(row.id, 0),
                meetings=meetings.get(row.id, 0),
                rejected=refused.get(row.id, 0),
            )
        )
    return found


def streams(connection: Connection, configured: Collection[str]) -> list[StreamHealth]:
    """Give the health of the streams of these accounts, by account and name."""
    missing = {
        row.stream_id: row.number
        for row in connection.execute(
            select(meeting_copy.c.stream_id, func.count().label("number"))
            .where(meeting_copy.c.missing_since.is_not(None), ~meeting_copy.c.gone)
            .group_by(meeting_copy.c.stream_id)
        )
    }
    rows = select(account.c.name.label("account"), stream).join(stream, stream.c.account_id == account.c.id)
    return [
        StreamHealth(
            account=row.account,
            stream=row.name,
            holds=row.holds,
            last_success=row.last_success,
            first_complete=row.first_complete,
            begun=row.cursor is not None,
            failures=row.failures,
            retry_at=row.retry_at,
            problem=row.problem,
            what_to_do=row.what_to_do,
            missing=missing.get(row.id, 0),
            held=row.held,
        )
        for row in connection.execute(
            rows.where(account.c.name.in_(configured), _MATTERS).order_by(account.c.name, stream.c.name)
        )
    ]


def rejections(connection: Connection, limit: int) -> list[RejectedItem]:
    """Give the newest items that could not be read."""
    rows = (
        select(account.c.name.label("account"), stream.c.name.label("stream"), rejected)
        .join(stream, stream.c.id == rejected.c.stream_id)
        .join(account, account.c.id == stream.c.account_id)
        .where(_MATTERS)
        .order_by(rejected.c.first_seen.desc(), rejected.c.source_key)
        .limit(limit)
    )
    return [
        RejectedItem(
            account=row.account,
            stream=row.stream,
            where=row.where,
            reason=row.reason,
            first_seen=row.first_seen,
        )
        for row in connection.execute(rows)
    ]


def left_out(connection: Connection) -> dict[str, int]:
    """Count the messages that say nothing about a relationship, by their class."""
    rows = connection.execute(
        select(message.c.kind, func.count().label("number"))
        .where(message.c.kind != MessageKind.HUMAN)
        .group_by(message.c.kind)
        .order_by(message.c.kind)
    )
    return {row.kind: row.number for row in rows}


def totals(connection: Connection) -> dict[str, int]:
    """Count what is stored: messages, meetings, rejected items."""
    unread = rejected.join(stream, stream.c.id == rejected.c.stream_id)
    counted = {
        "messages": select(func.count()).select_from(message),
        "meetings": select(func.count()).select_from(meeting),
        "rejected": select(func.count()).select_from(unread).where(_MATTERS),
    }
    return {name: connection.execute(number).scalar_one() for name, number in counted.items()}


def mail_is_being_read(connection: Connection, account_names: Collection[str]) -> bool:
    """Tell whether a process is reading mail of these accounts, or died of it: what lies there is not known yet."""
    theirs = select(account.c.id).where(account.c.name.in_(account_names))
    pulled = exists().where(
        stream.c.account_id.in_(theirs), stream.c.listed, stream.c.holds == "mail", stream.c.pulling
    )
    return bool(connection.execute(select(pulled)).scalar_one())


def _by_account(connection: Connection, table: Any) -> dict[int, int]:
    rows = connection.execute(
        select(stream.c.account_id, func.count().label("number"))
        .select_from(table.join(stream, stream.c.id == table.c.stream_id))
        .where(_MATTERS)
        .group_by(stream.c.account_id)
    )
    return {row.account_id: row.number for row in rows}


def _trouble(row: Row[Any], streams_of_it: Sequence[Row[Any]]) -> tuple[str, str]:
    if row.problem:
        return row.problem, row.what_to_do
    failing = [one for one in streams_of_it if one.problem]
    if not failing:
        return "", ""
    more = f" (and {len(failing) - 1} more)" if len(failing) > 1 else ""
    return f"{failing[0].name}: {failing[0].problem}{more}", failing[0].what_to_do


def _furthest_behind(streams_of_it: Sequence[Row[Any]]) -> datetime | None:
    times = [one.last_success for one in streams_of_it]
    return min(time for time in times if time) if times and all(times) else None


def newest_message(connection: Connection) -> datetime | None:
    """Give the time of the newest message; None if there is none."""
    found: datetime | None = connection.execute(select(func.max(message.c.at))).scalar()
    return found
