"""Handovers: mails in which a colleague took a contact's part.

Two things show one. The owner wrote to the contact (To), and the answer came from a colleague to whom the owner had
not written, before the contact answered. Or a colleague wrote to the owner with the contact on Cc, and that was no
answer to a mail which the contact had got from the owner themselves: whoever answers to all copies everybody.

Colleagues share an organisation: at free mail nobody is a colleague, and the owner's own is nobody's client. Whether
handovers mean anything is for the rules to say.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, or_, select

from keepwarm.storage.addresses import mark_dirty
from keepwarm.storage.histories import HandoverFact
from keepwarm.storage.messages import thread_keys, went_out
from keepwarm.storage.observations import MessageKind
from keepwarm.storage.organisations import organisation_of, organisations_of
from keepwarm.storage.tables import address, message, message_party

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row, Select

    from keepwarm.storage.histories import MessageFact
    from keepwarm.storage.observations import MessageSeen

MOST_RECIPIENTS = 10
"""A message to more people is no sign of a relationship (SIGNALS: definitions)."""

_CHUNK = 400
_HUMAN = MessageKind.HUMAN.value


def of_contacts(
    connection: Connection,
    addresses: Mapping[str, Sequence[str]],
    messages: Mapping[str, Sequence[MessageFact]],
    owner: frozenset[str],
) -> dict[str, list[HandoverFact]]:
    """Give the handovers of a few contacts, by their ids, from their addresses and the messages with them."""
    own = organisations_of(owner)
    employers = {one: where for one, texts in addresses.items() if (where := organisations_of(texts) - own)}
    if not employers:
        return {}
    told = {one: _Told(messages.get(one, ())) for one in employers}
    found: dict[str, dict[str, HandoverFact]] = defaultdict(dict)
    for row in connection.execute(_answers_to(list(employers))):
        if _is_colleague(row, employers) and not told[row.contact_id].had_answered(row.parent_hash, row.at):
            found[row.contact_id][row.dedupe_key] = _fact(row, copied=row.copied)
    for row in connection.execute(_copied_to(list(employers))):
        if _is_colleague(row, employers) and row.parent_hash not in told[row.contact_id].by_owner:
            found[row.contact_id].setdefault(row.dedupe_key, _fact(row, copied=True))
    return {one: list(facts.values()) for one, facts in found.items()}


class _Told:
    """What the two themselves wrote to each other."""

    def __init__(self, messages: Iterable[MessageFact]) -> None:
        self.by_owner: set[int] = set()  # keys
        self._answered: dict[int, datetime] = {}  # by key: when the contact first answered it
        for one in messages:
            if one.outbound:
                self.by_owner.add(one.key)
            elif one.parent is not None:
                self._answered.setdefault(one.parent, one.at)

    def had_answered(self, key: int, at: datetime) -> bool:
        return key in self._answered and self._answered[key] <= at


def _is_colleague(row: Row[Any], employers: Mapping[str, frozenset[str]]) -> bool:
    return organisation_of(row.colleague) in employers[row.contact_id]


def _fact(row: Row[Any], *, copied: bool) -> HandoverFact:
    return HandoverFact(
        ref="m_" + row.dedupe_key,
        at=row.at,
        colleague=row.colleague,
        contact_copied=copied,
        subject=row.subject,
        stream=row.stream_id,
    )


_THEIRS = address.alias("theirs")
_ROLE = message_party.alias("role")
_ASKED = message.alias("asked")
_FROM = message_party.alias("author_role")
_COLLEAGUE = address.alias("colleague")


def _answers_to(contact_ids: list[str]) -> Select[Any]:
    """Select what somebody else answered to mails of the owner's that were addressed to these contacts."""
    also_to, also = message_party.alias("also_to"), message_party.alias("also")
    themselves = address.alias("themselves")
    copied = exists().where(
        also.c.message_id == message.c.id,
        also.c.address_id == themselves.c.id,
        themselves.c.contact_id == _THEIRS.c.contact_id,
    )
    asked_too = exists().where(
        also_to.c.message_id == _ASKED.c.id, also_to.c.address_id == _COLLEAGUE.c.id, also_to.c.role == "to"
    )
    return (
        _columns(copied.label("copied"))
        .select_from(_THEIRS)
        .join(_ROLE, (_ROLE.c.address_id == _THEIRS.c.id) & (_ROLE.c.role == "to"))
        .join(_ASKED, _ASKED.c.id == _ROLE.c.message_id)
        .join(message, message.c.parent_hash == _ASKED.c.key_hash)
        .join(_FROM, (_FROM.c.message_id == message.c.id) & (_FROM.c.role == "from"))
        .join(_COLLEAGUE, _COLLEAGUE.c.id == _FROM.c.address_id)
        .where(
            _THEIRS.c.contact_id.in_(contact_ids),
            went_out(_ASKED),
            _ASKED.c.kind == _HUMAN,
            _ASKED.c.recipients <= MOST_RECIPIENTS,
            *_by_another(),
            ~asked_too,
        )
        .order_by(message.c.at, message.c.dedupe_key)
    )


