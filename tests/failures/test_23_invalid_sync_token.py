"""Case 23, by CalDAV: the server no longer knows the token, and a full list has no tombstones.

A new generation is opened, and its full reading claims to be all there is, so that what vanished meanwhile is found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import CursorLost
from tests.calendars import calendar, claims, connector_to, event, keys, poll
from tests.servers.scripted_dav import OneCalendar, ScriptedDav, Told, missed

if TYPE_CHECKING:
    from tests.servers.calendars import CalendarUser

UNKNOWN = "http://radicale.org/ns/sync/" + "0" * 64  # of a form that both servers take for a token


def test_an_unknown_token_loses_the_cursor_and_the_full_reading_claims_everything(calendar_user: CalendarUser) -> None:
    calendar_user.make_calendar("work")
    for uid in "ab":
        calendar_user.put(f"work/{uid}.ics", event(uid))
    reading = connector_to(calendar_user.url(), calendar_user.user, calendar_user.password)
    cursor = poll(reading)[-1].cursor
    calendar_user.delete("work/a.ics")
    with pytest.raises(CursorLost):
        poll(reading, {**cursor, "token": UNKNOWN})
    anew = poll(reading)
    assert (keys(anew), claims(anew)) == (["b.ics/"], [""])


@pytest.mark.parametrize("status", [403, 409, 410, 412])
def test_each_way_of_refusing_a_token_is_understood(status: int) -> None:
    cursor = {"v": 1, "zone": "UTC", "day": "2026-05-31", "mark": "", "daily": [], "token": "old"}
    answers = {"REPORT sync-collection": lambda asked: missed(status, "d:valid-sync-token")}
    with ScriptedDav(OneCalendar(instead=answers)) as server, pytest.raises(CursorLost):
        poll(connector_to(f"{server.url}/work/"), cursor)


def test_a_refusal_for_another_reason_does_not_cost_the_history() -> None:
    cursor = {"v": 1, "zone": "UTC", "day": "2026-05-31", "mark": "", "daily": [], "token": "old"}
    answers = {"REPORT sync-collection": lambda asked: Told(403)}
    with ScriptedDav(OneCalendar({"a.ics": calendar(event("a"))}, instead=answers)) as server:
        batches = poll(connector_to(f"{server.url}/work/"), cursor)
        assert (keys(batches), claims(batches)) == (["a.ics/"], [""])
