"""A tombstone came for an event that was never shown, as it lay outside of what is read, and the sync broke."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from keepwarm.storage.observations import Gone
from keepwarm.storage.tables import meeting, meeting_copy
from tests.storage.world import HOUR, NOW, Store, event

if TYPE_CHECKING:
    from keepwarm.storage.database import Database


@pytest.mark.parametrize("key", ["new/", "new", "ui", "uid", "UID/", "/", "%/", "_id/", "uid/20260322T120000Z", "ü/"])
def test_a_tombstone_for_what_was_never_shown_is_ignored(database: Database, key: str) -> None:
    store = Store(database)
    store.pull(event(), stream="calendar")
    for hours in (1, 3):
        _, stored = store.pull(stream="calendar", now=NOW + hours * HOUR, gone=(Gone(key), Gone(key)))
        assert stored.meetings == 0
    assert store.life() == ["created"]
    assert store.rows(select(meeting.c.ical_uid)) == [("uid",)]
    assert store.rows(select(meeting_copy.c.missing_since)) == [(None,)]


def test_one_unknown_tombstone_keeps_no_known_one_from_being_heard(database: Database) -> None:
    store = Store(database)
    store.pull(event(), event("other"), stream="calendar")
    store.pull(stream="calendar", now=NOW + HOUR, gone=(Gone("new/"), Gone("uid/"), Gone("newer")))
    store.pull(stream="calendar", now=NOW + 2 * HOUR)
    assert (store.life(), store.life("other")) == (["created", "cancelled"], ["created"])
