"""People: which addresses belong to contacts, what they are called, and where they work.

A contact is a person to whom the owner has written by hand, or with whom they share a meeting that is not too large;
never the owner, and never an address from which only robots and lists have written. A meeting is shared if it stands in
a calendar of the owner's, or if they organised or accepted it: an invitation alone, which anybody can send, is not.

Who is one follows from what is stored and from the settings, not from the order in which things came: an address that
turns out to be a robot's, or the owner's, is released again.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, delete, exists, func, literal, or_, select, update

from keepwarm.storage import pings
from keepwarm.storage.identity import contact_id
from keepwarm.storage.observations import Answer, MessageKind
from keepwarm.storage.organisations import organisation_of
from keepwarm.storage.tables import (
    address,
    contact,
    meeting_copy,
    meeting_party,
    meeting_revision,
    message,
    message_party,
    organisation,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_CHUNK = 500
_BY_ROBOTS = (MessageKind.AUTOMATED, MessageKind.LIST)
_BY_MACHINE = (*_BY_ROBOTS, MessageKind.OUT_OF_OFFICE)
"""What goes out without the owner's hand makes nobody a contact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorting:
    """By what people are told apart and labelled."""

    owner: frozenset[str]
    labels: tuple[tuple[str, tuple[str, ...]], ...] = ()  # label, address patterns
    max_meeting_size: int = 20

    def labels_of(self, addresses: Sequence[str]) -> list[str]:
        """Give the labels whose patterns match one of a contact's addresses."""
        return sorted(
            {
                label
                for label, patterns in self.labels
                if any(fnmatchcase(text, pattern.lower()) for text in addresses for pattern in patterns)
            }
        )


def refresh(connection: Connection, sorting: Sorting) -> None:
    """Bring the contacts up to date with what was seen of their addresses since the last time."""
    some = select(address.c.id).where(address.c.dirty).order_by(address.c.id).limit(_CHUNK)
    while ids := list(connection.execute(some).scalars()):
        _sort(connection, ids, sorting)
        connection.execute(update(address).where(address.c.id.in_(ids)).values(dirty=False))


def mark_all_dirty(connection: Connection) -> None:
    """Have every address sorted anew, after a setting has changed."""
    connection.execute(update(address).values(dirty=True))


def _sort(connection: Connection, ids: list[int], sorting: Sorting) -> None:
    since = _known_since(connection, ids, sorting)
    rows = connection.execute(
        select(address.c.id, address.c.address, address.c.name, address.c.contact_id, address.c.robot).where(
            address.c.id.in_(ids)
        )
    ).all()
    for row in rows:
        is_contact = row.id in since and not row.robot and row.address not in sorting.owner
        if is_contact and row.contact_id is None:
            _add(connection, row, since[row.id])
        elif row.contact_id is not None and not is_contact:
            _release(connection, row)
    touched = select(address.c.contact_id).where(address.c.id.in_(ids), address.c.contact_id.is_not(None)).distinct()
    people = sorted(connection.execute(touched).scalars())
    for one in people:
        _describe(connection, one, sorting, since)
    pings.adopt(connection, people)


def _release(connection: Connection, row: Any) -> None:
    """Take an address from its contact; a contact without any address is nobody."""
    connection.execute(update(address).where(address.c.id == row.id).values(contact_id=None))
    named = exists().where(address.c.contact_id == row.contact_id)
    connection.execute(delete(contact).where(contact.c.id == row.contact_id, ~named))


def _known_since(connection: Connection, ids: list[int], sorting: Sorting) -> dict[int, datetime]:
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
    met = connection.execute(_first_meeting(ids, sorting)).all()
    since: dict[int, datetime] = {}
    for row_id, at in (*written_to, *met):
        if row_id not in since or at < since[row_id]:
            since[row_id] = at
    robots = _robots(connection, list(since))
    return {row_id: at for row_id, at in since.items() if row_id not in robots}


def _first_meeting(ids: list[int], sorting: Sorting) -> Any:
    party, owner = meeting_party.alias(), address.alias()
    size = select(func.count()).where(party.c.revision_id == meeting_party.c.revision_id).scalar_subquery()
    goes = exists().where(
        party.c.revision_id == meeting_party.c.revision_id,
        party.c.address_id == owner.c.id,
        owner.c.address.in_(sorted(sorting.owner)),
        or_(party.c.role == "organizer", party.c.answer.in_((Answer.ACCEPTED, Answer.TENTATIVE))),
    )
    in_calendar = exists().where(meeting_copy.c.meeting_id == meeting_revision.c.meeting_id)
    return (
        select(meeting_party.c.address_id, func.min(meeting_revision.c.at))
        .join(meeting_revision, meeting_revision.c.id == meeting_party.c.revision_id)
        .where(
            meeting_party.c.address_id.in_(ids),
            size <= sorting.max_meeting_size,
            or_(goes, in_calendar),
            # A birthday takes no time, and a notice of absence is no meeting, whoever is named in them.
            or_(~meeting_revision.c.all_day, meeting_revision.c.busy),
            ~meeting_revision.c.away,
        )
        .group_by(meeting_party.c.address_id)
    )


def _robots(connection: Connection, ids: list[int]) -> frozenset[int]:
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


def _add(connection: Connection, row: Any, added_at: datetime) -> None:
    new_id = contact_id(row.address)
    domain = organisation_of(row.address)
    if domain and not connection.execute(select(exists().where(organisation.c.domain == domain))).scalar():
        connection.execute(organisation.insert().values(domain=domain))
    connection.execute(
        contact.insert().values(
            id=new_id,
            name=row.name or row.address,
            organisation=domain,
            labels=[],
            added_at=added_at,
            dirty=True,
        )
    )
    connection.execute(update(address).where(address.c.id == row.id).values(contact_id=new_id))


def _describe(connection: Connection, one: str, sorting: Sorting, since: dict[int, datetime]) -> None:
    """Give a contact its best name, its labels and the day it was added, and have it judged anew."""
    rows = connection.execute(
        select(address.c.id, address.c.address, address.c.name, address.c.name_rank, address.c.name_at)
        .where(address.c.contact_id == one)
        .order_by(address.c.address)
    ).all()
    named = [(row.name_rank, row.name_at, row.name) for row in rows if row.name]
    known = [since[row.id] for row in rows if row.id in since]
    values: dict[str, Any] = {
        "name": max(named)[2] if named else rows[0].address,
        "labels": sorting.labels_of([row.address for row in rows]),
        "dirty": True,
    }
    if len(known) == len(rows):
        values["added_at"] = min(known)
    elif known:  # of the other addresses nothing new was seen: what they told before still holds
        values["added_at"] = case(
            (contact.c.added_at > min(known), literal(min(known), contact.c.added_at.type)),
            else_=contact.c.added_at,
        )
    connection.execute(update(contact).where(contact.c.id == one).values(**values))


def find(connection: Connection, who: str) -> list[str]:
    """Give the ids of the contacts that ``who`` may mean: an id, an address, or (part of) a name."""
    text = who.strip().casefold()
    of_address = select(address.c.contact_id).where(address.c.address == text, address.c.contact_id.is_not(None))
    if found := list(connection.execute(of_address).scalars()):
        return found
    # Names are compared here: SQL's lower() knows no letter beyond z on SQLite.
    names = {row.id: row.name.casefold() for row in connection.execute(select(contact.c.id, contact.c.name))}
    for fits in (lambda one: one == text, lambda one: names[one] == text, lambda one: text in names[one]):
        if found := sorted(filter(fits, names)):
            return found
    return []
