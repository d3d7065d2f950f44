"""Messages: facts, stored once whatever number of folders, files and accounts show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import false, func, select, update

from keepwarm.storage import rows
from keepwarm.storage.addresses import BY_OTHERS, BY_THEMSELVES, AddressBook, NameSeen, mark_dirty
from keepwarm.storage.identity import hash63
from keepwarm.storage.observations import MessageKind
from keepwarm.storage.own_letters import is_ours
from keepwarm.storage.subjects import subject_hash, taken_apart
from keepwarm.storage.tables import address, message, message_party

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sqlalchemy import ColumnElement, Connection, FromClause

    from keepwarm.storage.observations import MessageSeen, Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What may be kept, and who the owner is."""

    owner: frozenset[str]  # all addresses of the owner, lower case
    key: bytes  # of this database: subjects are hashed with it
    subjects: bool = True  # False: only the hash


class ThreadKeys(NamedTuple):
    """Where a message stands in its thread: hashes of Message-IDs."""

    own: int
    parent: int | None  # of the message that it answers
    first: int  # of the first message of the thread


def went_out(messages: FromClause) -> ColumnElement[bool]:
    """Say of a message that the owner wrote it.

    In such a way that no index serves it: a search that begins with people must not go through all mail instead.
    """
    return func.coalesce(messages.c.outbound, false())


def thread_keys(one: MessageSeen) -> ThreadKeys:
    """Give where a message stands in its thread."""
    own = hash63(one.message_id or one.dedupe_key)
    if not one.references:
        return ThreadKeys(own, None, own)
    return ThreadKeys(own, hash63(one.references[-1]), hash63(one.references[0]))


def store_messages(
    connection: Connection,
    stream_id: int,
    seen: Iterable[MessageSeen],
    book: AddressBook,
    keeping: Keeping,
    untitled: Collection[str] = (),
) -> int:
    """Store the messages that are not there yet, with their parties; give their number.

    Of those whose dedupe keys are in ``untitled`` the subject is not kept, only its hash.
    """
    new = _not_stored(connection, seen)
    if not new:
        return 0
    ids = book.ids(connection, _names(new))
    first_id = connection.execute(select(func.coalesce(func.max(message.c.id), 0))).scalar_one() + 1
    numbered = list(enumerate(new, start=first_id))
    values = (_row(number, stream_id, one, keeping, titled=one.dedupe_key not in untitled) for number, one in numbered)
    rows.insert(connection, message, _COLUMNS, values)
    rows.insert(
        connection,
        message_party,
        _PARTY_COLUMNS,
        (row for number, one in numbered for row in _party_rows(number, one, ids)),
    )
    mark_dirty(connection, (ids[text] for one in new for text in _concerned(one, keeping.owner)))
    return len(new)


_KNOWN = "SELECT dedupe_key FROM message WHERE dedupe_key IN"


def _not_stored(connection: Connection, seen: Iterable[MessageSeen]) -> list[MessageSeen]:
    by_key = {one.dedupe_key: one for one in reversed(list(seen))}
    for known in rows.among(connection, _KNOWN, sorted(by_key)):
        for key in known.scalars():
            del by_key[key]
    return sorted(by_key.values(), key=lambda one: (one.at, one.dedupe_key))


def _parties(one: MessageSeen) -> Iterator[tuple[Party, str]]:
    if one.author:
        yield one.author, "from"
    for role, parties in (("to", one.to), ("cc", one.cc), ("bcc", one.bcc)):
        for party in parties:
            yield party, role


def _names(messages: list[MessageSeen]) -> Iterator[NameSeen]:
    """Give the names beside the addresses; of the same name only the last time: no earlier one can be heavier."""
    told: set[tuple[str, str, bool, int]] = set()
    for one in reversed(messages):
        for party, role in _parties(one):
            rank = BY_THEMSELVES if role == "from" else BY_OTHERS
            name = (party.address, party.name, party.robot, rank)
            if name not in told:
                told.add(name)
                yield NameSeen(party.address, party.name, rank, one.at, party.robot)


def _concerned(one: MessageSeen, owner: frozenset[str]) -> Iterator[str]:
    """Name the addresses whose relation to the owner this message is about."""
    if one.author is None:
        return
    if one.author.address not in owner:
        yield one.author.address
        return
    for party in (*one.to, *one.cc, *one.bcc):
        if party.address not in owner:
            yield party.address


_COLUMNS = (
    "id",
    "dedupe_key",
    "stream_id",
    "at",
    "outbound",
    "to_owner",
    "kind",
    "size",
    "recipients",
    "key_hash",
    "parent_hash",
    "thread_hash",
    "subject",
    "subject_hash",
    "says_reply",
    "away_until",
    "apology",
    "promised_due",
)
_PARTY_COLUMNS = ("message_id", "address_id", "role")


def _row(number: int, stream_id: int, one: MessageSeen, keeping: Keeping, *, titled: bool) -> tuple[Any, ...]:
    """Give the values of ``_COLUMNS``."""
    subject = taken_apart(one.subject)
    keys = thread_keys(one)
    return (
        number,
        one.dedupe_key,
        stream_id,
        one.at,
        one.author is not None and one.author.address in keeping.owner,
        any(party.address in keeping.owner for party in one.to),
        _kind(one, keeping).value,
        one.size,
        one.recipients,
        keys.own,
        keys.parent,
        keys.first,
        one.subject if keeping.subjects and titled else None,
        subject_hash(keeping.key, subject.bare),
        subject.is_reply,
        one.away_until,
        one.apology,
        one.promised_due.isoformat() if one.promised_due else None,
    )


def _kind(one: MessageSeen, keeping: Keeping) -> MessageKind:
    """Give the class of a message; what Keepwarm sent to the owner in their name is no touch, nor are answers to it."""
    ours = one.author is not None and one.author.address in keeping.owner and is_ours(keeping.key, one.message_id)
    ours = ours or one.answer is not None
    return MessageKind.AUTOMATED if ours else one.kind


def _party_rows(number: int, one: MessageSeen, ids: dict[str, int]) -> Iterable[tuple[int, int, str]]:
    return dict.fromkeys((number, ids[party.address], role) for party, role in _parties(one))


def set_directions(connection: Connection, owner: frozenset[str]) -> None:
    """Tell inbound from outbound anew, after the owner's addresses have changed."""
    mine = select(address.c.id).where(address.c.address.in_(sorted(owner)))
    for column, role in ((message.c.outbound, "from"), (message.c.to_owner, "to")):
        named = select(message_party.c.message_id).where(
            message_party.c.role == role, message_party.c.address_id.in_(mine)
        )
        connection.execute(update(message).values({column: message.c.id.in_(named)}))
    connection.execute(update(address).values(dirty=True))
