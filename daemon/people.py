"""People as the command line names them: an id, an address, or a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.daemon.failure import BadUsage
from keepwarm.storage import contacts, people

if TYPE_CHECKING:
    from sqlalchemy import Connection


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
