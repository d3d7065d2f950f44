"""Charts of a contact's year: drawings made here, because a line and some bars need neither a library nor a script."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from keepwarm.outputs.owner_dates import OwnerDates
    from keepwarm.storage.portraits import ChangeView, MailWeek, Portrait, ReplyView

WIDTH, HALF_WIDTH = 1160.0, 560.0
LEFT, RIGHT = 54.0, 10.0
TOP, LINE_HEIGHT, BARS_HEIGHT, REPLIES_HEIGHT, FOOT = 10.0, 240.0, 150.0, 150.0, 24.0
_SCALE = ((0.5, "half_hour"), (2.0, "two_hours"), (9.0, "day"), (27.0, "three_days"), (90.0, "ten_days"))
"""Hours of working time at which the scale of replies has its lines; a working day has nine."""
_SHORTEST, _LONGEST = 0.25, 180.0
_NEAR = 5.0  # points on the drawing: of marks closer than that only the most telling one is drawn


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across a chart, or a month below it."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Zone:
    """A band behind the line of warmth."""

    band: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Stop:
    """A change on the line."""

    seq: int
    x: float
    y: float
    band: str
    judged: bool  # a rule made it


@dataclass(frozen=True, slots=True)
class WarmthChart:
    """The warmth of a year."""

    line: str  # a path; "" without anything to draw
    area: str
    zones: tuple[Zone, ...]
    stops: tuple[Stop, ...]
    months: tuple[Tick, ...]
    ticks: tuple[Tick, ...]
    height: float = LINE_HEIGHT + FOOT


@dataclass(frozen=True, slots=True)
class Bar:
    """The messages of a week, one way."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class MailChart:
    """Messages by week: theirs upwards, the owner's downwards."""

    theirs: tuple[Bar, ...]
    owners: tuple[Bar, ...]
    middle: float
    most: int
    months: tuple[Tick, ...]
    height: float = BARS_HEIGHT + FOOT


