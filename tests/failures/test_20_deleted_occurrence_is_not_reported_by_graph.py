"""Case 20: an occurrence is deleted, and delta says nothing. The complete reading of the next day misses it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.microsoft import START, Reading, keys
from tests.servers.graph_calendar import uid

if TYPE_CHECKING:
    from pathlib import Path

    from tests.microsoft import Microsoft

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FIRST = START + 3 * DAY


def occurrence(week: int) -> str:
    return f"{FIRST + 7 * week * DAY:%Y%m%dT%H%M%SZ}"


def test_it_is_found_by_completeness(microsoft: Microsoft, tmp_path: Path) -> None:
    series = microsoft.calendars.add_series(FIRST)
    reading = Reading(tmp_path)
    reading.poll(microsoft.calendar())
    microsoft.calendars.delete(microsoft.calendars.occurrences(series)[2], silently=True)
    assert keys(reading.poll(microsoft.calendar(), now=START + HOUR)) == []
    for hours in (24, 26, 49):
        reading.poll(microsoft.calendar(hours // 24), now=START + hours * HOUR)
    lives = [reading.store.life(uid(1), occurrence(week)) for week in range(4)]
    assert lives == [["created"], ["created"], ["created", "cancelled"], ["created"]]
    assert reading.store.life(uid(1)) == ["created"]


def test_a_series_that_began_long_before_the_view_is_still_one(microsoft: Microsoft, tmp_path: Path) -> None:
    microsoft.calendars.add_series(START - 700 * DAY, count=110)
    reading = Reading(tmp_path)
    for day in range(4):
        reading.poll(microsoft.calendar(day), now=START + day * DAY)
    assert reading.store.life(uid(1)) == ["created"]
    last = START + (109 * 7 - 700) * DAY
    assert reading.store.life(uid(1), f"{last:%Y%m%dT%H%M%SZ}") == ["created"]
