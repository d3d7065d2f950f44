"""Whereabouts of a contact that is not there: part of another one, or forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from keepwarm.storage.identity import contact_id as id_of
from keepwarm.storage.kinship import families
from keepwarm.storage.tables import contact, feed_entry

if TYPE_CHECKING:
    from sqlalchemy import Connection


def part_of(connection: Connection, contact_id: str) -> str:
    """Give the id of the contact that one became part of by the owner's word; "" if it did not."""
    for head, merged in families(connection).merged().items():
        if any(id_of(one.gone) == contact_id for one in merged):
            found = connection.execute(select(contact.c.id).where(contact.c.id == id_of(head))).scalar()
            return str(found or "")
    return ""


def was_forgotten(connection: Connection, contact_id: str) -> bool:
    """Tell whether the feed told last of a contact that the owner had it forgotten."""
    last = select(feed_entry.c.type).where(feed_entry.c.contact_id == contact_id)
    return connection.execute(last.order_by(feed_entry.c.seq.desc()).limit(1)).scalar() == "contact.forgotten"
