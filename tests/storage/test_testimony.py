"""The owner's word: kept until it is taken back, and then everything is as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from keepwarm.storage import testimony
from keepwarm.storage.addresses import AddressBook
from keepwarm.storage.lives import revise
from keepwarm.storage.sightings import Testimony as OwnersWord
from keepwarm.storage.sightings import Word
from keepwarm.storage.tables import address, meeting, meeting_revision
from tests.storage.test_meetings import lives
from tests.storage.world import ANA, BOB, DAY, MEETING, NOW, SAM, Store, event, invitation

if TYPE_CHECKING:
    from sqlalchemy import Connection

MISSED = OwnersWord(Word.NO_SHOW, MEETING, ANA, NOW + 30 * DAY)


def say(store: Store, *words: OwnersWord, take_back: bool = False) -> None:
    def all_of_them(connection: Connection) -> None:
        for one in (*testimony.listed(connection, Word.NO_SHOW), *testimony.listed(connection, Word.ATTRIBUTION)):
            testimony.withdraw(connection, one.id)

    with store.database.writing() as connection:
        row = connection.execute(select(meeting.c.id)).scalar_one()
        for word in words:
            testimony.say(connection, row, word)
        if take_back:
            all_of_them(connection)
        revise(connection, [row], AddressBook(), store.owner)


def test_the_same_word_twice_is_one_and_taken_back_it_leaves_nothing(store: Store) -> None:
    store.pull(event(), stream="calendar")
    before = lives(store)
    say(store, MISSED, MISSED)
    say(store, MISSED)
    assert store.life() == ["created", "no_show"]
    say(store, take_back=True)
    assert lives(store) == before


def test_a_word_outlives_what_is_seen_later(store: Store) -> None:
    store.pull(event(), stream="calendar")
    say(store, MISSED)
    store.pull(event(summary="Renamed"), stream="calendar", now=NOW + 31 * DAY)
    assert store.life() == ["created", "no_show"]


def test_a_change_has_one_cause_by_the_owners_last_word(store: Store) -> None:
    moved = invitation(event(sequence=1, start=MEETING + DAY), 9)
    store.pull(invitation(event(), 1), moved)
    for actor in (BOB, SAM):
        say(store, OwnersWord(Word.ATTRIBUTION, moved.at, actor, NOW))
    revision = meeting_revision.c
    assert store.rows(select(revision.actor, revision.why).order_by(revision.seq))[-1] == (SAM, "you said so")
    with store.database.reading() as connection:
        assert len(testimony.listed(connection, Word.ATTRIBUTION)) == 1


def test_a_word_has_the_people_of_the_meeting_judged_anew(store: Store) -> None:
    store.pull(event(), stream="calendar")
    store.sort()
    say(store, MISSED)
    assert (ANA,) in store.rows(select(address.c.address).where(address.c.dirty))
