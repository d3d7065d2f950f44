"""Auto-replies: what automatic answers say of their author's absence, told step by step as it became known.

Whoever sends one is away from then on, until they next write by hand; at most until the day that it names, or, if it
names none, for 14 days after the last one. A machine that is never switched off says nothing: of auto-replies in a row,
none more than 14 days after the one before, 42 days count, or as many as they name, but never more than 120.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from keepwarm.storage.histories import Absence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keepwarm.storage.histories import By

UNTOLD = timedelta(days=14)
IN_A_ROW = timedelta(days=42)
AT_MOST = timedelta(days=120)
_WORTH_TELLING = timedelta(days=1)  # a machine that answers a hundred mails a day does not tell a hundred absences


@dataclass(frozen=True, slots=True)
class AutoReply:
    """An automatic answer: its author is away."""

    ref: str
    at: datetime
    until: datetime | None  # when they are back, if it says so
    wrote_at: datetime | None  # when they next wrote by hand


def absences_of(replies: Iterable[AutoReply], by: By) -> list[Absence]:
    """Give the absences that the auto-replies of one person, in the order of time, tell of."""
    row = _Row(by)
    for reply in replies:
        row.take(reply)
    row.wrote_until(None)
    return row.told


@dataclass(slots=True)
class _Row:
    """Auto-replies in a row, and the absence that is told last."""

    by: By
    told: list[Absence] = field(default_factory=list)
    _since: datetime | None = None  # the first of the row
    _last: AutoReply | None = None

    def take(self, reply: AutoReply) -> None:
        """Take the next one."""
        self.wrote_until(reply.at)
        now = self.told[-1] if self.told and self.told[-1].end > reply.at else None
        if self._since is None or (now is None and self._last and reply.at - self._last.at > UNTOLD):
            self._since = reply.at
        named = reply.until is not None and reply.until > reply.at
        end = self._end(reply, self._since)
        if now is None:
            self._tell(reply.ref, reply.at, reply.at, end)
        elif named or end - now.end >= _WORTH_TELLING:
            self._tell(now.ref, reply.at, now.start, end)
        self._last = reply

    def wrote_until(self, next_reply: datetime | None) -> None:
        """Let the absence end where they wrote by hand before it was over, and before the next auto-reply."""
        wrote = self._last.wrote_at if self._last else None
        if not self.told or wrote is None or (next_reply is not None and wrote > next_reply):
            return
        now = self.told[-1]
        if wrote < now.end:
            self._tell(now.ref, wrote, now.start, wrote)

    def _end(self, reply: AutoReply, since: datetime) -> datetime:
        if reply.until is not None and reply.until > reply.at:
            return min(reply.until, since + AT_MOST)
        return min(reply.at + UNTOLD, since + IN_A_ROW)

    def _tell(self, ref: str, at: datetime, start: datetime, end: datetime) -> None:
        if end <= start or (self.told and (self.told[-1].ref, self.told[-1].end) == (ref, end)):
            return
        self.told.append(Absence(ref=ref, at=at, start=start, end=end, by=self.by))
