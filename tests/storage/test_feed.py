"""The feed: appended once, in the order of time, without gaps, and what never was is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from keepwarm.storage import feed
from keepwarm.storage.observations import Party
from keepwarm.storage.tables import feed_pending
from tests.storage.world import ANA, BOB, DAY, NOW, SAM, Store, mail

if TYPE_CHECKING:
    from keepwarm.storage.database import Database
    from keepwarm.storage.views import FeedEntry


@pytest.fixture
def store(database: Database) -> Store:
    """Give a database that knows Ana and Bob."""
    store = Store(database)
    store.pull(mail(SAM, ANA, BOB))
    store.sort()
    return store


def line(name: str, days: float = 0, kind: str = "warmth.changed", **data: Any) -> dict[str, Any]:
    return {"id": name, "type": kind, "time": NOW + days * DAY, "data": {"name": name, **data}}


def signal(name: str, days: float = 0) -> dict[str, Any]:
    return line(name, days, "signal.opened", rule="put_off")


def stage(store: Store, who: str, *lines: dict[str, Any]) -> None:
    contact_id = store.contacts()[who].id
    with store.database.writing() as connection:
        feed.stage(connection, contact_id, [{**one, "contact_id": contact_id} for one in lines])


def stage_more(store: Store, who: str, *lines: dict[str, Any]) -> None:
    with store.database.writing() as connection:
        feed.stage_more(connection, [{**one, **_of(store, who)} for one in lines])


def _of(store: Store, who: str) -> dict[str, str]:
    return {"contact_id": store.contacts()[who].id}


def publish(store: Store) -> int:
    with store.database.writing() as connection:
        return feed.publish(connection)


def publish_and_die(store: Store) -> None:
    with store.database.writing() as connection:
        feed.publish(connection)
        raise KeyboardInterrupt


def told(store: Store, since: int = 0) -> list[FeedEntry]:
    with store.database.reading() as connection:
        return list(feed.entries(connection, since))


def ids(store: Store) -> list[str]:
    return [entry.id for entry in told(store)]


def test_lines_are_appended_in_the_order_of_time_whoever_they_are_about(store: Store) -> None:
    stage(store, BOB, line("d", 3), line("b", 1))
    stage(store, ANA, line("c", 2), line("a", 1))
    assert told(store) == []
    assert publish(store) == 4
    assert ids(store) == ["a", "b", "c", "d"]
    assert [entry.time for entry in told(store)] == [NOW + days * DAY for days in (1, 1, 2, 3)]


def test_what_was_told_is_never_told_again_nor_moved(store: Store) -> None:
    stage(store, ANA, line("b", 2))
    publish(store)
    stage(store, ANA, line("a", 1), line("b", 2), line("b", 2), line("c", 3))
    assert publish(store) == 2
    stage(store, ANA, line("a", 1), line("b", 2), line("c", 3))
    assert publish(store) == 0
    assert ids(store) == ["b", "a", "c"]


def test_the_numbers_have_no_gap_also_over_many_lines(store: Store) -> None:
    for number in range(3):
        stage(store, ANA, *(line(f"{number} {index:04}", index) for index in range(450 * number)))
        publish(store)
    entries = told(store)
    assert [entry.seq for entry in entries] == list(range(1, 1351))
    assert told(store, since=1349) == entries[-1:]
    assert store.rows(select(feed_pending.c.id)) == []


def test_a_line_shows_the_contact_as_they_were_when_it_was_told(store: Store) -> None:
    stage(store, ANA, line("a"))
    publish(store)
    store.pull(mail(Party(ANA, "Ana Acme"), SAM, number=2))
    stage(store, ANA, line("b"))
    assert store.sort(labels=(("client", (ANA,)),))[ANA].labels == ("client",)
    publish(store)
    assert [(entry.contact.name, entry.contact.labels) for entry in told(store)] == [
        (ANA, ()),
        ("Ana Acme", ("client",)),
    ]


def test_what_was_staged_and_holds_no_more_is_never_told(store: Store) -> None:
    stage(store, ANA, signal("s1"), line("clr", 1, "signal.cleared", signal="s1"), line("provisional", 2))
    stage(store, BOB, line("bob"))
    stage(store, ANA, line("final", 2))
    publish(store)
    assert ids(store) == ["bob", "final"]


def test_a_signal_that_never_was_is_cleared_once(store: Store) -> None:
    stage(store, ANA, signal("s1"), signal("s2", 1), line("w"))
    publish(store)
    for _ in range(2):
        stage(store, ANA, signal("s2", 1))  # restaged before it is told: the withdrawal is not forgotten
    assert publish(store) == 1
    withdrawn = told(store)[-1]
    assert (withdrawn.type, withdrawn.data["signal"], withdrawn.time) == ("signal.cleared", "s1", NOW)
    assert withdrawn.data["rule"] == "put_off"
    stage(store, ANA, signal("s2", 1))
    assert publish(store) == 0


def test_a_signal_that_is_true_after_all_is_told_again_under_another_name(store: Store) -> None:
    over = line("over", 1, "signal.cleared", signal="s1")
    for lines in ([signal("s1")], [], [signal("s1")], [], [signal("s1"), over]):
        stage(store, ANA, *lines)
        publish(store)
        stage(store, ANA, *lines)
        assert publish(store) == 0
    names = [(entry.type, entry.data.get("signal", entry.id)) for entry in told(store)]
    opened, cleared = "signal.opened", "signal.cleared"
    assert names == [
        (opened, "s1"), (cleared, "s1"), (opened, "s1.2"), (cleared, "s1.2"), (opened, "s1.3"), (cleared, "s1.3"),
    ]  # fmt: skip
    assert len(set(ids(store))) == 6


def test_a_signal_told_as_cleared_that_is_open_is_told_again(store: Store) -> None:
    stage(store, ANA, signal("s1"), line("over", 1, "signal.cleared", signal="s1"))
    publish(store)
    stage(store, ANA, signal("s1"))
    publish(store)
    stage(store, ANA, signal("s1"), line("later", 2, "signal.cleared", signal="s1"))
    publish(store)
    assert [(one.type, one.data.get("signal", one.id)) for one in told(store)][2:] == [
        ("signal.opened", "s1.2"),
        ("signal.cleared", "s1.2"),
    ]


@pytest.mark.parametrize("was_told", [True, False])
def test_what_comes_to_be_true_again_by_something_new_is_told_again(store: Store, *, was_told: bool) -> None:
    stage(store, ANA, signal("s1"))
    publish(store)
    stage(store, ANA)
    if was_told:
        publish(store)
    stage_more(store, ANA, signal("s1"))
    publish(store)
    assert ids(store)[-1] == ("s1.2" if was_told else "s1")


def test_signals_of_somebody_who_is_no_contact_any_more_are_cleared_and_told_again_if_they_are_back(
    store: Store,
) -> None:
    stage(store, ANA, line("a"))
    stage(store, BOB, signal("s1"), line("w"))
    with store.database.writing() as connection:
        feed.stage(
            connection, store.contacts()[BOB].id, [{**signal("of the practice"), **_of(store, BOB)}], scope="practice"
        )
    publish(store)
    stage(store, BOB, signal("s1"), line("w"), line("untold", 2))
    bob = store.contacts()[BOB]
    store.change_owner(SAM, BOB)
    store.sort()
    publish(store)
    gone = told(store, since=4)
    assert {(one.type, one.data["signal"]) for one in gone} == {
        ("signal.cleared", "s1"),
        ("signal.cleared", "of the practice"),
    }
    assert {one.contact for one in gone} == {bob}
    store.change_owner(SAM)
    store.sort()
    stage(store, BOB, signal("s1"), line("w"))
    publish(store)
    assert ids(store)[6:] == ["s1.2"]


def test_whoever_turned_out_to_be_the_owner_does_not_stop_the_feed(store: Store) -> None:
    stage(store, ANA, line("a"))
    stage(store, BOB, line("b"))
    store.change_owner(SAM, BOB)
    store.sort()
    publish(store)
    assert ids(store) == ["a"]


def test_a_failed_publication_tells_nothing(store: Store) -> None:
    stage(store, ANA, line("a"), line("b", 1))
    with pytest.raises(KeyboardInterrupt):
        publish_and_die(store)
    assert told(store) == []
    assert publish(store) == 2
