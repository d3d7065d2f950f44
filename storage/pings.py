"""Pings: how long the owner wants to leave somebody without a word, where they have set it themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from keepwarm.storage.shelf import Said, Shelf, first_address
from keepwarm.storage.tables import address, contact, ping

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

SHORTEST, LONGEST = 1, 3650  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping(Said):
    """A ping interval as it is stored."""

    days: int


def _ping(said: dict[str, Any], row: Row[Any]) -> Ping:
    return Ping(**said, days=row.days)


PINGS = Shelf(ping, _ping)


def put(connection: Connection, contact_id: str, days: int, at: datetime) -> int:
    """Set the interval of a contact, instead of whatever was set for one of its addresses; give its id."""
    theirs = select(address.c.id).where(address.c.contact_id == contact_id)
    connection.execute(delete(ping).where(ping.c.address_id.in_(theirs)))
    return PINGS.add(connection, first_address(connection, contact_id), days=days, at=at)


def adopt(connection: Connection, contact_ids: Sequence[str]) -> None:
    """Let these contacts, not too many for one statement, have what was set last for one of their addresses."""
    last = (
        select(ping.c.days)
        .join(address, address.c.id == ping.c.address_id)
        .where(address.c.contact_id == contact.c.id)
        .order_by(ping.c.at.desc(), ping.c.id.desc())
        .limit(1)
        .correlate(contact)
        .scalar_subquery()
    )
    connection.execute(update(contact).where(contact.c.id.in_(contact_ids)).values(owner_interval_days=last))
