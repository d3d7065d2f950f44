"""The filter of free-mail domains threw away the people: they are contacts, their domain no organisation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from keepwarm.storage.tables import organisation
from tests.storage.world import ANA, SAM, Store, event, mail

if TYPE_CHECKING:
    from keepwarm.storage.database import Database


@pytest.mark.parametrize("person", ["cy@gmail.com", "cy@gmx.de", "cy@outlook.com", "cy@yahoo.co.uk", "cy@icloud.com"])
def test_a_person_with_free_mail_is_a_contact_without_an_organisation(database: Database, person: str) -> None:
    store = Store(database)
    store.pull(mail(SAM, person, number=1), mail(SAM, ANA, number=2))
    assert {one: ref.organisation for one, ref in store.sort().items()} == {person: None, ANA: "acme.example"}
    assert store.rows(select(organisation.c.domain)) == [("acme.example",)]


def test_so_is_one_who_is_only_met(database: Database) -> None:
    store = Store(database)
    store.pull(event(organizer="cy@gmail.com"))
    assert store.sort()["cy@gmail.com"].organisation is None
