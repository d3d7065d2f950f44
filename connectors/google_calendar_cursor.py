"""How far a calendar at Google was read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepwarm.connectors.contract import CursorLost

if TYPE_CHECKING:
    from keepwarm.storage.observations import Cursor

BEGUN: Cursor = {"v": 1}
"""The cursor of a first reading that has not come to its end: it starts over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A calendar read to its end."""

    zone: str  # the owner's: all-day events were read as theirs
    day: str  # the date on which the window ended
    token: str  # sync token
    series: dict[str, str] = field(default_factory=dict)  # by id: the UID; to be read again when the window has moved

    @classmethod
    def of(cls, cursor: Cursor | None) -> Position | None:
        """Read a cursor; None if everything is still to be read. Raises CursorLost."""
        if cursor is None or cursor == BEGUN:
            return None
        match cursor:
            case {"v": 1, "zone": str(zone), "day": str(day), "token": str(token), "series": dict(series)}:
                return cls(zone=zone, day=day, token=token, series={str(k): str(v) for k, v in series.items()})
        raise CursorLost("The cursor was written by another version.")

    def cursor(self) -> Cursor:
        """Write it for storage."""
        series = dict(sorted(self.series.items()))
        return {"v": 1, "zone": self.zone, "day": self.day, "token": self.token, "series": series}
