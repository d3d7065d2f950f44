"""How far a mailbox at Gmail was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.connectors.contract import CursorLost

if TYPE_CHECKING:
    from keepwarm.storage.observations import Cursor

COOLING = 3
"""Polls that must pass after a rescan before there is another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place in the history; while ``reading``, older mail is looked through, newest first, from ``page`` on."""

    history: str  # Google's id of what happened last; more than 64 bits at times, so it stays a text
    newest: int = 0  # internalDate of the newest message that was seen, in milliseconds
    reading: bool = False
    page: str = ""
    back_to: int = 0  # of a rescan: the internalDate before which nothing can have been missed
    cooling: int = 0  # polls for which a lost history is no reason to look through everything again

    @classmethod
    def of(cls, cursor: Cursor) -> Position:
        """Read a cursor. Raises CursorLost."""
        match cursor:
            case {"v": 1, "history": str(history), "newest": int(newest)} if history.isdigit():
                page, back_to, cooling = cursor.get("page"), cursor.get("back_to", 0), cursor.get("cooling", 0)
                if isinstance(page, str | None) and isinstance(back_to, int) and isinstance(cooling, int):
                    return cls(
                        history=history,
                        newest=newest,
                        reading=page is not None,
                        page=page or "",
                        back_to=back_to,
                        cooling=cooling,
                    )
        raise CursorLost("The cursor was written by another version.")

    def cursor(self) -> Cursor:
        """Write it for storage."""
        reading = {"page": self.page, "back_to": self.back_to} if self.reading else {}
        cooling = {"cooling": self.cooling} if self.cooling else {}
        return {"v": 1, "history": self.history, "newest": self.newest, **reading, **cooling}
