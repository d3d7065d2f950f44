"""Everybody at once, for the page's sonar: what is shown there and no more, in a few statements, none of them on mail.

When somebody was heard last is taken from what was judged of them, by month, and so counts meetings, too.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, select

from keepwarm.storage.contacts import TREND_DAYS, open_signals
from keepwarm.storage.tables import address, attention, contact, warmth_change
from keepwarm.storage.views import ContactView

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


_SHOWN = (
    contact.c.id,
    contact.c.name,
    contact.c.organisation,
    contact.c.labels,
    contact.c.ping_interval_days,
    contact.c.owner_interval_days,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Everybody:
    """All contacts as of a moment, warmest first; of their messages and meetings only ``heard`` is known."""

    people: tuple[ContactView, ...]
    heard: dict[str, datetime]  # contact id: when they last wrote, or met the owner


def read(connection: Connection, as_of: datetime) -> Everybody:
    """Give everybody who was known by then."""
    addresses, signals = _addresses(connection), open_signals(connection, as_of, None)
    return Everybody(
        people=tuple(
            ContactView(
                id=row.id,
                name=row.name,
                addresses=tuple(addresses[row.id]),
                organisation=row.organisation,
                labels=tuple(row.labels),
                warmth=row.after or 0.0,
                band=row.band or "cold",
                trend=round((row.after or 0.0) - (row.before or 0.0), 1),
                last_in=None,
                last_out=None,
                next_meeting=None,
                ping_interval_days=row.owner_interval_days or row.ping_interval_days,
                open_signals=tuple(signals.get(row.id, ())),
            )
            for row in sorted(_warm(connection, as_of), key=_warmest_first)
        ),
        heard=_heard(connection, as_of),
    )


def _warmest_first(row: Any) -> tuple[float, str, str]:
    return -(row.after or 0.0), row.name.casefold(), row.id


def _warm(connection: Connection, as_of: datetime) -> list[Any]:
    """Give each contact with the warmth of now and of so many days ago: by the key, one line of the ledger each."""
    now, then = warmth_change.alias(), warmth_change.alias()
    wanted = (
        select(*_SHOWN, now.c.after, now.c.band, then.c.after.label("before"))
        .select_from(contact)
        .outerjoin(now, and_(now.c.contact_id == contact.c.id, now.c.seq == _newest(as_of)))
        .outerjoin(
            then, and_(then.c.contact_id == contact.c.id, then.c.seq == _newest(as_of - timedelta(days=TREND_DAYS)))
        )
        .where(contact.c.added_at <= as_of)
    )
    return list(connection.execute(wanted))


def _newest(at: datetime) -> Any:
    line = warmth_change.alias()
    mine = select(line.c.seq).where(line.c.contact_id == contact.c.id, line.c.at <= at)
    return mine.order_by(line.c.seq.desc()).limit(1).correlate(contact).scalar_subquery()


def _addresses(connection: Connection) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    theirs = select(address.c.contact_id, address.c.address).where(address.c.contact_id.is_not(None))
    for who, text in connection.execute(theirs.order_by(address.c.address)):
        found[who].append(text)
    return found


def _heard(connection: Connection, as_of: datetime) -> dict[str, datetime]:
    last = select(attention.c.contact_id, func.max(attention.c.heard_last)).where(attention.c.heard_last <= as_of)
    return {who: at for who, at in connection.execute(last.group_by(attention.c.contact_id)) if at}
