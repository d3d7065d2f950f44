"""A picture of the practice: who got how much of the owner's attention in the six months before, and who waited.

It is drawn on the first Monday of a month from whole months of the owner's calendar: what happens later, in that month
too, does not change it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING

from keepwarm.rules.timeline import LOOK_AT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import tzinfo

    from keepwarm.storage.standings import AttentionMonth, Person, PracticeHistory

MONTHS = 6
HOURS_A_MESSAGE = 0.2
"""What a message weighs beside an hour of meeting: a judgement, about twelve minutes to read, think and write."""

FEW = 0.8
"""The big ones are the few who together take this share of the attention."""

ENOUGH_REPLIES = 5
CLIENT = "client"


@dataclass(slots=True)
class Share:
    """What one contact got in six months."""

    who: Person
    months: Sequence[AttentionMonth]
    hours: float  # of attention
    share: float  # of all attention, from 0 to 1
    big: bool  # one of the few who take most
    replies: int
    reply_hours: float | None  # median; None with fewer than five replies

    @property
    def messages(self) -> int:
        """Count the owner's messages."""
        return sum(one.messages for one in self.months)

    @property
    def meeting_hours(self) -> float:
        """Sum up the hours of meetings held."""
        return sum(one.meeting_hours for one in self.months)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The practice as of a first Monday."""

    drawn: datetime
    since: date
    until: date  # the first of the month; what came before it counts
    shares: tuple[Share, ...]  # most attention first
    big_reply_hours: float | None  # median of the big ones' medians

    def times_longer(self, share: Share) -> float | None:
        """Tell how many times as long as the big ones somebody else waits; None where that cannot be told."""
        if share.big or share.reply_hours is None or self.big_reply_hours is None:
            return None
        return share.reply_hours / max(self.big_reply_hours, 0.1)


def pictures(
    history: PracticeHistory, as_of: datetime, zone: tzinfo, since_look: datetime | None = None
) -> Iterator[Picture]:
    """Draw the picture of every first Monday up to ``as_of`` before which there was any attention.

    With ``since_look`` only those from that one on are drawn.
    """
    months = iter(history.months)
    ahead = next(months, None)
    if ahead is None:
        return
    window: list[tuple[str, Mapping[str, AttentionMonth]]] = []
    known: set[str] = set()  # the clients to whom the owner had given any attention
    for look, first in first_mondays(date.fromisoformat(f"{ahead[0]}-01"), as_of, zone):
        while ahead is not None and ahead[0] < f"{first:%Y-%m}":
            window.append(ahead)
            known.update(one for one in ahead[1] if CLIENT in history.people[one].labels)
            ahead = next(months, None)
        since = _months_on(first, -MONTHS)
        window = [one for one in window if one[0] >= f"{since:%Y-%m}"]
        if since_look is not None and look < since_look:
            continue
        shares = _shares(history, [one for _, one in window], known)
        waits = [one.reply_hours for one in shares if one.big and one.reply_hours is not None]
        yield Picture(
            drawn=look, since=since, until=first, shares=shares, big_reply_hours=median(waits) if waits else None
        )


def first_mondays(since: date, as_of: datetime, zone: tzinfo) -> Iterator[tuple[datetime, date]]:
    """Give the looks up to ``as_of``, each with the first day of its month; the first in the month after ``since``."""
    first = _months_on(since, 1)
    while True:
        monday = first + timedelta(days=-first.weekday() % 7)
        look = datetime.combine(monday, LOOK_AT, zone).astimezone(UTC)
        if look > as_of:
            return
        yield look, first
        first = _months_on(first, 1)


def _shares(
    history: PracticeHistory, window: Sequence[Mapping[str, AttentionMonth]], known: set[str]
) -> tuple[Share, ...]:
    """Give the shares of the clients known by then, of everybody if there are none; most attention first."""
    got: dict[str, list[AttentionMonth]] = {}
    for months in window:
        for who, month in months.items():
            if not known or who in known:
                got.setdefault(who, []).append(month)
    hours = {who: _hours(months) for who, months in got.items()}
    total, taken, found = sum(hours[who] for who in sorted(hours)), 0.0, []
    for who in sorted(hours, key=lambda one: (-hours[one], one)):
        if hours[who] > 0:
            waits = sorted(wait for month in got[who] for wait in month.reply_hours)
            usual = median(waits) if len(waits) >= ENOUGH_REPLIES else None
            share, big = hours[who] / total, taken < FEW * total
            found.append(Share(history.people[who], got[who], hours[who], share, big, len(waits), usual))
            taken += hours[who]
    return tuple(found)


def _hours(months: Sequence[AttentionMonth]) -> float:
    return sum(one.meeting_hours + HOURS_A_MESSAGE * one.messages for one in months)


def _months_on(day: date, count: int) -> date:
    """Give the first day of the month that lies so many months on."""
    months = day.year * 12 + day.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)
