"""A counter-proposal was ignored: it is a revision by who proposed, and explains the move that follows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from keepwarm.storage.observations import Answer, Attendee, Method
from keepwarm.storage.tables import meeting_revision, meeting_sighting
from tests.storage.world import ANA, DAY, HOUR, MEETING, SAM, Store, event, invitation

if TYPE_CHECKING:
    from keepwarm.storage.database import Database


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


MINE = event(organizer=SAM, attendees=(Attendee(address=SAM, answer=Answer.ACCEPTED), Attendee(address=ANA)))
LATER = replace(MINE, start=MEETING + DAY, end=MEETING + DAY + HOUR)
PROPOSED = invitation(replace(LATER, attendees=(Attendee(address=ANA),)), 5, method=Method.COUNTER)


def test_a_proposal_is_theirs_and_shows_whose_the_move_is(store: Store) -> None:
    store.pull(invitation(MINE, 1, by=SAM), PROPOSED, invitation(replace(LATER, sequence=1), 8, by=SAM))
    revision = meeting_revision.c
    wanted = select(revision.change, revision.actor, revision.why, revision.prompt).order_by(revision.seq)
    _, proposed, moved = store.rows(wanted)
    counter = select(meeting_sighting.c.ref).where(meeting_sighting.c.at == PROPOSED.at)
    assert proposed[:2] == ("proposed", ANA)
    assert moved == ("rescheduled", ANA, f"{ANA} proposed a new time 3 h before", store.rows(counter)[0][0])


def test_a_proposal_for_a_meeting_that_nobody_knows_is_none(store: Store) -> None:
    store.pull(PROPOSED)
    assert store.life() == []
    store.pull(invitation(MINE, 6, by=SAM))
    assert store.life() == ["created", "proposed"]
