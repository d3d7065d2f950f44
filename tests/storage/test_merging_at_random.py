"""Random mails, words of the owner's and restarts: in whatever order they come, the same people come out."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from keepwarm.storage import kinship, schema
from keepwarm.storage.database import Database
from keepwarm.storage.observations import MessageKind, Party
from keepwarm.storage.tables import address, contact
from tests.storage.world import NOW, SAM, Store, mail

if TYPE_CHECKING:
    from pathlib import Path

    from keepwarm.storage.observations import MessageSeen

PEOPLE = [
    f"{local}@{domain}" for local in ("ana", "bob", "cy") for domain in ("acme.example", "other.example", "gmail.com")
]
SEEDS = range(12)


def letters(random: Random) -> list[MessageSeen]:
    """Give mails both ways, some by machines, with names that change."""
    made = []
    for number in range(1, 25):
        who = Party(random.choice(PEOPLE), random.choice(("", "Ana", "Ana Acme", "Bob")))
        by_machine = random.random() < 0.3
        kind = MessageKind.AUTOMATED if by_machine else MessageKind.HUMAN
        ours = random.random() < 0.5
        made.append(
            mail(SAM, to=(who, Party(random.choice(PEOPLE))), number=number)
            if ours
            else mail(who, SAM, number=number, kind=kind)
        )
    return made


def say(store: Store, random: Random) -> None:
    """Say of two addresses that they are one person, or, if they are, take the second and perhaps others out."""
    first, second = random.sample(PEOPLE, 2)
    with store.database.writing() as connection:
        known = kinship.families(connection)
        if known.head(first) != known.head(second):
            kinship.merge(connection, first, second, NOW)
            return
        others = sorted(set(known.of(first)) - {first, second})
        out = [second, *random.sample(others, random.randint(0, len(others)))]
        kinship.part(connection, [one for one in known.of(first) if one not in out], out, NOW)


def sorted_people(store: Store) -> list[tuple[Any, ...]]:
    """Give all that is known of contacts, and whose each address is."""
    store.sort(labels=(("client", ("*@acme.example",)),))
    columns = (contact.c.id, contact.c.name, contact.c.organisation, contact.c.labels, contact.c.added_at)
    whose = select(address.c.address, address.c.contact_id).where(address.c.contact_id.is_not(None))
    return sorted([*store.rows(select(*columns)), *store.rows(whose)], key=repr)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_mails_words_and_restarts_does_not_matter(other_store: Store, tmp_path: Path, seed: int) -> None:
    random, words = Random(seed), Random(seed)
    mails, said = letters(random), 8
    steps = [*(f"mail {number}" for number in range(len(mails))), *["word"] * said, *["sort"] * 5, *["restart"] * 3]
    random.shuffle(steps)
    for step in steps:
        if step.startswith("mail"):
            other_store.pull(mails[int(step.split()[1])])
        elif step == "word":
            say(other_store, words)
        elif step == "sort":
            sorted_people(other_store)
        else:
            other_store = Store(other_store.database)
    found = sorted_people(other_store)

    in_order = _fresh(tmp_path)
    in_order.pull(*mails)
    words = Random(seed)
    for _ in range(said):
        say(in_order, words)
    assert found == sorted_people(in_order)
    in_order.database.close()


def _fresh(folder: Path) -> Store:
    database = Database(f"sqlite:///{folder / 'in-order.db'}")
    schema.upgrade(database)
    return Store(database)
