"""An attendee's refusal deleted the meeting: a decline is no cancellation, and neither is what vanishes after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keepwarm.storage.observations import Answer, Attendee, Scope
from tests.storage.test_meetings import INVITED, answer
from tests.storage.world import ANA, BOB, HOUR, NOW, SAM, Store, event, invitation

if TYPE_CHECKING:
    from keepwarm.storage.database import Database


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


ALL = (Scope(),)


@pytest.mark.parametrize("who", [SAM, BOB])
def test_a_refusal_leaves_the_meeting_standing(store: Store, who: str) -> None:
    one = event(attendees=INVITED)
    store.pull(invitation(one, 1), answer(one, who, Answer.DECLINED, 2))
    assert store.life() == ["created", "declined"]


@pytest.mark.parametrize("by_mail", [True, False])
def test_what_the_owner_declined_is_not_cancelled_when_it_vanishes(store: Store, by_mail: bool) -> None:
    store.pull(event(), stream="calendar", complete=ALL)
    declined = (Attendee(address=ANA, answer=Answer.ACCEPTED), Attendee(address=SAM, answer=Answer.DECLINED))
    if by_mail:
        store.pull(answer(event(), SAM, Answer.DECLINED, 31 * 24))
    else:
        store.pull(event(attendees=declined), stream="calendar", now=NOW + 25 * HOUR, complete=ALL)
    for hours in (30, 32, 40):
        store.pull(stream="calendar", now=NOW + hours * HOUR, complete=ALL)
    assert store.life() == ["created", "declined"]