def _copied_to(contact_ids: list[str]) -> Select[Any]:
    """Select what somebody else wrote to the owner with these contacts on Cc."""
    return (
        _columns()
        .select_from(_THEIRS)
        .join(_ROLE, (_ROLE.c.address_id == _THEIRS.c.id) & (_ROLE.c.role == "cc"))
        .join(message, message.c.id == _ROLE.c.message_id)
        .join(_FROM, (_FROM.c.message_id == message.c.id) & (_FROM.c.role == "from"))
        .join(_COLLEAGUE, _COLLEAGUE.c.id == _FROM.c.address_id)
        .where(_THEIRS.c.contact_id.in_(contact_ids), message.c.to_owner, *_by_another())
        .order_by(message.c.at, message.c.dedupe_key)
    )


def _columns(*more: Any) -> Select[Any]:
    return select(
        _THEIRS.c.contact_id,
        message.c.dedupe_key,
        message.c.at,
        message.c.parent_hash,
        message.c.subject,
        message.c.stream_id,
        _COLLEAGUE.c.address.label("colleague"),
        *more,
    )


def _by_another() -> tuple[Any, ...]:
    return (
        ~went_out(message),
        message.c.kind == _HUMAN,
        message.c.recipients <= MOST_RECIPIENTS,
        or_(_COLLEAGUE.c.contact_id.is_(None), _COLLEAGUE.c.contact_id != _THEIRS.c.contact_id),
    )


def mark(connection: Connection, messages: Iterable[MessageSeen], owner: frozenset[str]) -> None:
    """Have those judged anew in whose place one of these messages, which are stored, may have been written.

    They need not be named in it: of an answer it is those who were asked.
    """
    copied: set[str] = set()
    answered: dict[int, set[str]] = defaultdict(set)
    for one in messages:
        where = _organisation_of_author(one, owner)
        if where is None:
            continue
        copied |= {party.address for party in one.cc if organisation_of(party.address) == where}
        if one.references:
            answered[thread_keys(one).parent or 0].add(where)
    mark_dirty(connection, [*_rows_of(connection, copied), *_asked(connection, answered)])


def _organisation_of_author(one: MessageSeen, owner: frozenset[str]) -> str | None:
    by_another = one.kind is MessageKind.HUMAN and one.author is not None and one.author.address not in owner
    if not by_another or one.author is None or one.recipients > MOST_RECIPIENTS:
        return None
    return organisation_of(one.author.address)


def _rows_of(connection: Connection, texts: Iterable[str]) -> Iterable[int]:
    ordered = sorted(texts)
    for start in range(0, len(ordered), _CHUNK):
        some = address.c.address.in_(ordered[start : start + _CHUNK])
        yield from connection.execute(select(address.c.id).where(some)).scalars()


def _asked(connection: Connection, answered: Mapping[int, set[str]]) -> Iterable[int]:
    """Give the rows of those to whom the owner wrote what has been answered, at the organisation of who answered it."""
    ordered = sorted(answered)
    asked = (
        select(message.c.key_hash, address.c.id, address.c.address)
        .join(message_party, message_party.c.message_id == message.c.id)
        .join(address, address.c.id == message_party.c.address_id)
        .where(went_out(message), message_party.c.role == "to")
    )
    for start in range(0, len(ordered), _CHUNK):
        some = message.c.key_hash.in_(ordered[start : start + _CHUNK])
        for row in connection.execute(asked.where(some)):
            if organisation_of(row.address) in answered[row.key_hash]:
                yield row.id
