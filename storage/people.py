"""People: which addresses belong to contacts, what they are called, and where they work.

A contact is a person to whom the owner has written by hand, or with whom they share a meeting that is not too large;
never the owner, and never an address from which only robots and lists have written. A meeting is shared if it stands in
a calendar of the owner's, or if they organised or accepted it: an invitation alone, which anybody can send, is not.

Addresses that the owner calls one person are one contact, if one of them is; then the others are that person's, too,
also those from which they have only written.

Who is one follows from what is stored and from the settings, not from the order in which things came: an address that
turns out to be a robot's, or the owner's, is released again.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, exists, select, update

from keepwarm.storage import acquaintance, feed, label_words, newcomers, pings, verdicts
from keepwarm.storage.identity import contact_id
from keepwarm.storage.kinship import families
from keepwarm.storage.organisations import organisation_of
from keepwarm.storage.tables import address, contact, organisation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from keepwarm.storage.kinship import Families
    from keepwarm.storage.label_words import LabelWord

_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorting:
    """By what people are told apart and labelled."""

    owner: frozenset[str]
    labels: tuple[tuple[str, tuple[str, ...]], ...] = ()  # label, address patterns
    max_meeting_size: int = 20

    def labels_of(self, addresses: Sequence[str]) -> frozenset[str]:
        """Give the labels whose patterns match one of a contact's addresses."""
        return frozenset(
            label
            for label, patterns in self.labels
            if any(fnmatchcase(text, pattern.lower()) for text in addresses for pattern in patterns)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    """The addresses of one contact."""

    id: str
    head: str
    rows: Sequence[Row[Any]]
    since: datetime


def refresh(connection: Connection, sorting: Sorting) -> None:
    """Bring the contacts up to date with what was seen and said of their addresses since the last time."""
    kin = families(connection)
    some = select(address.c.id).where(address.c.dirty).order_by(address.c.id).limit(_CHUNK)
    while ids := list(connection.execute(some).scalars()):
        rows = _with_their_kin(connection, ids, kin)
        _sort(connection, rows, kin, sorting)
        connection.execute(update(address).where(address.c.id.in_([row.id for row in rows])).values(dirty=False))


def mark_all_dirty(connection: Connection) -> None:
    """Have every address sorted anew, after a setting has changed."""
    connection.execute(update(address).values(dirty=True))


def _with_their_kin(connection: Connection, ids: list[int], kin: Families) -> list[Row[Any]]:
    """Give these addresses, and those that are of one family with them: a contact is always seen whole."""
    rows = list(connection.execute(select(address).where(address.c.id.in_(ids))))
    known = {row.address for row in rows}
    missing = sorted({text for row in rows for text in kin.of(row.address)} - known)
    for start in range(0, len(missing), _CHUNK):
        more = address.c.address.in_(missing[start : start + _CHUNK])
        rows += connection.execute(select(address).where(more))
    return rows


def _sort(connection: Connection, rows: Sequence[Row[Any]], kin: Families, sorting: Sorting) -> None:
    ids = [row.id for row in rows]
    before = newcomers.spans(connection, ids)
    people = list(_people(connection, rows, kin, sorting))
    homes = {row.id: person.id for person in people for row in person.rows}
    known = {person.id for person in people}
    known &= set(connection.execute(select(contact.c.id).where(contact.c.id.in_(known))).scalars())
    _found(connection, people)
    words = label_words.of(connection, ids)
    described = [{"who": person.id, **_described(connection, person, sorting, words)} for person in people]
    if changed := [one for one in described if one["who"] in known]:
        connection.execute(_DESCRIBE, changed)
    if new := [one for one in described if one["who"] not in known]:
        connection.execute(contact.insert().values(id=bindparam("who"), dirty=True), new)
    moved = [{"row": row.id, "home": homes.get(row.id)} for row in rows if row.contact_id != homes.get(row.id)]
    if moved:
        connection.execute(_MOVE, moved)
    pings.adopt(connection, [person.id for person in people])
    left = sorted({row.contact_id for row in rows if row.contact_id is not None and row.contact_id not in known})
    homes_of_left = {row.contact_id: homes[row.id] for row in rows if row.contact_id in left and row.id in homes}
    verdicts.follow(connection, homes_of_left)
    # A contact without any address is nobody.
    nobody = contact.c.id.in_(left) & ~exists().where(address.c.contact_id == contact.c.id)
    feed.depart(connection, connection.execute(select(contact.c.id).where(nobody)).scalars().all())
    connection.execute(delete(contact).where(nobody))
    newcomers.mark(connection, before, newcomers.spans(connection, ids))


_DESCRIBE = (
    update(contact)
    .where(contact.c.id == bindparam("who"))
    .values(
        **{name: bindparam(name) for name in ("name", "organisation", "labels", "added_at")},
        dirty=True,
    )
)
_MOVE = update(address).where(address.c.id == bindparam("row")).values(contact_id=bindparam("home"))


def _people(connection: Connection, rows: Sequence[Row[Any]], kin: Families, sorting: Sorting) -> Iterator[_Person]:
    since = acquaintance.known_since(connection, [row.id for row in rows], sorting.owner, sorting.max_meeting_size)
    related = [row.id for row in rows if len(kin.of(row.address)) > 1]
    machines = acquaintance.robots(connection, related) if related else frozenset()
    persons: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        if not row.robot and row.id not in machines and row.address not in sorting.owner:
            persons[kin.head(row.address)].append(row)
    for head, mine in sorted(persons.items()):
        if known := [since[row.id] for row in mine if row.id in since]:
            mine.sort(key=lambda row: (row.address != head, row.address))
            yield _Person(id=contact_id(head), head=head, rows=mine, since=min(known))


def _found(connection: Connection, people: Iterable[_Person]) -> None:
    """Make room for the organisations of these people."""
    domains = {organisation_of(row.address) for person in people for row in person.rows} - {None}
    known = connection.execute(select(organisation.c.domain).where(organisation.c.domain.in_(domains))).scalars()
    if new := sorted(str(domain) for domain in domains - set(known)):
        connection.execute(organisation.insert(), [{"domain": domain} for domain in new])


def _described(
    connection: Connection, person: _Person, sorting: Sorting, words: dict[int, list[LabelWord]]
) -> dict[str, Any]:
    """Give a contact its best name, where it works, its labels, and since when it is known."""
    named = [(row.name_rank, row.name_at, row.name) for row in person.rows if row.name]
    labels = set(sorting.labels_of([row.address for row in person.rows]))
    said = sorted((word for row in person.rows for word in words.get(row.id, ())), key=lambda word: word.id)
    for word in said:
        (labels.add if word.given else labels.discard)(word.label)
    return {
        "name": max(named)[2] if named else person.rows[0].address,
        "organisation": _organisation(connection, person),
        "labels": sorted(labels),
        "added_at": person.since,
    }


def _organisation(connection: Connection, person: _Person) -> str | None:
    """Give where a person works: of several addresses, what the one says that was last written from, or to."""
    domains = {row.id: organisation_of(row.address) for row in person.rows}
    if len(found := {domain for domain in domains.values() if domain}) < 2:
        return next(iter(found), None)
    used = acquaintance.last_used(connection, list(domains))
    at_work = [row for row in person.rows if domains[row.id]]
    written = [row for row in at_work if row.id in used]
    newest = max(written, key=lambda row: (used[row.id], row.address)) if written else at_work[0]
    return domains[newest.id]


class Standing(Enum):
    """What is known of an address."""

    UNKNOWN = "never seen"
    STRANGER = "seen, and nobody's"
    ROBOT = "behind it sits nobody"
    CONTACT = "a contact's"


def standing(connection: Connection, text: str) -> Standing:
    """Tell what is known of an address, which is in lower case."""
    row = connection.execute(select(address).where(address.c.address == text)).one_or_none()
    if row is None:
        return Standing.UNKNOWN
    if row.contact_id is not None:
        return Standing.CONTACT
    return Standing.ROBOT if row.robot or acquaintance.robots(connection, [row.id]) else Standing.STRANGER


def find(connection: Connection, who: str) -> list[str]:
    """Give the ids of the contacts that ``who`` may mean: an id, an address, or (part of) a name."""
    text = who.strip().casefold()
    of_address = select(address.c.contact_id).where(address.c.address == text, address.c.contact_id.is_not(None))
    if found := list(connection.execute(of_address).scalars()):
        return found
    # Names are compared here: SQL's lower() knows no letter beyond z on SQLite.
    names = {row.id: row.name.casefold() for row in connection.execute(select(contact.c.id, contact.c.name))}
    for fits in (lambda one: one == text, lambda one: names[one] == text, lambda one: text in names[one]):
        if found := sorted(filter(fits, names)):
            return found
    return []
