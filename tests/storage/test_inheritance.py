"""Occurrences that only mails name have what mails say of their series, in whatever order they come."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from keepwarm.storage.observations import Answer, Attendee, Method
from keepwarm.storage.tables import meeting, meeting_revision
from tests.storage.world import ANA, BOB, DAY, SAM, WEEKLY, event, invitation, mail

if TYPE_CHECKING:
    from keepwarm.storage.observations import MessageSeen
    from tests.storage.world import Store

PEOPLE = (Attendee(address=ANA, answer=Answer.ACCEPTED), Attendee(address=SAM), Attendee(address=BOB))
WHOLE = event("weekly", pattern="FREQ=WEEKLY", zone="UTC", start=WEEKLY[0], attendees=PEOPLE)
THIRD = f"{WEEKLY[2]:%Y%m%dT%H%M%SZ}"
ONE = event("weekly", recurrence_id=THIRD, start=WEEKLY[2], attendees=PEOPLE)
NO = (Attendee(address=BOB, answer=Answer.DECLINED),)
MOVED = replace(ONE, sequence=1, start=ONE.start + DAY, end=ONE.end + DAY)


def refusal(number: int, of: str = "") -> MessageSeen:
    one = ONE if of else WHOLE
    return invitation(replace(one, attendees=NO), number, method=Method.REPLY, by=BOB)


def later(number: int, **more: object) -> MessageSeen:
    return invitation(replace(WHOLE, sequence=2, **more), number)


STORIES = {
    "moved, and off with its series": (
        [invitation(WHOLE, 1), invitation(MOVED, 2), invitation(replace(WHOLE, sequence=2), 3, method=Method.CANCEL)],
        [("created", ANA), ("rescheduled", ANA), ("cancelled", ANA)],
    ),
    "moved, and gone when its series ends before it": (
        [invitation(WHOLE, 1), invitation(MOVED, 2), later(3, pattern="FREQ=WEEKLY;COUNT=2")],
        [("created", ANA), ("rescheduled", ANA), ("superseded", ANA)],
    ),
    "moved, and it stays where it is when its series only ends later": (
        [invitation(WHOLE, 1), invitation(MOVED, 2), later(3, pattern="FREQ=WEEKLY;COUNT=4")],
        [("created", ANA), ("rescheduled", ANA)],
    ),
    "refused with its series, and off for that": (
        [invitation(WHOLE, 1), refusal(2), invitation(replace(ONE, sequence=1), 3, method=Method.CANCEL)],
        [("created", ANA), ("declined", BOB), ("cancelled", BOB)],
    ),
    "refused by itself": ([invitation(WHOLE, 1), refusal(2, THIRD)], [("created", ANA), ("declined", BOB)]),
    "off, and not on again with an update of its series": (
        [invitation(WHOLE, 1), invitation(replace(ONE, sequence=1), 2, method=Method.CANCEL), later(3)],
        [("created", ANA), ("cancelled", ANA)],
    ),
    "asked away in the thread of its series": (
        [
            invitation(WHOLE, 1),
            mail(BOB, SAM, number=2, references=("1@mail.example",)),
            invitation(replace(ONE, sequence=1), 3, method=Method.CANCEL),
        ],
        [("created", ANA), ("cancelled", BOB)],
    ),
    "nobody else ends its series": (
        [
            invitation(WHOLE, 1),
            invitation(MOVED, 2),
            invitation(replace(WHOLE, sequence=9), 3, method=Method.CANCEL, by="eve@evil.example"),
        ],
        [("created", ANA), ("rescheduled", ANA)],
    ),
    "what has taken place is left alone": (
        [
            invitation(WHOLE, 1),
            invitation(MOVED, 2),
            invitation(replace(WHOLE, sequence=2), 60 * 24, method=Method.CANCEL),
        ],
        [("created", ANA), ("rescheduled", ANA)],
    ),
}


@pytest.mark.parametrize(("mails", "told"), STORIES.values(), ids=STORIES.keys())
def test_an_occurrence_that_mails_name_is_told_in_whatever_order_they_come(
    store: Store, mails: list[MessageSeen], told: list[tuple[str, str]]
) -> None:
    for number, order in enumerate(permutations(mails)):
        uid = f"weekly-{number}"
        for one in order:
            store.pull(_of(one, uid, number), now=one.at)
        found = store.rows(
            select(meeting_revision.c.change, meeting_revision.c.actor)
            .join(meeting, meeting.c.id == meeting_revision.c.meeting_id)
            .where((meeting.c.ical_uid == uid) & (meeting.c.recurrence_id == THIRD))
            .order_by(meeting_revision.c.seq)
        )
        assert found == told


def _of(one: MessageSeen, uid: str, number: int) -> MessageSeen:
    """Give the same mail about another series."""
    return replace(
        one,
        source_key=f"{number}:{one.source_key}",
        dedupe_key=f"{number}:{one.dedupe_key}",
        message_id=f"{number}.{one.message_id}",
        references=tuple(f"{number}.{ref}" for ref in one.references),
        meetings=tuple(replace(seen, ical_uid=uid) for seen in one.meetings),
    )
