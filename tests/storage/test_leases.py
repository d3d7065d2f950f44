"""Leases: whoever begins to read a stream fences off all who began before."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from keepwarm.storage import accounts, first_reads
from keepwarm.storage.accounts import LeaseLost
from keepwarm.storage.observations import Batch, Rejected, Scope
from keepwarm.storage.tables import meeting_copy, message, rejected, stream
from tests.storage.world import ANA, HOUR, NOW, SAM, Store, event, mail

LATE = Batch(
    seen=(mail(ANA, SAM, number=2), event("late")),
    complete=(Scope(),),
    rejected=(Rejected(source_key="9", reason="broken"),),
    cursor={"v": 1, "uid": 2},
)


@pytest.fixture
def overtaken(store: Store) -> tuple[Store, accounts.Lease]:
    """Give a process that has lost its lease to another one, which has stored one message."""
    store.pull(event("known"), stream="INBOX")
    lease = store.ingest.begin(store.stream())
    Store(store.database).pull(mail(ANA, SAM, number=1), cursor={"v": 1, "uid": 1})
    return store, lease


def stored(store: Store) -> list[Any]:
    return [store.rows(select(table)) for table in (message, meeting_copy, rejected, stream)]


def test_nothing_of_a_late_batch_is_stored(overtaken: tuple[Store, accounts.Lease]) -> None:
    store, lease = overtaken
    before = stored(store)
    with pytest.raises(LeaseLost):
        store.ingest.store(lease, LATE, NOW)
    assert stored(store) == before


def test_a_late_end_neither_succeeds_nor_takes_anything_away(overtaken: tuple[Store, accounts.Lease]) -> None:
    store, lease = overtaken
    store.pull(complete=(Scope(),), now=NOW)
    before = stored(store)
    with pytest.raises(LeaseLost):
        store.ingest.finish(lease, NOW + 9 * HOUR)
    assert stored(store) == before
    assert store.life("known") == ["created"]


def test_a_late_loss_of_the_cursor_forgets_no_cursor(overtaken: tuple[Store, accounts.Lease]) -> None:
    store, lease = overtaken
    with pytest.raises(LeaseLost), store.database.writing() as connection:
        accounts.new_generation(connection, lease, "lost")
    assert store.rows(select(stream.c.cursor, stream.c.generation)) == [({"v": 1, "uid": 1}, 1)]


def test_the_other_process_goes_on_and_the_fenced_one_may_begin_anew(overtaken: tuple[Store, accounts.Lease]) -> None:
    store, lease = overtaken
    with pytest.raises(LeaseLost):
        store.ingest.store(lease, LATE, NOW)
    assert store.ingest.store(store.ingest.begin(store.stream()), LATE, NOW).messages == 1
    assert store.rows(select(stream.c.cursor)) == [({"v": 1, "uid": 2},)]


def test_streams_do_not_fence_each_other(store: Store) -> None:
    lease = store.ingest.begin(store.stream("INBOX"))
    store.pull(mail(ANA, SAM, number=1), stream="Sent")
    assert store.ingest.store(lease, LATE, NOW).messages == 1


def test_a_new_generation_reads_anew_and_recognises_what_is_there(store: Store) -> None:
    lease, _ = store.pull(mail(ANA, SAM, number=1), cursor={"v": 1, "uid": 1})
    with store.database.writing() as connection:
        accounts.new_generation(connection, lease, "UIDVALIDITY has changed")
    with store.database.reading() as connection:
        assert accounts.cursor_of(connection, lease.stream_id) is None
    _, again = store.pull(mail(ANA, SAM, number=1), mail(ANA, SAM, number=2))
    assert again.messages == 1
    assert store.rows(select(stream.c.generation, stream.c.problem)) == [(2, "")]


def test_the_end_of_the_first_complete_read_is_remembered(store: Store) -> None:
    for hours in range(3):
        store.pull(now=NOW + hours * HOUR)
    assert store.rows(select(stream.c.first_complete, stream.c.last_success)) == [(NOW, NOW + 2 * HOUR)]


def test_failures_are_counted_and_forgotten_with_the_next_success(store: Store) -> None:
    number = store.stream()
    for _ in range(2):
        with store.database.writing() as connection:
            accounts.failed(connection, number, problem="no answer", what_to_do="wait", retry_at=NOW)
    told = select(stream.c.failures, stream.c.problem, stream.c.what_to_do, stream.c.retry_at)
    assert store.rows(told) == [(2, "no answer", "wait", NOW)]
    store.pull()
    assert store.rows(told) == [(0, "", "", None)]


def test_what_is_known_is_provisional_until_each_first_read_has_ended(store: Store) -> None:
    def is_provisional(*accounts: str) -> bool:
        with store.database.reading() as connection:
            return bool(first_reads.unfinished(connection, accounts))

    number = store.stream()
    assert is_provisional("work")  # it is listed, and was not read yet
    lease = store.ingest.begin(number)
    assert is_provisional("work")  # whoever has begun may be reading just now, or dead
    assert is_provisional("home")  # configured, and never tried
    with store.database.writing() as connection:
        accounts.failed(connection, number, problem="no answer")
    assert not is_provisional("work")  # there may be nothing to be had
    store.ingest.store(lease, LATE, NOW)
    assert is_provisional("work")
    store.ingest.finish(lease, NOW)
    assert not is_provisional("work")
    store.ingest.begin(number)
    assert not is_provisional("work")
