"""Remarks: a move soon after an attendee's mail in the meeting's thread is theirs, whatever was stored first."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy.event
from sqlalchemy import select

from keepwarm.storage import remarks
from keepwarm.storage.messages import thread_keys
from keepwarm.storage.observations import Answer, Attendee, MeetingStatus, MessageKind, Method
from keepwarm.storage.sightings import Remark
from keepwarm.storage.tables import address, meeting_revision
from tests.storage.test_meetings import lives
from tests.storage.test_query_plans import plans
from tests.storage.world import ALIAS, ANA, BOB, DAY, HOUR, MEETING, SAM, Store, event, invitation, mail

if TYPE_CHECKING:
    from keepwarm.storage.database import Database
    from keepwarm.storage.observations import MessageSeen

MINE = event(organizer=SAM, attendees=(Attendee(address=SAM, answer=Answer.ACCEPTED), Attendee(address=ANA)))
MOVED = replace(MINE, sequence=1, start=MEETING + DAY, end=MEETING + DAY + HOUR)
CANCELLED = replace(MINE, sequence=1, status=MeetingStatus.CANCELLED)
INVITED = invitation(MINE, 1, by=SAM)
UPDATED = invitation(MOVED, 10, by=SAM)


def remark(
    number: int = 9, *, by: str = ANA, answers: tuple[str, ...] = (INVITED.message_id,), **more: Any
) -> MessageSeen:
    """Make a mail that answers an invitation, an hour before the update."""
    return mail(by, SAM, number=number, references=answers, **more)


def last(store: Store) -> tuple[str, str, str]:
    """Give the last change of the meeting: which, by whom, how that is known."""
    columns = meeting_revision.c.change, meeting_revision.c.actor, meeting_revision.c.why
    return store.rows(select(*columns).order_by(meeting_revision.c.seq))[-1]


THEIRS = ("rescheduled", ANA, f"{ANA} wrote in its thread 1 h before")
MY_OWN = ("rescheduled", SAM, "the organiser sent the update")


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_move_soon_after_their_mail_is_theirs_in_whatever_order_they_are_stored(
    store: Store, other_store: Store, order: tuple[int, ...]
) -> None:
    story = [INVITED, remark(), UPDATED]
    for number in order:
        store.pull(story[number])
    other_store.pull(*story)
    assert last(store) == THEIRS
    assert lives(store) == lives(other_store)


def test_a_cancellation_soon_after_their_mail_is_theirs(store: Store) -> None:
    store.pull(INVITED, remark(), invitation(CANCELLED, 10, method=Method.CANCEL, by=SAM))
    assert last(store) == ("cancelled", ANA, THEIRS[2])


@pytest.mark.parametrize(
    "answers",
    [
        (INVITED.message_id, "between@mail.example"),  # an answer to an answer
        ("older@mail.example", INVITED.message_id),  # in a thread that is older than the invitation
        (UPDATED.message_id,),
    ],
)
def test_the_thread_is_that_of_the_invitation_or_of_an_update(store: Store, answers: tuple[str, ...]) -> None:
    again = replace(MOVED, sequence=2, start=MEETING + 2 * DAY, end=MEETING + 2 * DAY + HOUR)
    store.pull(INVITED, UPDATED, invitation(again, 20, by=SAM), remark(19, answers=answers))
    assert last(store) == THEIRS


@pytest.mark.parametrize(
    "other",
    [
        remark(answers=("another@mail.example",)),
        remark(answers=()),
        remark(by=BOB),  # is not invited
        remark(by=SAM),
        remark(kind=MessageKind.AUTOMATED),
        remark(kind=MessageKind.OUT_OF_OFFICE),
        remark(at=UPDATED.at - timedelta(hours=73)),
        remark(at=UPDATED.at + HOUR),
    ],
)
def test_no_other_mail_makes_a_move_theirs(store: Store, other: MessageSeen) -> None:
    early = replace(
        INVITED, meetings=(replace(MINE, method=Method.REQUEST, sent_by=SAM, written_at=INVITED.at - 9 * DAY),)
    )
    store.pull(early, UPDATED, other)
    assert last(store) == MY_OWN


def test_a_mail_that_comes_late_is_news_of_its_meeting_and_of_those_in_it(store: Store) -> None:
    store.pull(INVITED, UPDATED)
    store.sort()
    assert store.pull(remark())[1].meetings == 1
    assert ("ana@acme.example",) in store.rows(select(address.c.address).where(address.c.dirty))
    assert store.pull(remark(), remark(8))[1].meetings == 0


def test_the_owners_own_mail_is_no_remark_of_theirs_once_its_address_is_known_as_theirs(store: Store) -> None:
    with_alias = replace(MINE, attendees=(*MINE.attendees, Attendee(address=ALIAS)))
    moved = replace(with_alias, sequence=1, start=MOVED.start, end=MOVED.end)
    store.pull(invitation(with_alias, 1, by=SAM), remark(by=ALIAS), invitation(moved, 10, by=SAM))
    assert last(store)[1] == ALIAS
    store.change_owner(SAM, ALIAS)
    assert last(store) == MY_OWN


@pytest.mark.parametrize("address", [SAM, ALIAS])
def test_a_move_soon_after_the_owner_asked_for_it_is_the_owners(database: Database, address: str) -> None:
    store = Store(database, owner=frozenset({SAM, ALIAS}))
    hers = event()
    moved = replace(hers, sequence=1, start=MOVED.start, end=MOVED.end)
    store.pull(invitation(hers, 1), mail(address, ANA, number=9, references=("1@mail.example",)), invitation(moved, 10))
    assert last(store) == ("rescheduled", address, f"{address} wrote in its thread 1 h before")


def test_two_mails_that_say_the_same_each_have_a_thread(store: Store) -> None:
    twin = replace(INVITED, dedupe_key="twin", message_id="twin@mail.example", source_key="1:99")
    store.pull(INVITED)
    store.pull(twin, UPDATED)
    store.pull(remark(answers=("twin@mail.example",)))
    assert last(store) == THEIRS
    assert store.life() == ["created", "rescheduled"]


def test_remarks_are_found_by_index(other_store: Store) -> None:
    other_store.pull(INVITED, remark(), UPDATED)
    run: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        run.append((statement, parameters))

    with other_store.database.reading() as connection:
        sqlalchemy.event.listen(connection, "before_cursor_execute", note)
        [meeting_id] = remarks.meetings_of(connection, [remark()])
        key = thread_keys(INVITED).own
        assert remarks.on(connection, {meeting_id: {key}}) == {meeting_id: {Remark(remark().at, ANA, "m_key-9")}}
        sqlalchemy.event.remove(connection, "before_cursor_execute", note)
        assert [step for step in plans(connection, run) if step.startswith("SCAN")] == []
