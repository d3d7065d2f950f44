"""Acquaintance: since when the owner knows an address, by mail written to it or by a meeting shared with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import case, exists, func, or_, select

from keepwarm.storage.observations import Answer, MessageKind
from keepwarm.storage.tables import address, meeting_copy, meeting_party, meeting_revision, message, message_party

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_BY_ROBOTS = (MessageKind.AUTOMATED, MessageKind.LIST)
_BY_MACHINE = (*_BY_ROBOTS, MessageKind.OUT_OF_OFFICE)
"""What goes out without the owner's hand makes nobody a contact."""


def known_since(
    connection: Connection, ids: Sequence[int], owner: frozenset[str], max_meeting_size: int
) -> dict[int, datetime]:
    """Give, by address, since when it has been a contact's; addresses of strangers and robots are left out."""
    written_to = connection.execute(
        select(message_party.c.address_id, func.min(message.c.at))
        .join(message, message.c.id == message_party.c.message_id)
        .where(
            message_party.c.address_id.in_(ids),
            message_party.c.role != "from",
            message.c.outbound,
            message.c.kind.not_in(_BY_MACHINE),
        )
        .group_by(message_party.c.address_id)
    ).all()
    met = connection.execute(_first_meeting(ids, owner, max_meeting_size)).all()
    since: dict[int, datetime] = {}
    for row_id, at in (*written_to, *met):
        if row_id not in since or at < since[row_id]:
            since[row_id] = at
    machines = robots(connection, list(since))
    return {row_id: at for row_id, at in since.items() if row_id not in machines}


def _first_meeting(ids: Sequence[int], owners: frozenset[str], max_meeting_size: int) -> Any:
    party, owner = meeting_party.alias(), address.alias()
    size = select(func.count()).where(party.c.revision_id == meeting_party.c.revision_id).scalar_subquery()
    goes = exists().where(
        party.c.revision_id == meeting_party.c.revision_id,
        party.c.address_id == owner.c.id,
        owner.c.address.in_(sorted(owners)),
        or_(party.c.role == "organizer", party.c.answer.in_((Answer.ACCEPTED, Answer.TENTATIVE))),
    )
    in_calendar = exists().where(meeting_copy.c.meeting_id == meeting_revision.c.meeting_id)
    return (
        select(meeting_party.c.address_id, func.min(meeting_revision.c.at))
        .join(meeting_revision, meeting_revision.c.id == meeting_party.c.revision_id)
        .where(
            meeting_party.c.address_id.in_(ids),
            size <= max_meeting_size,
            or_(goes, in_calendar),
            # A birthday takes no time, and a notice of absence is no meeting, whoever is named in them.
            or_(~meeting_revision.c.all_day, meeting_revision.c.busy),
            ~meeting_revision.c.away,
        )
        .group_by(meeting_party.c.address_id)
    )


def robots(connection: Connection, ids: Sequence[int]) -> frozenset[int]:
    """Give those from which mail has come, but never from a person."""
    by_a_person = func.sum(case((message.c.kind.in_(_BY_ROBOTS), 0), else_=1))
    return frozenset(
        connection.execute(
            select(message_party.c.address_id)
            .join(message, message.c.id == message_party.c.message_id)
            .where(message_party.c.address_id.in_(ids), message_party.c.role == "from")
            .group_by(message_party.c.address_id)
            .having(by_a_person == 0)
        ).scalars()
    )


def last_used(connection: Connection, ids: Sequence[int]) -> dict[int, datetime]:
    """Give, by address, when the newest mail of a person's from it or to it was written."""
    rows = connection.execute(
        select(message_party.c.address_id, func.max(message.c.at))
        .join(message, message.c.id == message_party.c.message_id)
        .where(message_party.c.address_id.in_(ids), message.c.kind.not_in(_BY_MACHINE))
        .group_by(message_party.c.address_id)
    )
    return {row[0]: row[1] for row in rows}
