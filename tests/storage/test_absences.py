"""Absences: what is stored tells who was away, and since when that was known."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from keepwarm.storage import absences
from keepwarm.storage.histories import By
from keepwarm.storage.history_reader import histories
from keepwarm.storage.observations import Answer, Attendee, MeetingSeen, MeetingStatus, MessageKind, Method
from keepwarm.storage.tables import contact
from tests.storage.world import ANA, BOB, DAY, HOUR, NOW, SAM, Store, event, invitation, mail

if TYPE_CHECKING:
    from keepwarm.storage.histories import Absence
    from keepwarm.storage.observations import MessageSeen

WEEK = 7 * DAY
Told = list[tuple[By, datetime, datetime, datetime]]


def introduced(store: Store) -> None:
    """Let Sam write to Ana and Bob, long ago."""
    store.pull(mail(SAM, ANA, number=1, at=NOW - 90 * DAY), mail(SAM, BOB, number=2, at=NOW - 90 * DAY))
    store.sort()


def known(store: Store, who: str = ANA) -> tuple[Absence, ...]:
    store.sort()
    with store.database.reading() as connection:
        [history] = histories(connection, [store.contacts()[who].id], store.owner)
    return history.absences


def told(store: Store, who: str = ANA) -> Told:
    """Give (who, known, start, end)."""
    return [(one.by, one.at, one.start, one.end) for one in known(store, who)]


def automatic(author: str, to: str, number: int, at: datetime, **more: Any) -> MessageSeen:
    return mail(author, to, number=number, at=at, kind=MessageKind.OUT_OF_OFFICE, **more)


def out(uid: str = "leave", *, by: str = SAM, start: datetime = NOW, days: float = 7, **more: Any) -> MeetingSeen:
    """Make an entry in a calendar that says that somebody is out of the office."""
    fields: dict[str, Any] = {"attendees": (), "away": True, "all_day": True, "written_at": NOW - DAY}
    return replace(event(uid, organizer=by, start=start), **{**fields, "end": start + days * DAY, **more})


def test_an_auto_reply_of_the_owners_to_anybody_is_an_absence_for_all_until_they_write_by_hand(store: Store) -> None:
    introduced(store)
    store.pull(automatic(SAM, "x@elsewhere.example", 3, NOW))
    store.pull(automatic(SAM, BOB, 4, NOW + DAY))
    assert told(store) == [
        (By.OWNER, NOW, NOW, NOW + 14 * DAY),
        (By.OWNER, NOW + DAY, NOW, NOW + 15 * DAY),
    ]
    store.pull(mail(SAM, BOB, number=5, at=NOW + 5 * DAY))
    assert told(store)[-1] == (By.OWNER, NOW + 5 * DAY, NOW, NOW + 5 * DAY)
    assert len({one.ref for one in known(store)}) == 1


def test_an_auto_reply_of_a_contacts_is_theirs_alone_and_the_day_that_it_names_counts(store: Store) -> None:
    introduced(store)
    store.pull(automatic(ANA, SAM, 3, NOW, away_until=NOW + 20 * DAY))
    assert told(store) == [(By.THEM, NOW, NOW, NOW + 20 * DAY)]
    assert told(store, BOB) == []
    store.pull(mail(ANA, SAM, number=4, at=NOW + 10 * DAY))
    assert told(store)[-1] == (By.THEM, NOW + 10 * DAY, NOW, NOW + 10 * DAY)


@pytest.mark.parametrize("organizer", [SAM, ""])
def test_time_off_in_the_owners_calendar_is_theirs(store: Store, organizer: str) -> None:
    introduced(store)
    store.pull(out(by=organizer), stream="calendar")
    assert told(store) == told(store, BOB) == [(By.OWNER, NOW - DAY, NOW, NOW + WEEK)]


def test_it_follows_its_entry_when_that_is_moved_and_ends_when_that_is_called_off(store: Store) -> None:
    introduced(store)
    store.pull(out(), stream="calendar")
    moved = out(start=NOW + WEEK, written_at=NOW - HOUR, sequence=1)
    store.pull(moved, stream="calendar")
    assert told(store)[-1] == (By.OWNER, NOW - HOUR, NOW + WEEK, NOW + 2 * WEEK)
    off = replace(moved, status=MeetingStatus.CANCELLED, written_at=NOW, sequence=2)
    store.pull(off, stream="calendar")
    assert told(store)[-1] == (By.OWNER, NOW, NOW + WEEK, NOW + WEEK)


def test_neither_a_meeting_with_others_nor_one_that_says_nothing_is_an_absence_of_the_owners(
    store: Store,
) -> None:
    introduced(store)
    others = (Attendee(address=BOB, answer=Answer.ACCEPTED), Attendee(address=SAM))
    store.pull(out("retreat", attendees=others), out("plain", away=False), stream="calendar")
    assert told(store) == []


def test_time_off_that_a_contact_sent_is_theirs_and_accepting_it_changes_nothing(store: Store) -> None:
    introduced(store)
    told_all = out(by=ANA, attendees=(Attendee(address=SAM), Attendee(address=BOB)))
    store.pull(invitation(told_all, 10))
    at = NOW - 30 * DAY + 10 * HOUR
    assert told(store) == [(By.THEM, at, NOW, NOW + WEEK)]
    assert told(store, BOB) == []
    accepted = replace(told_all, away=False, attendees=(Attendee(address=SAM, answer=Answer.ACCEPTED),))
    store.pull(invitation(accepted, 11, method=Method.REPLY, by=SAM))
    assert told(store) == [(By.THEM, at, NOW, NOW + WEEK)]


def test_a_refusal_for_being_away_is_the_days_of_that_meeting_until_they_can_come_after_all(store: Store) -> None:
    introduced(store)
    meeting = event("lunch", organizer=SAM, start=NOW, attendees=(Attendee(address=ANA),))
    store.pull(invitation(meeting, 10, by=SAM))
    answer = (Attendee(address=ANA, answer=Answer.DECLINED),)
    store.pull(invitation(replace(meeting, attendees=answer, away=True), 12, method=Method.REPLY))
    [refused] = known(store)
    assert (refused.by, refused.start, refused.end, refused.whole_days) == (By.THEM, NOW, NOW + HOUR, True)
    yes = (Attendee(address=ANA, answer=Answer.ACCEPTED),)
    store.pull(invitation(replace(meeting, attendees=yes), 14, method=Method.REPLY))
    assert known(store)[-1].end == NOW
    assert {one.ref for one in known(store)} == {refused.ref}


def test_a_refusal_without_a_reason_is_no_absence(store: Store) -> None:
    introduced(store)
    meeting = event("lunch", organizer=SAM, start=NOW, attendees=(Attendee(address=ANA),))
    answer = (Attendee(address=ANA, answer=Answer.DECLINED),)
    store.pull(invitation(meeting, 10, by=SAM))
    store.pull(invitation(replace(meeting, attendees=answer), 12, method=Method.REPLY))
    assert told(store) == []


def test_nobody_is_away_for_longer_than_120_days_or_in_another_century(store: Store) -> None:
    introduced(store)
    store.pull(out("year", days=400), out("slip", start=NOW + 9000 * DAY), stream="calendar")
    assert told(store) == [(By.OWNER, NOW - DAY, NOW, NOW + 120 * DAY)]


def test_the_owners_absences_are_read_once_for_all_contacts(store: Store) -> None:
    introduced(store)
    store.pull(automatic(SAM, BOB, 3, NOW), automatic(ANA, SAM, 4, NOW))
    ids = [ref.id for ref in store.sort().values()]
    with store.database.reading() as connection:
        found = {one.addresses[0]: one.absences for one in histories(connection, ids, store.owner)}
        assert found[BOB] == absences.of_owner(connection, store.owner)
    assert len(found[ANA]) == 2


def test_an_absence_of_the_owners_has_those_judged_anew_who_were_judged_since_it_was_known(store: Store) -> None:
    introduced(store)

    def adopt() -> dict[str, bool]:
        with store.database.writing() as connection:
            absences.adopt(connection, store.owner)
            return {row.id: row.dirty for row in connection.execute(select(contact.c.id, contact.c.dirty))}

    adopt()
    ids = {who: ref.id for who, ref in store.contacts().items()}
    with store.database.writing() as connection:
        connection.execute(update(contact).values(dirty=False, evaluated_to=NOW - 2 * DAY))
        connection.execute(update(contact).where(contact.c.id == ids[BOB]).values(evaluated_to=NOW))
    assert not any(adopt().values())
    store.pull(out(), stream="calendar")
    assert adopt() == {ids[ANA]: False, ids[BOB]: True}
    with store.database.writing() as connection:
        connection.execute(update(contact).values(dirty=False))
    assert not any(adopt().values())
