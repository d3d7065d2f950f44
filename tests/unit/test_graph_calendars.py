"""Calendars at Microsoft after a pause: what was planned meanwhile is seen, though it is long over."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.microsoft import START, Reading, keys
from tests.servers.graph_calendar import uid

if TYPE_CHECKING:
    from pathlib import Path

    from tests.microsoft import Microsoft

DAY = timedelta(days=1)


@pytest.mark.parametrize("days", [100, 2_500])  # Graph gives no more than 1,825 days at once
def test_what_happened_in_a_pause_is_seen_after_it(microsoft: Microsoft, tmp_path: Path, days: int) -> None:
    window = (START - 400 * DAY, START + (days + 120) * DAY)
    reading = Reading(tmp_path)
    microsoft.calendars.add(START)
    reading.poll(microsoft.calendar())
    met = microsoft.calendars.add(START + 10 * DAY)
    assert f"{met}/" in keys(reading.poll(microsoft.calendar(window=lambda: window), now=START + days * DAY))
    assert reading.store.life(uid(1)) == ["created"]
    assert reading.store.life(uid(2)) == ["created"]
