"""How far a calendar was read: the cursor of a CalDAV stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.connectors.contract import CursorLost

if TYPE_CHECKING:
    from keepwarm.storage.observations import Cursor

BEGUN: Cursor = {"v": 1}
"""The cursor of a first reading that has not come to its end: it starts over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A calendar read to its end."""

    zone: str  # the owner's: all-day and floating times were read as theirs
    day: str  # the date on which the window ended
    mark: str = ""  # getctag, taken before the reading
    token: str = ""  # sync-token
    etags: dict[str, str] | None = None  # by resource, where the server has no tokens
    daily: tuple[str, ...] = ()  # resources to read again when the window has moved: series, and what failed

    @classmethod
    def of(cls, cursor: Cursor | None) -> Position | None:
        """Read a cursor; None if everything is still to be read. Raises CursorLost."""
        if cursor is None or cursor == BEGUN:
            return None
        match cursor:
            case {"v": 1, "zone": str(zone), "day": str(day), "mark": str(mark), "daily": list(daily)}:
                token, etags = cursor.get("token", ""), cursor.get("etags")
                if isinstance(token, str) and (isinstance(etags, dict) or (etags is None and token)):
                    return cls(zone=zone, day=day, mark=mark, token=token, etags=etags, daily=tuple(map(str, daily)))
        raise CursorLost("The cursor was written by another version.")

    def cursor(self) -> Cursor:
        """Write it for storage."""
        state = {"token": self.token} if self.etags is None else {"etags": self.etags}
        return {"v": 1, "zone": self.zone, "day": self.day, "mark": self.mark, "daily": list(self.daily), **state}
