"""Since: what happened between the owner and somebody since they last met."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from keepwarm.storage import agenda
from keepwarm.storage.histories import By
from keepwarm.storage.messages import went_out
from keepwarm.storage.observations import MessageKind
from keepwarm.storage.sightings import Change
from keepwarm.storage.tables import address, logged_touch, meeting_party, meeting_revision, message, message_party
from keepwarm.storage.views import LoggedView, SinceView

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.storage.agenda import MeetingView


_MOST_LOGGED = 3


def last_met(
    connection: Connection, addresses: Collection[str], own: frozenset[str], before: datetime, as_of: datetime
) -> SinceView | None:
    """Tell what came, until ``as_of``, since the last meeting before a moment with somebody of these addresses.

    None if none is known. A meeting that was cancelled, declined or missed by either side is none.
    """
    theirs = frozenset(addresses)
    past = agenda.last_with(connection, theirs, before, as_of)
    met = next((one for one in past if was_held(one, theirs, own)), None)
    if met is None:
        return None
    changes = _changes(connection, theirs, own, met.end, as_of)
    return SinceView(
        met=met.start,
        from_them=_messages(connection, theirs, met.end, as_of, outbound=False),
        from_owner=_messages(connection, theirs, met.end, as_of, outbound=True),
        moved=_by(changes, Change.RESCHEDULED),
        cancelled=_by(changes, Change.CANCELLED),
        logged=_logged(connection, theirs, met.end, as_of),
    )


def was_held(one: MeetingView, theirs: Collection[str], own: Collection[str]) -> bool:
    """Tell whether, as far as is known, both sides were there."""
    absent = {*one.declined, *(change.actor for change in one.changes if change.change is Change.NO_SHOW)}
    there = {who for who in one.people if who in theirs} - absent
    return not one.cancelled and bool(there) and not absent & set(own)


def _messages(
    connection: Connection, theirs: Collection[str], since: datetime, until: datetime, *, outbound: bool
) -> int:
    role = message_party.c.role != "from" if outbound else message_party.c.role == "from"
    counted = (
        select(func.count(message.c.id.distinct()))
        .join(message_party, message_party.c.message_id == message.c.id)
        .join(address, address.c.id == message_party.c.address_id)
        .where(address.c.address.in_(sorted(theirs)), role, went_out(message) if outbound else ~went_out(message))
        .where(message.c.at > since, message.c.at <= until, message.c.kind == MessageKind.HUMAN.value)
    )
    return int(connection.execute(counted).scalar_one())


def _changes(
    connection: Connection, theirs: Collection[str], own: Collection[str], since: datetime, until: datetime
) -> list[tuple[Change, By]]:
    """Give who moved or cancelled what they were to meet at; what one did at one moment, as to a series, is one."""
    rows = (
        select(meeting_revision.c.at, meeting_revision.c.change, meeting_revision.c.actor)
        .join(meeting_party, meeting_party.c.revision_id == meeting_revision.c.id)
        .join(address, address.c.id == meeting_party.c.address_id)
        .where(address.c.address.in_(sorted(theirs)))
        .where(meeting_revision.c.change.in_((Change.RESCHEDULED.value, Change.CANCELLED.value)))
        .where(meeting_revision.c.at > since, meeting_revision.c.at <= until)
        .distinct()
    )
    return [
        (Change(row.change), By.THEM if row.actor in theirs else By.OWNER if row.actor in own else By.OTHER)
        for row in connection.execute(rows)
    ]


def _logged(
    connection: Connection, theirs: Collection[str], since: datetime, until: datetime
) -> tuple[LoggedView, ...]:
    wanted = (
        select(logged_touch.c.kind, logged_touch.c.at)
        .join(address, address.c.id == logged_touch.c.address_id)
        .where(address.c.address.in_(sorted(theirs)), logged_touch.c.at > since, logged_touch.c.at <= until)
        .order_by(logged_touch.c.at.desc(), logged_touch.c.id.desc())
    )
    return tuple(LoggedView(kind=row.kind, at=row.at) for row in connection.execute(wanted.limit(_MOST_LOGGED)))


def _by(changes: list[tuple[Change, By]], wanted: Change) -> dict[str, int]:
    return dict(Counter(by.value for change, by in changes if change is wanted))
