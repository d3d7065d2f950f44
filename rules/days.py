"""Days that were noted or promised: when one comes the rules look, and daily for a while from then on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from keepwarm.storage.histories import NoteFact, PromiseFact

if TYPE_CHECKING:
    from keepwarm.storage.histories import Other

_AT = time(6)
_AHEAD = timedelta(days=3)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayComes:
    """A day for which something was written down is near, or has passed. It is no touch, and moves nothing."""

    of: Other

    @property
    def ref(self) -> str:
        """Name it after what it is the day of."""
        return self.of.ref


def day_comes(other: Other) -> datetime | None:
    """Give when the day of a note comes near, or that of a promise has passed; None if there is none ahead."""
    if isinstance(other, NoteFact) and other.on is not None:
        at = datetime.combine(other.on, _AT, UTC) - _AHEAD
    elif isinstance(other, PromiseFact):
        at = datetime.combine(other.due, _AT, UTC) + _DAY
    else:
        return None
    return at if at > other.at else None
