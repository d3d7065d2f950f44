"""Whether a series comes at a moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from keepwarm.storage.observations import Method
from keepwarm.storage.recurrence import comes_at
from keepwarm.storage.sightings import Sighting

BERLIN = "Europe/Berlin"


def series(pattern: str, start: str = "20260316T090000Z", zone: str = BERLIN) -> Sighting:
    begin = datetime.strptime(start, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return Sighting(
        ref="", at=begin, source="", method=Method.REQUEST, start=begin, end=begin + timedelta(hours=1),
        pattern=pattern, zone=zone,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "occurrence", "comes"),
    [
        ("FREQ=WEEKLY", "20260323T090000Z", True),
        ("FREQ=WEEKLY", "20260330T080000Z", True),  # summer time
        ("FREQ=WEEKLY", "20260330T090000Z", False),
        ("FREQ=WEEKLY", "20260324T090000Z", False),
        ("FREQ=WEEKLY;UNTIL=20260330T080000Z", "20260330T080000Z", True),
        ("FREQ=WEEKLY;UNTIL=20260330T080000Z", "20260406T080000Z", False),
        ("FREQ=WEEKLY;UNTIL=20260330", "20260330T080000Z", True),
        ("FREQ=WEEKLY;COUNT=2", "20260323T090000Z", True),
        ("FREQ=WEEKLY;COUNT=2", "20260330T080000Z", False),
        ("FREQ=WEEKLY;INTERVAL=2", "20260323T090000Z", False),
        ("FREQ=MONTHLY;BYDAY=3MO", "20260420T080000Z", True),
        ("FREQ=WEEKLY\nRDATE:20260401T080000Z", "20260401T080000Z", True),
        ("FREQ=SECONDLY", "20260323T090000Z", None),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "20260323T090000Z", None),  # it never comes
        ("FREQ=WEEKLY;INTERVAL=x", "20260323T090000Z", None),
        ("sha256:1234", "20260323T090000Z", None),
        ("FREQ=WEEKLY", "20260323", None),
        ("FREQ=DAILY", "99991231T090000Z", None),
    ],
)
def test_a_series_comes_when_its_pattern_says_so_and_what_cannot_be_told_is_not(
    pattern: str, occurrence: str, comes: bool | None
) -> None:
    assert comes_at(series(pattern), occurrence) is comes


def test_without_a_zone_the_clocks_may_have_changed_in_between() -> None:
    assert comes_at(series("FREQ=WEEKLY", zone=""), "20260330T080000Z") is True
    assert comes_at(series("FREQ=WEEKLY", zone=""), "20260323T080000Z") is False


def test_days_are_those_of_the_series_own_zone() -> None:
    tokyo = series("FREQ=WEEKLY;BYDAY=MO", "20260315T230000Z", "Asia/Tokyo")
    assert comes_at(tokyo, "20260322T230000Z") is True
    assert comes_at(series("FREQ=WEEKLY;BYDAY=MO", "20260315T230000Z", ""), "20260322T230000Z") is None
