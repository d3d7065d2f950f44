"""Case 23, at Google: the sync token has expired (410), and a full list has no tombstones."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import CursorLost, Later
from tests.google import START, calendar_of, event, meetings, poll

if TYPE_CHECKING:
    from tests.servers.google import Google

ME = "me@example.com"


@pytest.fixture
def calendar(google: Google) -> Google:
    google.calendars.add(ME)
    for number in range(3):
        google.calendars.put(ME, event(f"e{number}", START + timedelta(days=number)))
    return google


def test_an_expired_token_loses_the_cursor_and_the_full_reading_claims_everything(calendar: Google) -> None:
    connector = calendar_of(calendar)
    cursor = poll(connector)[-1].cursor
    calendar.calendars.drop(ME, "e1")
    calendar.calendars.expire_tokens(ME)
    with pytest.raises(CursorLost):
        poll(connector, cursor)
    anew = poll(connector)
    assert sorted(meetings(anew)) == ["e0/", "e2/"]
    assert [scope.within for batch in anew for scope in batch.complete] == [""]
    assert poll(connector, anew[-1].cursor) == []


def test_a_cursor_moves_only_with_the_last_page(calendar: Google) -> None:
    calendar.calendars.page_size = 1
    connector = calendar_of(calendar)
    calendar.fail("pageToken", 500, times=99)
    with pytest.raises(Later):
        poll(connector)
    calendar.faults.clear()
    assert sorted(meetings(poll(connector))) == ["e0/", "e1/", "e2/"]


def test_a_deleted_event_is_a_tombstone(calendar: Google) -> None:
    connector = calendar_of(calendar)
    cursor = poll(connector)[-1].cursor
    calendar.calendars.delete(ME, "e1")
    found = poll(connector, cursor)
    assert [one.source_key for batch in found for one in batch.gone] == ["e1/"]
    assert poll(connector, found[-1].cursor) == []
