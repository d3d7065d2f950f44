"""Organisations as commands and outputs show them: as warm as the coldest of the people who count there."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from keepwarm.storage.contacts import warmth_at
from keepwarm.storage.tables import attention, contact, signal, standing
from keepwarm.storage.views import OrganisationView

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

IN_CONTACT = timedelta(days=730)
"""Somebody not heard for longer says nothing about how warm their organisation is."""


def views(connection: Connection, as_of: datetime, only: Sequence[str] | None = None) -> list[OrganisationView]:
    """Give the organisations as of a moment, the coldest first, those that nobody can be judged of last."""
    known = select(contact.c.id, contact.c.name, contact.c.organisation).where(
        contact.c.added_at <= as_of, contact.c.organisation.is_not(None)
    )
    rows = connection.execute(known if only is None else known.where(contact.c.organisation.in_(only))).all()
    people: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        people[row.organisation].append((row.id, row.name))
    ids = None if only is None else [row.id for row in rows]
    warmth, counting = warmth_at(connection, as_of, ids), _counting(connection, as_of)
    signals = _open_signals(connection, as_of)
    found = []
    for domain, members in people.items():
        judged = sorted((*warmth[one], name, one) for one, name in members if one in counting and one in warmth)
        coldest = judged[0] if judged else None
        found.append(
            OrganisationView(
                domain=domain,
                warmth=coldest[0] if coldest else None,
                band=coldest[1] if coldest else None,
                coldest_id=coldest[3] if coldest else None,
                coldest_name=coldest[2] if coldest else None,
                people=len(members),
                people_who_count=len(judged),
                open_signals=tuple(signals.get(domain, ())),
            )
        )
    return sorted(found, key=lambda view: (view.warmth is None, view.warmth or 0.0, view.domain))


def _counting(connection: Connection, as_of: datetime) -> set[str]:
    """Give those who can be judged, and who were heard within two years."""
    rows = connection.execute(
        select(standing.c.contact_id)
        .join(attention, attention.c.contact_id == standing.c.contact_id)
        .where(
            standing.c.judged_since <= as_of,
            attention.c.heard_first <= as_of,
            attention.c.heard_last >= as_of - IN_CONTACT,
        )
        .distinct()
    )
    return set(rows.scalars())


def _open_signals(connection: Connection, as_of: datetime) -> dict[str, list[str]]:
    still = or_(signal.c.cleared.is_(None), signal.c.cleared > as_of)
    rows = connection.execute(
        select(signal.c.about, signal.c.rule)
        .where(signal.c.scope == "organisation", signal.c.opened <= as_of, still)
        .order_by(signal.c.rule, signal.c.id)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[row.about].append(row.rule)
    return found
