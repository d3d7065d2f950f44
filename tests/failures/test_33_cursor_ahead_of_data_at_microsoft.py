"""Case 33, at Microsoft: killed at any write, of the first reading and of later ones, mail, calendar and attendance."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.graph import GraphConnector
from tests.killing import Killing
from tests.microsoft import ME, START, attendee, message
from tests.servers.graph_calls import came, online

if TYPE_CHECKING:
    from pathlib import Path

    from tests.microsoft import Microsoft

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ANA, BEN = "ana@acme.example", "ben@acme.example"


@pytest.mark.timeout(300)
def test_what_is_stored_in_the_end_is_that_of_a_calm_run(microsoft: Microsoft, tmp_path: Path) -> None:
    day = [0]

    def connector() -> GraphConnector:
        now = START + day[0] * DAY + 12 * HOUR
        return GraphConnector(microsoft.mail(), microsoft.calendar(day[0]), microsoft.attendance(now))

    killing = Killing(tmp_path, connector, datetime(2026, 3, 2, 21, tzinfo=UTC))
    calendars, mailbox = microsoft.calendars, microsoft.mailbox
    for number in range(250):  # more than a page
        mailbox.add(message(number), "sentitems" if number % 3 else "inbox")
    guests = [attendee(ANA), attendee(BEN)]
    for number in range(-20, 20):
        calendars.add(START + number * DAY, attendees=guests, **online(f"call{number}"))
        at = START + number * DAY
        if number <= 0:
            microsoft.calls.hold(f"call{number}", at, at + HOUR, [came(ME, role="Organizer"), came(ANA)])
    series = calendars.add_series(START + DAY, 6, attendees=guests)
    stored = killing.pass_over()
    assert (len(stored["message"]), len(stored["meeting"])) == (250, 47)
    assert [one["change"] for one in stored["meeting_revision"]].count("no_show") == 21

    calendars.move("event25==", START + 30 * DAY, at=START + 2 * DAY)
    calendars.delete("event30==")
    calendars.delete(calendars.occurrences(series)[3], silently=True)
    for number in range(250, 280):
        mailbox.add(message(number))
    at = START + DAY
    microsoft.calls.hold("call1", at, at + HOUR, [came(ME, role="Organizer"), came(BEN)])
    for later in (2, 3):  # each day is read whole; what was missing is gone at the second
        day[0], killing.now = later, START + later * DAY + 12 * HOUR
        stored = killing.pass_over()
    changes = [one["change"] for one in stored["meeting_revision"]]
    assert len(stored["message"]) == 280
    assert [changes.count(one) for one in ("no_show", "rescheduled", "cancelled")] == [22, 1, 2]
