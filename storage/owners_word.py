"""The owner's word on people, as the rules read it: notes, promises, reflections and logged touches."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, or_, select

from keepwarm.storage.logged_touches import LOGGED_TOUCHES
from keepwarm.storage.notes import NOTES
from keepwarm.storage.promises import PROMISES
from keepwarm.storage.reflections import REFLECTIONS
from keepwarm.storage.tables import address, logged_touch, note, promise, reflection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from keepwarm.storage.histories import OwnersWord

KINDS = ("note", "promise", "reflection", "touch")
"""What evidence calls them."""

_SPOKEN_OF = (
    select(address.c.contact_id)
    .where(
        address.c.contact_id.in_(bindparam("people", expanding=True)),
        or_(
            *(exists().where(table.c.address_id == address.c.id) for table in (note, promise, reflection, logged_touch))
        ),
    )
    .distinct()
)


def facts(connection: Connection, contact_ids: Sequence[str]) -> dict[str, tuple[OwnersWord, ...]]:
    """Give what was said of these contacts, not too many for one statement, each in the order of time."""
    found: dict[str, list[OwnersWord]] = defaultdict(list)
    # Of most people nothing was ever said: one question for all kinds, so that it costs them next to nothing.
    spoken_of = connection.execute(_SPOKEN_OF, {"people": list(contact_ids)}).scalars().all()
    if not spoken_of:
        return {}
    for shelf in (NOTES, PROMISES, REFLECTIONS, LOGGED_TOUCHES):
        for one in shelf.listed(connection, spoken_of):
            if one.contact is not None:
                found[one.contact].append(one.fact)
    return {who: tuple(sorted(words, key=lambda word: (word.at, word.ref))) for who, words in found.items()}
