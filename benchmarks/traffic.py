"""Who writes to whom, and when: bursty threads of pairs with log-normal weights, and bulk mail."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

OWNER = ("Robin Vale", "robin@vale-advice.example")
BULK_SHARE = 0.3
BULK_SENDERS = 40
ORGANISATIONS = 90
FIRST_NAMES = (
    "Ada",
    "Boris",
    "Chloé",
    "Dirk",
    "Elif",
    "Goran",
    "Hanna",
    "Ivo",
    "Jana",
    "Mats",
    "Rania",
    "Tülay",
)
LAST_NAMES = (
    "Abel",
    "Conti",
    "Dahl",
    "Ekström",
    "Faber",
    "Grün",
    "Ilić",
    "Jensen",
    "Köhler",
    "Ortiz",
    "Stein",
)
TOPICS = (
    "Offer",
    "Workshop",
    "Draft",
    "Numbers",
    "Contract",
    "Agenda",
    "Visit",
    "Training",
    "Report",
    "Budget",
)
TAILS = ("for the board", "next week", "version 2", "open points", "one question", "Entwürfe", "in May")
DAY = 86_400
PATIENCE = 3 * 3_600  # seconds: the median time to an answer


@dataclass(frozen=True, slots=True)
class Note:
    """One message: a line of traffic, before it has headers and a body."""

    at: int  # seconds since 1970, UTC
    sender: tuple[str, str]  # name, address
    recipient: tuple[str, str]
    subject: str
    message_id: str
    references: tuple[str, ...] = ()
    bulk: bool = False


def people(rng: Random, count: int) -> list[tuple[str, str]]:
    """Invent ``count`` people: (name, address), no address twice."""
    found = []
    for number in range(count):
        name = f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}-{rng.choice(LAST_NAMES)}"
        domain = f"org{int(rng.paretovariate(1.2)) % ORGANISATIONS:02d}.example"
        found.append((name, f"contact{number}@{domain}"))
    return found


def traffic(rng: Random, contacts: list[tuple[str, str]], *, messages: int, since: int, until: int) -> list[Note]:
    """Give exactly ``messages`` notes between two moments, in the order of time."""
    bulk = int(messages * BULK_SHARE)
    weights = [rng.lognormvariate(0, 1.2) for _ in contacts]
    scale = (messages - bulk) / sum(weights)
    notes = [
        note
        for contact, weight in zip(contacts, weights, strict=True)
        for note in _pair(rng, contact, max(1, round(weight * scale)), since, until)
    ]
    rng.shuffle(notes)
    del notes[messages - bulk :]
    notes += [_bulk(rng, since, until) for _ in range(messages - len(notes))]
    notes.sort(key=lambda note: (note.at, note.message_id))
    return notes


def _pair(rng: Random, contact: tuple[str, str], count: int, since: int, until: int) -> Iterator[Note]:
    """Write ``count`` messages with one person: threads in bursts, within a part of the whole time."""
    first = since + int(rng.betavariate(1, 3) * (until - since) * 0.8)
    last = until - int(rng.betavariate(1, 5) * (until - first) * 0.6)
    begin = first
    while count:
        length = min(count, 1 + int(rng.expovariate(0.4)))
        yield from _thread(rng, contact, begin, length, until)
        count -= length
        begin += int(rng.lognormvariate(math.log(3 * DAY), 1.6))
        if begin >= last:
            begin = rng.randrange(first, last)


def _thread(rng: Random, contact: tuple[str, str], begin: int, length: int, until: int) -> Iterator[Note]:
    subject = f"{rng.choice(TOPICS)} {rng.choice(TAILS)}"
    references: tuple[str, ...] = ()
    sides = (contact, OWNER) if rng.random() < 0.5 else (OWNER, contact)
    at = begin
    for number in range(length):
        sender, recipient = sides[number % 2], sides[1 - number % 2]
        note = Note(
            at=min(at, until - 1),
            sender=sender,
            recipient=recipient,
            subject=f"Re: {subject}" if references else subject,
            message_id=f"{rng.getrandbits(96):024x}@{sender[1].partition('@')[2]}",
            references=references,
        )
        yield note
        references = (*references, note.message_id)[-12:]
        at += int(rng.lognormvariate(math.log(PATIENCE), 1.3))


def _bulk(rng: Random, since: int, until: int) -> Note:
    number = int(rng.paretovariate(0.8)) % BULK_SENDERS
    domain = f"bulk{number:02d}.example"
    return Note(
        at=rng.randrange(since, until),
        sender=(f"Newsletter {number}", f"news@{domain}"),
        recipient=OWNER,
        subject=f"{rng.choice(TOPICS)} digest {rng.randrange(1000)}",
        message_id=f"{rng.getrandbits(96):024x}@{domain}",
        bulk=True,
    )
