"""Case 20, by CalDAV: an occurrence is deleted, and the server only says that the series changed.

The series is handed over whole, with the claim that it is; so the occurrence shows by its absence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.calendars import WEEKLY, WINDOW, claims, connector_to, event, gone, keys, poll

if TYPE_CHECKING:
    from tests.servers.calendars import CalendarUser


def test_an_occurrence_taken_out_of_a_series_is_missing_from_a_whole_series(calendar_user: CalendarUser) -> None:
    calendar_user.make_calendar("work")
    calendar_user.put("work/s.ics", event("s", WEEKLY))
    calendar_user.put("work/other.ics", event("other"))
    reading = connector_to(calendar_user.url(), calendar_user.user, calendar_user.password)
    first = poll(reading)
    calendar_user.put("work/s.ics", event("s", WEEKLY, "EXDATE:20260309T090000Z"))
    second = poll(reading, first[-1].cursor)
    assert set(keys(first)) - set(keys(second)) == {"s.ics/20260309T090000Z", "other.ics/"}
    assert (claims(second), gone(second)) == (["s.ics/"], [])
    [scope] = (scope for batch in second for scope in batch.complete)
    assert (scope.since, scope.until) == WINDOW
