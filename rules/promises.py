"""Promises: what was written down, by whoever made it, and what was found in the owner's own mail.

What was written down is kept once the owner says so. What was found is an assumption: any touch of the owner's since
may have been what was promised, so it is only remembered as long as there is none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepwarm.rules.sources import Source, of_message, of_promise, quoted
from keepwarm.rules.trail import Trail
from keepwarm.storage.histories import By, PromiseFact
from keepwarm.storage.observations import MessageKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from keepwarm.storage.histories import MessageFact

SOMETHING = "something"
"""What was promised in a mail: its text is not kept."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A promise of which nothing shows that it was kept."""

    at: datetime  # when it was made, or written down
    due: date
    what: str
    source: Source


@dataclass(slots=True)
class PromiseLog:
    """Takes promises, and the owner's touches, in the order of time."""

    kept: Trail[PromiseFact] = field(default_factory=Trail)
    _open: dict[str, PromiseFact] = field(default_factory=dict)  # written down, by ref
    _found: MessageFact | None = None  # the owner's last word, if it promises something

    def write_down(self, promise: PromiseFact) -> None:
        """Take in a promise that was written down, or that it was kept."""
        if promise.kept_at is None:
            self._open[promise.ref] = promise
        else:
            self._open.pop(promise.ref, None)
            self.kept.add(max(promise.at, promise.kept_at), promise)

    def owner_wrote(self, message: MessageFact) -> None:
        """Take in a message of the owner's, to whatever number of people; a machine's answer is none."""
        if message.kind is MessageKind.OUT_OF_OFFICE:
            return
        promises = message.direct and message.promised_due is not None
        self._found = message if promises else None

    def owner_was_in_touch(self) -> None:
        """Take in another touch of the owner's: they met, called, or sent an invitation."""
        self._found = None

    def pending(self, by: By) -> Iterator[Pending]:
        """Give the promises of one side that are not known to be kept."""
        for promise in self._open.values():
            if promise.by is by:
                yield Pending(promise.at, promise.due, quoted(promise.text), of_promise(promise))
        found = self._found
        if by is By.OWNER and found is not None and found.promised_due is not None:
            yield Pending(found.at, found.promised_due, SOMETHING, of_message(found))

    @property
    def is_any_open(self) -> bool:
        """Tell whether anything is pending, by whomever."""
        return bool(self._open) or self._found is not None
