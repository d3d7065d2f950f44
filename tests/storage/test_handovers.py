"""Handovers: when a colleague's mail takes a contact's part, and when it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from keepwarm.storage.histories import HandoverFact
from keepwarm.storage.history_reader import histories
from keepwarm.storage.observations import MessageKind, Party
from keepwarm.storage.tables import contact
from tests.storage.world import ANA, BOB, CY, NOW, SAM, Store, mail

if TYPE_CHECKING:
    from keepwarm.storage.observations import MessageSeen

CATH = "cath@eu.acme.example"


def answer(author: str, *to: str, number: int, of: int, **more: Any) -> MessageSeen:
    """Make an answer to the mail of that number, which began the thread."""
    return mail(author, *to, number=number, references=(f"{of}@mail.example",), **more)


def handovers(store: Store, who: str = ANA) -> list[HandoverFact]:
    one = store.sort()[who].id
    with store.database.reading() as connection:
        [history] = histories(connection, [one], store.owner)
    return [other for other in history.others if isinstance(other, HandoverFact)]


def test_a_colleagues_answer_to_what_was_asked_of_the_contact_is_one(store: Store) -> None:
    store.pull(mail(SAM, ANA, number=1), answer(BOB, SAM, number=2, of=1))
    [found] = handovers(store)
    assert (found.ref, found.colleague, found.contact_copied) == ("m_key-2", BOB, False)
    assert found.at == NOW - timedelta(days=30) + timedelta(hours=2)


def test_the_answer_may_keep_the_contact_on_cc_and_come_from_another_house_of_the_organisation(store: Store) -> None:
    store.pull(mail(SAM, ANA, number=1), answer(CATH, SAM, number=2, of=1, cc=(Party(ANA),), recipients=2))
    [found] = handovers(store)
    assert (found.colleague, found.contact_copied) == (CATH, True)


def test_a_colleagues_mail_with_the_contact_on_cc_is_one(store: Store) -> None:
    store.pull(mail(SAM, ANA, number=1), mail(BOB, SAM, number=2, cc=(Party(ANA),), recipients=2))
    assert [found.contact_copied for found in handovers(store)] == [True]


def test_none_is_seen_where_the_contact_was_first_or_the_colleague_was_asked_too(store: Store) -> None:
    store.pull(
        mail(SAM, ANA, number=1),
        answer(ANA, SAM, number=2, of=1),
        answer(BOB, SAM, number=3, of=1),
        mail(SAM, ANA, BOB, number=11),
        answer(BOB, SAM, number=12, of=11, cc=(Party(ANA),), recipients=2),
        mail(SAM, BOB, number=21, cc=(Party(ANA),), recipients=2),
        answer(BOB, SAM, number=22, of=21, cc=(Party(ANA),), recipients=2),
    )
    assert handovers(store) == []


@pytest.mark.parametrize(
    ("author", "more"),
    [
        (CY, {}),  # at free mail, nobody is a colleague
        ("eve@other.example", {}),
        (BOB, {"kind": MessageKind.OUT_OF_OFFICE}),
        (BOB, {"recipients": 11}),
    ],
)
def test_none_is_seen_from_strangers_robots_and_in_crowds(store: Store, author: str, more: dict[str, Any]) -> None:
    store.pull(mail(SAM, ANA, number=1), answer(author, SAM, number=2, of=1, **more))
    assert handovers(store) == []


def test_people_of_free_mail_and_of_the_owners_own_organisation_hand_nothing_over(store: Store) -> None:
    colleague, other = "kim@carter.example", "lee@carter.example"
    store.pull(mail(SAM, CY, number=1), answer("dan@gmail.com", SAM, number=2, of=1))
    store.pull(mail(SAM, colleague, number=11), answer(other, SAM, number=12, of=11))
    assert handovers(store, CY) == []
    assert handovers(store, colleague) == []


def test_whose_mail_was_answered_is_judged_anew_though_not_named_in_the_answer(store: Store) -> None:
    who = {ANA, CATH}
    mails = (
        mail(SAM, ANA, number=1),
        answer(ANA, SAM, number=2, of=1),
        # References begins with a mail that nobody has: only In-Reply-To names the owner's.
        mail(SAM, ANA, number=3, references=("2@mail.example",)),
        mail(SAM, CATH, number=4),
    )
    store.pull(*mails)
    store.sort()
    for late in (
        mail(BOB, SAM, number=9, references=("3@mail.example",)),
        mail(BOB, SAM, number=10, cc=tuple(map(Party, who)), recipients=3),
    ):
        _rest(store)
        store.pull(late)
        store.sort()
        dirty = {one for one, ref in store.contacts().items() if ref.id in _dirty(store)}
        assert ANA in dirty
    assert dirty == who


def test_the_order_in_which_mails_come_makes_no_difference(store: Store) -> None:
    mails = [
        mail(SAM, ANA, number=1),
        answer(BOB, SAM, number=2, of=1),
        mail(BOB, SAM, number=3, cc=(Party(ANA),), recipients=2),
    ]
    seen = []
    for number, order in enumerate(permutations(mails)):
        world = [_shifted(one, number) for one in order]
        for one in world:
            store.pull(one)
            store.sort()
        seen.append(len(_of_last(store, number)))
    assert seen == [2] * 6


def _shifted(one: MessageSeen, world: int) -> MessageSeen:
    """Put a mail into a world of its own: other people, other ids."""

    def moved(text: str) -> str:
        return text.replace("@", f"-{world}@").replace("acme", f"acme{world}") if text != SAM else text

    return replace(
        one,
        dedupe_key=f"{one.dedupe_key}-{world}",
        message_id=moved(one.message_id),
        references=tuple(map(moved, one.references)),
        author=Party(moved(one.author.address)) if one.author else None,
        to=tuple(Party(moved(party.address)) for party in one.to),
        cc=tuple(Party(moved(party.address)) for party in one.cc),
    )


def _of_last(store: Store, world: int) -> list[HandoverFact]:
    return handovers(store, ANA.replace("@", f"-{world}@").replace("acme", f"acme{world}"))


def _rest(store: Store) -> None:
    with store.database.writing() as connection:
        connection.execute(update(contact).values(dirty=False))


def _dirty(store: Store) -> set[str]:
    return {one for (one,) in store.rows(select(contact.c.id).where(contact.c.dirty))}
