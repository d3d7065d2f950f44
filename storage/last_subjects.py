"""Last subjects: of the last mail between the owner and each of some contacts, for the next one to go on with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from keepwarm.storage.observations import MessageKind
from keepwarm.storage.tables import address, message, message_party

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection

_CHUNK = 400


def last_with(connection: Connection, contact_ids: Collection[str], as_of: datetime) -> dict[str, str]:
    """Give, by contact id, the subject of the last mail that one of the two wrote to the other, if it is known.

    What went to more than three people was meant for a group, and is no thread to write one of them in.
    """
    found: dict[str, str] = {}
    wanted = sorted(contact_ids)
    for start in range(0, len(wanted), _CHUNK):
        mine = address.c.contact_id.in_(wanted[start : start + _CHUNK])
        rows = (
            select(address.c.contact_id, message.c.subject)
            .join(message_party, message_party.c.address_id == address.c.id)
            .join(message, message.c.id == message_party.c.message_id)
            .where(mine, message.c.kind == MessageKind.HUMAN.value, message.c.at <= as_of)
            .where(message.c.recipients <= 3, message.c.subject.is_not(None), message.c.subject != "")
            .order_by(message.c.at, message.c.id)
        )
        found.update((row.contact_id, row.subject) for row in connection.execute(rows))
    return found
