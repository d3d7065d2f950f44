"""Items that could not be read stay listed until they can be, or are no longer there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from keepwarm.storage import accounts
from keepwarm.storage.observations import Rejected, Scope
from keepwarm.storage.tables import rejected
from tests.storage.world import ANA, NOW, SAM, event, mail

if TYPE_CHECKING:
    from tests.storage.world import Store

TORN = Rejected(source_key="7", reason="It is cut off.", where="mail.mbox, byte 7")
NO_DATE = Rejected(source_key="uid/", reason="It has no start.", where="work.ics, line 3")
NO_FILE = Rejected(source_key="file:b.ics", reason="It is no calendar.", where="b.ics")
EVERYTHING = (Scope(),)


def listed(store: Store) -> set[str]:
    return {key for (key,) in store.rows(select(rejected.c.source_key))}


def test_an_item_that_is_read_at_last_is_no_longer_listed(store: Store) -> None:
    store.pull(rejected=(TORN, replace(TORN, source_key="8")))
    store.pull(replace(mail(ANA, SAM, number=1), source_key="7"))
    assert listed(store) == {"8"}


def test_the_same_item_in_another_stream_is_another_one(store: Store) -> None:
    store.pull(rejected=(TORN,), stream="Archive")
    store.pull(replace(mail(ANA, SAM, number=1), source_key="7"))
    assert listed(store) == {"7"}


def test_a_message_that_is_kept_without_its_broken_invitation_stays_listed(store: Store) -> None:
    seen = replace(mail(ANA, SAM, number=1), source_key="7")
    for _ in range(2):
        store.pull(seen, rejected=(TORN,))
        assert listed(store) == {"7"}


def test_a_complete_read_strikes_out_what_is_no_longer_broken(store: Store) -> None:
    store.pull(rejected=(NO_DATE, NO_FILE), stream="calendar")
    store.pull(event("other"), rejected=(NO_FILE,), stream="calendar")
    assert listed(store) == {"uid/", "file:b.ics"}  # it was not the whole
    store.pull(event("other"), rejected=(NO_DATE,), complete=EVERYTHING, stream="calendar")
    assert listed(store) == {"uid/"}


def test_a_new_generation_lists_only_what_it_finds_broken_itself(store: Store) -> None:
    store.pull(rejected=(TORN,))
    lease = store.ingest.begin(store.stream())
    with store.database.writing() as connection:
        accounts.new_generation(connection, lease, "the file was rewritten")
    again = replace(TORN, source_key="99")
    assert store.pull(rejected=(again,), now=NOW)[1].rejected == (again,)
    assert listed(store) == {"99"}
