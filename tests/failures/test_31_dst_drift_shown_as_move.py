"""A clock change was shown as a move: what is held at the same time of day is moved by nobody."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from keepwarm.connectors.series import Window
from keepwarm.connectors.shelf import Shelf
from keepwarm.storage.tables import meeting, meeting_revision
from tests.storage.world import HOUR, NOW, Store

if TYPE_CHECKING:
    from keepwarm.storage.database import Database
    from keepwarm.storage.observations import MeetingSeen

WINDOW = Window(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))
HEAD = "UID:weekly\nORGANIZER:mailto:ana@acme.example\nATTENDEE:mailto:sam@carter.example\n"
# The clocks of Berlin change on 29 March; in April ten o'clock is 08:00 UTC.
SERIES = (
    f"BEGIN:VEVENT\n{HEAD}DTSTART;TZID=Europe/Berlin:20260310T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\nEND:VEVENT\n"
)
NAMED_IN = {
    "its zone": ";TZID=Europe/Berlin:20260407T100000",
    "UTC": ":20260407T080000Z",
    "another zone": ";TZID=America/New_York:20260407T040000",
}


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


def shown(named: str) -> list[MeetingSeen]:
    """Read a calendar in which one occurrence in April is written out, and at its own time."""
    once = f"BEGIN:VEVENT\n{HEAD}RECURRENCE-ID{NAMED_IN[named]}\nDTSTART{NAMED_IN[named]}\nDURATION:PT1H\nEND:VEVENT\n"
    shelf = Shelf(WINDOW, ZoneInfo("Europe/Berlin"))
    shelf.put("it.ics", io.BytesIO(f"BEGIN:VCALENDAR\n{SERIES}{once}END:VCALENDAR\n".encode()))
    return [one for found, _ in shelf.meetings() for one in found]


@pytest.mark.parametrize("other", ["UTC", "another zone"])
def test_two_copies_that_name_an_occurrence_in_different_zones_are_one(store: Store, other: str) -> None:
    store.pull(*shown("its zone"), stream="work", now=NOW)
    before = store.rows(select(meeting.c.recurrence_id))
    store.pull(*shown(other), stream="team", now=NOW + HOUR)
    store.pull(*shown(other), stream="work", now=NOW + 2 * HOUR)
    assert store.rows(select(meeting.c.recurrence_id)) == before
    assert ("20260407T080000Z",) in before
    assert set(store.rows(select(meeting_revision.c.change))) == {("created",)}


def test_the_clock_change_moves_no_occurrence(store: Store) -> None:
    for hours in range(3):
        store.pull(*shown("its zone"), stream="work", now=NOW + hours * HOUR)
    assert set(store.rows(select(meeting_revision.c.change))) == {("created",)}
    starts = {start.hour for (start,) in store.rows(select(meeting_revision.c.start))}
    assert starts == {9, 8}  # ten o'clock, in winter and in summer
