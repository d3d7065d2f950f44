"""Cancelled and declined meetings stayed booked: the last revision decides."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from keepwarm.storage import contacts
from keepwarm.storage.observations import Answer, Attendee, MeetingStatus, Method
from tests.storage.test_meetings import answer
from tests.storage.world import ANA, BOB, DAY, HOUR, MEETING, NOW, SAM, Store, event, invitation

if TYPE_CHECKING:
    from keepwarm.storage.database import Database


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


MINE = event(organizer=SAM, attendees=(Attendee(address=SAM, answer=Answer.ACCEPTED), Attendee(address=BOB)))


def next_meeting(store: Store, who: str = ANA) -> object:
    store.sort()
    with store.database.reading() as connection:
        return {view.addresses[0]: view for view in contacts.views(connection, NOW)}[who].next_meeting


def test_a_meeting_that_stands_is_booked(store: Store) -> None:
    store.pull(event(), stream="calendar", now=NOW)
    assert next_meeting(store) == MEETING


def test_a_cancelled_meeting_is_not_booked(store: Store) -> None:
    cancelled = event(sequence=1, status=MeetingStatus.CANCELLED)
    store.pull(event(written_at=NOW.replace(year=2025)), stream="calendar", now=NOW)
    store.pull(invitation(cancelled, 29 * 24, method=Method.CANCEL))
    assert next_meeting(store) is None


@pytest.mark.parametrize("who", [SAM, BOB])
def test_a_declined_meeting_is_not_booked(store: Store, who: str) -> None:
    mine = who == BOB
    one = MINE if mine else event()
    store.pull(replace(one, written_at=NOW.replace(year=2025)), stream="calendar", now=NOW)
    assert next_meeting(store, BOB if mine else ANA) == MEETING
    store.pull(answer(one, who, Answer.DECLINED, 29 * 24))
    assert next_meeting(store, BOB if mine else ANA) is None


def test_a_time_that_was_only_proposed_is_not_booked(store: Store) -> None:
    store.pull(replace(MINE, written_at=NOW.replace(year=2025)), stream="calendar", now=NOW)
    wish = replace(MINE, start=MEETING + DAY, end=MEETING + DAY + HOUR, attendees=(Attendee(address=BOB),))
    store.pull(invitation(wish, 29 * 24, method=Method.COUNTER, by=BOB))
    assert store.life()[-1] == "proposed"
    assert next_meeting(store, BOB) == MEETING
