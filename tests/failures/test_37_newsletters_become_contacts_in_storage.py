"""Robots and lists that got into the database became contacts: they are left out on every participant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keepwarm.storage.observations import Attendee, MessageKind, Party
from tests.storage.world import ANA, NOW, SAM, Store, event, invitation, mail

if TYPE_CHECKING:
    from keepwarm.storage.database import Database
    from keepwarm.storage.observations import MeetingSeen, MessageSeen

ROBOT = Party("no-reply@shop.example", "Shop", robot=True)
PLACES = {
    "to": mail(SAM, ANA, number=1, to=(Party(ANA), ROBOT)),
    "cc": mail(SAM, ANA, number=2, cc=(ROBOT,)),
    "bcc": mail(SAM, ANA, number=3, bcc=(ROBOT,)),
    "from": mail(ROBOT, SAM, number=4, kind=MessageKind.AUTOMATED),
    "organiser": event(organizer=ROBOT, attendees=(Attendee(address=ANA), Attendee(address=SAM))),
    "attendee": event(attendees=(Attendee(address=ANA), Attendee(address=ROBOT.address, robot=True))),
}


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


@pytest.mark.parametrize("place", PLACES)
def test_a_robot_is_no_contact_wherever_it_is_named(store: Store, place: str) -> None:
    store.pull(PLACES[place], mail(SAM, ANA, number=9))
    assert set(store.sort()) == {ANA}


def test_a_robot_is_known_as_one_whatever_was_seen_of_it_first(store: Store) -> None:
    calendar_without_word_of_robots = event(attendees=(Attendee(address=ANA), Attendee(address=ROBOT.address)))
    store.pull(calendar_without_word_of_robots, mail(ROBOT, SAM, kind=MessageKind.AUTOMATED))
    assert set(store.sort()) == {ANA}


@pytest.mark.parametrize("kind", [MessageKind.LIST, MessageKind.AUTOMATED])
def test_who_only_sends_in_bulk_is_no_contact_even_if_the_owner_once_answered(store: Store, kind: MessageKind) -> None:
    news = "hello@shop.example"
    store.pull(mail(news, SAM, number=1, kind=kind), mail(SAM, news, number=2))
    assert store.sort() == {}


def test_a_person_who_also_sends_a_newsletter_is_a_contact(store: Store) -> None:
    store.pull(mail(ANA, SAM, number=1, kind=MessageKind.LIST), mail(SAM, ANA, number=2), mail(ANA, SAM, number=3))
    assert set(store.sort()) == {ANA}


def test_bulk_mail_of_the_owners_own_makes_no_contacts(store: Store) -> None:
    store.pull(mail(SAM, "crm@lists.example", kind=MessageKind.LIST))
    assert store.sort() == {}


@pytest.mark.parametrize("how", ["calendar", "mail"])
def test_a_webinar_with_a_thousand_guests_makes_no_contacts(store: Store, how: str) -> None:
    guests = tuple(Attendee(address=f"guest{number}@x{number}.example") for number in range(300))
    webinar = event(attendees=(Attendee(address=SAM), *guests))
    seen: MeetingSeen | MessageSeen = webinar if how == "calendar" else invitation(webinar, 1)
    store.pull(seen, now=NOW)
    assert store.sort() == {}
