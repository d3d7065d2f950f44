"""Contacts as commands and outputs show them, as of a moment."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, or_, select

from keepwarm.storage import settings
from keepwarm.storage.observations import Answer, MeetingStatus, MessageKind
from keepwarm.storage.sightings import Change
from keepwarm.storage.tables import (
    address,
    contact,
    meeting,
    meeting_party,
    meeting_revision,
    message,
    message_party,
    signal,
    verdict,
    warmth_change,
)
from keepwarm.storage.verdicts import Judgement
from keepwarm.storage.views import ContactRef, ContactView, WarmthStep

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

TREND_DAYS = 30
_CHUNK = 400


def refs(connection: Connection, contact_ids: Sequence[str]) -> list[ContactRef]:
    """Give the contacts of these ids, in their order."""
    found: dict[str, ContactRef] = {}
    for start in range(0, len(contact_ids), _CHUNK):
        some = contact_ids[start : start + _CHUNK]
        texts: dict[str, list[str]] = defaultdict(list)
        mine = select(address.c.contact_id, address.c.address).where(address.c.contact_id.in_(some))
        for row in connection.execute(mine.order_by(address.c.address)):
            texts[row.contact_id].append(row.address)
        for row in connection.execute(select(contact).where(contact.c.id.in_(some))):
            found[row.id] = ContactRef(
                id=row.id,
                name=row.name,
                addresses=tuple(texts[row.id]),
                organisation=row.organisation,
                labels=tuple(row.labels),
            )
    return [found[one] for one in contact_ids if one in found]


def views(connection: Connection, as_of: datetime, only: Sequence[str] | None = None) -> list[ContactView]:
    """Give the sonar as of a moment, warmest first: every contact known by then, or those of ``only``."""
    known = select(contact.c.id).where(contact.c.added_at <= as_of)
    ids = sorted(connection.execute(known if only is None else known.where(contact.c.id.in_(only))).scalars())
    wanted = None if only is None else ids
    now, past = (warmth_at(connection, at, wanted) for at in (as_of, as_of - timedelta(days=TREND_DAYS)))
    heard, wrote = _last_messages(connection, as_of, wanted)
    upcoming = _next_meetings(connection, as_of, wanted)
    signals = open_signals(connection, as_of, wanted)
    intervals = {
        row.id: row.owner_interval_days or row.ping_interval_days
        for row in connection.execute(select(contact.c.id, contact.c.owner_interval_days, contact.c.ping_interval_days))
    }
    found = []
    for ref in refs(connection, ids):
        warmth, band = now.get(ref.id, (0.0, "cold"))
        found.append(
            ContactView(
                id=ref.id,
                name=ref.name,
                addresses=ref.addresses,
                organisation=ref.organisation,
                labels=ref.labels,
                warmth=warmth,
                band=band,
                trend=round(warmth - past.get(ref.id, (0.0, ""))[0], 1),
                last_in=heard.get(ref.id),
                last_out=wrote.get(ref.id),
                next_meeting=upcoming.get(ref.id),
                ping_interval_days=intervals.get(ref.id),
                open_signals=tuple(signals.get(ref.id, ())),
            )
        )
    return sorted(found, key=lambda view: (-view.warmth, view.name.casefold(), view.id))


def ledger(connection: Connection, contact_id: str, as_of: datetime) -> list[WarmthStep]:
    """Give the ledger of a contact up to a moment, oldest first."""
    mine = (warmth_change.c.contact_id == contact_id) & (warmth_change.c.at <= as_of)
    return [
        WarmthStep(
            seq=row.seq,
            at=row.at,
            before=row.before,
            after=row.after,
            band=row.band,
            cause=row.cause,
            sentence=row.sentence,
            signal=row.signal_id,
        )
        for row in connection.execute(select(warmth_change).where(mine).order_by(warmth_change.c.seq))
    ]


def _among(column: Any, only: Sequence[str] | None) -> Any:
    return column.is_not(None) if only is None else column.in_(only)


def warmth_at(connection: Connection, at: datetime, only: Sequence[str] | None) -> dict[str, tuple[float, str]]:
    """Give warmth and band by contact as of a moment; those not known by then are left out."""
    newest = (
        select(warmth_change.c.contact_id, func.max(warmth_change.c.seq).label("seq"))
        .where(warmth_change.c.at <= at, _among(warmth_change.c.contact_id, only))
        .group_by(warmth_change.c.contact_id)
        .subquery()
    )
    rows = select(warmth_change.c.contact_id, warmth_change.c.after, warmth_change.c.band).join(
        newest,
        and_(warmth_change.c.contact_id == newest.c.contact_id, warmth_change.c.seq == newest.c.seq),
    )
    return {row.contact_id: (row.after, row.band) for row in connection.execute(rows)}


def _last_messages(
    connection: Connection, as_of: datetime, only: Sequence[str] | None
) -> tuple[dict[str, datetime], dict[str, datetime]]:
    """Give when each contact wrote last, and when the owner last wrote to them."""
    rows = connection.execute(
        select(address.c.contact_id, message.c.outbound, func.max(message.c.at).label("at"))
        .join(message_party, message_party.c.address_id == address.c.id)
        .join(message, message.c.id == message_party.c.message_id)
        .where(
            _among(address.c.contact_id, only),
            (message_party.c.role == "from") != message.c.outbound,
            message.c.kind.in_((MessageKind.HUMAN, MessageKind.INVOICE)),
            message.c.at <= as_of,
        )
        .group_by(address.c.contact_id, message.c.outbound)
    )
    heard: dict[str, datetime] = {}
    wrote: dict[str, datetime] = {}
    for row in rows:
        (wrote if row.outbound else heard)[row.contact_id] = row.at
    return heard, wrote


def _next_meetings(connection: Connection, as_of: datetime, only: Sequence[str] | None) -> dict[str, datetime]:
    newest = (
        select(meeting_revision.c.meeting_id, func.max(meeting_revision.c.seq).label("seq"))
        .where(meeting_revision.c.at <= as_of, meeting_revision.c.change != Change.PROPOSED)
        .group_by(meeting_revision.c.meeting_id)
        .subquery()
    )
    owners, refusal = address.alias(), meeting_party.alias()
    refused_by_owner = exists().where(
        refusal.c.revision_id == meeting_revision.c.id,
        refusal.c.answer == Answer.DECLINED,
        owners.c.id == refusal.c.address_id,
        owners.c.address.in_(settings.get(connection, "owner") or []),
    )
    rows = connection.execute(
        select(address.c.contact_id, func.min(meeting_revision.c.start).label("start"))
        .join(meeting_party, meeting_party.c.address_id == address.c.id)
        .join(meeting_revision, meeting_revision.c.id == meeting_party.c.revision_id)
        .join(
            newest,
            and_(newest.c.meeting_id == meeting_revision.c.meeting_id, newest.c.seq == meeting_revision.c.seq),
        )
        .join(meeting, meeting.c.id == meeting_revision.c.meeting_id)
        .where(
            _among(address.c.contact_id, only),
            ~meeting.c.series,
            meeting_revision.c.start > as_of,
            meeting_revision.c.status != MeetingStatus.CANCELLED,
            meeting_party.c.answer != Answer.DECLINED,
            ~refused_by_owner,
        )
        .group_by(address.c.contact_id)
    )
    return {row.contact_id: row.start for row in rows}


def open_signals(connection: Connection, as_of: datetime, only: Sequence[str] | None) -> dict[str, list[str]]:
    """Give the rules by contact whose signals are open as of a moment, and were not dismissed."""
    still = or_(signal.c.cleared.is_(None), signal.c.cleared > as_of)
    dismissed = exists().where(
        verdict.c.signal_id == signal.c.id, verdict.c.verdict == Judgement.DISMISSED.value, verdict.c.at <= as_of
    )
    rows = select(signal.c.contact_id, signal.c.rule).where(
        signal.c.opened <= as_of, still, ~dismissed, _among(signal.c.contact_id, only)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(rows.order_by(signal.c.rule)):
        found[row.contact_id].append(row.rule)
    return found
