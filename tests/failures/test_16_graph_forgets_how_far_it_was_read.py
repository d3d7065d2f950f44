"""Case 16: Graph answers 410 or syncStateNotFound, in the middle of paging too. A new generation reads everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import CursorLost
from tests.microsoft import START, keys, message, pull
from tests.servers.graph import GONE, error

if TYPE_CHECKING:
    from tests.microsoft import Microsoft

LOST = {
    "410": GONE,
    "410 without a word": error(410, ""),
    "syncStateNotFound as 400": error(400, "SyncStateNotFound"),
    "resyncRequired as 404": error(404, "resyncRequired"),
}


@pytest.mark.parametrize("name", LOST)
def test_a_lost_state_gives_the_cursor_up(microsoft: Microsoft, name: str) -> None:
    microsoft.mailbox.add(message(1))
    connector = microsoft.mail()
    [*_, last] = pull(connector)
    connector.streams()
    microsoft.graph.next.append(LOST[name])
    with pytest.raises(CursorLost):
        pull(connector, last.cursor)
    assert len(keys(pull(connector))) == 1


def test_a_state_lost_between_two_pages_gives_the_cursor_up(microsoft: Microsoft) -> None:
    for number in range(450):
        microsoft.mailbox.add(message(number))
    connector = microsoft.mail()
    [stream] = [one for one in connector.streams() if one.name == "inbox"]
    pages = connector.pull(stream, None)
    first = next(pages)
    microsoft.mailbox.folder("inbox").log.forget()
    with pytest.raises(CursorLost):
        list(pages)
    with pytest.raises(CursorLost):  # and so does the cursor that was stored with the first page
        pull(connector, first.cursor)
    assert len(set(keys(pull(connector)))) == 450


def test_a_lost_state_of_a_calendar_gives_the_cursor_up(microsoft: Microsoft) -> None:
    microsoft.calendars.add(START)
    connector = microsoft.calendar()
    [*_, last] = pull(connector, name="calendar")
    microsoft.calendars.calendars["calendar0=="].log.forget()
    with pytest.raises(CursorLost):
        pull(connector, last.cursor, "calendar")
    assert len(keys(pull(connector, name="calendar"))) == 1
