"""Proposals: contacts that are likely one person, for the owner to say so, or not.

Two contacts are likely one if they bear the same full name and work for the same organisation, or one of them writes
from free mail; if their addresses are two spellings of one mailbox; or if somebody has the same mailbox at what looks
like a second domain of the same company. Everything is looked up by what would be equal, never each with each.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import combinations
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from keepwarm.storage.contacts import refs
from keepwarm.storage.kinship import parted
from keepwarm.storage.organisations import organisation_of
from keepwarm.storage.tables import address, contact

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    from sqlalchemy import Connection

    from keepwarm.storage.views import ContactRef

_ALIKE_AT_MOST = 8
"""What more contacts than these have in common says nothing of any two of them."""
_PEOPLE_AT_BOTH = 2
"""So many people with the same mailbox at two domains make both one company's."""
_GMAIL = {"googlemail.com": "gmail.com"}
_WITHOUT_DOTS = frozenset({"gmail.com"})  # Google alone says that it ignores them, and not for companies' domains
_LONGEST_NAME = 200
_ASIDE = re.compile(r"[(\[{|].*")
_WORD = re.compile(r"[^\W\d_]+(?:[-'\u2019][^\W\d_]+)*")
_TITLES = frozenset(
    {"dr", "prof", "phd", "mba", "msc", "jr", "sr", "mr", "mrs", "ms", "herr", "frau", "dipl", "ing", "llm"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Two contacts that are likely one person, the one that is known for longer first."""

    first: ContactRef
    second: ContactRef
    reason: str


@dataclass(frozen=True, slots=True)
class _Address:
    contact: str
    local: str  # without a tag
    domain: str
    organisation: str | None
    name: tuple[str, ...]


_Pair = tuple[str, str]  # contact ids, sorted


def proposals(connection: Connection) -> list[Proposal]:
    """Give all open proposals, in the order of names; what the owner has answered is no more among them."""
    rows = connection.execute(
        select(address.c.contact_id, address.c.address, address.c.name, contact.c.added_at)
        .join(contact, contact.c.id == address.c.contact_id)
        .order_by(address.c.id)
    ).all()
    age = {row.contact_id: (row.added_at, row.contact_id) for row in rows}
    whose = {row.address: row.contact_id for row in rows}
    answered = {frozenset({whose.get(one), whose.get(other)}) for one, other in parted(connection)}
    found: dict[_Pair, str] = {}
    addresses = [one for one in map(_address, rows) if one.local not in _role_addresses()]
    for pair, reason in (*_by_mailbox(addresses), *_by_company(addresses), *_by_name(addresses)):
        if pair[0] != pair[1] and frozenset(pair) not in answered:
            found.setdefault(pair, reason)
    people = {ref.id: ref for ref in refs(connection, sorted({one for pair in found for one in pair}))}
    made = []
    for pair, reason in found.items():
        first, second = (people[one] for one in sorted(pair, key=age.__getitem__))
        made.append(Proposal(first=first, second=second, reason=reason))
    return sorted(made, key=lambda one: (one.first.name.casefold(), one.first.id, one.second.id))


def full_name(name: str) -> tuple[str, ...]:
    """Give the words of a name as they are compared: without accents, titles and asides, the first name first."""
    decomposed = unicodedata.normalize("NFKD", _ASIDE.sub("", name[:_LONGEST_NAME]))
    text = "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()
    if "@" in text:
        return ()
    parts = [words for part in text.split(",") if (words := _words(part))]
    last_name_first = len(parts) == 2
    return tuple(word for part in (reversed(parts) if last_name_first else parts) for word in part)


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if word not in _TITLES]


def mailbox_of(text: str) -> tuple[str, str]:
    """Give the mailbox of an address in lower case, local part and domain: the same however it is spelt.

    Without a tag; at Gmail without dots, and under one domain. The local part may be empty ("+tag@acme.example").
    """
    mailbox, _, domain = text.rpartition("@")
    domain = _GMAIL.get(domain, domain)
    local = mailbox.partition("+")[0]
    return local.replace(".", "") if domain in _WITHOUT_DOTS else local, domain


def _address(row: Any) -> _Address:
    local, domain = mailbox_of(row.address)
    return _Address(
        contact=row.contact_id,
        local=local,
        domain=domain,
        organisation=organisation_of(row.address),
        name=full_name(row.name),
    )


def _by_mailbox(addresses: Sequence[_Address]) -> Iterator[tuple[_Pair, str]]:
    for alike in _alike(addresses, lambda one: (one.local, one.domain) if one.local else None):
        for one, other in combinations(alike, 2):
            yield _pair(one, other), "their addresses are two spellings of one mailbox"


def _by_company(addresses: Sequence[_Address]) -> Iterator[tuple[_Pair, str]]:
    groups = list(_alike(addresses, lambda one: (one.local, one.name) if one.name and one.organisation else None))
    both = Counter(
        pair for alike in groups for pair in combinations(sorted({str(one.organisation) for one in alike}), 2)
    )
    for alike in groups:
        for one, other in combinations(alike, 2):
            here, there = sorted((str(one.organisation), str(other.organisation)))
            one_company = here.partition(".")[0] == there.partition(".")[0] or both[here, there] >= _PEOPLE_AT_BOTH
            if here != there and one_company:
                yield _pair(one, other), f"the same name and mailbox at {here} and {there}, which look like one company"


def _by_name(addresses: Sequence[_Address]) -> Iterator[tuple[_Pair, str]]:
    for alike in _alike(addresses, lambda one: one.name if _is_full(one.name) else None):
        for one, other in combinations(alike, 2):
            if one.organisation == other.organisation:
                where = f"both at {one.organisation}" if one.organisation else "both with free mail"
                yield _pair(one, other), f"the same name, {where}"
            elif not (one.organisation and other.organisation):
                yield _pair(one, other), "the same name, and one of the addresses is free mail"


def _is_full(name: tuple[str, ...]) -> bool:
    """Tell whether a name has at least a first and a last name, no initials."""
    return sum(len(word) > 1 for word in name) > 1


def _alike(addresses: Sequence[_Address], key: Callable[[_Address], Hashable | None]) -> Iterator[list[_Address]]:
    """Give those who have something in common: a few contacts each time, and more than one."""
    groups: dict[Hashable, list[_Address]] = defaultdict(list)
    for one in addresses:
        if (common := key(one)) is not None:
            groups[common].append(one)
    for alike in groups.values():
        if 1 < len({one.contact for one in alike}) <= _ALIKE_AT_MOST:
            yield alike


def _pair(one: _Address, other: _Address) -> _Pair:
    return (min(one.contact, other.contact), max(one.contact, other.contact))


@cache
def _role_addresses() -> frozenset[str]:
    text = resources.files("keepwarm.storage").joinpath("role_addresses.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))
