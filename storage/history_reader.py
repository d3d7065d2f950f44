"""Reads histories: a few contacts at a time, so that memory stays flat however many there are."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select

from keepwarm.storage import absences, handovers, introductions, owners_word
from keepwarm.storage.histories import OWNERS_WORD, By, History, MeetingFact, MessageFact, RevisionFact
from keepwarm.storage.observations import Answer, MeetingStatus, MessageKind
from keepwarm.storage.sightings import Change
from keepwarm.storage.tables import (
    address,
    contact,
    meeting,
    meeting_party,
    meeting_revision,
    meeting_sighting,
    message,
    message_party,
    stream,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from keepwarm.storage.histories import Other

_AT_ONCE = 25
_READ_KINDS = (MessageKind.HUMAN, MessageKind.INVOICE, MessageKind.OUT_OF_OFFICE)
"""Lists and robots are nobody's words; invitations are read as meetings."""
_BY_WEIGHT = (Answer.ACCEPTED, Answer.TENTATIVE, Answer.DECLINED, Answer.DELEGATED, Answer.NONE)


def histories(connection: Connection, contact_ids: Sequence[str], owner: frozenset[str]) -> Iterator[History]:
    """Give the histories of these contacts, in the order of their ids."""
    live_since = _live_since(connection)
    owners_absences = absences.of_owner(connection, owner)
    ordered = sorted(contact_ids)
    for start in range(0, len(ordered), _AT_ONCE):
        some = ordered[start : start + _AT_ONCE]
        addresses = _addresses(connection, some)
        messages = _messages(connection, some)
        meetings = _Meetings(connection, addresses, owner).by_contact()
        away = absences.of_contacts(connection, addresses, messages)
        others = others_in_order(
            owners_word.facts(connection, some),
            handovers.of_contacts(connection, addresses, messages, owner),
            introductions.of_contacts(connection, addresses, owner),
        )
        people = select(contact).where(contact.c.id.in_(some)).order_by(contact.c.id)
        for row in connection.execute(people).all():
            yield History(
                contact_id=row.id,
                name=row.name,
                addresses=tuple(addresses[row.id]),
                labels=tuple(row.labels),
                added_at=row.added_at,
                owner_interval_days=row.owner_interval_days,
                organisation=row.organisation,
                messages=messages.pop(row.id, ()),
                meetings=meetings.pop(row.id, ()),
                absences=absences.together(owners_absences, away.get(row.id, ())),
                others=others.get(row.id, ()),
                live_since=live_since,
            )


def others_in_order(*kinds: Mapping[str, Sequence[Other]]) -> dict[str, tuple[Other, ...]]:
    """Give, by contact, what happened beside messages and meetings, in the order of time."""
    found: dict[str, list[Other]] = defaultdict(list)
    for of_kind in kinds:
        for one, some in of_kind.items():
            found[one] += some
    return {one: tuple(sorted(some, key=lambda other: (other.at, other.ref))) for one, some in found.items()}


def _live_since(connection: Connection) -> dict[int, datetime]:
    done = select(stream.c.id, stream.c.first_complete).where(stream.c.first_complete.is_not(None))
    found = {row.id: row.first_complete for row in connection.execute(done)}
    return {OWNERS_WORD: min(found.values()), **found} if found else found