@dataclass(frozen=True, slots=True)
class Dot:
    """One answer."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class ReplyChart:
    """How long answers took, on a scale on which a step is three to five times as long."""

    theirs: tuple[Dot, ...]
    owners: tuple[Dot, ...]
    ticks: tuple[Tick, ...]
    months: tuple[Tick, ...]
    height: float = REPLIES_HEIGHT + FOOT


@dataclass(frozen=True, slots=True)
class Year:
    """Where a moment of the year is on a chart."""

    since: datetime
    until: datetime
    width: float = WIDTH

    def x(self, moment: datetime) -> float:
        """Give its place."""
        part = (moment - self.since) / (self.until - self.since)
        return LEFT + (self.width - LEFT - RIGHT) * min(max(part, 0.0), 1.0)

    def months(self, dates: OwnerDates) -> Iterable[Tick]:
        """Give the beginnings of its months."""
        day = dates.local(self.since).date()
        names = dates.words.get("dates.months_short")
        while True:
            day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
            moment = dates.beginning(day)
            if moment >= self.until:
                return
            name = names[day.month - 1]
            if self.width == WIDTH or day.month % 2:  # in a narrow chart every other month
                yield Tick(self.x(moment), f"{name} {day.year}" if day.month == 1 else name)


def warmth_chart(portrait: Portrait, dates: OwnerDates, floors: Sequence[tuple[str, float]]) -> WarmthChart:
    """Draw the warmth; ``floors`` are the bands, the warmest first, and where they begin."""
    year = Year(portrait.since, dates.as_of)
    points = [] if portrait.began_at is None else [(year.x(portrait.since), _y(portrait.began_at))]
    for change in portrait.changes:
        step = change.step
        points.append((year.x(step.at), _y(step.after)))
    if points:
        points.append((year.x(dates.as_of), points[-1][1]))
    line = _line(points)
    base = _y(0)
    return WarmthChart(
        line=line,
        area=f"{line}L{points[-1][0]:.1f} {base:.1f}L{points[0][0]:.1f} {base:.1f}Z" if line else "",
        zones=tuple(_zones(floors)),
        stops=tuple(_stops(portrait.changes, year)),
        months=tuple(year.months(dates)),
        ticks=tuple(Tick(_y(level), str(level)) for level in (0, 50, 100)),
    )


def _y(warmth: float) -> float:
    return TOP + (LINE_HEIGHT - TOP) * (1 - warmth / 100)


def _line(points: Sequence[tuple[float, float]]) -> str:
    """Join points: what time does is a slope, what happens at one moment a step."""
    return "".join(f"{'L' if at else 'M'}{x:.1f} {y:.1f}" for at, (x, y) in enumerate(points))


def _zones(floors: Sequence[tuple[str, float]]) -> Iterable[Zone]:
    top = 100.0
    for band, floor in floors:
        yield Zone(band, _y(top), _y(floor) - _y(top))
        top = floor


def _stops(changes: Sequence[ChangeView], year: Year) -> Iterable[Stop]:
    """Mark the changes; where they are dense, those that say most, and all of what rules judged."""
    ranked = sorted(changes, key=lambda one: (one.step.signal is None, one.step.cause == "time", -_size(one)))
    taken: list[float] = []
    kept = []
    for one in ranked:
        x = year.x(one.step.at)
        judged = one.step.signal is not None
        if judged or all(abs(x - other) >= _NEAR for other in taken):
            taken.append(x)
            kept.append(Stop(one.step.seq, x, _y(one.step.after), one.step.band, judged))
    return sorted(kept, key=lambda stop: stop.seq)


def _size(change: ChangeView) -> float:
    return abs(change.step.after - change.step.before)


def mail_chart(portrait: Portrait, dates: OwnerDates) -> MailChart:
    """Draw the messages by week."""
    weeks = portrait.mail
    most = max((max(week.from_them, week.from_owner) for week in weeks), default=0)
    room = (BARS_HEIGHT - TOP) / 2 - 2
    unit = room / max(most, 4)
    middle = TOP + (BARS_HEIGHT - TOP) / 2
    step = (HALF_WIDTH - LEFT - RIGHT) / len(weeks)
    width = step * 0.62
    year = Year(dates.beginning(weeks[0].since), dates.beginning(weeks[-1].since + timedelta(days=7)), HALF_WIDTH)

    def bars(count: str, up: int) -> Iterable[Bar]:
        for at, week in enumerate(weeks):
            number = _count(week, count)
            if number:
                height = number * unit
                yield Bar(LEFT + at * step, middle - 1 - height if up else middle + 1, width, height)

    return MailChart(
        theirs=tuple(bars("theirs", 1)),
        owners=tuple(bars("owners", 0)),
        middle=middle,
        most=most,
        months=tuple(year.months(dates)),
    )


def _count(week: MailWeek, whose: str) -> int:
    return week.from_them if whose == "theirs" else week.from_owner


def reply_chart(portrait: Portrait, dates: OwnerDates) -> ReplyChart:
    """Draw how long answers took."""
    year = Year(portrait.since, dates.as_of, HALF_WIDTH)

    def dots(replies: Sequence[ReplyView]) -> tuple[Dot, ...]:
        return tuple(Dot(year.x(one.at), _height(one.hours)) for one in replies)

    scale = dates.words.get("page.replies.scale")
    return ReplyChart(
        theirs=dots(portrait.their_replies),
        owners=dots(portrait.owner_replies),
        ticks=tuple(Tick(_height(hours), scale[key]) for hours, key in _SCALE),
        months=tuple(year.months(dates)),
    )


def _height(hours: float) -> float:
    """Give the place of a time on a logarithmic scale, the quickest at the bottom."""
    bounded = min(max(hours, _SHORTEST), _LONGEST)
    part = math.log(bounded / _SHORTEST) / math.log(_LONGEST / _SHORTEST)
    return TOP + (REPLIES_HEIGHT - TOP) * (1 - part)
