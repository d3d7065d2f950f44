"""Case 19: delta says @removed of a new event that lies outside of its view, or that was put off beyond it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.microsoft import START, Reading, gone, keys
from tests.servers.graph_calendar import uid

if TYPE_CHECKING:
    from pathlib import Path

    from tests.microsoft import Microsoft

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def test_a_new_event_outside_of_the_view_is_no_loss(microsoft: Microsoft, tmp_path: Path) -> None:
    microsoft.calendars.add(START + 3 * DAY)
    reading, connector = Reading(tmp_path), microsoft.calendar()
    reading.poll(connector)
    far = microsoft.calendars.add(START + 300 * DAY)
    batches = reading.poll(connector, now=START + HOUR)
    assert (gone(batches), keys(batches)) == ([], [f"{far}/"])
    assert reading.store.life(uid(1)) == ["created"]


def test_a_tombstone_of_an_event_that_was_never_shown_is_ignored(microsoft: Microsoft, tmp_path: Path) -> None:
    microsoft.calendars.add(START + 3 * DAY)
    reading, connector = Reading(tmp_path), microsoft.calendar()
    reading.poll(connector)
    microsoft.calendars.delete(microsoft.calendars.add(START + 300 * DAY))
    for hours in (1, 3):
        reading.poll(connector, now=START + hours * HOUR)
    assert reading.store.life(uid(1)) == ["created"]
    assert reading.store.life(uid(2)) == []


def test_a_meeting_put_off_beyond_the_view_was_moved_and_not_cancelled(microsoft: Microsoft, tmp_path: Path) -> None:
    number = microsoft.calendars.add(START + 3 * DAY)
    reading = Reading(tmp_path)
    reading.poll(microsoft.calendar())
    microsoft.calendars.move(number, START + 200 * DAY, at=START + HOUR)
    reading.poll(microsoft.calendar(), now=START + 2 * HOUR)
    reading.poll(microsoft.calendar(), now=START + 4 * HOUR)
    for day in (1, 2):  # and the complete readings of the next days see it too
        reading.poll(microsoft.calendar(day), now=START + day * DAY)
    assert reading.store.life(uid(1)) == ["created", "rescheduled"]


def test_a_meeting_put_off_beyond_the_view_overnight_was_moved_too(microsoft: Microsoft, tmp_path: Path) -> None:
    number = microsoft.calendars.add(START + 3 * DAY)
    reading = Reading(tmp_path)
    reading.poll(microsoft.calendar())
    microsoft.calendars.move(number, START + 200 * DAY, at=START + HOUR)
    for day in (1, 2, 3):  # no poll tells of it: each day is read whole
        reading.poll(microsoft.calendar(day), now=START + day * DAY)
    assert reading.store.life(uid(1)) == ["created", "rescheduled"]


def test_a_meeting_that_was_deleted_is_cancelled(microsoft: Microsoft, tmp_path: Path) -> None:
    number = microsoft.calendars.add(START + 3 * DAY)
    reading, connector = Reading(tmp_path), microsoft.calendar()
    reading.poll(connector)
    microsoft.calendars.delete(number)
    assert gone(reading.poll(connector, now=START + HOUR)) == [f"{number}/"]
    reading.poll(connector, now=START + 3 * HOUR)
    assert reading.store.life(uid(1)) == ["created", "cancelled"]


def test_many_tombstones_are_not_asked_for_one_by_one(microsoft: Microsoft) -> None:
    numbers = [microsoft.calendars.add(START + hour * HOUR) for hour in range(200)]
    connector = microsoft.calendar()
    [stream] = connector.streams()
    [*_, last] = connector.pull(stream, None)
    for number in numbers[:150]:
        microsoft.calendars.delete(number)
    microsoft.graph.paths()
    batches = list(connector.pull(stream, last.cursor))
    assert len(microsoft.graph.paths()) < 10
    assert len(keys(batches)) == 50
    assert batches[-1].complete
