"""Attention: what the owner gave a contact, month by month; messages, hours of meetings, and how long they waited."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.storage.standings import AttentionMonth

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.rules.meetings import Step
    from keepwarm.rules.replies import Reply
    from keepwarm.rules.working_time import WorkingTime
    from keepwarm.storage.histories import MessageFact

JUDGED_FROM = 8
"""Messages between the two from which on somebody can be judged, both having written (SIGNALS)."""


@dataclass(slots=True)
class _Month:
    messages: int = 0
    meeting: timedelta = timedelta(0)
    replies: list[float] = field(default_factory=list)
    slowest: Reply | None = None
    heard_first: datetime | None = None
    heard_last: datetime | None = None


@dataclass(slots=True)
class AttentionLog:
    """Takes what happens between the two in the order of time, each in O(1)."""

    working: WorkingTime
    judged_since: datetime | None = None
    _months: dict[str, _Month] = field(default_factory=dict)
    _sent: int = 0
    _received: int = 0

    def wrote(self, message: MessageFact, reply: Reply | None) -> None:
        """Take in a message of the owner's; ``reply`` if it is the first answer to one of theirs."""
        month = self._month(message.at)
        month.messages += 1
        if reply is not None:
            month.replies.append(round(reply.hours, 2))
            if month.slowest is None or reply.hours > month.slowest.hours:
                month.slowest = reply
        self._sent += 1
        self._count(message.at)

    def heard(self, message: MessageFact) -> None:
        """Take in a message of theirs."""
        self._heard(message.at)
        self._received += 1
        self._count(message.at)

    def met(self, step: Step) -> None:
        """Take in a meeting that has just ended; one that stands for whole days counts as a working day."""
        self._heard(step.revision.end)
        length = step.revision.end - step.revision.start
        self._month(step.revision.end).meeting += min(length, timedelta(hours=self.working.hours_a_day))

    def months(self) -> tuple[AttentionMonth, ...]:
        """Give all months in which there was anything, oldest first."""
        return tuple(
            AttentionMonth(
                month=name,
                messages=one.messages,
                meeting_hours=round(one.meeting / timedelta(hours=1), 2),
                reply_hours=tuple(sorted(one.replies)),
                slowest=one.slowest.message.ref if one.slowest else None,
                slowest_at=one.slowest.message.at if one.slowest else None,
                heard_first=one.heard_first,
                heard_last=one.heard_last,
            )
            for name, one in sorted(self._months.items())
        )

    def _heard(self, at: datetime) -> None:
        month = self._month(at)
        month.heard_first = month.heard_first or at
        month.heard_last = at

    def _month(self, at: datetime) -> _Month:
        return self._months.setdefault(f"{self.working.local_day(at):%Y-%m}", _Month())

    def _count(self, at: datetime) -> None:
        enough = self._sent + self._received >= JUDGED_FROM and self._sent and self._received
        if enough and self.judged_since is None:
            self.judged_since = at
