"""Next pings: when a word to somebody is due, where the owner has said how long the two may be silent."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from keepwarm.storage import agenda
from keepwarm.storage.logged_touches import LOGGED_TOUCHES
from keepwarm.storage.tables import contact

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.storage.views import ContactView

_CHUNK = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPing:
    """When somebody is to hear from the owner, at the earliest: the rules leave out absences and holidays."""

    contact: ContactView
    last: datetime  # the last touch of the two
    due: datetime


def of(connection: Connection, people: Sequence[ContactView], as_of: datetime) -> list[NextPing]:
    """Give those among these people for whom the owner has set an interval, and who were ever in touch; by id."""
    rows = connection.execute(select(contact.c.id, contact.c.owner_interval_days)).all()
    intervals = {row.id: row.owner_interval_days for row in rows if row.owner_interval_days is not None}
    wanted = sorted((one for one in people if one.id in intervals), key=lambda one: one.id)
    logged = _logged(connection, [one.id for one in wanted], as_of)
    found = []
    for one in wanted:
        met = agenda.last_with(connection, one.addresses, as_of, as_of)
        held = [
            meeting.end for meeting in met if not meeting.cancelled and not set(one.addresses) & set(meeting.declined)
        ]
        touches = [at for at in (one.last_in, one.last_out, *held[:1], *logged[one.id]) if at is not None]
        if touches:
            last = max(touches)
            found.append(NextPing(contact=one, last=last, due=last + timedelta(days=intervals[one.id])))
    return found


def _logged(connection: Connection, contact_ids: Sequence[str], as_of: datetime) -> dict[str, list[datetime]]:
    found: dict[str, list[datetime]] = defaultdict(list)
    for start in range(0, len(contact_ids), _CHUNK):
        for one in LOGGED_TOUCHES.listed(connection, contact_ids[start : start + _CHUNK]):
            if one.contact is not None and one.at <= as_of:
                found[one.contact].append(one.at)
    return found
