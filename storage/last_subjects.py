"""Last subjects: of the last mail between the owner and each of some contacts, for the next one to go on with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from keepwarm.storage.observations import MessageKind
from keepwarm.storage.tables import address, message, message_party

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection

_CHUNK = 400
_FEW = 3


def last_with(connection: Connection, contact_ids: Collection[str], as_of: datetime) -> dict[str, str]:
    """Give, by contact id, the subject of the last mail that one of the two wrote to the other, if it is known.

    What went to more than three people was meant for a group, and is no thread to write one of them in.
    """
    found: dict[str, str] = {}
    wanted = sorted(contact_ids)
    for start in range(0, len(wanted), _CHUNK):
        mine = address.c.contact_id.in_(wanted[start : start + _CHUNK])
        newest_first = (message.c.at.desc(), message.c.id.desc())
        number = func.row_number().over(partition_by=address.c.contact_id, order_by=newest_first)
        mails = (
            select(address.c.contact_id, message.c.subject, number.label("number"))
            .join(message_party, message_party.c.address_id == address.c.id)
            .join(message, message.c.id == message_party.c.message_id)
            .where(mine, message.c.kind == MessageKind.HUMAN.value, message.c.at <= as_of)
            .where(message.c.recipients <= _FEW, message.c.subject.is_not(None), message.c.subject != "")
            .subquery()
        )
        newest = select(mails.c.contact_id, mails.c.subject).where(mails.c.number == 1)
        found.update((row.contact_id, row.subject) for row in connection.execute(newest))
    return found
