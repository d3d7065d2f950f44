"""One occurrence of a series was deleted, and the server did not say so: only the whole series shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from keepwarm.storage.observations import Scope
from keepwarm.storage.tables import meeting
from tests.storage.world import DAY, HOUR, NOW, WEEKLY, Store, event, series

if TYPE_CHECKING:
    from keepwarm.storage.database import Database

SERIES = Scope(within="weekly/", since=NOW, until=NOW + 90 * DAY)


@pytest.mark.parametrize("scope", [SERIES, Scope(since=NOW, until=NOW + 90 * DAY)], ids=["series", "calendar"])
@pytest.mark.parametrize("sequence", [0, 1], ids=["silently", "with a new SEQUENCE"])
def test_an_occurrence_that_its_series_no_longer_shows_is_cancelled_and_no_other_is(
    database: Database, scope: Scope, sequence: int
) -> None:
    store = Store(database)
    beside = () if scope.within else (event(),)
    store.pull(*series(), event(), stream="calendar", complete=(scope,))
    own, first, *rest = series(sequence=sequence)
    for hours in (1, 3):
        store.pull(own, *rest, *beside, stream="calendar", now=NOW + hours * HOUR, complete=(scope,))
    ids = [one for (one,) in store.rows(select(meeting.c.recurrence_id).where(meeting.c.ical_uid == "weekly"))]
    assert [one for one in ids if store.life("weekly", one)[-1] == "cancelled"] == [first.recurrence_id]
    assert len(ids) == len(WEEKLY) + 1
    assert store.life() == ["created"]


def test_an_occurrence_outside_of_what_was_read_is_not_missed(database: Database) -> None:
    store = Store(database)
    own, *occurrences = series()
    store.pull(own, *occurrences, stream="calendar", complete=(SERIES,))
    narrow = Scope(within="weekly/", since=NOW, until=WEEKLY[4])
    for hours in (1, 3):
        store.pull(own, *occurrences[:4], stream="calendar", now=NOW + hours * HOUR, complete=(narrow,))
    assert all(store.life("weekly", one.recurrence_id) == ["created"] for one in occurrences)
