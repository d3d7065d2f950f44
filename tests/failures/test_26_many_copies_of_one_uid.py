"""700 copies of one UID stopped the sync, and the same UID in two calendars was taken for a duplicate and deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from keepwarm.storage import accounts
from keepwarm.storage.observations import Batch, Gone, Scope, Stream
from keepwarm.storage.tables import meeting, meeting_copy
from tests.storage.world import DAY, HOUR, MEETING, NOW, Store, event

if TYPE_CHECKING:
    from keepwarm.storage.database import Database
    from keepwarm.storage.observations import MeetingSeen

ALL = (Scope(),)
MANY = 700


def copies() -> list[MeetingSeen]:
    """Give one meeting as 700 resources of a calendar show it."""
    return [event(source_key=f"{number}.ics/") for number in range(MANY)]


def number_of(store: Store, table: object) -> int:
    [(number,)] = store.rows(select(func.count()).select_from(table))  # type: ignore[arg-type]
    return int(number)


def test_seven_hundred_copies_are_one_meeting_that_is_gone_with_the_last(database: Database) -> None:
    store = Store(database)
    _, stored = store.pull(*copies(), stream="calendar", complete=ALL)
    assert (stored.meetings, number_of(store, meeting), number_of(store, meeting_copy)) == (1, 1, MANY)
    assert store.life() == ["created"]
    for hours in (1, 3, 5):  # most of them vanish: held back, then gone, and it is still there
        store.pull(copies()[7], stream="calendar", now=NOW + hours * HOUR, complete=ALL)
    assert store.life() == ["created"]
    store.pull(stream="calendar", now=NOW + 7 * HOUR, gone=(Gone("7.ics/"),))
    store.pull(stream="calendar", now=NOW + 9 * HOUR)
    assert store.life() == ["created", "cancelled"]


def test_copies_that_move_one_after_another_are_one_move(database: Database) -> None:
    store = Store(database)
    seen = copies()[:20]
    store.pull(*seen, stream="calendar", complete=ALL)
    moved = [replace(one, start=MEETING + DAY, end=MEETING + DAY + HOUR, sequence=1) for one in seen]
    for number in range(1, 21):
        now = NOW + number * HOUR / 60
        store.pull(*moved[:number], *seen[number:], stream="calendar", now=now, complete=ALL)
    assert store.life() == ["created", "rescheduled"]


def test_the_same_uid_in_calendars_of_two_accounts_is_one_meeting_that_is_gone_with_the_last(
    database: Database,
) -> None:
    store = Store(database)
    streams = []
    with database.writing() as connection:
        for name in ("work", "home"):
            account = accounts.ensure_account(connection, name, "caldav")
            streams.append(accounts.ensure_stream(connection, account, Stream("Calendar", holds="calendar")).id)

    def read(stream_id: int, hours: float, *seen: MeetingSeen) -> None:
        lease = store.ingest.begin(stream_id)
        store.ingest.store(lease, Batch(seen=seen, complete=ALL), NOW + hours * HOUR)
        store.ingest.finish(lease, NOW + hours * HOUR)

    for stream_id in streams:
        read(stream_id, 0, event())
    assert (number_of(store, meeting), number_of(store, meeting_copy)) == (1, 2)
    for hours in (1, 3):
        read(streams[0], hours)
        read(streams[1], hours, event())
    assert store.life() == ["created"]
    for hours in (4, 6):
        read(streams[0], hours)
        read(streams[1], hours)
    assert store.life() == ["created", "cancelled"]
