"""A source was emptied by mistake, and all was taken for deleted; or the owner did empty it, and was not believed.

What vanishes at once is held until a second complete read agrees.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from keepwarm.storage import accounts, health
from keepwarm.storage.observations import Gone, Scope
from keepwarm.storage.tables import meeting_copy, meeting_revision
from tests.storage.world import HOUR, MEETING, NOW, Store, event

if TYPE_CHECKING:
    from typing import Any

    from keepwarm.storage.database import Database
    from keepwarm.storage.observations import MeetingSeen

ALL = (Scope(),)
EMPTIED = {
    "the file is empty": {"complete": ALL},
    "the server deletes all": {"gone": tuple(Gone(f"m{number}/") for number in range(12))},
}


def full_calendar() -> list[MeetingSeen]:
    return [event(f"m{number}", start=MEETING + number * HOUR) for number in range(12)]


@pytest.fixture
def store(database: Database) -> Store:
    """Give a store that has read a calendar with twelve coming meetings."""
    made = Store(database)
    made.pull(*full_calendar(), stream="calendar", complete=ALL, cursor={"v": 1, "token": "full"})
    return made


def poll(store: Store, hours: float) -> None:
    """Ask for what is new: if the cursor still stands, nothing is; else all is read, and there is nothing."""
    stream_id = store.stream("calendar")
    with store.database.reading() as connection:
        again = accounts.cursor_of(connection, stream_id) is None
    if again:
        store.pull(stream="calendar", now=NOW + hours * HOUR, complete=ALL, cursor={"v": 1, "token": "empty"})
    else:
        store.ingest.finish(store.ingest.begin(stream_id), NOW + hours * HOUR)


def changes(store: Store) -> list[str]:
    rows = select(meeting_revision.c.change).where(meeting_revision.c.change != "created")
    return sorted(change for (change,) in store.rows(rows))


def held(store: Store) -> int:
    with store.database.reading() as connection:
        [one] = health.streams(connection, ["work"])
    return one.held


@pytest.mark.parametrize("how", EMPTIED)
def test_an_emptied_calendar_is_held_until_a_second_read_confirms_it(store: Store, how: str) -> None:
    emptied: dict[str, Any] = EMPTIED[how]
    store.pull(stream="calendar", now=NOW + HOUR, cursor={"v": 1, "token": "empty"}, **emptied)
    for hours in (1.5, 2.0):
        poll(store, hours)
        assert (held(store), changes(store)) == (12, [])
    poll(store, 2.1)  # the owner did empty it: it resolves by itself
    assert (held(store), changes(store)) == (0, ["cancelled"] * 12)


@pytest.mark.parametrize("how", EMPTIED)
@pytest.mark.parametrize("days", [0.02, 0.1, 30])
def test_a_calendar_that_is_restored_before_it_is_confirmed_was_never_empty(
    store: Store, how: str, days: float
) -> None:
    emptied: dict[str, Any] = EMPTIED[how]
    store.pull(stream="calendar", now=NOW + HOUR, cursor={"v": 1, "token": "empty"}, **emptied)
    now = NOW + HOUR + days * 24 * HOUR
    store.pull(*full_calendar(), stream="calendar", now=now, complete=ALL)
    store.pull(*full_calendar(), stream="calendar", now=now + 2 * HOUR, complete=ALL)
    assert (held(store), changes(store)) == (0, [])
    assert set(store.rows(select(meeting_copy.c.missing_since, meeting_copy.c.gone))) == {(None, False)}


@pytest.mark.parametrize("left", [6, 3])
def test_half_goes_the_normal_way_and_more_is_held(store: Store, left: int) -> None:
    for hours in (1, 1.9):
        store.pull(*full_calendar()[-left:], stream="calendar", now=NOW + hours * HOUR, complete=ALL)
    store.ingest.finish(store.ingest.begin(store.stream("calendar")), NOW + 3 * HOUR)
    assert (held(store), len(changes(store))) == ((0, 6) if left == 6 else (9, 0))


def test_an_emptied_calendar_hides_nothing_that_another_one_lost(store: Store) -> None:
    store.pull(event("other"), stream="team", complete=ALL)
    for hours in (1, 3):
        store.pull(stream="team", now=NOW + hours * HOUR, complete=ALL)
        if hours == 1:
            store.pull(stream="calendar", now=NOW + hours * HOUR, complete=ALL)
    assert store.life("other") == ["created", "cancelled"]
    assert changes(store) == ["cancelled"]
