"""A CANCEL was taken for the end of a meeting: it must fit, and come from the organiser."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from keepwarm.storage.observations import Attendee, MeetingStatus, Method
from tests.storage.test_meetings import INVITED
from tests.storage.world import BOB, MEETING, SAM, Store, event, invitation

if TYPE_CHECKING:
    from keepwarm.storage.database import Database


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


ONE = event(attendees=INVITED, sequence=2)
CANCELLED = replace(ONE, status=MeetingStatus.CANCELLED)


def test_the_organisers_cancel_is_believed(store: Store) -> None:
    store.pull(invitation(ONE, 1), invitation(CANCELLED, 2, method=Method.CANCEL))
    assert store.life() == ["created", "cancelled"]


@pytest.mark.parametrize("by", [BOB, "eve@evil.example", SAM])
def test_a_cancel_of_anybody_else_is_not(store: Store, by: str) -> None:
    store.pull(invitation(ONE, 1))
    store.pull(invitation(CANCELLED, 2, method=Method.CANCEL, by=by))
    store.pull(invitation(replace(CANCELLED, organizer=None), 3, method=Method.CANCEL, by=by))
    assert store.life() == ["created"]


def test_a_cancel_of_an_older_state_is_not(store: Store) -> None:
    store.pull(invitation(ONE, 1), invitation(replace(CANCELLED, sequence=1), 2, method=Method.CANCEL))
    assert store.life() == ["created"]


def test_a_cancel_of_one_occurrence_leaves_the_others(store: Store) -> None:
    weekly = replace(ONE, pattern="RRULE:FREQ=WEEKLY")
    once = replace(CANCELLED, recurrence_id=f"{MEETING:%Y%m%dT%H%M%SZ}", source_key="uid/once")
    store.pull(invitation(weekly, 1), invitation(once, 2, method=Method.CANCEL))
    assert (store.life(), store.life(recurrence_id=once.recurrence_id)) == (["created"], ["created", "cancelled"])


def test_being_taken_off_the_list_ends_it_for_the_one_taken_off_only(store: Store) -> None:
    removal = replace(ONE, attendees=(Attendee(address=SAM),))
    store.pull(invitation(ONE, 1), invitation(removal, 2, method=Method.CANCEL))
    assert store.life() == ["created", "removed"]
