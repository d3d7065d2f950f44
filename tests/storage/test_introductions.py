"""Introductions: who came to the owner through whom."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from keepwarm.storage import introductions
from keepwarm.storage.histories import IntroductionFact
from keepwarm.storage.history_reader import histories
from keepwarm.storage.observations import MessageKind, Party
from keepwarm.storage.tables import contact
from tests.storage.world import ANA, BOB, CY, DAY, NOW, SAM, Store, mail

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.storage.observations import MessageSeen

EVE = "eve@other.example"
START = NOW - 100 * DAY


def on(day: float) -> datetime:
    return START + day * DAY


def known() -> list[MessageSeen]:
    """Let Sam and Ana have known each other for a while."""
    return [mail(SAM, ANA, number=1, at=on(0)), mail(ANA, SAM, number=2, at=on(1))]


def introduction(**more: Any) -> MessageSeen:
    return mail(ANA, SAM, **{"number": 10, "at": on(10), "cc": (Party(EVE, "Eve"),), "recipients": 2, **more})


def meeting(day: float = 12) -> list[MessageSeen]:
    """Let Sam answer to both, and Eve answer Sam alone the day after."""
    return [
        mail(SAM, EVE, number=11, at=on(day), cc=(Party(ANA),), recipients=2),
        mail(Party(EVE, "Eve"), SAM, number=12, at=on(day + 1)),
    ]


def made(store: Store, who: str = ANA) -> list[IntroductionFact]:
    one = store.sort()[who].id
    with store.database.reading() as connection:
        [history] = histories(connection, [one], store.owner)
    return [other for other in history.others if isinstance(other, IntroductionFact)]


def test_a_mail_to_the_owner_and_a_stranger_is_one_once_the_two_have_written_to_each_other(store: Store) -> None:
    store.pull(*known(), introduction(), *meeting())
    [found] = made(store)
    eve = store.contacts()[EVE]
    assert (found.other, found.other_name, found.ref, found.met_by) == (eve.id, "Eve", "m_key-10", "m_key-12")
    assert (found.written_at, found.at) == (on(10), on(13))
    with store.database.reading() as connection:
        [(by, again)] = introductions.introducers(connection, eve.id, store.owner)
        assert (by, again) == (store.contacts()[ANA].id, found)
        assert introductions.introducers(connection, by, store.owner) == []


def test_a_newcomers_first_mail_that_copies_who_sent_them_is_one(store: Store) -> None:
    first = mail(EVE, SAM, number=10, at=on(10), cc=(Party(ANA),), recipients=2)
    store.pull(*known(), first, mail(SAM, EVE, number=11, at=on(11)))
    assert [(found.ref, found.at) for found in made(store)] == [("m_key-10", on(11))]


def test_a_newcomers_first_mail_in_a_thread_of_whoever_sent_them_is_one(store: Store) -> None:
    asked = mail(ANA, SAM, number=9, at=on(9))
    first = mail(EVE, SAM, number=10, at=on(10), references=("9@mail.example",))
    store.pull(*known(), asked, first, mail(SAM, EVE, number=11, at=on(11)))
    assert [found.ref for found in made(store)] == ["m_key-10"]


@pytest.mark.parametrize(
    "mails",
    [
        pytest.param(
            [introduction(cc=(Party(BOB),)), mail(SAM, BOB, number=11, at=on(11))], id="a colleague copied in"
        ),
        pytest.param([introduction(recipients=6), *meeting()], id="many"),
        pytest.param([introduction(kind=MessageKind.LIST), *meeting()], id="a list"),
        pytest.param([introduction(kind=MessageKind.INVITATION), *meeting()], id="an invitation"),
        pytest.param([introduction(), *meeting(41)], id="too late"),
        pytest.param([introduction(), meeting()[0]], id="one way"),
        pytest.param([mail(SAM, EVE, number=5, at=on(5)), introduction(), *meeting()], id="known before"),
        pytest.param([mail(EVE, SAM, number=5, at=on(5)), introduction(), *meeting()], id="had written before"),
        pytest.param(
            [
                introduction(),
                meeting()[0],
                mail(EVE, SAM, number=12, at=on(13), cc=(Party(ANA),), recipients=2),
                mail(SAM, EVE, ANA, number=13, at=on(14)),
            ],
            id="a group at work",
        ),
        pytest.param(
            [
                mail(EVE, SAM, number=10, at=on(10), cc=(Party(ANA), Party(BOB)), recipients=3),
                mail(SAM, EVE, number=11, at=on(11)),
            ],
            id="a team",
        ),
    ],
)
def test_what_is_no_introduction(store: Store, mails: list[MessageSeen]) -> None:
    if mails[0].cc == (Party(BOB),):
        mails = [*mails, mail(BOB, SAM, number=12, at=on(12))]
    store.pull(*known(), *mails)
    assert made(store) == []


def test_a_stranger_introduces_nobody(store: Store) -> None:
    store.pull(introduction(), mail(SAM, ANA, number=20, at=on(20)), *meeting())
    assert made(store) == []


def test_two_of_free_mail_may_introduce_each_other_but_colleagues_of_the_owner_are_no_newcomers(store: Store) -> None:
    dan = "dan@gmail.com"
    store.pull(
        mail(SAM, CY, number=1, at=on(0)),
        mail(CY, SAM, number=10, at=on(10), cc=(Party(dan), Party("kim@carter.example")), recipients=3),
        *(
            one
            for number, who in enumerate((dan, "kim@carter.example"))
            for one in (
                mail(SAM, who, number=20 + number, at=on(11)),
                mail(who, SAM, number=30 + number, at=on(12)),
            )
        ),
    )
    assert [found.other for found in made(store, CY)] == [store.contacts()[dan].id]


def test_who_introduced_somebody_is_judged_anew_whatever_comes_last(store: Store) -> None:
    mails = [*known(), introduction(), *meeting()]
    for last in range(len(mails)):
        world = [_in_world(one, last) for one in mails]
        ana = _name(ANA, last)
        late = world.pop(last)
        store.pull(*world)
        store.sort()
        before = _rest(store)
        store.pull(late)
        store.sort()
        assert made(store, ana), last
        assert store.contacts()[ana].id in _dirty(store), (last, before)


def test_a_newcomers_better_name_reaches_who_introduced_them(store: Store) -> None:
    store.pull(*known(), introduction(), *meeting())
    store.sort()
    _rest(store)
    store.pull(mail(Party(EVE, "Eve Other"), SAM, number=50, at=on(60)))
    assert [found.other_name for found in made(store)] == ["Eve Other"]
    assert store.contacts()[ANA].id in _dirty(store)


def test_other_mail_of_newcomers_has_nobody_judged_anew_who_only_copied_them_later(store: Store) -> None:
    store.pull(*known(), *meeting(), introduction(number=40, at=on(60)))
    store.sort()
    _rest(store)
    store.pull(mail(EVE, SAM, number=50, at=on(70)))
    store.sort()
    assert _dirty(store) == {store.contacts()[EVE].id}


def _in_world(one: MessageSeen, world: int) -> MessageSeen:
    """Put a mail into a world of its own: other people, other ids."""
    return replace(
        one,
        dedupe_key=f"{one.dedupe_key}-{world}",
        message_id=f"{world}-{one.message_id}",
        author=_party(one.author, world),
        to=tuple(party for each in one.to if (party := _party(each, world))),
        cc=tuple(party for each in one.cc if (party := _party(each, world))),
    )


def _party(party: Party | None, world: int) -> Party | None:
    return Party(_name(party.address, world), party.name) if party else None


def _name(text: str, world: int) -> str:
    return text if text == SAM else text.replace("@", f"@w{world}.").replace(".example", f"{world}.example")


def _rest(store: Store) -> set[str]:
    before = _dirty(store)
    with store.database.writing() as connection:
        connection.execute(update(contact).values(dirty=False))
    return before


def _dirty(store: Store) -> set[str]:
    return {one for (one,) in store.rows(select(contact.c.id).where(contact.c.dirty))}
