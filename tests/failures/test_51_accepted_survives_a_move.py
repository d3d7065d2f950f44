"""An acceptance survived a move to another time: an answer belongs to the time that it answered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from keepwarm.storage.observations import Answer
from keepwarm.storage.tables import address, meeting_party, meeting_revision
from tests.storage.test_meetings import INVITED, answer
from tests.storage.world import BOB, DAY, HOUR, MEETING, Store, event, invitation

if TYPE_CHECKING:
    from keepwarm.storage.database import Database


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


ONE = event(attendees=INVITED)
MOVED = replace(ONE, sequence=1, start=MEETING + DAY, end=MEETING + DAY + HOUR)


def answer_of_bob(store: Store) -> str:
    """Give what Bob has answered, by the last revision."""
    said = (
        select(meeting_party.c.answer)
        .join(meeting_revision, meeting_revision.c.id == meeting_party.c.revision_id)
        .join(address, address.c.id == meeting_party.c.address_id)
        .where(address.c.address == BOB)
        .order_by(meeting_revision.c.seq)
    )
    return str(store.rows(said)[-1][0])


def test_a_move_leaves_nobody_bound(store: Store) -> None:
    store.pull(invitation(ONE, 1), answer(ONE, BOB, Answer.ACCEPTED, 2))
    assert answer_of_bob(store) == "accepted"
    store.pull(invitation(MOVED, 3))
    assert (store.life()[-1], answer_of_bob(store)) == ("rescheduled", "needs-action")


def test_an_answer_to_the_former_time_that_comes_late_binds_nobody(store: Store) -> None:
    store.pull(invitation(ONE, 1), invitation(MOVED, 3), answer(ONE, BOB, Answer.ACCEPTED, 4))
    assert answer_of_bob(store) == "needs-action"
    store.pull(answer(MOVED, BOB, Answer.ACCEPTED, 5))
    assert answer_of_bob(store) == "accepted"
