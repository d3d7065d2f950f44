"""How far a folder was read, as two numbers say it at any moment, and the batches by which it is read on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from keepwarm.connectors.contract import CursorLost

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keepwarm.storage.observations import Cursor

BATCH = 500

_MARGIN = timedelta(days=31)
"""A history that begins earlier than before, by more than this, was asked for; by less, a clock was set back."""


@dataclass(frozen=True, slots=True)
class Position:
    """All from ``left`` up to ``next`` was read."""

    uidvalidity: int
    next: int  # the lowest UID that is above all that were read
    left: int = 0  # messages with a UID below this one are still to be read: the first read is not at its end
    since: date | None = None  # what the server stored before was not wanted; None: nothing is known of that

    @classmethod
    def of(cls, cursor: Cursor) -> Position:
        """Read a cursor. Raises CursorLost."""
        match cursor:
            case {"v": 1, "uidvalidity": int() as uidvalidity, "next": int() as following}:
                try:
                    since = date.fromisoformat(cursor["since"]) if "since" in cursor else None
                    return cls(uidvalidity, following, int(cursor.get("left", 0)), since)
                except (TypeError, ValueError) as error:
                    raise CursorLost("The cursor cannot be read.") from error
        raise CursorLost("The cursor was written by another version.")

    def cursor(self) -> Cursor:
        """Write it for storage."""
        written: Cursor = {"v": 1, "uidvalidity": self.uidvalidity, "next": self.next}
        if self.left:
            written["left"] = self.left
        if self.since:
            written["since"] = self.since.isoformat()
        return written

    @property
    def is_whole(self) -> bool:
        """Say whether nothing is left to be read but what is new."""
        return not self.left

    def reaching(self, since: date | None) -> Position:
        """Give the position from which a history is complete that begins at ``since``.

        Where that is earlier than what was read, all is gone through once more; what is known is recognised.
        """
        if self.since is None:
            return replace(self, since=since)
        if since is None or since < self.since - _MARGIN:
            return replace(self, left=self.next, since=since)
        return self


@dataclass(frozen=True, slots=True)
class Step:
    """A batch to be read, and how far the folder is read then."""

    uids: Sequence[int]
    then: Position
    is_history: bool = False


def upwards(uids: Sequence[int], end: Position, left: int) -> Iterator[Step]:
    """Cut ascending UIDs into batches, the oldest first: those that are new, while ``left`` waits."""
    for start in range(0, len(uids), BATCH):
        chunk = uids[start : start + BATCH]
        is_last = start + BATCH >= len(uids)
        yield Step(chunk, replace(end, next=end.next if is_last else chunk[-1] + 1, left=left))


def downwards(uids: Sequence[int], end: Position) -> Iterator[Step]:
    """Cut ascending UIDs into batches, the newest first: those of a first read."""
    for stop in range(len(uids), 0, -BATCH):
        chunk = uids[max(0, stop - BATCH) : stop]
        yield Step(chunk, replace(end, left=chunk[0] if stop > BATCH else 0), is_history=True)
