"""No-shows were claimed falsely: never from silence, and never by a mail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from keepwarm.storage.observations import Answer, Attendee, MeetingStatus, Method
from keepwarm.storage.tables import meeting
from tests.storage.test_meetings import answer
from tests.storage.world import ANA, DAY, HOUR, MEETING, NOW, SAM, Store, event, invitation

if TYPE_CHECKING:
    from keepwarm.storage.database import Database


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


AFTER = MEETING + 2 * HOUR
MISSED = event(attendees=(Attendee(address=ANA, answer=Answer.ACCEPTED, attended=False), Attendee(address=SAM)))


def test_silence_after_a_meeting_is_no_no_show(store: Store) -> None:
    store.pull(event(), stream="calendar", now=NOW)
    for days in range(5):
        store.pull(event(), stream="calendar", now=AFTER + days * DAY)
    assert store.life() == ["created"]


def test_an_invitation_that_was_never_answered_is_no_no_show(store: Store) -> None:
    store.pull(event(attendees=(Attendee(address=ANA), Attendee(address=SAM))), stream="calendar", now=AFTER)
    assert store.life() == ["created"]


@pytest.mark.parametrize("read_before", [True, False])
def test_a_calendars_record_of_attendance_is_one_when_the_meeting_is_over(store: Store, read_before: bool) -> None:
    if read_before:
        store.pull(event(), stream="calendar", now=NOW)
    store.pull(replace(MISSED, written_at=NOW), stream="calendar", now=MEETING + HOUR / 2)
    assert "no_show" not in store.life()
    store.pull(replace(MISSED, summary="Read again", written_at=NOW), stream="calendar", now=AFTER)
    assert store.life() == ["created", "no_show"]


def test_a_record_that_is_first_read_afterwards_is_one(store: Store) -> None:
    store.pull(replace(MISSED, written_at=NOW), stream="calendar", now=AFTER)
    assert store.life() == ["created", "no_show"]


CALL = replace(
    event(),
    source_key="call/uid",
    summary="",
    method=Method.ATTENDANCE,
    written_at=AFTER,
    attendees=(Attendee(address=ANA, attended=False), Attendee(address=SAM, attended=True)),
)


@pytest.mark.parametrize("record_first", [True, False])
def test_a_providers_record_of_the_call_is_one_and_nothing_else_of_the_meeting_changes(
    store: Store, record_first: bool
) -> None:
    for one in (CALL, event()) if record_first else (event(), CALL):
        store.pull(one, stream="calls" if one is CALL else "calendar", now=AFTER)
    assert store.life() == ["created", "no_show"]
    assert store.rows(select(meeting.c.summary)) == [("Meeting uid",)]
    store.pull(event(status=MeetingStatus.CANCELLED, sequence=1), stream="calendar", now=AFTER + DAY)
    assert store.life() == ["created", "cancelled"]


def test_a_record_of_a_meeting_that_nothing_else_is_known_of_makes_no_meeting(store: Store) -> None:
    store.pull(CALL, stream="calls", now=AFTER)
    assert store.life() == []


def test_a_mail_is_not_believed_about_it(store: Store) -> None:
    store.pull(invitation(event(), 1), invitation(MISSED, 60 * 24))
    assert store.life() == ["created"]


def test_who_had_declined_did_not_fail_to_come(store: Store) -> None:
    store.pull(invitation(event(), 1))
    absent = (
        Attendee(address=ANA, answer=Answer.ACCEPTED, attended=True),
        Attendee(address=SAM, answer=Answer.DECLINED, attended=False),
    )
    store.pull(answer(event(), SAM, Answer.DECLINED, 2))
    store.pull(event(attendees=absent), stream="calendar", now=AFTER)
    assert store.life() == ["created", "declined"]
