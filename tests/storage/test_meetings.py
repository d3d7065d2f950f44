"""Meetings: their lives in the database, whatever order, batches, calendars and mails bring them."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from keepwarm.storage.observations import Answer, Attendee, MeetingStatus, Method, Scope
from keepwarm.storage.tables import address, meeting, meeting_copy, meeting_party, meeting_revision
from tests.storage.world import ANA, BOB, DAY, HOUR, MEETING, NOW, SAM, WEEKLY, Store, event, invitation, series

if TYPE_CHECKING:
    from keepwarm.storage.database import Database
    from keepwarm.storage.observations import MeetingSeen, MessageSeen

ALL = (Scope(),)
INVITED = (Attendee(address=ANA, answer=Answer.ACCEPTED), Attendee(address=SAM), Attendee(address=BOB))


def lives(store: Store) -> list[tuple[Any, ...]]:
    """Give all revisions and their parties, without row ids."""
    revision = meeting_revision.c
    columns = [column for column in revision if column.name not in ("id", "meeting_id")]
    parties = (
        select(revision.ref, address.c.address, meeting_party.c.role, meeting_party.c.answer)
        .join(meeting_party, meeting_party.c.revision_id == revision.id)
        .join(address, address.c.id == meeting_party.c.address_id)
    )
    named = select(meeting.c.ical_uid, meeting.c.recurrence_id, meeting.c.series, meeting.c.summary)
    rows = store.rows(select(*columns)), store.rows(parties), store.rows(named)
    return [sorted(part, key=repr) for part in rows]


def answer(seen: MeetingSeen, who: str, said: Answer, number: int) -> MessageSeen:
    replied = replace(seen, attendees=(Attendee(address=who, answer=said),))
    return invitation(replied, number, method=Method.REPLY, by=who)


def story() -> list[MessageSeen]:
    """Tell the lives of two meetings and of an occurrence in mails: moves, answers, a proposal, a cancellation."""
    one = event("one", attendees=INVITED)
    moved = replace(one, sequence=1, start=MEETING + DAY, end=MEETING + DAY + HOUR, summary="Moved")
    proposed = replace(one, start=MEETING + DAY, end=MEETING + DAY + HOUR, attendees=(Attendee(address=BOB),))
    cancelled = replace(moved, sequence=2, status=MeetingStatus.CANCELLED)
    weekly = event("weekly", pattern="RRULE:FREQ=WEEKLY", attendees=INVITED)
    once = replace(weekly, pattern="", recurrence_id="20260322T120000Z", source_key="weekly/20260322T120000Z")
    return [
        invitation(one, 1),
        answer(one, BOB, Answer.ACCEPTED, 2),
        invitation(proposed, 3, method=Method.COUNTER, by=BOB),
        invitation(moved, 4),
        answer(moved, BOB, Answer.TENTATIVE, 5),
        answer(moved, SAM, Answer.ACCEPTED, 6),
        invitation(cancelled, 7, method=Method.CANCEL),
        invitation(weekly, 8),
        invitation(replace(once, start=MEETING + 2 * DAY, end=MEETING + 2 * DAY + HOUR, sequence=1), 9),
        answer(weekly, SAM, Answer.DECLINED, 10),
    ]


@pytest.mark.parametrize("seed", range(8))
def test_any_order_and_any_split_into_batches_give_the_same_lives(store: Store, other_store: Store, seed: int) -> None:
    chance = random.Random(seed)
    seen = story() + chance.choices(story(), k=5)
    chance.shuffle(seen)
    while seen:
        size = chance.randint(1, 4)
        store.pull(*seen[:size], stream=chance.choice(["INBOX", "Archive"]))
        seen = seen[size:]
    assert store.life("one") == [
        "created", "accepted", "proposed", "rescheduled", "tentative", "accepted", "cancelled",
    ]  # fmt: skip
    assert store.life("weekly") == ["created", "declined"]
    other_store.pull(*story())
    assert lives(store) == lives(other_store)


def test_a_calendar_copy_and_the_mails_of_a_meeting_are_one_meeting(store: Store) -> None:
    one = event(attendees=INVITED)
    moved = replace(one, sequence=1, start=MEETING + DAY, end=MEETING + DAY + HOUR)
    store.pull(one, stream="calendar", now=NOW - 29 * DAY)
    store.pull(invitation(one, 1), invitation(moved, 30))
    store.pull(replace(moved, written_at=NOW), stream="calendar", now=NOW)
    assert store.rows(select(meeting.c.ical_uid)) == [("uid",)]
    assert store.life() == ["created", "rescheduled"]


def test_the_same_meeting_in_two_calendars_is_one_and_ends_with_the_last_copy(store: Store) -> None:
    for calendar in ("work", "team"):
        store.pull(event(), stream=calendar, now=NOW, complete=ALL)
    for hours in (1, 3):
        store.pull(stream="work", now=NOW + hours * HOUR, complete=ALL)
    assert store.life() == ["created"]
    for hours in (4, 6):
        store.pull(stream="team", now=NOW + hours * HOUR, complete=ALL)
    assert store.life() == ["created", "cancelled"]


def test_a_copy_that_is_read_again_and_again_is_nothing_new(store: Store) -> None:
    assert store.pull(event(), stream="calendar")[1].meetings == 1
    before = lives(store)
    for hours in range(1, 5):
        assert store.pull(event(), stream="calendar", now=NOW + hours * HOUR, complete=ALL)[1].meetings == 0
    assert lives(store) == before


def vanish_at(store: Store, *minutes: int, **batch: Any) -> None:
    """Read the calendar, whole and empty, at these minutes."""
    for minute in minutes:
        store.pull(stream="calendar", now=NOW + minute * HOUR / 60, **({"complete": ALL} | batch))


def test_a_copy_that_vanished_is_cancelled_by_a_later_pull_an_hour_on(store: Store) -> None:
    store.pull(event(), stream="calendar")
    vanish_at(store, 10)
    assert store.life() == ["created"]
    vanish_at(store, 69)
    assert store.life() == ["created"]
    vanish_at(store, 70)
    assert store.life() == ["created", "cancelled"]
    last = store.rows(select(meeting_revision.c.at, meeting_revision.c.actor, meeting_revision.c.why))[-1]
    assert last == (NOW + HOUR / 6, "", "it vanished from the calendar, and nobody said why")
    vanish_at(store, 200, 300)
    assert store.life() == ["created", "cancelled"]


def test_one_pull_alone_never_cancels_however_long_it_takes(store: Store) -> None:
    store.pull(event(), stream="calendar")
    lease, _ = store.pull(stream="calendar", now=NOW + HOUR, complete=ALL)
    store.ingest.finish(lease, NOW + 9 * HOUR)
    assert store.life() == ["created"]


def test_a_read_that_was_not_complete_proves_nothing(store: Store) -> None:
    store.pull(event(), stream="calendar")
    vanish_at(store, 10, 80, 200, complete=())
    elsewhere = (Scope(since=NOW - DAY, until=MEETING), Scope(since=MEETING + HOUR / 60))
    vanish_at(store, 300, 400, complete=elsewhere)
    assert store.life() == ["created"]
    vanish_at(store, 500, 600, complete=(Scope(since=MEETING, until=MEETING + HOUR),))
    assert store.life() == ["created", "cancelled"]


def test_a_copy_that_comes_back_in_time_is_nothing(store: Store) -> None:
    store.pull(event(), stream="calendar")
    vanish_at(store, 10)
    store.pull(event(), stream="calendar", now=NOW + HOUR / 2, complete=ALL)
    vanish_at(store, 75)  # missing anew: the settling time begins anew
    assert store.life() == ["created"]
    assert store.rows(select(meeting_copy.c.missing_since)) == [(NOW + 75 * HOUR / 60,)]


def test_a_copy_that_comes_back_too_late_is_reinstated(store: Store) -> None:
    store.pull(event(), stream="calendar")
    vanish_at(store, 10, 80)
    store.pull(event(), stream="calendar", now=NOW + 2 * HOUR, complete=ALL)
    vanish_at(store, 200, 280)
    assert store.life() == ["created", "cancelled", "reinstated", "cancelled"]


def test_a_meeting_that_was_over_when_it_vanished_was_held(store: Store) -> None:
    store.pull(event(start=NOW - DAY), stream="calendar", now=NOW - 2 * DAY)
    vanish_at(store, 10, 80)
    assert store.life() == ["created"]


def all_changes(store: Store) -> dict[str, list[str]]:
    """Give the changes after the first, by RECURRENCE-ID, where there are any."""
    found = {one: store.life("weekly", one) for (one,) in store.rows(select(meeting.c.recurrence_id))}
    return {one: life[1:] for one, life in found.items() if life[1:]}


def test_a_series_whose_pattern_changes_is_one_change_and_no_cancellation(store: Store) -> None:
    store.pull(*series(), stream="calendar", complete=ALL)
    later = series("RRULE:FREQ=WEEKLY;BYDAY=WE", shift=1, sequence=1)
    for hours in (1, 3, 5):
        store.pull(*later, stream="calendar", now=NOW + hours * HOUR, complete=ALL)
    changed = all_changes(store)
    assert changed.pop("") == ["rescheduled"]
    assert len(changed) == len(WEEKLY)
    assert {tuple(life) for life in changed.values()} == {("superseded",)}


def test_a_deleted_series_is_told_once(store: Store) -> None:
    store.pull(*series(), stream="calendar", complete=ALL)
    vanish_at(store, 10, 80, 200)
    changed = all_changes(store)
    assert changed.pop("") == ["cancelled"]
    assert {tuple(life) for life in changed.values()} == {("superseded",)}


def test_one_occurrence_that_is_deleted_is_cancelled(store: Store) -> None:
    store.pull(*series(), stream="calendar", complete=ALL)
    own, first, *rest = series()
    for hours in (1, 3):
        store.pull(own, *rest, stream="calendar", now=NOW + hours * HOUR, complete=ALL)
    assert all_changes(store) == {first.recurrence_id: ["cancelled"]}


def test_a_series_is_marked_as_one_and_its_occurrences_are_not(store: Store) -> None:
    store.pull(*series(), stream="calendar")
    marked = dict(store.rows(select(meeting.c.recurrence_id, meeting.c.series)))
    assert [one for one, is_series in marked.items() if is_series] == [""]


def test_a_meeting_is_called_what_its_newest_sighting_calls_it(store: Store) -> None:
    store.pull(event(summary="Kick-off", written_at=NOW), stream="calendar")
    store.pull(invitation(event(summary="Old name"), 1))
    assert store.rows(select(meeting.c.summary)) == [("Kick-off",)]


def test_who_did_it_follows_the_owners_addresses(store: Store) -> None:
    mine = event(organizer="sam@home.example", attendees=(Attendee(address=ANA),))
    store.pull(invitation(mine, 1, by="sam@home.example"), invitation(replace(mine, sequence=1), 2, by=SAM))
    moved = replace(mine, sequence=2, start=MEETING + DAY, end=MEETING + DAY + HOUR)
    store.pull(invitation(moved, 3, by=SAM))
    assert store.life() == ["created"]  # Sam is not the organiser, as far as is known
    store.change_owner(SAM, "sam@home.example")
    assert store.life() == ["created", "rescheduled"]
    store.change_owner(SAM)
    assert store.life() == ["created"]


def test_whether_the_calendar_or_the_mail_was_read_first_changes_nothing(store: Store, other_store: Store) -> None:
    mailed = invitation(event(attendees=INVITED), 1)
    copy = event(attendees=(*INVITED[:2], Attendee(address="cy@gmail.com")), written_at=mailed.at + HOUR)
    store.pull(mailed)
    store.pull(copy, stream="calendar")
    other_store.pull(copy, stream="calendar")
    other_store.pull(mailed)
    assert lives(store) == lives(other_store)
    assert store.rows(select(meeting_revision.c.why)) == [("the organiser sent an invitation",)]


def test_a_mail_that_comes_late_tells_better_what_a_calendar_showed(store: Store, other_store: Store) -> None:
    mailed = invitation(event(attendees=INVITED), 1)
    copy = event(attendees=INVITED, written_at=mailed.at)
    store.pull(mailed)
    store.pull(copy, stream="calendar")
    other_store.pull(copy, stream="calendar")
    assert other_store.rows(select(meeting_revision.c.why)) == [("the meeting was found in a calendar",)]
    other_store.pull(mailed)
    assert lives(store) == lives(other_store)


def test_a_stranger_cannot_accept_for_the_owner(store: Store) -> None:
    forged = (Attendee(address=ANA, answer=Answer.ACCEPTED), Attendee(address=SAM, answer=Answer.ACCEPTED))
    store.pull(invitation(event(attendees=forged), 1))
    of_sam = select(meeting_party.c.answer).join(address, address.c.id == meeting_party.c.address_id)
    assert store.life() == ["created"]
    assert store.rows(of_sam.where(address.c.address == SAM)) == [("needs-action",)]
    store.pull(answer(event(), SAM, Answer.ACCEPTED, 2))
    assert store.life() == ["created", "accepted"]


def test_a_series_that_became_one_meeting_is_a_meeting(database: Database) -> None:
    store = Store(database)
    own, *_ = series()
    for seen, hours in ((own, 0), (replace(own, pattern="", sequence=1), 1)):
        store.pull(seen, stream="calendar", now=NOW + hours * HOUR)
        assert store.rows(select(meeting.c.series)) == [(bool(seen.pattern),)]
