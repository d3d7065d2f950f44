"""The owner's word on people, as the rules read it: notes, promises, reflections and logged touches."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from keepwarm.storage.logged_touches import LOGGED_TOUCHES
from keepwarm.storage.notes import NOTES
from keepwarm.storage.promises import PROMISES
from keepwarm.storage.reflections import REFLECTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from keepwarm.storage.histories import OwnersWord

KINDS = ("note", "promise", "reflection", "touch")
"""What evidence calls them."""


def facts(connection: Connection, contact_ids: Sequence[str]) -> dict[str, tuple[OwnersWord, ...]]:
    """Give what was said of these contacts, not too many for one statement, each in the order of time."""
    found: dict[str, list[OwnersWord]] = defaultdict(list)
    for shelf in (NOTES, PROMISES, REFLECTIONS, LOGGED_TOUCHES):
        for one in shelf.listed(connection, contact_ids):
            if one.contact is not None:
                found[one.contact].append(one.fact)
    return {who: tuple(sorted(words, key=lambda word: (word.at, word.ref))) for who, words in found.items()}
