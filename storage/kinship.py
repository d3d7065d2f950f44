"""Kinship: the owner's word on which addresses are one person, and which are not.

Pairs that are one person make families of addresses: all that hang together. A family's *head* gives its contact the
id. Of two families that become one, the head of the one that the owner named first stays; so whose id goes on follows
from the words in the order in which they were said, and from nothing that ever arrives.

No pair within a family is two persons: a later word replaces the earlier ones that it contradicts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, or_, select, update

from keepwarm.storage.tables import address, kinship

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class KinWord:
    """What the owner said of two addresses."""

    id: int
    first: str  # the one whose contact stays, or stayed
    second: str
    same: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Merging:
    """A contact that became part of another one."""

    gone: str  # the head that it had
    addresses: tuple[str, ...]  # that it had, sorted
    at: datetime  # when the owner said so


class Families:
    """Which addresses belong together; an address of which nothing was said is a family of its own."""

    def __init__(self, words: Iterable[KinWord] = ()) -> None:
        self._heads: dict[str, str] = {}
        self._members: dict[str, list[str]] = {}
        self._merged: dict[str, list[Merging]] = {}
        for word in words:
            if word.same:
                self._join(self.head(word.first), self.head(word.second), word.at)

    def _join(self, head: str, other: str, at: datetime) -> None:
        if head == other:
            return
        joined = self._members.pop(other, [other])
        merged = [
            Merging(gone=one.gone, addresses=one.addresses, at=at) for one in self._merged.pop(other, [])
        ]  # what had gone into the other goes with it
        self._members.setdefault(head, [head]).extend(joined)
        self._merged.setdefault(head, []).extend([Merging(gone=other, addresses=tuple(sorted(joined)), at=at), *merged])
        self._heads.update(dict.fromkeys((head, *joined), head))

    def head(self, text: str) -> str:
        """Give the head of an address's family."""
        return self._heads.get(text, text)

    def of(self, text: str) -> Sequence[str]:
        """Give all addresses of an address's family, its head first."""
        return self._members.get(self.head(text), [text])

    def merged(self) -> dict[str, Sequence[Merging]]:
        """Give by head what became part of its contact."""
        return dict(self._merged)


def families(connection: Connection) -> Families:
    """Give the families that follow from all that the owner has said."""
    return Families(_read(connection, kinship.c.same))


def listed(connection: Connection) -> list[KinWord]:
    """Give all that the owner has said, the newest first."""
    return _read(connection)[::-1]


def find(connection: Connection, number: int) -> KinWord | None:
    """Give the word of this id."""
    return next(iter(_read(connection, kinship.c.id == number)), None)


def parted(connection: Connection) -> list[tuple[str, str]]:
    """Give the pairs that are two persons."""
    return [(word.first, word.second) for word in _read(connection, ~kinship.c.same)]


def merge(connection: Connection, first: str, second: str, at: datetime) -> None:
    """Keep that two addresses, of two families, are one person; contacts are to be refreshed."""
    known = families(connection)
    ours, theirs = known.of(first), known.of(second)
    _unsay(connection, ours, theirs)
    _say(connection, [(first, second)], at, same=True)
    _look_again(connection, (*ours, *theirs))


def part(connection: Connection, some: Sequence[str], others: Sequence[str], at: datetime) -> None:
    """Keep that none of these addresses is the same person as one of the others, each side being one person.

    What held a side together may have been its bond to the other one: then it is said anew. Contacts are to be
    refreshed.
    """
    head = families(connection).head(some[0])
    _unsay(connection, some, others)
    _say(connection, [(one, other) for one in some for other in others], at, same=False)
    for side in (some, others):
        _hold_together(connection, side, head if head in side else side[0], at)
    _look_again(connection, (*some, *others))


def withdraw(connection: Connection, word: KinWord) -> None:
    """Take a word back, whatever it was; contacts are to be refreshed."""
    known = families(connection)
    connection.execute(delete(kinship).where(kinship.c.id == word.id))
    _look_again(connection, (*known.of(word.first), *known.of(word.second)))


def _hold_together(connection: Connection, side: Sequence[str], first: str, at: datetime) -> None:
    known = families(connection)
    heads = sorted({known.head(text) for text in side} - {known.head(first)}, key=side.index)
    _say(connection, [(first, other) for other in heads], at, same=True)


def _unsay(connection: Connection, some: Sequence[str], others: Sequence[str]) -> None:
    between = or_(
        and_(kinship.c.one.in_(some), kinship.c.other.in_(others)),
        and_(kinship.c.one.in_(others), kinship.c.other.in_(some)),
    )
    connection.execute(delete(kinship).where(between))


def _say(connection: Connection, pairs: Iterable[tuple[str, str]], at: datetime, *, same: bool) -> None:
    rows = [
        {"one": min(pair), "other": max(pair), "kept": pair[0], "same": same, "at": at} for pair in pairs
    ]  # fmt: skip
    if rows:
        connection.execute(kinship.insert(), rows)


def _look_again(connection: Connection, texts: Sequence[str]) -> None:
    for start in range(0, len(texts), _CHUNK):
        some = address.c.address.in_(texts[start : start + _CHUNK])
        connection.execute(update(address).where(some).values(dirty=True))


def _read(connection: Connection, *which: ColumnElement[bool]) -> list[KinWord]:
    # By id: the order in which it was said, which ``at`` need not be (--as-of).
    return [
        KinWord(
            id=row.id,
            first=row.kept,
            second=row.other if row.kept == row.one else row.one,
            same=row.same,
            at=row.at,
        )
        for row in connection.execute(select(kinship).where(*which).order_by(kinship.c.id))
    ]
