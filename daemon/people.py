"""People as the command line names them: an id, an address, or a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.daemon.failure import BadUsage
from keepwarm.storage import contacts, people
from keepwarm.storage.people import Standing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from keepwarm.storage.views import ContactRef


def the_one(connection: Connection, who: str) -> str:
    """Give the id of the one contact that ``who`` means.

    Raises BadUsage if there is none, or if there are several.
    """
    found = people.find(connection, who)
    if len(found) == 1:
        return found[0]
    if not found:
        raise BadUsage(f"Nobody is known as {who!r}.", "`keepwarm contacts` lists everybody.")
    named = "\n".join(f"  {ref.name}  {', '.join(ref.addresses)}" for ref in contacts.refs(connection, found[:10]))
    raise BadUsage(f"{who!r} may be any of {len(found)} people:\n{named}", "Name one by an address.")


def the_contact(connection: Connection, who: str) -> ContactRef:
    """Give the one contact that ``who`` means. Raises BadUsage as ``the_one`` does."""
    [found] = contacts.refs(connection, [the_one(connection, who)])
    return found


def the_address(connection: Connection, owner: frozenset[str], who: str) -> str:
    """Give the address by which a person is meant: as it is named, else one of the contact's.

    It may be somebody's from whom the owner has only received. Raises BadUsage if it is the owner's, or a robot's, and
    as ``the_one`` does.
    """
    text = who.strip().lower()
    if text in owner:
        raise BadUsage(f"{text!r} is your own address.", "Your own are those of [owner] addresses and of the accounts.")
    known = people.standing(connection, text)
    if known is Standing.ROBOT:
        raise BadUsage(f"{text!r} is nobody's: only machines and lists have written from there.", "Name a person's.")
    if known is Standing.UNKNOWN:
        return the_contact(connection, who).addresses[0]
    return text
