"""First reads: they are waited for before anything is told, but not for ever, and not by those they do not concern."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from keepwarm.storage import accounts, feed, first_reads
from keepwarm.storage.observations import Batch, Stream
from keepwarm.storage.tables import feed_entry
from tests.storage.world import ANA, HOUR, NOW, SAM, Store, mail

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

DAY = timedelta(days=1)
BOB = "bob@other.example"
NAMES = ("work", "home")


def waited_for(store: Store, now: datetime) -> list[str]:
    with store.database.writing() as connection:
        first_reads.note(connection, NAMES, now)
        return first_reads.waited_for(connection, NAMES, now)


def test_an_account_that_was_never_tried_is_waited_for_a_day(store: Store) -> None:
    store.pull()
    assert waited_for(store, NOW) == ["home"]
    assert waited_for(store, NOW + DAY - HOUR) == ["home"]
    assert waited_for(store, NOW + DAY) == []
    with store.database.reading() as connection:
        assert first_reads.stalled(connection, NAMES, NOW + DAY) == {"home": NOW}
        assert first_reads.unfinished(connection, NAMES) == ["home"]


def test_a_first_read_that_gets_on_is_waited_for_however_long_it_takes_and_one_that_stands_still_is_not(
    store: Store,
) -> None:
    store.pull()
    number = store.stream("INBOX", account="home")
    now = NOW
    for uid in range(5):
        lease = store.ingest.begin(number)
        store.ingest.store(lease, Batch(cursor={"v": 1, "uid": uid}), now)
        now += DAY - HOUR
        assert waited_for(store, now) == ["home"]
    assert waited_for(store, now + DAY) == []
    store.ingest.store(store.ingest.begin(number), Batch(cursor={"v": 1, "uid": 9}), now)
    assert waited_for(store, now + DAY) == ["home"]  # it is back, and what it brings is provisional again


def test_a_clock_that_was_ahead_does_not_have_it_waited_for_longer(store: Store) -> None:
    store.pull()
    waited_for(store, NOW + 100 * DAY)
    assert waited_for(store, NOW) == ["home"]
    assert waited_for(store, NOW + DAY) == []


def line(who: str, name: str) -> dict[str, Any]:
    return {"id": name, "type": "warmth.changed", "time": NOW, "contact_id": who, "data": {}}


def told(connection: Connection) -> list[str]:
    return list(connection.execute(select(feed_entry.c.id).order_by(feed_entry.c.seq)).scalars())


def test_an_account_that_is_added_holds_back_the_people_of_its_own_mail_alone(store: Store) -> None:
    store.pull(mail(SAM, ANA, number=1), mail(SAM, BOB, number=2))
    people = store.sort()
    ana, bob = people[ANA].id, people[BOB].id
    number = store.stream("INBOX", account="home")
    lease = store.ingest.begin(number)
    store.ingest.store(lease, Batch(seen=(mail(ANA, SAM, number=3),), cursor={"v": 1, "uid": 3}), NOW)
    with store.database.writing() as connection:
        feed.stage(connection, ana, [line(ana, "of Ana")])
        feed.stage(connection, bob, [line(bob, "of Bob")])
        assert first_reads.people_of(connection, ["home"]) == {ana}
        assert first_reads.people_of(connection, ["work"]) == {ana, bob}
        assert feed.publish(connection, {ana}) == 1
        assert told(connection) == ["of Bob"]
        assert feed.publish(connection, {ana}) == 0
        assert feed.publish(connection) == 1
        assert told(connection) == ["of Bob", "of Ana"]


def test_more_lines_than_a_piece_are_told_though_some_are_held_back(store: Store) -> None:
    store.pull(mail(SAM, ANA, number=1), mail(SAM, BOB, number=2))
    people = store.sort()
    ana, bob = people[ANA].id, people[BOB].id
    with store.database.writing() as connection:
        feed.stage(connection, ana, [line(ana, f"a{number:04}") for number in range(900)])
        feed.stage(connection, bob, [line(bob, f"b{number:04}") for number in range(900)])
        assert feed.publish(connection, {ana}) == 900
        assert feed.publish(connection) == 900


def test_an_account_that_was_only_listed_is_waited_for(store: Store) -> None:
    store.pull()
    with store.database.writing() as connection:
        account_id = accounts.ensure_account(connection, "home", "imap")
        accounts.note_streams(connection, account_id, [Stream("INBOX")])
    assert waited_for(store, NOW) == ["home"]
