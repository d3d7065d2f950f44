"""Newcomers: mails that bring somebody to the owner who became a contact later, and who is behind those.

Whether one was an introduction is for introductions.py to say, from what became of it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select, update

from keepwarm.storage.messages import went_out
from keepwarm.storage.observations import MessageKind
from keepwarm.storage.tables import address, contact, message, message_party

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row, Select

MET_WITHIN = timedelta(days=30)
MOST_RECIPIENTS = 5

_CHUNK = 400
_COPIED = ("to", "cc")
_BY_HAND = MessageKind.HUMAN.value

_BY = address.alias("by")
_BY_CONTACT = contact.alias("by_contact")
_BY_ROLE = message_party.alias("by_role")
_OTHER = address.alias("other")
_OTHER_CONTACT = contact.alias("other_contact")
_OTHER_ROLE = message_party.alias("other_role")


def candidates(connection: Connection, contact_ids: list[str]) -> list[Row[Any]]:
    """Give the mails by which these contacts may have brought somebody to the owner, in the order of time."""
    rows = [
        row
        for select_them in (_together, _copying, _in_a_thread)
        for row in connection.execute(select_them(contact_ids)).all()
        if row.other_since <= row.at + MET_WITHIN
    ]
    return sorted(rows, key=lambda row: (row.at, row.dedupe_key))


def _together(contact_ids: list[str]) -> Select[Any]:
    """Select what they wrote to the owner and a newcomer together."""
    return _with_newcomer(contact_ids, _BY_ROLE.c.role == "from", _OTHER_ROLE.c.role.in_(_COPIED))


def _copying(contact_ids: list[str]) -> Select[Any]:
    """Select what a newcomer wrote to the owner with a copy to them, and to nobody else."""
    roles = (_BY_ROLE.c.role.in_(_COPIED), _OTHER_ROLE.c.role == "from")
    return _with_newcomer(contact_ids, *roles).where(message.c.recipients == 2)


def _with_newcomer(contact_ids: list[str], by_role: Any, other_role: Any) -> Select[Any]:
    return (
        _columns()
        .select_from(_BY)
        .join(_BY_CONTACT, _BY_CONTACT.c.id == _BY.c.contact_id)
        .join(_BY_ROLE, (_BY_ROLE.c.address_id == _BY.c.id) & by_role)
        .join(message, message.c.id == _BY_ROLE.c.message_id)
        .join(_OTHER_ROLE, (_OTHER_ROLE.c.message_id == message.c.id) & other_role)
        .join(_OTHER, _OTHER.c.id == _OTHER_ROLE.c.address_id)
        .join(_OTHER_CONTACT, _OTHER_CONTACT.c.id == _OTHER.c.contact_id)
        .where(*_new_to_owner(contact_ids))
    )


def _in_a_thread(contact_ids: list[str]) -> Select[Any]:
    """Select what a newcomer wrote to the owner in a thread that they had begun."""
    first = message.alias("first")
    return (
        _columns()
        .select_from(_BY)
        .join(_BY_CONTACT, _BY_CONTACT.c.id == _BY.c.contact_id)
        .join(_BY_ROLE, (_BY_ROLE.c.address_id == _BY.c.id) & (_BY_ROLE.c.role == "from"))
        .join(first, (first.c.id == _BY_ROLE.c.message_id) & (first.c.key_hash == first.c.thread_hash))
        .join(message, (message.c.thread_hash == first.c.key_hash) & (message.c.id != first.c.id))
        .join(_OTHER_ROLE, (_OTHER_ROLE.c.message_id == message.c.id) & (_OTHER_ROLE.c.role == "from"))
        .join(_OTHER, _OTHER.c.id == _OTHER_ROLE.c.address_id)
        .join(_OTHER_CONTACT, _OTHER_CONTACT.c.id == _OTHER.c.contact_id)
        .where(*_new_to_owner(contact_ids), first.c.kind == _BY_HAND, first.c.at < message.c.at)
    )


def _columns() -> Select[Any]:
    return select(
        _BY.c.contact_id,
        message.c.dedupe_key,
        message.c.at,
        message.c.subject,
        message.c.stream_id,
        _OTHER_CONTACT.c.id.label("other"),
        _OTHER_CONTACT.c.name.label("other_name"),
        _OTHER_CONTACT.c.added_at.label("other_since"),
    )


def _new_to_owner(contact_ids: list[str]) -> tuple[Any, ...]:
    """Say of a message that the owner knew whoever brings the other, and not yet the other."""
    return (
        _BY.c.contact_id.in_(contact_ids),
        _by_hand_to_few(),
        _BY_CONTACT.c.added_at < message.c.at,
        _OTHER_CONTACT.c.added_at >= message.c.at,
        _OTHER_CONTACT.c.id != _BY.c.contact_id,
    )


def _by_hand_to_few() -> Any:
    return and_(~went_out(message), message.c.kind == _BY_HAND, message.c.recipients <= MOST_RECIPIENTS)


# Who is to be judged anew when more becomes known of a newcomer.


def spans(connection: Connection, address_ids: Sequence[int]) -> dict[int, datetime]:
    """Give, by address, since when its contact has been one."""
    known = (
        select(address.c.id, contact.c.added_at)
        .join(contact, contact.c.id == address.c.contact_id)
        .where(address.c.id.in_(address_ids))
    )
    return {row.id: row.added_at for row in connection.execute(known)}


def mark(connection: Connection, before: Mapping[int, datetime], after: Mapping[int, datetime]) -> None:
    """Have those judged anew who may have introduced these addresses, as they were sorted before and now."""
    by = may_have_introduced(connection, before, after)
    for start in range(0, len(by), _CHUNK):
        some = contact.c.id.in_(by[start : start + _CHUNK])
        connection.execute(update(contact).where(some & ~contact.c.dirty).values(dirty=True))


def may_have_introduced(
    connection: Connection, before: Mapping[int, datetime], after: Mapping[int, datetime]
) -> list[str]:
    """Name the contacts that may have introduced these addresses, known since these times before and now."""
    found: set[str] = set()
    ids = sorted(before.keys() | after.keys())
    for start in range(0, len(ids), _CHUNK):
        some = ids[start : start + _CHUNK]
        known = {one: [since[one] for since in (before, after) if one in since] for one in some}
        for wanted in (_named_beside, _whose_thread):
            for row in connection.execute(wanted(some)):
                times = known[row.other]
                if min(times) - MET_WITHIN <= row.at <= max(times):
                    found.add(row.contact_id)
    return sorted(found)


def _named_beside(ids: list[int]) -> Select[Any]:
    """Select who wrote to the owner with these on Cc, or was on Cc where these wrote."""
    brought = and_(_BY_ROLE.c.role == "from", _OTHER_ROLE.c.role.in_(_COPIED))
    came = and_(_BY_ROLE.c.role.in_(_COPIED), _OTHER_ROLE.c.role == "from")
    return (
        select(_OTHER_ROLE.c.address_id.label("other"), _BY.c.contact_id, message.c.at)
        .select_from(_OTHER_ROLE)
        .join(message, message.c.id == _OTHER_ROLE.c.message_id)
        .join(_BY_ROLE, _BY_ROLE.c.message_id == message.c.id)
        .join(_BY, _BY.c.id == _BY_ROLE.c.address_id)
        .where(
            _OTHER_ROLE.c.address_id.in_(ids),
            _by_hand_to_few(),
            or_(brought, came),
            _BY.c.contact_id.is_not(None),
        )
    )


def _whose_thread(ids: list[int]) -> Select[Any]:
    """Select who began the threads in which these wrote to the owner."""
    first = message.alias("first")
    return (
        select(_OTHER_ROLE.c.address_id.label("other"), _BY.c.contact_id, message.c.at)
        .select_from(_OTHER_ROLE)
        .join(message, message.c.id == _OTHER_ROLE.c.message_id)
        .join(first, first.c.key_hash == message.c.thread_hash)
        .join(_BY_ROLE, (_BY_ROLE.c.message_id == first.c.id) & (_BY_ROLE.c.role == "from"))
        .join(_BY, _BY.c.id == _BY_ROLE.c.address_id)
        .where(
            _OTHER_ROLE.c.address_id.in_(ids),
            _OTHER_ROLE.c.role == "from",
            _by_hand_to_few(),
            _BY.c.contact_id.is_not(None),
        )
    )
