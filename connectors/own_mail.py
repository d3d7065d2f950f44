"""The owner's own mail, whose text may be read: for promises, if they allow it, and for what they answer Keepwarm."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keepwarm.connectors.own_text import own_text
from keepwarm.connectors.promises import promised_due
from keepwarm.storage.observations import MessageKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from keepwarm.storage.observations import MessageSeen

LONGEST_ANSWER = 4096
"""Characters of an answer that are handed on, and one more, by which it is seen that there were others."""


@dataclass(frozen=True, slots=True)
class OwnMail:
    """Whose mail that is, in which zone they reckon days, and what of it is read."""

    addresses: frozenset[str]  # lower case
    zone: tzinfo
    promises: bool = True  # what they wrote to others
    asked: Callable[[str], bool] | None = None  # tells the Message-IDs of the letters that they were asked to answer

    def wants(self, message: MessageSeen) -> bool:
        """Tell whether the text of a mail is to be read."""
        if not self._is_theirs(message):
            return False
        return self._is_answer(message) or (self.promises and self._is_to_others(message))

    def wants_answer(self, message: MessageSeen) -> bool:
        """Tell whether the text of a mail is to be read as an answer to a letter of Keepwarm's."""
        return self._is_theirs(message) and self._is_answer(message)

    def read(self, message: MessageSeen, text: str) -> MessageSeen:
        """Give a mail that is wanted with what its text says: an answer, or the day by which something is promised.

        Of any other text than an answer nothing goes further.
        """
        try:
            if self._is_answer(message):
                return replace(message, answer=own_text(text).strip()[: LONGEST_ANSWER + 1])
            return replace(message, promised_due=promised_due(text, message.at, self.zone))
        except Exception:  # noqa: BLE001 - one mail must never stop a mailbox, and an error could quote its text
            return message

    def _is_theirs(self, message: MessageSeen) -> bool:
        author = message.author
        return message.kind is MessageKind.HUMAN and author is not None and author.address in self.addresses

    def _is_to_others(self, message: MessageSeen) -> bool:
        return any(party.address not in self.addresses for party in (*message.to, *message.cc, *message.bcc))

    def _is_answer(self, message: MessageSeen) -> bool:
        """Tell an answer to a letter of Keepwarm's, that went to nobody but the owner."""
        if self.asked is None or not message.references or self._is_to_others(message):
            return False
        named = len(message.to) + len(message.cc) + len(message.bcc)
        return message.recipients <= named and any(map(self.asked, message.references))
