"""A trail gives the windows that a plain search would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from keepwarm.rules.trail import Trail

TIMES = st.integers(0, 20).map(lambda hours: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=hours))


@given(st.lists(TIMES, max_size=30).map(sorted), TIMES, TIMES)
def test_windows_are_those_of_a_plain_search(times: list[datetime], start: datetime, end: datetime) -> None:
    trail = Trail[int]()
    for number, at in enumerate(times):
        trail.add(at, number)
    numbered = list(enumerate(times))
    assert list(trail.since(start)) == [number for number, at in numbered if at >= start]
    assert list(trail.between(start, end)) == [number for number, at in numbered if start <= at < end]
    assert trail.count_after(start) == sum(at > start for at in times)
    assert trail.last == (len(times) - 1 if times else None)
    assert len(trail) == len(times)
