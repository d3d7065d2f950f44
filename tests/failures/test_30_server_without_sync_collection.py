"""Case 30: a server without sync-collection, for which a library made up tokens that said "nothing is there".

ETags are compared with those of the last reading: what is new, changed or deleted is found, and nothing else moves.
"""

from __future__ import annotations

import pytest

from keepwarm.connectors.contract import Later
from tests.calendars import calendar, claims, connector_to, event, gone, keys, poll
from tests.servers.scripted_dav import OneCalendar, ScriptedDav, Told, missed, response, told

REPORTS = "<d:supported-report><d:report><c:calendar-multiget/></d:report></d:supported-report>"
WITHOUT = f"<d:supported-report-set>{REPORTS}</d:supported-report-set>"
ANSWERS = [Told(405), Told(400), Told(501), Told(415), missed(403, "d:supported-report")]


def texts(*names: str) -> dict[str, str]:
    return {f"{name}.ics": calendar(event(name)) for name in names}


@pytest.mark.parametrize("answer", [*ANSWERS, None], ids=[*(str(one.status) for one in ANSWERS), "not offered"])
def test_etags_tell_what_is_new_changed_and_deleted(answer: Told | None) -> None:
    kept = OneCalendar(texts("a", "b", "c"), lists="" if answer else WITHOUT)
    if answer is not None:
        kept.instead["REPORT sync-collection"] = lambda asked: answer
    with ScriptedDav(kept) as server:
        reading = connector_to(f"{server.url}/work/")
        first = poll(reading)
        assert (keys(first), claims(first)) == (["a.ics/", "b.ics/", "c.ics/"], [""])
        del kept.resources["a.ics"]
        kept.resources["b.ics"] = calendar(event("b", "SEQUENCE:1"))
        kept.resources |= texts("d")
        server.what()
        second = poll(reading, first[-1].cursor)
        assert (keys(second), gone(second)) == (["b.ics/", "d.ics/"], ["a.ics/"])
        assert claims(second) == ["b.ics/", "d.ics/"]
        assert "REPORT sync-collection" not in server.what()


@pytest.mark.parametrize("mark", ["", "1"])
def test_nothing_changed_means_nothing_is_said_and_nothing_vanishes(mark: str) -> None:
    kept = OneCalendar(texts("a", "b"), mark=mark)
    with ScriptedDav(kept) as server:
        reading = connector_to(f"{server.url}/work/")
        cursor = poll(reading)[-1].cursor
        server.what()
        assert poll(reading, cursor) == []
        assert server.what() == (["PROPFIND 0"] if mark else ["PROPFIND 0", "PROPFIND 1"])


@pytest.mark.parametrize("cut", [told(), told(response("/work/", status=507))])
def test_a_list_that_was_cut_off_proves_no_absence(cut: Told) -> None:
    kept = OneCalendar(texts("a", "b"))
    with ScriptedDav(kept) as server:
        reading = connector_to(f"{server.url}/work/")
        cursor = poll(reading)[-1].cursor
        kept.instead["PROPFIND 1"] = lambda asked: cut
        with pytest.raises(Later):
            poll(reading, cursor)


def test_an_emptied_calendar_is_told_by_tombstones() -> None:
    kept = OneCalendar(texts("a", "b"))
    with ScriptedDav(kept) as server:
        reading = connector_to(f"{server.url}/work/")
        cursor = poll(reading)[-1].cursor
        kept.resources.clear()
        assert gone(poll(reading, cursor)) == ["a.ics/", "b.ics/"]
