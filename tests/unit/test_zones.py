"""Zones by name, by definition, and where both disagree; times where clocks change."""

from __future__ import annotations

import contextlib
import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepwarm.connectors.contentlines import components
from keepwarm.connectors.icalendars import BrokenCalendar, event_of
from keepwarm.connectors.zones import Zones, embedded_zones, known_zone

if TYPE_CHECKING:
    from keepwarm.storage.observations import MeetingSeen

SUMMER = datetime(2026, 7, 1, 9, tzinfo=UTC)


def definition(tzid: str, standard: str, summer: str = "", *, months: tuple[int, int] = (10, 3)) -> str:
    """Write a VTIMEZONE as Outlook and Notes do, with rules since 1601."""
    summer = summer or standard
    return (
        f"BEGIN:VTIMEZONE\nTZID:{tzid}\n"
        f"BEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:{summer}\nTZOFFSETTO:{standard}\n"
        f"RRULE:FREQ=YEARLY;BYMINUTE=0;BYHOUR=3;BYDAY=-1SU;BYMONTH={months[0]}\nEND:STANDARD\n"
        f"BEGIN:DAYLIGHT\nDTSTART:16010101T020000\nTZOFFSETFROM:{standard}\nTZOFFSETTO:{summer}\n"
        f"RRULE:FREQ=YEARLY;BYMINUTE=0;BYHOUR=2;BYDAY=-1SU;BYMONTH={months[1]}\nEND:DAYLIGHT\nEND:VTIMEZONE\n"
    )


def meeting(start: str, zone: str = "") -> MeetingSeen:
    text = f"BEGIN:VCALENDAR\n{zone}BEGIN:VEVENT\nUID:z\nDTSTART{start}\nDURATION:PT1H\nEND:VEVENT\nEND:VCALENDAR\n"
    parts = list(components(io.BytesIO(text.encode())))
    zones = Zones(
        owner=ZoneInfo("Europe/Berlin"), embedded=embedded_zones(part for part in parts if part.name == "VTIMEZONE")
    )
    return event_of(next(part for part in parts if part.name == "VEVENT"), zones).seen


@pytest.mark.parametrize(
    ("name", "hours"),
    [
        ("Europe/Berlin", 2),
        ("europe/berlin", 2),
        ("W. Europe Standard Time", 2),
        ("w. europe standard time", 2),
        ("Eastern Standard Time 1", -4),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", 2),
        ("(GMT+01.00) Sarajevo/Warsaw/Zagreb", 2),
        ("(UTC-05:00) Eastern Time (US & Canada)", -4),
        ("(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi", 5.5),
        ("(UTC-06:00) Guadalajara, Mexico City, Monterrey", -6),
        ("Pacific", -7),
        ("/mozilla.org/20050126_1/Europe/Berlin", 2),
        ("/freeassociation.sourceforge.net/America/Indiana/Knox", -5),
        ("UTC+01:00", 1),
        ("GMT-0330", -3.5),
        ("UTC", 0),
    ],
)
def test_a_zone_is_known_by_its_names(name: str, hours: float) -> None:
    zone = known_zone(name)
    assert zone is not None
    assert SUMMER.astimezone(zone).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize(
    "name",
    ["Customized Time Zone", "GMT +0100 (Standard) / GMT +0200 (Daylight)", "(UTC+01:00) Nowhere", "UTC+99:00", "Mars"],
)
def test_what_names_no_one_zone_is_unknown(name: str) -> None:
    assert known_zone(name) is None


@pytest.mark.parametrize("name", ["Customized Time Zone", "GMT +0100 (Standard) / GMT +0200 (Daylight)", "Ortszeit"])
@pytest.mark.parametrize(("day", "hour"), [("0302", 8), ("0702", 7)])
def test_a_zone_without_a_known_name_is_the_calendars_own(name: str, day: str, hour: int) -> None:
    seen = meeting(f';TZID="{name}":2026{day}T090000', definition(name, "+0100", "+0200"))
    assert (seen.start.hour, seen.flaws) == (hour, ())


def test_a_known_name_outranks_a_definition_that_disagrees_and_that_is_noted() -> None:
    wrong = definition("Europe/Berlin", "+0100")
    seen = meeting(";TZID=Europe/Berlin:20260702T090000", wrong)
    assert (seen.start.hour, seen.flaws) == (7, ("timezone-disagrees",))
    assert meeting(";TZID=Europe/Berlin:20260302T090000", wrong).flaws == ()


def test_an_old_table_disagrees_only_where_it_matters() -> None:
    old = definition("Eastern Standard Time", "-0500", "-0400", months=(10, 4))
    assert meeting(";TZID=Eastern Standard Time:20260320T090000", old).flaws == ("timezone-disagrees",)
    assert meeting(";TZID=Eastern Standard Time:20260720T090000", old).flaws == ()


def test_an_abbreviation_is_no_name_where_the_calendar_defines_it() -> None:
    notes = definition("GMT", "+0000", "+0100")
    seen = meeting(';TZID="GMT":20260702T090000', notes)
    assert (seen.start.hour, seen.flaws) == (8, ())


def test_a_broken_definition_of_a_known_zone_does_no_harm() -> None:
    broken = definition("Europe/Berlin", "+9999", "none")
    seen = meeting(";TZID=Europe/Berlin:20260702T090000", broken)
    assert (seen.start.hour, seen.flaws) == (7, ())


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("20260329T023000", "2026-03-29T01:30"),  # does not exist: read with the offset before the gap
        ("20261025T023000", "2026-10-25T00:30"),  # comes twice: the first one
    ],
)
def test_a_time_in_the_gap_or_the_overlap_is_read_as_the_standard_says(local: str, utc: str) -> None:
    assert meeting(f";TZID=Europe/Berlin:{local}").start.isoformat().startswith(utc)


@given(st.text(max_size=80))
def test_any_name_is_a_zone_or_none(name: str) -> None:
    zone = known_zone(name)
    assert zone is None or SUMMER.astimezone(zone) == SUMMER


@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=120), st.sampled_from(["Berlin", "GMT", "Europe/Berlin"])
)
def test_any_definition_gives_a_time_or_a_broken_event(text: str, name: str) -> None:
    zone = f"BEGIN:VTIMEZONE\nTZID:{name}\nBEGIN:STANDARD\n{text}\nEND:STANDARD\nEND:VTIMEZONE\n"
    with contextlib.suppress(BrokenCalendar):
        assert meeting(f";TZID={name}:20260702T090000", zone).start.tzinfo is UTC
