"""How far a mailbox at Gmail was read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepwarm.connectors.contract import CursorLost

if TYPE_CHECKING:
    from keepwarm.storage.observations import Cursor

COOLING = 3
"""Polls that must pass after a rescan before there is another."""

MOST_OWED = 1_000
"""Messages that are still to be had while the reading goes on; if more fail, they are given up, and noted. A cursor is
written with each batch, so it is bounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place in the history; while ``reading``, older mail is looked through, newest first, from ``page`` on."""

    history: str  # Google's id of what happened last; more than 64 bits at times, so it stays a text
    newest: int = 0  # internalDate of the newest message that was seen, in milliseconds
    reading: bool = False
    page: str = ""
    back_to: int = 0  # of a rescan: the internalDate before which nothing can have been missed
    cooling: int = 0  # polls for which a lost history is no reason to look through everything again
    skip: int = 0  # messages named by the history after this place that are read already
    owed: dict[str, int] = field(
        default_factory=dict
    )  # messages that Gmail could not hand over: how often it was asked

    @classmethod
    def of(cls, cursor: Cursor) -> Position:
        """Read a cursor. Raises CursorLost."""
        match cursor:
            case {"v": 1, "history": str(history), "newest": int(newest)} if history.isdigit():
                page, numbers = cursor.get("page"), {name: cursor.get(name, 0) for name in _NUMBERS}
                owed = cursor.get("owed", {})
                if (
                    isinstance(page, str | None)
                    and all(isinstance(one, int) for one in numbers.values())
                    and isinstance(owed, dict)
                    and all(isinstance(one, int) for one in owed.values())
                ):
                    return cls(
                        history=history,
                        newest=newest,
                        reading=page is not None,
                        page=page or "",
                        owed=dict(owed),
                        **numbers,
                    )
        raise CursorLost("The cursor was written by another version.")

    def cursor(self) -> Cursor:
        """Write it for storage."""
        reading = {"page": self.page, "back_to": self.back_to} if self.reading else {}
        others = {"cooling": self.cooling, "skip": self.skip, "owed": dict(sorted(self.owed.items()))}
        said = {name: value for name, value in others.items() if value}
        return {"v": 1, "history": self.history, "newest": self.newest, **reading, **said}


_NUMBERS = ("back_to", "cooling", "skip")
