"""Introductions: who came to the owner through whom.

A contact that the owner knew already introduced somebody if

- they wrote to the owner and the newcomer together, or
- the newcomer's first mail to the owner copied them and nobody else, or was written in a thread that they had begun,

before anything passed between the owner and the newcomer; and if within 30 days those two wrote to each other, both
ways, and at least once without the one who brought them together: else it is a group at work, and no introduction.
Colleagues do not introduce each other, and no mail to more than five people does.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select

from keepwarm.storage import newcomers
from keepwarm.storage.histories import IntroductionFact
from keepwarm.storage.messages import went_out
from keepwarm.storage.newcomers import MET_WITHIN
from keepwarm.storage.observations import MessageKind
from keepwarm.storage.organisations import organisations_of
from keepwarm.storage.tables import address, message, message_party

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row, Select

_CHUNK = 400
_BY_HAND = MessageKind.HUMAN.value


def of_contacts(
    connection: Connection, addresses: Mapping[str, Sequence[str]], owner: frozenset[str]
) -> dict[str, list[IntroductionFact]]:
    """Give the introductions by a few contacts, by their ids, from their addresses."""
    rows = newcomers.candidates(connection, list(addresses))
    met = _Meetings(connection, rows, owner)
    found: dict[str, dict[str, IntroductionFact]] = defaultdict(dict)
    own = organisations_of(owner)
    for row in rows:
        near = own | organisations_of(addresses[row.contact_id])
        if met.organisations(row.other) & near:
            continue
        if fact := met.introduction(row):
            found[row.contact_id].setdefault(row.other, fact)
    return {one: list(facts.values()) for one, facts in found.items()}


def introducers(connection: Connection, contact_id: str, owner: frozenset[str]) -> list[tuple[str, IntroductionFact]]:
    """Give by whom a contact was introduced: each one's id, with the introduction."""
    known = newcomers.spans(connection, _address_ids(connection, [contact_id]))
    by = newcomers.may_have_introduced(connection, known, known)
    addresses: dict[str, list[str]] = defaultdict(list)
    for start in range(0, len(by), _CHUNK):
        some = address.c.contact_id.in_(by[start : start + _CHUNK])
        for row in connection.execute(select(address.c.contact_id, address.c.address).where(some)):
            addresses[row.contact_id].append(row.address)
    facts = of_contacts(connection, addresses, owner) if addresses else {}
    found = [(one, fact) for one, some in facts.items() for fact in some if fact.other == contact_id]
    return sorted(found, key=lambda pair: (pair[1].written_at, pair[1].ref))


# What became of it.


@dataclass(frozen=True, slots=True)
class _Word:
    """A message between the owner and a newcomer; ``others`` are the contacts that were named in it, too."""

    at: datetime
    key: str
    outbound: bool
    others: frozenset[str]


class _Meetings:
    """How the newcomers and the owner have got to know each other."""

    def __init__(self, connection: Connection, candidates: Sequence[Row[Any]], owner: frozenset[str]) -> None:
        self._owner = owner
        until: dict[str, datetime] = {}
        for row in candidates:
            until[row.other] = max(until.get(row.other, row.at), row.at + MET_WITHIN)
        self._addresses: dict[str, list[str]] = defaultdict(list)
        self._words: dict[str, list[_Word]] = defaultdict(list)
        ordered = sorted(until)
        for start in range(0, len(ordered), _CHUNK):
            self._read(connection, {one: until[one] for one in ordered[start : start + _CHUNK]})

    def organisations(self, other: str) -> frozenset[str]:
        """Give where somebody works."""
        return organisations_of(self._addresses[other])

    def introduction(self, row: Row[Any]) -> IntroductionFact | None:
        """Give the introduction that a message has become; None if it has not."""
        words = self._words[row.other]
        if not words or words[0].at < row.at:
            return None
        near = [word for word in words if word.at <= row.at + MET_WITHIN]
        needed = (
            next((word for word in near if not word.outbound), None),
            next((word for word in near if word.outbound), None),
            next((word for word in near if row.contact_id not in word.others), None),
        )
        if None in needed:
            return None
        last = max((word for word in needed if word), key=lambda word: (word.at, word.key))
        return IntroductionFact(
            ref="m_" + row.dedupe_key,
            at=last.at,
            written_at=row.at,
            met_by="m_" + last.key,
            other=row.other,
            other_name=row.other_name,
            subject=row.subject,
            stream=row.stream_id,
        )

    def _read(self, connection: Connection, until: Mapping[str, datetime]) -> None:
        wanted = list(until)
        for row in connection.execute(
            select(address.c.contact_id, address.c.address).where(address.c.contact_id.in_(wanted))
        ):
            self._addresses[row.contact_id].append(row.address)
        rows = connection.execute(_words(wanted, max(until.values()))).all()
        others = _named_in(connection, sorted({row.id for row in rows}))
        for row in rows:
            word = _Word(row.at, row.dedupe_key, row.outbound, frozenset(others[row.id] - {row.contact_id}))
            self._words[row.contact_id].append(word)


def _words(contact_ids: list[str], until: datetime) -> Select[Any]:
    between = or_(
        and_(went_out(message), message_party.c.role != "from"),
        and_(~went_out(message), message_party.c.role == "from"),
    )
    return (
        select(address.c.contact_id, message.c.id, message.c.at, message.c.dedupe_key, message.c.outbound)
        .join(message_party, message_party.c.address_id == address.c.id)
        .join(message, message.c.id == message_party.c.message_id)
        .where(address.c.contact_id.in_(contact_ids), message.c.kind == _BY_HAND, message.c.at <= until, between)
        .order_by(message.c.at, message.c.dedupe_key)
    )


def _named_in(connection: Connection, ids: list[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    named = select(message_party.c.message_id, address.c.contact_id).join(
        address, address.c.id == message_party.c.address_id
    )
    openly = message_party.c.role != "bcc"  # "moving you to Bcc" is how people take their leave of who introduced them
    for start in range(0, len(ids), _CHUNK):
        some = message_party.c.message_id.in_(ids[start : start + _CHUNK])
        for row in connection.execute(named.where(some, openly, address.c.contact_id.is_not(None))):
            found[row.message_id].add(row.contact_id)
    return found


def _address_ids(connection: Connection, contact_ids: Iterable[str]) -> list[int]:
    return list(connection.execute(select(address.c.id).where(address.c.contact_id.in_(list(contact_ids)))).scalars())
