"""vCards: an address book reads them, and a hostile name adds no property."""

from __future__ import annotations

from dataclasses import replace

import pytest
import vobject

from keepwarm.outputs.vcard import vcards
from tests.unit import views_samples as samples

ALL = (samples.MEI, samples.ANA, samples.JO)


def test_cards_tell_who_it_is_and_how_warm() -> None:
    cards = list(vobject.readComponents("".join(vcards(ALL))))
    assert [card.uid.value for card in cards] == sorted(f"{one.id}@keepwarm" for one in ALL)
    ana = cards[0]
    assert (ana.version.value, ana.fn.value, ana.email.value) == ("3.0", "Ana Brandt", "ana@acme.example")
    assert ana.org.value == ["acme.example"]
    assert ana.categories.value == ["client", "Keepwarm: cool"]
    assert (ana.x_keepwarm_warmth.value, ana.x_keepwarm_band.value, ana.x_keepwarm_trend.value) == (
        "38.0",
        "cool",
        "-17.0",
    )
    assert cards[2].fn.value == "陳美玲"


def test_the_version_comes_first_and_lines_are_folded_and_end_as_they_must() -> None:
    (text,) = vcards([replace(samples.ANA, name="ü" * 150)])
    lines = text.split("\r\n")
    assert lines[:2] == ["BEGIN:VCARD", "VERSION:3.0"]
    assert lines[-2:] == ["END:VCARD", ""]
    assert max(len(line.encode()) for line in lines) <= 75
    assert vobject.readOne(text).fn.value == "ü" * 150


@pytest.mark.parametrize("name", [samples.HOSTILE, "a\nEND:VCARD\nBEGIN:VCARD\nX-EVIL:1", "a;b,c\\d:e", "\ud83d", ""])
def test_a_hostile_name_stays_a_name(name: str) -> None:
    (text,) = vcards(
        [replace(samples.ANA, name=name, labels=(name, "client"), addresses=("ana@acme.example", 'x"\r\ny@z'))]
    )
    (card,) = vobject.readComponents(text)
    assert set(card.contents) == {
        *("version", "prodid", "uid", "fn", "n", "email", "org", "categories"),
        *("x-keepwarm-warmth", "x-keepwarm-band", "x-keepwarm-trend"),
    }
    assert [one.value for one in card.email_list] == ["ana@acme.example"]
    assert card.n.value.family == ""
    assert card.fn.value == card.n.value.given
    assert card.fn.value
    assert card.categories.value[-2:] == ["client", "Keepwarm: cool"]
    text.encode()


def test_the_same_contacts_give_the_same_cards() -> None:
    assert list(vcards(ALL)) == list(vcards(reversed(ALL)))
