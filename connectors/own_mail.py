"""The owner's own mail, whose text may be read for promises: in memory, and only if they allow it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keepwarm.connectors.promises import promised_due
from keepwarm.storage.observations import MessageKind

if TYPE_CHECKING:
    from datetime import tzinfo

    from keepwarm.storage.observations import MessageSeen


@dataclass(frozen=True, slots=True)
class OwnMail:
    """Whose mail that is, and in which zone they reckon days."""

    addresses: frozenset[str]  # lower case
    zone: tzinfo

    def wants(self, message: MessageSeen) -> bool:
        """Tell whether the text of a mail is to be read: the owner wrote it, to somebody else."""
        if message.kind is not MessageKind.HUMAN or message.author is None:
            return False
        others = (party.address not in self.addresses for party in (*message.to, *message.cc, *message.bcc))
        return message.author.address in self.addresses and any(others)

    def with_promise(self, message: MessageSeen, text: str) -> MessageSeen:
        """Give the mail with the day by which its text promises something; the text goes no further."""
        try:
            return replace(message, promised_due=promised_due(text, message.at, self.zone))
        except Exception:  # noqa: BLE001 - one mail must never stop a mailbox, and an error could quote its text
            return message
