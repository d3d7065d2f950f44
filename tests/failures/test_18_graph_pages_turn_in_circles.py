"""Case 18: a nextLink that leads back, or to the same page for ever. It is noticed; empty pages alone are legal."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import CursorLost, Later
from tests.microsoft import START, Reading, keys, message, pull
from tests.servers.graph import Told
from tests.servers.graph_calendar import uid

if TYPE_CHECKING:
    from pathlib import Path

    from tests.microsoft import Microsoft

MANY = 450  # three pages


def filled(microsoft: Microsoft) -> Microsoft:
    for number in range(MANY):
        microsoft.mailbox.add(message(number))
    return microsoft


def test_a_first_reading_in_circles_is_tried_again_later(microsoft: Microsoft) -> None:
    filled(microsoft).mailbox.loops = True
    with pytest.raises(Later) as caught:
        pull(microsoft.mail())
    assert caught.value.after.total_seconds() >= 3600
    assert sum("delta" in path for path in microsoft.graph.paths()) < 5


def test_a_later_reading_in_circles_gives_the_cursor_up(microsoft: Microsoft) -> None:
    connector = microsoft.mail()
    [*_, last] = pull(connector)
    filled(microsoft).mailbox.loops = True
    with pytest.raises(CursorLost):
        pull(connector, last.cursor)


def test_the_same_page_at_ever_new_addresses_is_noticed(microsoft: Microsoft) -> None:
    connector, base = microsoft.mail(), microsoft.graph.url
    connector.streams()
    for number in range(5):
        page = {"value": [{"id": "one", **message(1)}], "@odata.nextLink": f"{base}/me/next/{number}"}
        microsoft.graph.next.append(Told(body=page))
    with pytest.raises(Later):
        pull(connector)
    assert len(microsoft.graph.next) == 3


def test_empty_pages_are_read_through(microsoft: Microsoft) -> None:
    filled(microsoft).mailbox.empty_pages = 7
    batches = pull(microsoft.mail())
    assert len(set(keys(batches))) == MANY


def test_a_link_to_another_service_gets_no_token(microsoft: Microsoft) -> None:
    connector = microsoft.mail()
    connector.streams()
    elsewhere = {"value": [{"id": "one", **message(1)}], "@odata.nextLink": "https://evil.example/v1.0/me"}
    microsoft.graph.next.append(Told(body=elsewhere))
    with pytest.raises(CursorLost):
        pull(connector)


HOUR = timedelta(hours=1)


def test_a_calendar_whose_delta_goes_in_circles_is_read_plainly(microsoft: Microsoft, tmp_path: Path) -> None:
    calendars = microsoft.calendars
    for number in range(MANY):
        calendars.add(START + number * HOUR)
    series = calendars.add_series(START + 24 * HOUR, count=10)
    calendars.loops = True
    reading = Reading(tmp_path)
    found = keys(reading.poll(microsoft.calendar()))
    assert len(set(found)) == MANY + 11
    assert reading.store.life(uid(MANY)) == ["created"]
    assert sum("delta" in path for path in microsoft.graph.paths()) < 4

    calendars.move("event3==", START + 200 * HOUR, at=START + HOUR)  # and polled plainly
    calendars.delete("event5==")
    calendars.delete(calendars.occurrences(series)[2], silently=True)
    reading.poll(microsoft.calendar(), now=START + 2 * HOUR)
    assert not any("delta" in path for path in microsoft.graph.paths())
    reading.poll(microsoft.calendar(), now=START + 4 * HOUR)
    assert reading.store.life(uid(3)) == ["created", "rescheduled"]
    assert reading.store.life(uid(5)) == ["created", "cancelled"]
    third = START + 24 * HOUR + timedelta(weeks=2)
    assert reading.store.life(uid(MANY + 1), f"{third:%Y%m%dT%H%M%SZ}") == ["created", "cancelled"]

    calendars.loops = False  # the next day delta is tried again
    reading.poll(microsoft.calendar(1), now=START + 24 * HOUR)
    microsoft.graph.paths()
    assert keys(reading.poll(microsoft.calendar(1), now=START + 25 * HOUR)) == []
    assert microsoft.graph.paths() == ["/me/calendars", "/me/calendars/calendar0==/calendarView/delta"]


def test_changes_of_a_calendar_in_circles_are_read_anew_at_once(microsoft: Microsoft, tmp_path: Path) -> None:
    reading = Reading(tmp_path)
    reading.poll(microsoft.calendar())
    for number in range(MANY):
        microsoft.calendars.add(START + number * HOUR)
    microsoft.calendars.loops = True
    assert len(set(keys(reading.poll(microsoft.calendar(), now=START + HOUR)))) == MANY


def test_a_calendar_whose_delta_gives_its_first_page_only_is_read_plainly(microsoft: Microsoft, tmp_path: Path) -> None:
    for number in range(MANY):
        microsoft.calendars.add(START + number * HOUR)
    microsoft.calendars.links = False
    reading = Reading(tmp_path)
    assert len(set(keys(reading.poll(microsoft.calendar())))) == MANY
    microsoft.calendars.move("event3==", START + 200 * HOUR, at=START + HOUR)
    reading.poll(microsoft.calendar(), now=START + 2 * HOUR)
    assert reading.store.life(uid(3)) == ["created", "rescheduled"]
