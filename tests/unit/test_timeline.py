"""The order of events, and the moments at which time passing is looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from keepwarm.rules.timeline import LOOK_AT, QUIET_AFTER, Looks, events
from tests.unit.history_samples import Story, on, stories

if TYPE_CHECKING:
    import random

BERLIN = ZoneInfo("Europe/Berlin")
MOMENTS = st.integers(0, 600 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
ZONES = st.sampled_from([BERLIN, UTC, *map(ZoneInfo, ("America/New_York", "Pacific/Kiritimati", "Asia/Kolkata"))])


@settings(max_examples=40, deadline=None)
@given(MOMENTS, st.integers(0, 200), ZONES)
def test_it_is_looked_at_on_weekdays_for_sixty_days_then_on_mondays(after: datetime, days: int, zone: ZoneInfo) -> None:
    before = after + timedelta(days=days)
    wanted = []
    for number in range(days + 2):
        day = after.astimezone(zone).date() + timedelta(days=number)
        look = datetime.combine(day, LOOK_AT, zone).astimezone(UTC)
        daily = look <= after + QUIET_AFTER and day.weekday() < 5
        if after < look < before and (daily or day.weekday() == 0):
            wanted.append(look)
    assert list(Looks(zone).between(after, after, before)) == wanted
    mondays = [look for look in wanted if look.astimezone(zone).weekday() == 0]
    assert list(Looks(zone).mondays(after, before)) == mondays


@settings(max_examples=60, deadline=None)
@given(MOMENTS, st.floats(0, 400), ZONES)
def test_the_next_look_is_the_first_one_later_than_now(after: datetime, days: float, zone: ZoneInfo) -> None:
    now = after + timedelta(days=days)
    looks = Looks(zone)
    look = looks.next(after, now)
    assert look > now
    assert look in set(looks.between(after, after, look + timedelta(seconds=1)))
    assert all(other <= now for other in looks.between(after, after, look))
    assert looks.last(after, look + timedelta(seconds=1)) == look
    assert looks.last(after, look) == max([after, *looks.between(after, after, look)])


@given(MOMENTS, MOMENTS, MOMENTS)
def test_years_may_be_asked_for_in_any_order(one: datetime, other: datetime, third: datetime) -> None:
    asked = Looks(BERLIN)
    for moment in (one, other - timedelta(days=9000), third + timedelta(days=9000), one):
        assert asked.next(moment, moment) == Looks(BERLIN).next(moment, moment)


@settings(max_examples=20, deadline=None)
@given(stories(), st.randoms())
def test_events_come_in_one_order_however_they_are_stored(story: Story, shuffler: random.Random) -> None:
    history = story.history()
    messages, meetings = list(history.messages), list(history.meetings)
    shuffler.shuffle(messages)
    shuffler.shuffle(meetings)
    found = events(history)
    assert found == events(replace(history, messages=tuple(messages), meetings=tuple(meetings)))
    assert [event.at for event in found] == sorted(event.at for event in found)


def test_a_meeting_ends_after_what_was_written_in_that_second() -> None:
    story = Story()
    story.they_write(7, 15.0)
    story.meet(7, 14.0)
    assert [event.held for event in events(story.history()) if event.at == on(7, 15)] == [False, True]
