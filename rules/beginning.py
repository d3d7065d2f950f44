"""The beginning of a relationship: how it began, and how the owner treated somebody new."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepwarm.storage.histories import MessageFact

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.rules.meetings import Step
    from keepwarm.rules.replies import Reply
    from keepwarm.storage.histories import TouchFact

FIRST_ANSWERS = 3


@dataclass(slots=True)
class Beginning:
    """Takes what the two exchange in the order of time, and remembers how it began."""

    first: MessageFact | Step | TouchFact | None = None
    at: datetime | None = None  # when that was
    mutual_at: datetime | None = None  # since when both have written, or they have met
    answers: list[Reply] = field(default_factory=list)  # the owner's first few
    _owner_wrote: bool = False
    _they_wrote: bool = False

    @property
    def known(self) -> bool:
        """Tell whether the beginning is on record: what goes on with something began before it."""
        if isinstance(self.first, MessageFact):
            return self.first.parent is None and not self.first.says_reply
        return self.first is not None

    def wrote(self, message: MessageFact, answer: Reply | None) -> None:
        """Take in a message; ``answer`` is what it is as the owner's first answer to one of theirs."""
        self._begin(message, message.at)
        if message.outbound:
            self._owner_wrote = True
        else:
            self._they_wrote = True
        if answer is not None and len(self.answers) < FIRST_ANSWERS:
            self.answers.append(answer)
        if self._owner_wrote and self._they_wrote:
            self.mutual_at = self.mutual_at or message.at

    def met(self, what: Step | TouchFact, at: datetime) -> None:
        """Take in a meeting that has just ended, or a call that the owner has logged."""
        self._begin(what, at)
        self.mutual_at = self.mutual_at or at

    def _begin(self, first: MessageFact | Step | TouchFact, at: datetime) -> None:
        if self.first is None:
            self.first, self.at = first, at
