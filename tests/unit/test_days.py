"""Days as the command line names them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from keepwarm.daemon.days import day_named, said, time_on, today_of
from keepwarm.daemon.failure import BadUsage

FRIDAY = date(2026, 11, 27)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "ahead", "back"),
    [
        ("2026-12-01", "2026-12-01", "2026-12-01"),
        (" Today ", "2026-11-27", "2026-11-27"),
        ("tomorrow", "2026-11-28", "2026-11-28"),
        ("yesterday", "2026-11-26", "2026-11-26"),
        ("fri", "2026-11-27", "2026-11-27"),
        ("Thursday", "2026-12-03", "2026-11-26"),
        ("sat", "2026-11-28", "2026-11-21"),
    ],
)
def test_a_weekday_is_the_next_one_or_the_last(text: str, ahead: str, back: str) -> None:
    assert day_named(text, FRIDAY).isoformat() == ahead
    assert day_named(text, FRIDAY, back=True).isoformat() == back


@pytest.mark.parametrize(
    "text", ["", "t", "fr", "someday", "2026-13-01", "1969-12-31", "9999-01-01", "2026-12-01T10:00"]
)
def test_what_names_no_day_is_refused(text: str) -> None:
    with pytest.raises(BadUsage):
        day_named(text, FRIDAY)


def test_what_was_today_was_now_and_what_was_before_at_noon() -> None:
    now = datetime(2026, 11, 26, 23, 30, tzinfo=UTC)
    assert today_of(now, BERLIN) == FRIDAY
    assert time_on(FRIDAY, now, BERLIN) == now
    assert time_on(date(2026, 7, 1), now, BERLIN) == datetime(2026, 7, 1, 10, tzinfo=UTC)
    with pytest.raises(BadUsage, match="Sat 2026-11-28 has not been yet"):
        time_on(date(2026, 11, 28), now, BERLIN)
    assert said(FRIDAY) == "Fri 2026-11-27"
