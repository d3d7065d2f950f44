"""The queue of a webhook, on both databases: one process posts at a time, and each line is taken in once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from keepwarm.storage import feed
from keepwarm.storage import webhook_queue as queue
from keepwarm.storage.webhook_queue import HELD_FOR, HeldElsewhere
from tests.storage.world import ANA, BOB, DAY, NOW, SAM, Store, mail

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from keepwarm.storage.database import Database
    from keepwarm.storage.webhook_queue import Endpoint

URL = "https://hooks.example/in?token=4567"
EVENTS = ("signal.opened",)


@pytest.fixture
def store(database: Database) -> Store:
    """Give a database that knows Ana, Bob and a webhook."""
    store = Store(database)
    store.pull(mail(SAM, ANA, BOB))
    store.sort()
    with database.writing() as connection:
        queue.adopt(connection, URL, NOW)
    return store


def tell(store: Store, who: str, *names: str) -> None:
    contact_id = store.contacts()[who].id
    same: dict[str, Any] = {"type": "signal.opened", "time": NOW, "contact_id": contact_id, "scope": "contact"}
    with store.database.writing() as connection:
        feed.stage_more(connection, [{**same, "id": name, "data": {"historical": False}} for name in names])
        feed.publish(connection)
        queue.take_in(connection, endpoint(connection), EVENTS)


def endpoint(connection: Connection) -> Endpoint:
    found = queue.find(connection, URL)
    assert found is not None
    return found


def test_of_each_contact_the_first_line_is_next(store: Store) -> None:
    tell(store, ANA, "a1", "a2")
    tell(store, BOB, "b1")
    with store.database.writing() as connection:
        first, second, third = queue.waiting(connection)
        assert [one.seq for one in queue.heads(connection)] == [first.seq, third.seq]
        claimed = queue.claim(connection, first, NOW + DAY)
        assert claimed is not None
        assert (claimed.entry.id, claimed.attempts) == ("a1", 1)
        queue.was_not_taken(connection, first.seq, "no", retry_at=NOW + DAY, dead_at=None)
        assert [one.seq for one in queue.heads(connection)] == [first.seq, third.seq]
        queue.was_not_taken(connection, first.seq, "no", retry_at=None, dead_at=NOW)
        assert [one.seq for one in queue.heads(connection)] == [second.seq, third.seq]
        assert queue.claim(connection, first, NOW) is None
        assert queue.begin_again(connection, endpoint(connection)) == 3
        assert queue.heads(connection)[0].seq == first.seq


def test_what_was_taken_in_is_not_taken_in_again_unless_it_is_gone_back(store: Store) -> None:
    tell(store, ANA, "a1")
    with store.database.writing() as connection:
        assert not queue.is_behind(connection, endpoint(connection))
        assert queue.take_in(connection, endpoint(connection), EVENTS) == 0
        [one] = queue.waiting(connection)
        queue.was_taken(connection, endpoint(connection), one.seq, NOW)
        assert endpoint(connection).sent == 1
        queue.go_back(connection, endpoint(connection), 0)
        assert queue.take_in(connection, endpoint(connection), EVENTS) == 1
        queue.go_back(connection, endpoint(connection), 0)
        assert queue.take_in(connection, endpoint(connection), EVENTS) == 0


def test_only_one_holds_it_and_a_dead_ones_hold_ends(store: Store) -> None:
    with store.database.writing() as connection:
        mine = endpoint(connection)
        queue.hold(connection, mine, "one", NOW)
        queue.hold(connection, mine, "one", NOW + timedelta(seconds=30))
        with pytest.raises(HeldElsewhere):
            queue.hold(connection, mine, "other", NOW + timedelta(seconds=60))
        queue.hold(connection, mine, "other", NOW + timedelta(seconds=30) + HELD_FOR)
        queue.let_go(connection, mine, "one")  # it has nothing to let go of any more
        with pytest.raises(HeldElsewhere):
            queue.hold(connection, mine, "one", NOW + timedelta(seconds=40) + HELD_FOR)


def test_a_hold_by_a_clock_that_was_set_back_does_not_last(store: Store) -> None:
    with store.database.writing() as connection:
        queue.hold(connection, endpoint(connection), "one", NOW + 365 * DAY)
        queue.hold(connection, endpoint(connection), "other", NOW)


def test_another_address_drops_what_was_for_the_first(store: Store) -> None:
    tell(store, ANA, "a1")
    with store.database.writing() as connection:
        queue.adopt(connection, URL + "&other", NOW)
        assert queue.waiting(connection) == []
        assert queue.find(connection, URL) is None
