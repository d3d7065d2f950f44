"""What pages of Gmail's lists and of its history say."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from keepwarm.connectors.contract import Later
from keepwarm.connectors.gmail_messages import LEFT_OUT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_MAX_EMPTY_PAGES = 20  # in a row: legal, but never for ever
MAX_EMPTY_HISTORY = 1000
"""The same of the history, which is begun anew with each try: where much happened that is no news, it has many."""


class Guard:
    """Notices pages that never come to an end."""

    def __init__(self, token: str, most_empty: int = _MAX_EMPTY_PAGES) -> None:
        self._tokens = {token}
        self._most_empty = most_empty
        self._empty = 0

    def turn(self, token: str, *, is_empty: bool) -> None:
        """Take the token of the next page, "" after the last. Raises Later."""
        self._empty = self._empty + 1 if is_empty else 0
        if token and (token in self._tokens or self._empty > self._most_empty):
            raise Later("Gmail gives pages without an end.", timedelta(minutes=15))
        self._tokens.add(token)


def came(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name the messages that are new, or are so here: they left spam, trash or the drafts; each once."""
    ids: dict[str, None] = {}
    for record in records:
        added = record.get("messagesAdded", ())
        freed = (one for one in record.get("labelsRemoved", ()) if LEFT_OUT.intersection(one.get("labelIds", ())))
        ids.update(dict.fromkeys(ids_of(one.get("message", {}) for one in (*added, *freed))))
    return list(ids)


def ids_of(messages: Iterable[Mapping[str, Any]]) -> list[str]:
    """Give the ids of messages, in their order."""
    return [str(one["id"]) for one in messages if one.get("id")]


def last_of(records: Sequence[Mapping[str, Any]], otherwise: str) -> str:
    """Give the place after these records."""
    found = [str(record.get("id", "")) for record in records]
    return next((one for one in reversed(found) if one.isdigit()), otherwise)


def history_id(answer: Mapping[str, Any]) -> str:
    """Give where the history stands. Raises Later if Gmail does not say: without it, news would be lost."""
    found = str(answer.get("historyId", ""))
    if not found.isdigit():
        raise Later("Gmail does not say where its history stands.")
    return found
