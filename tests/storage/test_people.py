"""People: who is a contact, who is not, what they are called and where they work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from keepwarm.storage import people
from keepwarm.storage.observations import Answer, Attendee, MessageKind, Method, Party
from keepwarm.storage.tables import address, contact, organisation
from tests.storage.world import ANA, BOB, CY, DAY, HOUR, MEETING, NOW, SAM, Store, event, invitation, mail

if TYPE_CHECKING:
    from keepwarm.storage.observations import MeetingSeen


def meeting_of(number: int, **more: Any) -> MeetingSeen:
    """Make a meeting of so many people, Ana and Sam among them."""
    others = tuple(Attendee(address=f"guest{guest}@other.example") for guest in range(number - 2))
    return event(attendees=(Attendee(address=ANA), Attendee(address=SAM), *others), **more)


def test_whom_the_owner_has_written_to_is_a_contact_and_who_only_writes_is_not(store: Store) -> None:
    store.pull(mail(SAM, ANA, number=1, cc=(Party(BOB),), bcc=(Party(CY),)), mail("eve@cold.example", SAM, number=2))
    assert set(store.sort()) == {ANA, BOB, CY}


def test_who_writes_becomes_a_contact_with_the_first_answer_and_is_known_since_then(store: Store) -> None:
    store.pull(mail(ANA, SAM, number=1))
    assert store.sort() == {}
    store.pull(mail(SAM, ANA, number=9), mail(SAM, ANA, number=5))
    assert set(store.sort()) == {ANA}
    assert store.rows(select(contact.c.added_at)) == [(NOW - 30 * DAY + 5 * HOUR,)]


def test_older_mail_that_comes_late_makes_a_contact_known_for_longer(store: Store) -> None:
    store.pull(mail(SAM, ANA, number=9))
    store.sort()
    store.pull(mail(SAM, ANA, number=1))
    store.sort()
    assert store.rows(select(contact.c.added_at)) == [(NOW - 30 * DAY + HOUR,)]


@pytest.mark.parametrize(("size", "known"), [(2, True), (20, True), (21, False), (400, False)])
def test_a_shared_meeting_makes_contacts_unless_it_is_too_large(store: Store, size: int, known: bool) -> None:
    store.pull(meeting_of(size))
    assert (ANA in store.sort(max_meeting_size=20)) is known


def test_a_birthday_or_a_note_of_a_whole_day_makes_nobody_a_contact(store: Store) -> None:
    store.pull(event("birthday", all_day=True, busy=False), event("note", all_day=True, busy=False, organizer=BOB))
    assert store.sort() == {}
    store.pull(event("workshop", all_day=True), event("drinks", organizer=BOB, busy=False))
    assert set(store.sort()) == {ANA, BOB}


def test_a_notice_of_absence_makes_nobody_a_contact(store: Store) -> None:
    store.pull(event("away", away=True))
    assert store.sort() == {}
    store.pull(event("review"))
    assert set(store.sort()) == {ANA}


def test_a_private_appointment_and_focus_time_are_with_nobody(store: Store) -> None:
    store.pull(event("dentist", organizer=SAM, attendees=()), event("focus", organizer=SAM, attendees=()))
    assert store.sort() == {}


def test_the_largest_meeting_is_a_setting(store: Store) -> None:
    store.pull(meeting_of(4))
    assert store.sort(max_meeting_size=3) == {}
    with store.database.writing() as connection:
        people.mark_all_dirty(connection)
    assert len(store.sort(max_meeting_size=4)) == 3


def test_rooms_and_resources_are_nobody(store: Store) -> None:
    room = Attendee(address="room@acme.example", person=False)
    store.pull(event(attendees=(Attendee(address=ANA), Attendee(address=SAM), room)))
    assert set(store.sort()) == {ANA}


def test_the_owner_is_no_contact_of_theirs(store: Store) -> None:
    store.pull(mail(SAM, SAM, ANA), event())
    assert set(store.sort()) == {ANA}


def test_two_addresses_are_two_contacts_until_somebody_merges_them(store: Store) -> None:
    store.pull(mail(SAM, number=1, to=(Party("ana@home.example", "Ana"), Party(ANA, "Ana"))))
    found = store.sort()
    assert set(found) == {ANA, "ana@home.example"}
    assert found[ANA].id != found["ana@home.example"].id


def test_labels_are_given_by_patterns_and_follow_them(store: Store) -> None:
    store.pull(mail(SAM, ANA, BOB, CY))
    found = store.sort(labels=(("prospect", (BOB.upper(),)), ("client", ("*@acme.example",)), ("vip", ("cy@*.de",))))
    assert {one: found[one].labels for one in found} == {ANA: ("client",), BOB: ("client", "prospect"), CY: ()}
    with store.database.writing() as connection:
        people.mark_all_dirty(connection)
    assert store.sort(labels=(("vip", ("cy@*",)),))[CY].labels == ("vip",)
    assert store.contacts()[ANA].labels == ()


def test_a_person_works_where_their_domain_says(store: Store) -> None:
    store.pull(mail(SAM, "ana@mail.acme.co.uk", "bob@acme.co.uk"))
    assert {ref.organisation for ref in store.sort().values()} == {"acme.co.uk"}
    assert store.rows(select(organisation.c.domain)) == [("acme.co.uk",)]


def test_sorting_again_changes_nothing(store: Store) -> None:
    store.pull(mail(SAM, ANA, BOB), meeting_of(5))
    first = store.sort()
    before = store.rows(select(contact).order_by(contact.c.id))
    assert store.sort() == first
    assert store.rows(select(contact).order_by(contact.c.id)) == before
    assert store.rows(select(address.c.id).where(address.c.dirty)) == []


def test_only_contacts_of_whom_something_new_is_known_are_judged_anew(store: Store) -> None:
    store.pull(mail(SAM, ANA, BOB))
    known = store.sort()
    with store.database.writing() as connection:
        connection.execute(contact.update().values(dirty=False))
    store.pull(mail(ANA, SAM, number=2), mail("eve@cold.example", SAM, number=3))
    store.sort()
    assert store.rows(select(contact.c.id).where(contact.c.dirty)) == [(known[ANA].id,)]


def test_more_people_than_fit_into_one_statement_are_all_sorted(store: Store) -> None:
    store.pull(*(mail(SAM, f"p{number}@x{number}.example", number=number) for number in range(1203)))
    assert len(store.sort()) == 1203


@pytest.mark.parametrize(
    ("who", "found"),
    [
        (ANA, {ANA}),
        (" ANA@acme.example ", {ANA}),
        ("ana acme", {ANA}),
        ("ana", {ANA, "anatol@x.example"}),
        ("ác", set()),
        ("%", set()),
        ("nobody", set()),
        ("özge", {"o@x.example"}),
        ("ÖZGE ŞAHIN", {"o@x.example"}),
    ],
)
def test_people_are_found_by_address_name_or_part_of_it(store: Store, who: str, found: set[str]) -> None:
    store.pull(mail(SAM, to=(Party(ANA, "Ana Acme"), Party("anatol@x.example", "Anatol"), Party(BOB, "Bob"))))
    store.pull(mail(SAM, to=(Party("o@x.example", "Özge Şahin"),), number=2))
    known = store.sort()
    with store.database.reading() as connection:
        ids = people.find(connection, who)
    assert {one for one, ref in known.items() if ref.id in ids} == found


def test_an_answer_by_machine_is_no_word_of_the_owners(store: Store) -> None:
    store.pull(mail(SAM, "eve@cold.example", kind=MessageKind.OUT_OF_OFFICE))
    assert store.sort() == {}


def test_an_invitation_makes_a_contact_once_the_owner_accepts_and_not_before(store: Store) -> None:
    store.pull(invitation(event(start=MEETING), 1))
    assert store.sort() == {}
    accepts = event(start=MEETING, attendees=(Attendee(address=SAM, answer=Answer.ACCEPTED),))
    store.pull(invitation(accepts, 2, method=Method.REPLY, by=SAM))
    assert set(store.sort()) == {ANA}


def test_an_invitation_that_stands_in_the_owners_calendar_is_a_shared_meeting(store: Store) -> None:
    store.pull(event(start=MEETING))
    assert set(store.sort()) == {ANA}


def test_who_is_a_contact_does_not_depend_on_the_order_of_arrival(store: Store) -> None:
    store.pull(mail(SAM, "desk@shop.example"))
    assert set(store.sort()) == {"desk@shop.example"}
    store.pull(mail("desk@shop.example", SAM, number=2, kind=MessageKind.AUTOMATED))
    assert store.sort() == {}
    store.pull(mail("desk@shop.example", SAM, number=3))
    assert set(store.sort()) == {"desk@shop.example"}


def test_the_owners_other_address_is_no_contact_any_more_once_the_owner_names_it(store: Store) -> None:
    store.pull(mail(SAM, ANA, "sam@home.example"))
    assert "sam@home.example" in store.sort()
    store.change_owner(SAM, "sam@home.example")
    assert set(store.sort()) == {ANA}
