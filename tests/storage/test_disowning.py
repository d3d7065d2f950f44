"""What a stream showed is taken back once nothing can be told from it."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import func, select

from keepwarm.storage.tables import (
    address,
    meeting,
    meeting_copy,
    meeting_party,
    meeting_revision,
    meeting_sighting,
    rejected,
)
from tests.storage.world import ANA, BOB, DAY, HOUR, MEETING, NOW, Store, event, invitation, mail

FEED, WHY = "calendar", "UIDs do not stay."
MEETINGS = (meeting, meeting_copy, meeting_sighting, meeting_revision, meeting_party)


def counts(store: Store) -> list[int]:
    return [store.rows(select(func.count()).select_from(table))[0][0] for table in MEETINGS]


def test_meetings_that_nothing_else_knows_of_were_never_there(store: Store) -> None:
    store.pull(event("a"), event("b"), stream=FEED)
    assert ANA in store.sort()
    _, stored = store.pull(disowned=WHY, stream=FEED)
    assert stored.meetings == 2
    assert counts(store) == [0] * len(MEETINGS)
    assert store.sort() == {}


def test_what_mail_told_of_a_meeting_stays(store: Store) -> None:
    store.pull(invitation(event("a"), 1), mail(ANA, "sam@carter.example", number=2), stream="INBOX")
    store.pull(event("a", start=MEETING + DAY, sequence=1), event("b"), stream=FEED, now=NOW + HOUR)
    assert store.life("a") == ["created", "rescheduled"]
    store.pull(disowned=WHY, stream=FEED, now=NOW + 2 * HOUR)
    assert (store.life("a"), store.life("b")) == (["created"], [])
    assert counts(store)[:3] == [1, 0, 1]


def test_what_another_calendar_shows_stays(store: Store) -> None:
    for name in (FEED, "other"):
        store.pull(event("a"), stream=name)
    before = store.rows(select(meeting_revision.c.at, meeting_revision.c.change))
    store.pull(disowned=WHY, stream=FEED)
    assert counts(store)[:3] == [1, 1, 1]
    assert store.rows(select(meeting_revision.c.at, meeting_revision.c.change)) == before
    assert ANA in store.sort()


def test_whoever_was_only_in_such_a_calendar_is_looked_at_anew(store: Store) -> None:
    store.pull(invitation(event("a", attendees=()), 1, by=BOB), stream="INBOX")
    store.pull(event("a"), stream=FEED)
    store.sort()
    store.pull(disowned=WHY, stream=FEED)
    dirty = {text for (text,) in store.rows(select(address.c.address).where(address.c.dirty))}
    assert ANA in dirty


def test_taking_back_twice_is_as_good_as_once_and_what_comes_after_is_new(store: Store) -> None:
    store.pull(event("a"), stream=FEED)
    for _ in range(2):
        store.pull(disowned=WHY, stream=FEED)
    assert counts(store)[0] == 0
    store.pull(event("a", start=MEETING + DAY), stream=FEED)
    assert store.life("a") == ["created"]


def test_what_the_same_batch_shows_comes_after(store: Store) -> None:
    store.pull(event("a"), stream=FEED)
    store.pull(replace(event("a"), start=MEETING + DAY, end=MEETING + DAY + HOUR), stream=FEED, disowned=WHY)
    assert store.life("a") == ["created"]
    assert store.rows(select(func.count()).select_from(rejected))[0][0] == 0
