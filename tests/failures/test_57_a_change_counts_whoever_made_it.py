"""Cancellations counted whoever made them: each has somebody behind it, or nobody known, and the reason."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from keepwarm.storage.observations import Answer, Attendee, MeetingStatus, Method, Scope
from keepwarm.storage.tables import meeting_revision
from tests.storage.test_meetings import answer, story
from tests.storage.world import ANA, HOUR, NOW, SAM, Store, event, invitation

if TYPE_CHECKING:
    from keepwarm.storage.database import Database


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


MINE = event(organizer=SAM, attendees=(Attendee(address=SAM, answer=Answer.ACCEPTED), Attendee(address=ANA)))


def last(store: Store) -> tuple[str, str, str]:
    columns = meeting_revision.c.change, meeting_revision.c.actor, meeting_revision.c.why
    change, actor, why = store.rows(select(*columns).order_by(meeting_revision.c.seq))[-1]
    return change, actor, why


def test_a_lone_cancellation_counts_and_is_its_organisers(store: Store) -> None:
    for one, by in ((event(), ANA), (replace(MINE, ical_uid="mine"), SAM)):
        cancelled = replace(one, sequence=1, status=MeetingStatus.CANCELLED)
        store.pull(invitation(one, 1, by=by), invitation(cancelled, 2, method=Method.CANCEL, by=by))
    actors = select(meeting_revision.c.actor, meeting_revision.c.why).where(meeting_revision.c.change == "cancelled")
    assert sorted(store.rows(actors)) == [(ANA, "the organiser cancelled it"), (SAM, "the organiser cancelled it")]


def test_the_owners_cancellation_after_their_refusal_is_theirs(store: Store) -> None:
    cancelled = replace(MINE, sequence=1, status=MeetingStatus.CANCELLED)
    cancel = invitation(cancelled, 4, method=Method.CANCEL, by=SAM)
    store.pull(invitation(MINE, 1, by=SAM), answer(MINE, ANA, Answer.DECLINED, 2), cancel)
    assert last(store) == ("cancelled", ANA, f"{ANA} declined 2 h before")


def test_what_vanished_is_nobodys_doing_that_is_known(store: Store) -> None:
    whole = (Scope(),)
    store.pull(event(), stream="calendar", complete=whole)
    for hours in (1, 3):
        store.pull(stream="calendar", now=NOW + hours * HOUR, complete=whole)
    assert last(store)[:2] == ("cancelled", "")


def test_every_change_says_how_it_is_known_who_made_it(store: Store) -> None:
    store.pull(*story())
    told = store.rows(select(meeting_revision.c.actor, meeting_revision.c.why))
    assert all(actor and why for actor, why in told)
