"""What a pass over one account brought, and what kept it from bringing more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from keepwarm.connectors.contract import ConnectorError
    from keepwarm.daemon.secret import SecretError
    from keepwarm.storage.observations import Rejected, Stream


@dataclass(slots=True)
class AccountOutcome:
    """What a pass over one account brought."""

    name: str
    messages: int = 0
    meetings: int = 0
    rejected: list[Rejected] = field(default_factory=list)  # those that are not known yet
    problems: list[tuple[str, str]] = field(default_factory=list)  # sentence, what to do
    failure: ConnectorError | SecretError | None = None  # what kept the whole account from being read
    watched: tuple[Stream, ...] = ()  # streams worth waiting for
    put_off_until: datetime | None = None  # nothing of the account may be read before
    # Streams of which history is left to be read, and how far back it was read, where that is known.
    history: dict[str, datetime | None] = field(default_factory=dict)

    def note(self, problem: str, what_to_do: str = "") -> None:
        """Note what went wrong."""
        self.problems.append((problem, what_to_do))

    @property
    def told(self) -> list[tuple[str, str]]:
        """Give what the user has to know, each time with what to do: the problems, and the items left unread."""
        return [*self.problems, *self._unread()]

    def _unread(self) -> Iterator[tuple[str, str]]:
        if self.rejected:
            first = self.rejected[0]
            number = f"{len(self.rejected)} items" if len(self.rejected) > 1 else "An item"
            which = "the first: " if len(self.rejected) > 1 else ""
            yield (
                f"{number} could not be read: {which}{first.where or first.source_key}: {first.reason}",
                "Everything else was read. `keepwarm doctor` lists what was not, until it can be.",
            )
