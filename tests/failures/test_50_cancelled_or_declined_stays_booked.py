"""Cancelled and declined meetings stayed booked: the last revision decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keepwarm.storage import contacts
from keepwarm.storage.observations import Answer, MeetingStatus, Method
from tests.storage.test_meetings import answer
from tests.storage.world import ANA, MEETING, NOW, SAM, Store, event, invitation

if TYPE_CHECKING:
    from keepwarm.storage.database import Database


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


def next_meeting(store: Store) -> object:
    store.sort()
    with store.database.reading() as connection:
        return {view.addresses[0]: view for view in contacts.views(connection, NOW)}[ANA].next_meeting


def test_a_meeting_that_stands_is_booked(store: Store) -> None:
    store.pull(event(), stream="calendar", now=NOW)
    assert next_meeting(store) == MEETING


def test_a_cancelled_meeting_is_not_booked(store: Store) -> None:
    cancelled = event(sequence=1, status=MeetingStatus.CANCELLED)
    store.pull(event(written_at=NOW.replace(year=2025)), stream="calendar", now=NOW)
    store.pull(invitation(cancelled, 29 * 24, method=Method.CANCEL))
    assert next_meeting(store) is None


@pytest.mark.parametrize("who", [SAM])
def test_a_declined_meeting_is_not_booked(store: Store, who: str) -> None:
    store.pull(event(written_at=NOW.replace(year=2025)), stream="calendar", now=NOW)
    store.pull(answer(event(), who, Answer.DECLINED, 29 * 24))
    assert next_meeting(store) is None
