"""Correspondence: a corpus of messages between anonymous numbers, as pairs of an ego and one of their contacts.

A file is a gzipped CSV with the columns ``day,sender,recipient,recipients``: days since the first event, two numbers,
and how many recipients that message had. Every person is an ego, and the other side of each of their pairs a contact.
"""

from __future__ import annotations

import csv
import gzip
from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.moment import MOST_RECIPIENTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EPOCH = datetime(2000, 1, 3, tzinfo=UTC)
"""Day 0; any Monday does."""


def at(day: float) -> datetime:
    """Give a day of the corpus as a time."""
    return EPOCH + timedelta(days=day)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to few people; a day is a fraction, counted from the first event."""

    day: float
    sender: int
    recipient: int


@dataclass(slots=True)
class Pair:
    """All messages between an ego and a contact, in the order of time."""

    inbound: list[float] = field(default_factory=list)
    outbound: list[float] = field(default_factory=list)

    def heard_between(self, start: float, end: float) -> int:
        """Count the inbound days in (start, end]."""
        found = self.inbound[bisect_right(self.inbound, start) : bisect_right(self.inbound, end)]
        return len({int(day) for day in found})


@dataclass(frozen=True, slots=True)
class Corpus:
    """A file whole."""

    name: str
    rows: int
    letters: tuple[Letter, ...]
    pairs: dict[tuple[int, int], Pair]  # by (ego, contact)
    sent: dict[int, list[float]]  # by person, all they sent, to however many
    seen: dict[int, float]  # by person: the last day on which they sent or got anything

    @property
    def span(self) -> float:
        """Give the last day."""
        return max(self.seen.values(), default=0.0)

    def is_active(self, ego: int, start: float, end: float) -> bool:
        """Tell whether the ego sends something in (start, end], and appears after it."""
        sent = self.sent.get(ego, [])
        return bisect_right(sent, start) < bisect_right(sent, end) and self.seen.get(ego, 0.0) > end

    def only(self, ego: int) -> Corpus:
        """Give what concerns one ego."""
        letters = tuple(one for one in self.letters if ego in (one.sender, one.recipient))
        pairs = {key: pair for key, pair in self.pairs.items() if key[0] == ego}
        return Corpus(self.name, self.rows, letters, pairs, self.sent, self.seen)


def read(path: Path) -> Corpus:
    """Read a file.

    Raises OSError and ValueError.
    """
    pairs: dict[tuple[int, int], Pair] = defaultdict(Pair)
    sent: dict[int, list[float]] = defaultdict(list)
    seen: dict[int, float] = {}
    letters, rows = [], 0
    for day, sender, recipient, recipients in _rows(path):
        rows += 1
        sent[sender].append(day)
        seen[sender] = seen[recipient] = day
        if recipients > MOST_RECIPIENTS or sender == recipient:
            continue
        letters.append(Letter(day, sender, recipient))
        pairs[recipient, sender].inbound.append(day)
        pairs[sender, recipient].outbound.append(day)
    return Corpus(path.name.split(".")[0], rows, tuple(letters), dict(pairs), dict(sent), seen)


def _rows(path: Path) -> Iterator[tuple[float, int, int, int]]:
    with gzip.open(path, "rt", encoding="ascii", newline="") as text:
        reader = csv.reader(text)
        if next(reader, None) != ["day", "sender", "recipient", "recipients"]:
            raise ValueError(f"{path.name}: the first line is not day,sender,recipient,recipients")
        rows = ((float(day), int(sender), int(recipient), int(many)) for day, sender, recipient, many in reader)
        yield from sorted(rows)


def gaps(days: list[float], at_least: float, until: float) -> Iterator[tuple[float, float]]:
    """Give (last day before, first day after) of every silence that long; the last one ends at ``until``."""
    for earlier, later in zip(days, [*days[1:], until], strict=True):
        if later - earlier >= at_least:
            yield earlier, later


def first_from(days: list[float], start: float) -> float | None:
    """Give the first of sorted days that is not before ``start``."""
    index = bisect_left(days, start)
    return days[index] if index < len(days) else None
