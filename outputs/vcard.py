"""vCards (RFC 2426) of the contacts, with their warmth, for an address book.

Version 3.0: Google Contacts, iCloud, Outlook and Thunderbird all read it, and the first two write nothing newer; of 4.0
nothing is needed here.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from keepwarm.outputs.safe_text import mailbox, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keepwarm.storage.views import ContactView

_LONGEST = 200


def vcards(contacts: Iterable[ContactView]) -> Iterator[str]:
    """Give one card after the other, by id.

    ``CATEGORIES`` are the labels and, as "Keepwarm: cool", the band; an address book that knows ``UID`` takes a card of
    the same contact for the same person.
    """
    return (_card(one) for one in sorted(contacts, key=attrgetter("id")))


def _card(contact: ContactView) -> str:
    from icalendar import Component, vText  # noqa: PLC0415 - slow to load, and only for who wants cards

    class Card(Component):
        name = "VCARD"

    card = Card()
    name = one_line(contact.name, _LONGEST) or next(iter(contact.addresses), contact.id)
    card.add("version", "3.0")
    card.add("prodid", "-//Keepwarm//Contacts//EN")
    card.add("uid", f"{contact.id}@keepwarm")
    card.add("fn", vText(name))  # iCalendar has no such property: its escapes have to be asked for
    # Which of the words is the family's is not known, and differs by country: all of it is given as one name.
    card.add("n", ("", name, "", "", ""))
    for address in filter(mailbox, contact.addresses):
        card.add("email", address, parameters={"TYPE": "INTERNET"})
    if contact.organisation:
        card.add("org", (one_line(contact.organisation, _LONGEST),))
    band = f"Keepwarm: {contact.band.replace('_', ' ')}"
    card.add("categories", [*(one_line(label, _LONGEST) for label in contact.labels), band])
    card.add("x-keepwarm-warmth", f"{contact.warmth:.1f}")
    card.add("x-keepwarm-band", contact.band)
    card.add("x-keepwarm-trend", f"{contact.trend:+.1f}")
    return str(card.to_ical(sorted=False).decode())
