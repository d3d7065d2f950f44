"""The owner's word on people belongs to addresses: it stays whoever is a contact, and is read through all of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from keepwarm.storage import kinship, pings, privacy, results
from keepwarm.storage.addresses import AddressBook
from keepwarm.storage.disowning import disown
from keepwarm.storage.histories import OWNERS_WORD, By, NoteFact, PromiseFact, ReflectionFact, TouchFact
from keepwarm.storage.history_reader import histories
from keepwarm.storage.identity import meeting_id
from keepwarm.storage.logged_touches import LOGGED_TOUCHES
from keepwarm.storage.notes import NOTES
from keepwarm.storage.people import mark_all_dirty
from keepwarm.storage.pings import PINGS
from keepwarm.storage.promises import PROMISES
from keepwarm.storage.reflections import REFLECTIONS, met, reflected_on
from keepwarm.storage.results import ContactResult, SignalResult
from keepwarm.storage.shelf import first_address
from keepwarm.storage.tables import address, contact, evidence, meeting
from keepwarm.storage.views import EvidenceView
from tests.storage.world import ANA, BOB, DAY, HOUR, NOW, SAM, Store, event, mail

if TYPE_CHECKING:
    from keepwarm.storage.histories import History

TEXT = "Läuft sonntags — “immer” 😀"


def row_of(store: Store, text: str) -> int:
    [(found,)] = store.rows(select(address.c.id).where(address.c.address == text))
    return int(found)


def note(store: Store, who: str, text: str = TEXT) -> int:
    with store.database.writing() as connection:
        return NOTES.add(connection, row_of(store, who), at=NOW, text=text, on_date=None)


def history(store: Store, who: str = ANA) -> History:
    with store.database.reading() as connection:
        [one] = histories(connection, [store.contacts()[who].id], store.owner)
    return one


def acquainted(store: Store) -> None:
    store.pull(mail(SAM, ANA, number=1), mail(SAM, BOB, number=2))
    store.pull(event(), stream="calendar")
    store.sort()


def is_due(store: Store) -> list[str]:
    """Give those who are to be judged, once all are thought to be; that is what a command does after a word."""
    store.sort()
    with store.database.reading() as connection:
        return results.due(connection, NOW)


def judge_all(store: Store) -> None:
    with store.database.writing() as connection:
        for one in store.contacts().values():
            result = ContactResult(
                contact_id=one.id, signals=(), ledger=(), ping_interval_days=None, next_evaluation=None
            )
            results.write(connection, result, NOW)


def test_a_history_tells_all_of_it_in_the_order_of_time(store: Store) -> None:
    acquainted(store)
    ana = row_of(store, ANA)
    [(meeting_row,)] = store.rows(select(meeting.c.id))
    with store.database.writing() as connection:
        LOGGED_TOUCHES.add(connection, ana, at=NOW - 9 * DAY, kind="lunch", text="")
        PROMISES.add(
            connection, ana, at=NOW + HOUR, by_owner=False, due="2026-03-09", text=TEXT, kept_at=NOW + 2 * HOUR
        )
        NOTES.add(connection, ana, at=NOW, on_date="2026-06-01", text=TEXT)
        REFLECTIONS.add(connection, ana, at=NOW + DAY, meeting_id=meeting_row, needs_answered=True, mood=4, text="")
    touch, noted, promise, reflection = history(store).others
    assert touch == TouchFact(ref=touch.ref, at=NOW - 9 * DAY, kind="lunch", text="")
    assert noted == NoteFact(ref=noted.ref, at=NOW, on=date(2026, 6, 1), text=TEXT)
    assert promise == PromiseFact(
        ref=promise.ref,
        at=NOW + HOUR,
        by=By.THEM,
        due=date(2026, 3, 9),
        text=TEXT,
        kept_at=NOW + 2 * HOUR,
    )
    assert reflection == ReflectionFact(
        ref=reflection.ref, at=NOW + DAY, meeting=meeting_id("uid", ""), needs_answered=True, help_answered=None, mood=4
    )
    assert len({one.ref for one in (touch, noted, promise, reflection)}) == 4
    assert history(store, BOB).others == ()


def test_what_is_said_by_the_owner_is_news_since_the_first_complete_read(store: Store) -> None:
    store.pull(mail(SAM, ANA, number=1), now=NOW)
    store.pull(event(), stream="calendar", now=NOW + DAY)
    store.sort()
    assert history(store).live_since == {
        OWNERS_WORD: NOW,
        store.stream("INBOX"): NOW,
        store.stream("calendar"): NOW + DAY,
    }


def test_saying_editing_and_removing_have_the_contact_judged_anew(store: Store) -> None:
    acquainted(store)
    ana = store.contacts()[ANA].id
    for number in (0, 1, 2):
        judge_all(store)
        assert is_due(store) == []
        with store.database.writing() as connection:
            if number == 0:
                said = NOTES.add(connection, row_of(store, ANA), at=NOW, text=TEXT, on_date=None)
            elif number == 1:
                NOTES.change(connection, said, text="Otherwise")
            else:
                NOTES.remove(connection, said)
        assert is_due(store) == [ana]
    assert history(store).others == ()


def test_what_was_said_is_found_listed_and_named_by_its_contact(store: Store) -> None:
    acquainted(store)
    first, second = note(store, ANA), note(store, BOB, "Plays golf")
    with store.database.reading() as connection:
        assert [one.id for one in NOTES.listed(connection)] == [second, first]
        assert [one.text for one in NOTES.listed(connection, [store.contacts()[ANA].id])] == [TEXT]
        found = NOTES.find(connection, second)
        assert NOTES.find(connection, 999) is None
    assert found is not None
    assert (found.address, found.contact, found.text) == (BOB, store.contacts()[BOB].id, "Plays golf")


def test_words_outlive_that_their_address_is_nobodys_for_a_while(store: Store) -> None:
    acquainted(store)
    note(store, ANA)
    with store.database.writing() as connection:
        pings.put(connection, store.contacts()[ANA].id, 30, NOW)
    store.change_owner(SAM, ANA)
    with store.database.writing() as connection:
        mark_all_dirty(connection)
    assert ANA not in store.sort()
    with store.database.reading() as connection:
        [kept] = NOTES.listed(connection)
        assert (kept.contact, kept.name, kept.text) == (None, ANA, TEXT)
    store.change_owner(SAM)
    with store.database.writing() as connection:
        mark_all_dirty(connection)
    store.sort()
    assert [one.ref for one in history(store).others] == [kept.fact.ref]
    assert history(store).owner_interval_days == 30


def test_a_contact_of_two_addresses_has_the_words_of_both(store: Store) -> None:
    acquainted(store)
    note(store, ANA)
    note(store, BOB, "Plays golf")
    ana, bob = (store.contacts()[who].id for who in (ANA, BOB))
    with store.database.writing() as connection:
        pings.put(connection, bob, 60, NOW)
        kinship.merge(connection, ANA, BOB, NOW)
    assert list(store.sort()) == [ANA]
    assert {one.text for one in history(store).others if isinstance(one, NoteFact)} == {TEXT, "Plays golf"}
    assert history(store).owner_interval_days == 60
    with store.database.writing() as connection:
        assert first_address(connection, ana) == row_of(store, ANA)
        pings.put(connection, ana, 10, NOW + HOUR)
        assert [one.days for one in PINGS.listed(connection)] == [10]
        kinship.part(connection, [ANA], [BOB], NOW + HOUR)
    store.sort()
    assert [one.text for one in history(store, BOB).others if isinstance(one, NoteFact)] == ["Plays golf"]


def test_a_ping_interval_goes_back_to_what_was_learnt(store: Store) -> None:
    acquainted(store)
    with store.database.writing() as connection:
        number = pings.put(connection, store.contacts()[ANA].id, 30, NOW)
    store.sort()
    assert store.rows(select(contact.c.owner_interval_days).order_by(contact.c.name)) == [(30,), (None,)]
    with store.database.writing() as connection:
        PINGS.remove(connection, number)
    store.sort()
    assert history(store).owner_interval_days is None


def test_taken_back_and_said_anew_it_is_another_word(store: Store) -> None:
    acquainted(store)
    note(store, ANA)
    [before] = history(store).others
    with store.database.writing() as connection:
        NOTES.remove(connection, NOTES.listed(connection)[0].id)
        NOTES.add(connection, row_of(store, ANA), at=NOW + HOUR, text=TEXT, on_date=None)
    [after] = history(store).others
    assert after.ref != before.ref


def test_what_was_thought_of_a_meeting_outlives_its_calendar(store: Store) -> None:
    acquainted(store)
    store.pull(event("other"), stream="calendar")
    stream = store.stream("calendar")
    [(row,)] = store.rows(select(meeting.c.id).where(meeting.c.ical_uid == "uid"))
    with store.database.writing() as connection:
        REFLECTIONS.add(connection, row_of(store, ANA), at=NOW, meeting_id=row, mood=5, text="")
        disown(connection, stream, AddressBook(), store.owner)
    assert store.rows(select(meeting.c.ical_uid)) == [("uid",)]
    [thought] = history(store).others
    assert isinstance(thought, ReflectionFact)
    assert (thought.meeting, thought.mood) == (meeting_id("uid", ""), 5)
    assert history(store).meetings == ()


def test_who_was_met_are_contacts_each_once(store: Store) -> None:
    acquainted(store)
    [(row,)] = store.rows(select(meeting.c.id))
    with store.database.writing() as connection:
        assert [one.address for one in met(connection, [ANA, BOB, "nobody@x.example"])] == [ANA, BOB]
        assert reflected_on(connection, [row]) == {}
        REFLECTIONS.add(connection, row_of(store, ANA), at=NOW, meeting_id=row, mood=5, text="")
        assert reflected_on(connection, [row]) == {row: {store.contacts()[ANA].id}}


def test_wiping_subjects_leaves_what_the_owner_wrote(store: Store) -> None:
    acquainted(store)
    note(store, ANA)
    privacy.adopt(store.database, subjects=True)
    privacy.adopt(store.database, subjects=False)
    [kept] = history(store).others
    assert isinstance(kept, NoteFact)
    assert kept.text == TEXT
    assert kept.at == datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_wiping_subjects_leaves_evidence_that_quotes_the_owner(store: Store) -> None:
    acquainted(store)
    privacy.adopt(store.database, subjects=True)
    cited = (
        EvidenceView(kind="touch", ref="touch_1", time=NOW, what="you had a call: “The house”"),
        EvidenceView(kind="message", ref="m_1", time=NOW, what="they wrote: “Secret”"),
    )
    found = dict.fromkeys(("rule", "family", "finding_key", "strength", "sentence", "advice", "rule_version"), "x")
    signal = SignalResult(
        id="sig_1",
        opened=NOW,
        cleared=None,
        facts={},
        params={},
        conditions=(),
        historical=False,
        evidence=cited,
        **found,
    )
    with store.database.writing() as connection:
        who = store.contacts()[ANA].id
        result = ContactResult(
            contact_id=who, signals=(signal,), ledger=(), ping_interval_days=None, next_evaluation=None
        )
        results.write(connection, result, NOW)
    privacy.adopt(store.database, subjects=False)
    assert store.rows(select(evidence.c.what).order_by(evidence.c.kind)) == [
        ("they wrote",),
        ("you had a call: “The house”",),
    ]
