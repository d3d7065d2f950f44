"""How far the calls of an account at Google Meet were read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from keepwarm.connectors.contract import CursorLost

if TYPE_CHECKING:
    from keepwarm.storage.observations import Cursor

MOST_OPEN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call; times are Google's, aware. ``end`` is None while it goes on."""

    name: str  # "conferenceRecords/..."
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """All calls that ended by ``since`` are read, of those that ended just then the ones in ``done``.

    ``open`` are calls whose meeting was not over, each with when to look again.
    """

    since: datetime | None = None
    done: frozenset[str] = frozenset()
    open: tuple[tuple[Call, datetime], ...] = ()

    @classmethod
    def of(cls, cursor: Cursor | None) -> Position:
        """Read a cursor; without one, nothing is read yet. Raises CursorLost."""
        if cursor is None:
            return cls()
        try:
            return cls(
                since=datetime.fromisoformat(cursor["since"]) if cursor["since"] else None,
                done=frozenset(map(str, cursor["done"])),
                open=tuple(_opened(*entry) for entry in cursor["open"]),
            )
        except (KeyError, TypeError, ValueError):
            raise CursorLost("The cursor was written by another version.") from None

    def after(self, call: Call, look_again: datetime | None) -> Position:
        """Give the place after a call, which is to be looked at again then, if at any time."""
        left = tuple((one, due) for one, due in self.open if one.name != call.name)
        if look_again is not None:
            left = (*left, (call, look_again))[-MOST_OPEN:]
        moved = replace(self, open=left)
        if call.end is None or (self.since is not None and call.end < self.since):
            return moved
        done = self.done if call.end == self.since else frozenset[str]()
        return replace(moved, since=call.end, done=done | {call.name})

    def cursor(self) -> Cursor:
        """Write it for storage."""
        return {
            "v": 1,
            "since": self.since.isoformat() if self.since else "",
            "done": sorted(self.done),
            "open": [
                [call.name, call.start.isoformat(), (call.end or due).isoformat(), due.isoformat()]
                for call, due in self.open
            ],
        }


def _opened(name: str, start: str, end: str, due: str) -> tuple[Call, datetime]:
    first, last, again = (datetime.fromisoformat(one) for one in (start, end, due))
    return Call(name=str(name), start=first, end=last), again