def _addresses(connection: Connection, contact_ids: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    rows = select(address.c.contact_id, address.c.address).where(address.c.contact_id.in_(contact_ids))
    for row in connection.execute(rows.order_by(address.c.address)):
        found[row.contact_id].append(row.address)
    return found


def _messages(connection: Connection, contact_ids: Sequence[str]) -> dict[str, tuple[MessageFact, ...]]:
    between = or_(
        and_(message.c.outbound, message_party.c.role != "from"),
        and_(~message.c.outbound, message_party.c.role == "from"),
    )
    rows = connection.execute(
        select(address.c.contact_id, message_party.c.role, message)
        .join(message_party, message_party.c.address_id == address.c.id)
        .join(message, message.c.id == message_party.c.message_id)
        .where(address.c.contact_id.in_(contact_ids), message.c.kind.in_(_READ_KINDS), between)
        .order_by(address.c.contact_id, message.c.at, message.c.dedupe_key, message_party.c.role.desc())
    )
    found: dict[str, dict[str, MessageFact]] = defaultdict(dict)
    for row in rows:
        # "to" sorts before "cc": somebody who is named twice, or with two addresses, is spoken to directly.
        found[row.contact_id].setdefault(row.dedupe_key, _message_fact(row))
    return {one: tuple(messages.values()) for one, messages in found.items()}


def _message_fact(row: Row[Any]) -> MessageFact:
    return MessageFact(
        ref="m_" + row.dedupe_key,
        at=row.at,
        outbound=row.outbound,
        kind=MessageKind(row.kind),
        direct=row.role == "to" if row.outbound else row.to_owner,
        recipients=row.recipients,
        size=row.size,
        key=row.key_hash,
        parent=row.parent_hash,
        thread=row.thread_hash,
        subject=row.subject,
        subject_key=row.subject_hash,
        says_reply=row.says_reply,
        apology=row.apology,
        away_until=row.away_until,
        promised_due=date.fromisoformat(row.promised_due) if row.promised_due else None,
        stream=row.stream_id,
    )


class _Meetings:
    """Reads the meetings of a few contacts, each seen from each contact."""

    def __init__(self, connection: Connection, addresses: dict[str, list[str]], owner: frozenset[str]) -> None:
        self._connection = connection
        self._addresses = {one: frozenset(texts) for one, texts in addresses.items()}
        self._owner = owner
        self._parties: dict[int, list[Row[Any]]] = defaultdict(list)
        self._revisions: dict[int, list[Row[Any]]] = defaultdict(list)

    def by_contact(self) -> dict[str, tuple[MeetingFact, ...]]:
        shared = self._shared()
        ids = sorted({meeting_id for ids in shared.values() for meeting_id in ids})
        meetings: dict[int, Row[Any]] = {}
        for start in range(0, len(ids), 400):
            some = ids[start : start + 400]
            meetings.update({row.id: row for row in self._connection.execute(_meeting_rows(some))})
            self._read_revisions(some)
        return {
            one: tuple(
                fact
                for meeting_id in ids_of_one
                if meeting_id in meetings and (fact := self._fact(meetings[meeting_id], self._addresses[one])).revisions
            )
            for one, ids_of_one in shared.items()
        }

    def _shared(self) -> dict[str, list[int]]:
        rows = self._connection.execute(
            select(address.c.contact_id, meeting_revision.c.meeting_id)
            .join(meeting_party, meeting_party.c.address_id == address.c.id)
            .join(meeting_revision, meeting_revision.c.id == meeting_party.c.revision_id)
            .where(address.c.contact_id.in_(list(self._addresses)))
            .distinct()
            .order_by(address.c.contact_id, meeting_revision.c.meeting_id)
        )
        found: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            found[row.contact_id].append(row.meeting_id)
        return found

    def _read_revisions(self, meeting_ids: list[int]) -> None:
        revisions = select(meeting_revision).where(meeting_revision.c.meeting_id.in_(meeting_ids))
        for row in self._connection.execute(revisions.order_by(meeting_revision.c.meeting_id, meeting_revision.c.seq)):
            self._revisions[row.meeting_id].append(row)
        parties = (
            select(meeting_party.c.revision_id, meeting_party.c.role, meeting_party.c.answer, address.c.address)
            .join(address, address.c.id == meeting_party.c.address_id)
            .join(meeting_revision, meeting_revision.c.id == meeting_party.c.revision_id)
            .where(meeting_revision.c.meeting_id.in_(meeting_ids))
        )
        for row in self._connection.execute(parties):
            self._parties[row.revision_id].append(row)

    def _fact(self, row: Row[Any], theirs: frozenset[str]) -> MeetingFact:
        return MeetingFact(
            ref=f"{row.ical_uid}/{row.recurrence_id}",
            ical_uid=row.ical_uid,
            recurrence_id=row.recurrence_id,
            series=row.series,
            summary=row.summary,
            stream=row.stream_id,
            revisions=tuple(self._revision(revision, theirs) for revision in self._revisions[row.id]),
        )

    def _revision(self, row: Row[Any], theirs: frozenset[str]) -> RevisionFact:
        parties = self._parties[row.id]
        return RevisionFact(
            ref=row.ref,
            at=row.at,
            change=Change(row.change),
            by=self._by(row.actor, theirs),
            why=row.why,
            start=row.start,
            end=row.end,
            previous_start=row.previous_start,
            previous_end=row.previous_end,
            status=MeetingStatus(row.status),
            their_answer=_answer(parties, theirs),
            owner_answer=_answer(parties, self._owner),
            people=_people(parties, theirs, self._owner),
            prompt=row.prompt,
            all_day=row.all_day,
            busy=row.busy,
            away=row.away,
        )

    def _by(self, actor: str, theirs: frozenset[str]) -> By:
        if not actor:
            return By.UNKNOWN
        if actor in self._owner:
            return By.OWNER
        return By.THEM if actor in theirs else By.OTHER


def _meeting_rows(ids: list[int]) -> Any:
    first_seen_in = (
        select(meeting_sighting.c.stream_id)
        .where(meeting_sighting.c.meeting_id == meeting.c.id)
        .order_by(meeting_sighting.c.id)
        .limit(1)
        .scalar_subquery()
    )
    return select(meeting, first_seen_in.label("stream_id")).where(meeting.c.id.in_(ids))


def _people(parties: list[Row[Any]], *sides: frozenset[str]) -> int:
    """Count the people of a meeting; those of one side are addresses of one person."""
    twice = (sum(party.address in side for party in parties) - 1 for side in sides)
    return len(parties) - sum(more for more in twice if more > 0)


def _answer(parties: list[Row[Any]], whose: frozenset[str]) -> Answer | None:
    """Give the answer of one side; the organiser has accepted, and of two addresses the one that comes counts."""
    answers = [
        Answer.ACCEPTED if party.role == "organizer" else Answer(party.answer)
        for party in parties
        if party.address in whose
    ]
    return next((answer for answer in _BY_WEIGHT if answer in answers), None)
