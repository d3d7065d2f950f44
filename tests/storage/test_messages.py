"""Messages: stored once, whatever shows them and in whatever order."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from keepwarm.storage.observations import Batch, Party, Rejected
from keepwarm.storage.tables import (
    account,
    address,
    meeting,
    meeting_sighting,
    message,
    message_party,
    rejected,
    stream,
)
from tests.storage.world import ALIAS, ANA, BOB, CY, DAY, HOUR, NOW, SAM, Store, event, invitation, mail

if TYPE_CHECKING:
    from pathlib import Path

    from keepwarm.storage.observations import MessageSeen


def facts(store: Store) -> list[tuple[Any, ...]]:
    """Give all that is stored of messages, without row ids."""
    columns = [column for column in message.c if column.name not in ("id", "stream_id")]
    parties = (
        select(message.c.dedupe_key, address.c.address, message_party.c.role)
        .join(message_party, message_party.c.message_id == message.c.id)
        .join(address, address.c.id == message_party.c.address_id)
    )
    names = select(address.c.address, address.c.name, address.c.robot)
    found = [store.rows(select(*columns).order_by(message.c.dedupe_key)), store.rows(parties), store.rows(names)]
    return [sorted(rows, key=repr) for rows in found]


def traffic() -> list[MessageSeen]:
    """Give messages in which people are spelt in many ways."""
    spelt = ["", "ana", "Ana Acme", "Ana A.", "Ana Ácme"]
    mails = [
        mail(Party(ANA, name), number=number, to=(Party(SAM, f"Sam {number}"),)) for number, name in enumerate(spelt)
    ]
    mails += [mail(SAM, number=10 + number, to=(Party(ANA, f"Anna {number}"), Party(BOB, ""))) for number in range(4)]
    mails += [mail(BOB, SAM, number=20, cc=(Party(ANA, "Ana by Bob"),), bcc=(Party(SAM),), references=("10@x", "11@x"))]
    return mails


def test_a_message_is_stored_once_whatever_folder_or_account_shows_it(store: Store) -> None:
    one = mail(ANA, SAM)
    again = replace(one, source_key="9:9")
    counted = [store.pull(one, again)[1].messages, store.pull(again)[1].messages]
    counted.append(store.pull(one, stream="Archive")[1].messages)
    assert counted == [1, 0, 0]
    assert store.rows(select(message.c.dedupe_key)) == [("key-1",)]
    assert len(store.rows(select(message_party.c.role))) == 2


@pytest.mark.parametrize("seed", range(6))
def test_order_doubles_batches_and_streams_change_nothing(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    seen = traffic() + chance.choices(traffic(), k=8)
    chance.shuffle(seen)
    while seen:
        size = chance.randint(1, 6)
        store.pull(*seen[:size], stream=chance.choice(["INBOX", "Archive"]))
        seen = seen[size:]
    [(name,)] = store.rows(select(address.c.name).where(address.c.address == ANA))
    assert name == "Ana Ácme"  # the newest spelling of her own
    assert len(store.rows(select(message.c.id))) == len(traffic())
    assert len(store.rows(select(message_party.c.role))) == 5 * 2 + 4 * 3 + 4


def test_two_orders_give_the_same_rows(store: Store, other_store: Store) -> None:
    for one in traffic():
        store.pull(one)
    other_store.pull(*reversed(traffic()))
    assert facts(store) == facts(other_store)


def test_what_another_process_learnt_of_a_name_is_not_written_over(store: Store) -> None:
    other = Store(store.database)
    store.pull(mail(Party(ANA, "Ana One"), SAM, number=1))
    other.pull(mail(Party(ANA, "Ana Nine"), SAM, number=9))
    store.pull(mail(Party(ANA, "Ana Five"), SAM, number=5))
    assert store.rows(select(address.c.name).where(address.c.address == ANA)) == [("Ana Nine",)]


def test_a_better_name_reaches_the_contact_even_if_the_mail_is_not_about_them(store: Store) -> None:
    store.pull(mail(SAM, ANA, number=1))
    assert store.sort()[ANA].name == ANA
    store.pull(mail(BOB, SAM, number=2, cc=(Party(ANA, "Ana Acme"),)))
    assert store.sort()[ANA].name == "Ana Acme"


@pytest.mark.parametrize(
    ("one", "outbound", "to_owner"),
    [
        (mail(ANA, SAM), False, True),
        (mail(ANA, BOB, cc=(Party(SAM),)), False, False),
        (mail(SAM, ANA), True, False),
        (mail(SAM, SAM), True, True),
        (mail("", SAM), False, True),
    ],
)
def test_direction_is_told_by_the_owners_addresses(
    store: Store, one: MessageSeen, outbound: bool, to_owner: bool
) -> None:
    store.pull(one)
    assert store.rows(select(message.c.outbound, message.c.to_owner)) == [(outbound, to_owner)]


def test_directions_follow_the_owners_addresses_back_and_forth(store: Store) -> None:
    store.pull(mail(ALIAS, ANA, number=1), mail(ANA, ALIAS, number=2), mail(SAM, BOB, number=3))
    told = select(message.c.outbound, message.c.to_owner).order_by(message.c.dedupe_key)
    assert store.rows(told) == [(False, False), (False, False), (True, False)]
    store.change_owner(SAM, ALIAS)
    assert store.rows(told) == [(True, False), (False, True), (True, False)]
    assert set(store.sort()) == {ANA, BOB}
    store.change_owner(SAM)
    assert store.rows(told) == [(False, False), (False, False), (True, False)]


def test_a_thread_is_told_by_its_first_reference_and_by_the_last(store: Store) -> None:
    first = mail(ANA, SAM, number=1)
    store.pull(
        first,
        mail(SAM, ANA, number=2, references=("1@mail.example",)),
        mail(ANA, SAM, number=3, references=("1@mail.example", "2@mail.example")),
        mail(ANA, SAM, number=4, message_id="", subject="Re: Offer"),
    )
    keys = select(message.c.key_hash, message.c.parent_hash, message.c.thread_hash, message.c.says_reply)
    one, two, three, four = store.rows(keys.order_by(message.c.dedupe_key))
    assert (one[1], one[2]) == (None, one[0])
    assert (two[1], two[2]) == (one[0], one[0])
    assert (three[1], three[2]) == (two[0], one[0])
    assert four[3] is True
    assert four[2] == four[0] not in (one[0], two[0], three[0])


def test_a_large_batch_that_is_read_again_is_nothing_new(store: Store) -> None:
    mails = [invitation(event(f"uid-{number}"), number) for number in range(900)]
    store.pull(*mails[::2])
    assert store.pull(*mails)[1].messages == 450
    assert store.pull(*mails, stream="Archive")[1].meetings == 0
    assert len(store.rows(select(meeting_sighting.c.ref))) == 900


def test_broken_items_are_recorded_once_with_the_day_they_were_first_met(store: Store) -> None:
    broken = Rejected(source_key="7", reason="no header ends", where="INBOX, UID 7")
    assert store.pull(rejected=(broken, broken))[1].rejected
    assert not store.pull(rejected=(broken,), now=NOW + DAY)[1].rejected
    assert store.rows(select(rejected.c.where, rejected.c.first_seen)) == [("INBOX, UID 7", NOW)]


POISON = [
    mail(ANA, SAM, number=2, at=NOW.replace(tzinfo=None)),  # no zone
    mail(ANA, SAM, number=2, size=2**70),  # in no column
    event(start=NOW.replace(tzinfo=None)),
    invitation(event(start=NOW.replace(tzinfo=None)), 2),
]


@pytest.mark.parametrize("poison", POISON, ids=["message", "number", "meeting", "invitation"])
def test_a_batch_that_fails_anywhere_leaves_neither_data_nor_cursor(store: Store, poison: Any) -> None:
    store.pull(mail(BOB, SAM, number=1), cursor={"v": 1, "uid": 1})
    lease = store.ingest.begin(store.stream())
    before = everything(store)
    good = (mail(ANA, CY, number=3), event("good"), poison)
    with pytest.raises(Exception, match=r"zone|naive|too large|out of range"):
        store.ingest.store(lease, Batch(seen=good, cursor={"v": 1, "uid": 9}), NOW)
    assert everything(store) == before
    store.ingest.store(lease, Batch(seen=good[:2], cursor={"v": 1, "uid": 9}), NOW)
    assert store.rows(select(stream.c.cursor)) == [({"v": 1, "uid": 9},)]
    assert {text for (text,) in store.rows(select(address.c.address))} == {ANA, BOB, CY, SAM}


def everything(store: Store) -> list[Any]:
    tables = (account, address, message, message_party, meeting, meeting_sighting, stream)
    return [sorted(map(repr, store.rows(select(table)))) for table in tables]


def test_no_subject_and_no_title_is_left_in_the_database_where_none_may_be(tmp_path: Path, other_store: Store) -> None:
    store = Store(other_store.database, subjects=False)
    store.pull(
        mail(ANA, SAM, number=1, subject="Re: Sesame"),
        mail(SAM, ANA, number=2, subject="Sesame"),
        invitation(event("mailed", summary="Sesame by mail"), 3),
        replace(invitation(event("mailed"), 4), subject="Sesame invitation"),
    )
    store.pull(event("kept", summary="Sesame in the calendar"), stream="calendar")
    store.pull(event("kept", summary="Sesame moved", start=NOW + 9 * DAY), stream="calendar", now=NOW + HOUR)
    hashes = store.rows(select(message.c.subject, message.c.subject_hash).order_by(message.c.dedupe_key))
    assert hashes[0] == hashes[1] != (None, None)
    store.database.close()
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("keepwarm.db*"))
    assert ANA.encode() in written
    assert b"sesame" not in written.lower()
