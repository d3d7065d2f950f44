"""The owner: by whose addresses it was told who wrote, and who moved a meeting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.storage import lives, messages, settings

if TYPE_CHECKING:
    from sqlalchemy import Connection


def adopt(connection: Connection, owner: frozenset[str]) -> None:
    """See everything that is stored with these addresses of the owner's, in lower case, if it was with others before.

    To be called before anything is stored or judged with them.
    """
    if settings.put(connection, "owner", sorted(owner)):
        messages.set_directions(connection, owner)
        lives.revise_all(connection, owner)
