"""Kin: the owner's word on who is the same person, kept and taken back, and what follows from it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from keepwarm.daemon.evaluation import evaluate
from keepwarm.daemon.failure import BadUsage
from keepwarm.daemon.people import the_address, the_contact
from keepwarm.outputs.json_views import contact_object, utc_text
from keepwarm.storage import contacts, kinship, people
from keepwarm.storage.people import Standing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.kinship import KinWord
    from keepwarm.storage.proposals import Proposal
    from keepwarm.storage.views import ContactRef

MOST_ADDRESSES = 50
"""Of one person: each is held against each."""
_SAFE = re.compile(r"[a-z0-9][a-z0-9._+@-]*")


def merge(workshop: Workshop, first: str, second: str, at: datetime) -> ContactRef:
    """Keep that two are one person; give the contact that they are now. Raises BadUsage."""
    with workshop.database.writing() as connection:
        one, other = (the_address(connection, workshop.owner, who) for who in (first, second))
        if Standing.CONTACT not in (people.standing(connection, one), people.standing(connection, other)):
            raise BadUsage(f"Neither {one} nor {other} is a contact.", "`keepwarm contacts` lists everybody.")
        known = kinship.families(connection)
        if known.head(one) == known.head(other):
            raise BadUsage(
                f"{one} and {other} are one contact already.", "`keepwarm contacts split WHO ADDRESS...` parts them."
            )
        if len(known.of(one)) + len(known.of(other)) > MOST_ADDRESSES:
            raise BadUsage(
                f"Nobody has more than {MOST_ADDRESSES} addresses.", "Is one of the two a distribution list?"
            )
        kinship.merge(connection, one, other, at)
    evaluate(workshop, at)
    with workshop.database.reading() as connection:
        return the_contact(connection, one)


def split(workshop: Workshop, who: str, whom: Sequence[str], at: datetime) -> list[ContactRef]:
    """Take addresses out of a contact, or keep that others are not the same person; give who they are now.

    Raises BadUsage.
    """
    with workshop.database.writing() as connection:
        contact = the_contact(connection, who)
        others = list(dict.fromkeys(the_address(connection, workshop.owner, one) for one in whom))
        out = [one for one in others if one in contact.addresses]
        if len(out) == len(contact.addresses):
            raise BadUsage(
                f"Nothing would be left of {contact.name}.",
                f"Name some of the addresses: {', '.join(contact.addresses)}",
            )
        strangers = [the_contact(connection, one).addresses for one in others if one not in out]
        stay = [one for one in kinship.families(connection).of(contact.addresses[0]) if one not in out]
        if out:
            kinship.part(connection, stay, out, at)
        for addresses in strangers:
            kinship.part(connection, stay, addresses, at)
    evaluate(workshop, at)
    texts = [next(one for one in contact.addresses if one not in out), *out[:1], *(one[0] for one in strangers)]
    with workshop.database.reading() as connection:
        ids = [one for text in texts for one in people.find(connection, text)]
        return contacts.refs(connection, list(dict.fromkeys(ids)))


def the_word(workshop: Workshop, number: int) -> KinWord:
    """Give what the owner said, by its id. Raises BadUsage if there is no such word."""
    with workshop.database.reading() as connection:
        word = kinship.find(connection, number)
    if word is None:
        raise BadUsage(f"There is no {number} in what you said.", "`keepwarm contacts merge --list` shows the ids.")
    return word


def take_back(workshop: Workshop, word: KinWord, at: datetime) -> None:
    """Take a word back, and judge anew whom it concerns."""
    with workshop.database.writing() as connection:
        kinship.withdraw(connection, word)
    evaluate(workshop, at)


def word_row(word: KinWord) -> dict[str, Any]:
    """Give what the owner said as it is shown."""
    return {"id": word.id, "first": word.first, "second": word.second, "same": word.same, "said": utc_text(word.at)}


def proposal_row(proposal: Proposal) -> dict[str, Any]:
    """Give a proposal as it is shown, with the commands that answer it."""
    who = " ".join(map(_typed, (proposal.first, proposal.second)))
    return {
        "first": contact_object(proposal.first),
        "second": contact_object(proposal.second),
        "reason": proposal.reason,
        "accept": f"keepwarm contacts merge {who}",
        "refuse": f"keepwarm contacts split {who}",
    }


def _typed(ref: ContactRef) -> str:
    """Name a contact so that it can be pasted into a shell: addresses come from mail, and may hold anything."""
    return next((text for text in ref.addresses if _SAFE.fullmatch(text)), ref.id)
