"""Meetings that people have as a matter of course: catch-ups now and then, a weekly call."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from tests.practice.appointments import Secretary
from tests.practice.hours import ZONE, at_clock, is_christmas
from tests.practice.letters import OWNER, Mailbox
from tests.practice.meetings import ACCEPTED, Meeting

if TYPE_CHECKING:
    from datetime import date

    from tests.practice.conversation import Pair

TOPICS = (
    "Review",
    "Catch-up",
    "Project meeting",
    "Planning",
    "Interim report",
    "Lunch",
    "Coffee",
    "Jour fixe",
)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR")
UNDISTURBED = 70  # days before the end in which a healthy meeting is not moved


class Encounters:
    """The meetings of a pair."""

    def __init__(self, pair: Pair) -> None:
        self.stage = pair.stage
        self.rng = pair.rng
        self.them = pair.who.mailbox
        self.secretary = Secretary(pair.stage, pair.rng, pair.who.software)

    def catch_ups(self, every: float, since: float, until: float, *, minutes: int = 60) -> None:
        """Meet each ``every`` days; either of them invites, the other accepts, one in six is moved once."""
        before = since - self.rng.uniform(0.2, 0.8) * every
        while before > until:
            self._catch_up(before, minutes)
            before -= every * self.rng.uniform(0.85, 1.15)

    def arrange(
        self,
        before: float,
        invited: float,
        *,
        theirs: bool,
        clock: time | None = None,
        summary: str = "",
        minutes: int = 60,
    ) -> Meeting:
        """Arrange a meeting on the day ``before``, invited and accepted on the day ``invited``."""
        organizer, guest = (self.them, OWNER) if theirs else (OWNER, self.them)
        at = self.stage.at(invited, time(9, self.rng.randint(0, 59)))
        meeting = self.secretary.invite(
            at,
            self.stage.at(before, clock or time(self.rng.choice((10, 11, 14, 15, 16)))),
            organizer=organizer,
            others=(guest,),
            summary=summary or self.summary(),
            minutes=minutes,
            room="Alster" if self.rng.random() < 0.1 else "",
        )
        self.accept(meeting, guest, at)
        return meeting

    def accept(self, meeting: Meeting, who: Mailbox, asked: datetime) -> None:
        """Accept some hours after having been asked, within the same day."""
        later = timedelta(minutes=self.rng.randint(20, 300))
        self.secretary.answer(meeting, who, ACCEPTED, asked + later)

    def shortly_before(self, meeting: Meeting, clock: time) -> datetime:
        """Give a time on the working day before a meeting."""
        day = meeting.start.astimezone(ZONE).date()
        return at_clock(self.stage.working_time(owner=True).days_before(day, 1), clock)

    def summary(self) -> str:
        """Name a meeting."""
        return f"{self.rng.choice(TOPICS)} {self.them.name.split()[0]} / {OWNER.name.split()[0]}"

    def weekly_call(self, since: float, weekday: int, *, weeks: int = 1) -> None:
        """Meet each week, or every second one; the call moves once and is cancelled once, long ago."""
        first = self._first(since, weekday)
        step = timedelta(weeks=weeks)
        days = [first + step * number for number in range(80) if first + step * number < self.stage.end]
        series = self.secretary.invite(
            self.stage.at(since + 6, time(9, 30)),
            _call(first),
            organizer=self.them,
            others=(OWNER,),
            summary=f"Weekly {self.them.domain.partition('.')[0].title()}",
            minutes=30,
            rule=f"FREQ=WEEKLY;INTERVAL={weeks};BYDAY={WEEKDAYS[weekday]}",
        )
        series.dropped = [_call(day) for day in days if is_christmas(day)]
        series.answers[OWNER.address] = ACCEPTED
        usual = [_call(day) for day in days if not is_christmas(day) and (self.stage.end - day).days > UNDISTURBED]
        self._disturb(series, usual)

    def _disturb(self, series: Meeting, usual: list[datetime]) -> None:
        moved, cancelled = self.rng.sample(usual, 2)
        one = self.secretary.move_one(series, moved, moved + timedelta(hours=3), moved - timedelta(days=2))
        self.accept(one, OWNER, moved - timedelta(days=2))
        self.secretary.drop_one(series, cancelled, cancelled - timedelta(days=5))

    def _first(self, since: float, weekday: int) -> date:
        day = self.stage.day(since)
        return day + timedelta(days=(weekday - day.weekday()) % 7)

    def _catch_up(self, before: float, minutes: int) -> None:
        theirs = self.rng.random() < 0.5
        meeting = self.arrange(before, before + self.rng.randint(12, 16), theirs=theirs)
        meeting.end = meeting.start + timedelta(minutes=minutes)
        if before > UNDISTURBED and self.rng.random() < 1 / 6:
            at = self.shortly_before(meeting, time(11, 15))
            self.secretary.move(meeting, meeting.start + timedelta(days=7), at)
            self.accept(meeting, OWNER if theirs else self.them, at)


def _call(day: date) -> datetime:
    return datetime.combine(day, time(10), tzinfo=ZONE)
