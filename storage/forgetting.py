"""Forgetting: a person is taken out of every table, in one transaction, and kept out from then on.

Gone are: their addresses and names; what they wrote, and what the owner wrote to them alone; meetings with nobody else;
what the owner noted, promised, logged and thought of them; what was found of them. Of what other people have part in
the others' side stays: a message to several loses their address and its subject, a meeting has *somebody* in their
place and no title. What is derived from all that is judged anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, or_, select, update

from keepwarm.storage import attention, feed_forgetting, going_on, kept_out, people, privacy
from keepwarm.storage.erasure import Words, erase
from keepwarm.storage.forgotten_facts import Facts, forget_facts, in_chunks
from keepwarm.storage.identity import contact_id, hash63
from keepwarm.storage.kept_out import KeptOut, keyed_name
from keepwarm.storage.organisations import organisation_of
from keepwarm.storage.proposals import full_name, mailbox_of
from keepwarm.storage.tables import (
    address,
    contact,
    feed_entry,
    forgotten,
    kinship,
    label_word,
    link,
    logged_touch,
    note,
    organisation,
    outbox,
    ping,
    promise,
    reflection,
    signal,
    verdict,
    warmth_change,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Table

_OF_THE_OWNER: tuple[tuple[str, Table], ...] = (
    ("notes", note),
    ("promises", promise),
    ("reflections", reflection),
    ("touches", logged_touch),
    ("pings", ping),
    ("labels", label_word),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who is to be forgotten: every spelling of every mailbox of theirs that was seen."""

    name: str
    addresses: tuple[str, ...]
    address_ids: tuple[int, ...]
    contacts: tuple[str, ...]  # ids of contacts that are nobody else's, too; none of a stranger


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was removed, or would be."""

    counts: Mapping[str, int]  # "messages": those that are gone, "shared_messages": those that stay without them ...
    left: Mapping[str, int] = field(default_factory=dict)  # rows, by column, of names of things that hold theirs


def person(connection: Connection, text: str, owner: frozenset[str]) -> Person | None:
    """Give whom an address, or the id of a contact, means, but for the owner; None if it was never seen."""
    named = or_(address.c.address == text, address.c.contact_id == text)
    first = connection.execute(select(address).where(named)).all()
    homes = sorted({row.contact_id for row in first if row.contact_id is not None})
    whole = connection.execute(select(address).where(address.c.contact_id.in_(homes))).all()
    mailboxes = {mailbox_of(row.address) for row in (*first, *whole)}
    # Compared here: no database knows what spells one mailbox.
    everybody = connection.execute(select(address.c.id, address.c.address, address.c.name, address.c.contact_id))
    rows = sorted(
        (row for row in everybody if mailbox_of(row.address) in mailboxes and row.address not in owner),
        key=lambda row: row.address,
    )
    if not rows:
        return None
    ids = tuple(row.id for row in rows)
    theirs = sorted({row.contact_id for row in rows if row.contact_id is not None})
    shared = set(
        connection.execute(
            select(address.c.contact_id).where(address.c.contact_id.in_(theirs), address.c.id.not_in(ids))
        ).scalars()
    )
    called = connection.execute(select(contact.c.name).where(contact.c.id.in_(homes)).order_by(contact.c.id)).scalars()
    names = [*called, *(row.name for row in rows if row.name), rows[0].address]
    return Person(
        name=names[0],
        addresses=tuple(row.address for row in rows),
        address_ids=ids,
        contacts=tuple(one for one in theirs if one not in shared),
    )


def preview(connection: Connection, who: Person, owner: frozenset[str]) -> dict[str, int]:
    """Count what forgetting somebody would remove, or change."""
    return _counted(connection, who, Facts.of(connection, who.address_ids, who.addresses, owner))


def forget(connection: Connection, who: Person, owner: frozenset[str], key: bytes, now: datetime) -> Forgotten:
    """Take a person out of every table and keep them out.

    To be called in a writing transaction of its own; what is derived is to be evaluated afterwards, and the file to be
    written anew (``privacy.compact``), or its free pages hold them still.
    """
    facts = Facts.of(connection, who.address_ids, who.addresses, owner)
    counts = _counted(connection, who, facts)
    words = _words(connection, who)
    hashes = {keyed_name(key, text) for text in who.addresses}
    _keep_out(connection, hashes, now)
    forget_facts(connection, facts, KeptOut(key, hashes), owner)
    _forget_words(connection, who)
    feed_forgetting.forget(connection, _contact_ids(who), now)
    _unsay_letters(connection, who)
    connection.execute(delete(contact).where(contact.c.id.in_(who.contacts)))
    connection.execute(delete(address).where(address.c.id.in_(who.address_ids)))
    _forget_organisations(connection, {organisation_of(text) for text in who.addresses})
    left = erase(connection, words)
    going_on.forget(connection)
    people.mark_all_dirty(connection)
    attention.mark_all_dirty(connection)
    privacy.note_wiped(connection)
    return Forgotten(counts=counts, left=left)


def listed(connection: Connection) -> list[tuple[str, datetime]]:
    """Give the keyed hashes of all who are kept out, and since when, oldest first."""
    rows = connection.execute(select(forgotten).order_by(forgotten.c.at, forgotten.c.keyed_hash))
    return [(row.keyed_hash, row.at) for row in rows]


def allow(connection: Connection, text: str, key: bytes) -> bool:
    """Let an address, in any spelling, come back; True if it was kept out."""
    gone = connection.execute(delete(forgotten).where(forgotten.c.keyed_hash == keyed_name(key, text)))
    if gone.rowcount:
        kept_out.changed(connection)
    return bool(gone.rowcount)


def _counted(connection: Connection, who: Person, facts: Facts) -> dict[str, int]:
    told = feed_entry.c.contact_id.in_(_contact_ids(who)) & (feed_entry.c.scope != feed_forgetting.SCOPE)
    counts = {
        "messages": len(facts.messages),
        "shared_messages": len(facts.shared_messages),
        "meetings": len(facts.meetings),
        "shared_meetings": len(facts.shared_meetings),
        "signals": _count(connection, signal, signal.c.contact_id.in_(who.contacts)),
        "warmth_changes": _count(connection, warmth_change, warmth_change.c.contact_id.in_(who.contacts)),
        "feed_lines": _count(connection, feed_entry, told),
    }
    for name, table in _OF_THE_OWNER:
        counts[name] = _count(connection, table, table.c.address_id.in_(who.address_ids))
    return counts


def _keep_out(connection: Connection, hashes: set[str], now: datetime) -> None:
    known = set(connection.execute(select(forgotten.c.keyed_hash).where(forgotten.c.keyed_hash.in_(hashes))).scalars())
    if new := sorted(hashes - known):
        connection.execute(forgotten.insert(), [{"keyed_hash": one, "at": now} for one in new])
    kept_out.changed(connection)


def _contact_ids(who: Person) -> list[str]:
    """Give the ids under which the feed may have told of them: a contact is named after any of its addresses."""
    return sorted({*who.contacts, *map(contact_id, who.addresses)})


def _words(connection: Connection, who: Person) -> Words:
    """Give what they are called wherever it stands.

    Of names only whole ones, and none that somebody else bears, too: that one would lose theirs.
    """
    told = select(feed_entry.c.contact).where(feed_entry.c.contact_id.in_(_contact_ids(who))).distinct()
    names = {who.name, *(one["name"] for one in connection.execute(told).scalars())}
    names |= set(connection.execute(select(address.c.name).where(address.c.id.in_(who.address_ids))).scalars())
    others = connection.execute(select(address.c.name).where(address.c.id.not_in(who.address_ids)).distinct())
    borne = {full_name(one) for one in others.scalars()}
    whole = {one for one in names if len(full_name(one)) > 1 and full_name(one) not in borne}
    return Words({*who.addresses, *whole, *(_turned(one) for one in whole)})


def _turned(name: str) -> str:
    """Give "Ana Acme" of "Acme, Ana"."""
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma else ""


def _forget_words(connection: Connection, who: Person) -> None:
    """Take back what the owner said of them; notes and the like go with the addresses."""
    spoken = or_(kinship.c.one.in_(who.addresses), kinship.c.other.in_(who.addresses))
    connection.execute(delete(kinship).where(spoken))
    ids = _contact_ids(who)
    signals = set(connection.execute(select(signal.c.id).where(signal.c.contact_id.in_(ids))).scalars())
    told = feed_entry.c.contact_id.in_(ids) & (feed_entry.c.type == "signal.opened")
    signals |= set(connection.execute(select(feed_entry.c.id).where(told)).scalars())
    for some in in_chunks(sorted(signals)):
        connection.execute(delete(verdict).where(verdict.c.signal_id.in_(some)))


def _unsay_letters(connection: Connection, who: Person) -> None:
    """Take them out of what letters have asked; those who come after them keep their numbers."""
    theirs = {hash63(text) for text in who.addresses}
    for row in connection.execute(select(outbox.c.kind, outbox.c.key, outbox.c.body)).all():
        asks = row.body.get("about", {}).get("asks")
        if asks and any(one[-1] in theirs for one in asks):
            left = [[0, "", 0, 0] if one[-1] in theirs else one for one in asks]
            about = {**row.body["about"], "asks": left}
            this = (outbox.c.kind == row.kind) & (outbox.c.key == row.key)
            connection.execute(update(outbox).where(this).values(body={**row.body, "about": about}))


def _forget_organisations(connection: Connection, domains: Iterable[str | None]) -> None:
    """Forget those at which nobody is left, with the links to them."""
    for domain in sorted(one for one in domains if one is not None):
        if not connection.execute(select(contact.c.id).where(contact.c.organisation == domain).limit(1)).first():
            connection.execute(delete(link).where(link.c.organisation == domain))
            connection.execute(delete(organisation).where(organisation.c.domain == domain))


def _count(connection: Connection, table: Table, which: ColumnElement[bool]) -> int:
    found: int = connection.execute(select(func.count()).select_from(table).where(which)).scalar_one()
    return found
