"""What was seen of somebody who is forgotten: which messages and meetings go, and what becomes of shared ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, select, update

from keepwarm.storage import feed_forgetting
from keepwarm.storage.addresses import BY_OTHERS, AddressBook, NameSeen
from keepwarm.storage.column_types import from_microseconds
from keepwarm.storage.kept_out import SOMEBODY, named_in
from keepwarm.storage.lives import revise
from keepwarm.storage.sighting_json import body, restored
from keepwarm.storage.tables import (
    address,
    meeting,
    meeting_party,
    meeting_revision,
    meeting_sighting,
    message,
    message_party,
    testimony,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement, Connection, Row

    from keepwarm.storage.kept_out import KeptOut

_CHUNK = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The rows that somebody has part in, by their ids."""

    address_ids: tuple[int, ...]
    addresses: tuple[str, ...]
    messages: list[int]  # by them, or to nobody else
    shared_messages: list[int]
    threads: list[int]  # in which they wrote
    meetings: list[int]  # with nobody else
    shared_meetings: list[int]

    @classmethod
    def of(
        cls, connection: Connection, address_ids: tuple[int, ...], addresses: tuple[str, ...], owner: frozenset[str]
    ) -> Facts:
        """Look for them in all that is stored."""
        messages, shared_messages = _messages(connection, address_ids, owner)
        meetings, shared_meetings = _meetings(connection, set(addresses), owner)
        return cls(
            address_ids=address_ids,
            addresses=addresses,
            messages=messages,
            shared_messages=shared_messages,
            threads=_threads(connection, address_ids),
            meetings=meetings,
            shared_meetings=shared_meetings,
        )


def forget_facts(connection: Connection, facts: Facts, out: KeptOut, owner: frozenset[str]) -> None:
    """Remove what is theirs alone, and take them out of what others have part in."""
    for some in in_chunks(facts.messages):
        connection.execute(delete(message_party).where(message_party.c.message_id.in_(some)))
        connection.execute(delete(message).where(message.c.id.in_(some)))
    connection.execute(delete(message_party).where(message_party.c.address_id.in_(facts.address_ids)))
    for some in in_chunks(facts.shared_messages):
        connection.execute(update(message).where(message.c.id.in_(some)).values(subject=None))
    for some in in_chunks(facts.threads):  # what they called a thread is theirs, whoever goes on with it
        connection.execute(update(message).where(message.c.thread_hash.in_(some)).values(subject=None))
    connection.execute(delete(testimony).where(testimony.c.actor.in_(facts.addresses)))
    for some in in_chunks(facts.meetings):
        connection.execute(delete(meeting).where(meeting.c.id.in_(some)))  # with all that hangs on it
    if facts.shared_meetings:
        _put_somebody(connection, facts.shared_meetings, out, owner)


def in_chunks(ids: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """Give so many at a time as one statement takes."""
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))


def _messages(connection: Connection, ids: tuple[int, ...], owner: frozenset[str]) -> tuple[list[int], list[int]]:
    named = select(message_party.c.message_id, message_party.c.role).where(message_party.c.address_id.in_(ids))
    rows = connection.execute(named).all()
    theirs = {row.message_id for row in rows if row.role == "from"}
    others = sorted({row.message_id for row in rows} - theirs)
    mine = select(address.c.id).where(address.c.address.in_(sorted(owner)))
    shared: set[int] = set()
    for some in in_chunks(others):
        somebody_else = select(message_party.c.message_id).where(
            message_party.c.message_id.in_(some),
            message_party.c.address_id.not_in(ids),
            message_party.c.address_id.not_in(mine),
        )
        shared.update(connection.execute(somebody_else).scalars())
    return sorted(theirs | (set(others) - shared)), sorted(shared)


def _threads(connection: Connection, ids: tuple[int, ...]) -> list[int]:
    wrote = message_party.c.address_id.in_(ids) & (message_party.c.role == "from")
    threads = select(message.c.thread_hash).join(message_party, message_party.c.message_id == message.c.id).where(wrote)
    return sorted(connection.execute(threads.distinct()).scalars())


def _meetings(connection: Connection, theirs: set[str], owner: frozenset[str]) -> tuple[list[int], list[int]]:
    """By all that was ever seen of them; robots are nobody, and so is who was forgotten before."""
    robots = set(connection.execute(select(address.c.address).where(address.c.robot)).scalars()) | {SOMEBODY}
    with_them, with_others = set[int](), set[int]()
    for row in _sightings(connection):
        named = set(named_in(restored(row.ref, row.at, row.body)))
        if named & theirs:
            with_them.add(row.meeting_id)
        if named - theirs - owner - robots:
            with_others.add(row.meeting_id)
    return sorted(with_them - with_others), sorted(with_them & with_others)


def _sightings(connection: Connection, *which: ColumnElement[bool]) -> Iterable[Row[Any]]:
    columns = (meeting_sighting.c.id, meeting_sighting.c.meeting_id, meeting_sighting.c.ref, meeting_sighting.c.at)
    wanted = select(*columns, meeting_sighting.c.body).where(*which).order_by(meeting_sighting.c.id)
    return connection.execute(wanted, execution_options={"yield_per": _CHUNK})


def _put_somebody(connection: Connection, meeting_ids: list[int], out: KeptOut, owner: frozenset[str]) -> None:
    """Put somebody in their place, and take the titles away."""
    book = AddressBook()
    book.ids(connection, [NameSeen(SOMEBODY, "", BY_OTHERS, from_microseconds(0), robot=True)])
    for some in in_chunks(meeting_ids):
        rows = list(_sightings(connection, meeting_sighting.c.meeting_id.in_(some)))
        bodies = [body(out.sighting(restored(row.ref, row.at, row.body))) for row in rows]
        changed = [
            {"row": row.id, "new": {key: value for key, value in one.items() if key != "summary"}}
            for row, one in zip(rows, bodies, strict=True)
        ]
        connection.execute(_REWRITE, changed)
    before, others = _revisions(connection, meeting_ids), _contacts(connection, meeting_ids)
    revise(connection, meeting_ids, book, owner)
    after = _revisions(connection, meeting_ids)
    refs = {ref: after[what] for what, ref in before.items() if what in after and after[what] != ref}
    feed_forgetting.rename(connection, others, refs)


def _revisions(connection: Connection, meeting_ids: list[int]) -> dict[tuple[Any, ...], str]:
    """Give the refs of the revisions of meetings by all that they say, but for whom they name."""
    found = {}
    columns = [meeting_revision.c[name] for name in ("meeting_id", "seq", "change", "at", "start", "end")]
    for some in in_chunks(meeting_ids):
        mine = meeting_revision.c.meeting_id.in_(some)
        for *what, ref in connection.execute(select(*columns, meeting_revision.c.ref).where(mine)):
            found[tuple(what)] = ref
    return found


def _contacts(connection: Connection, meeting_ids: list[int]) -> set[str]:
    found: set[str] = set()
    for some in in_chunks(meeting_ids):
        named = (
            select(address.c.contact_id)
            .join(meeting_party, meeting_party.c.address_id == address.c.id)
            .join(meeting_revision, meeting_revision.c.id == meeting_party.c.revision_id)
            .where(meeting_revision.c.meeting_id.in_(some), address.c.contact_id.is_not(None))
        )
        found.update(connection.execute(named.distinct()).scalars())
    return found


_REWRITE = update(meeting_sighting).where(meeting_sighting.c.id == bindparam("row")).values(body=bindparam("new"))
