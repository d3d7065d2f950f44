"""The split of a series ("this and following") was told as many cancellations, or as a series twice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from keepwarm.storage.observations import Gone, Scope
from keepwarm.storage.tables import meeting
from tests.storage.world import HOUR, NOW, WEEKLY, Store, series

if TYPE_CHECKING:
    from keepwarm.storage.database import Database
    from keepwarm.storage.observations import MeetingSeen

ALL = (Scope(),)
KEPT = 3


def old_part() -> list[MeetingSeen]:
    """Give the series as it ends now."""
    own, *occurrences = series("RRULE:FREQ=WEEKLY;UNTIL=20260324T120000Z", sequence=1)
    return [own, *occurrences[:KEPT]]


def new_part(shift: int) -> list[MeetingSeen]:
    """Give the series that goes on, under a UID of its own."""
    own, *occurrences = [
        replace(one, ical_uid="split", source_key=one.source_key.replace("weekly", "split"))
        for one in series(shift=shift)
    ]
    following = occurrences[KEPT:]
    return [replace(own, start=following[0].start, end=following[0].end), *following]


def lives(store: Store, uid: str) -> list[list[str]]:
    ids = store.rows(select(meeting.c.recurrence_id).where(meeting.c.ical_uid == uid).order_by(meeting.c.recurrence_id))
    return [store.life(uid, one) for (one,) in ids]


@pytest.mark.parametrize("shift", [0, 1], ids=["only the title is another", "on another day"])
@pytest.mark.parametrize("new_first", [False, True])
def test_a_split_series_is_neither_cancelled_nor_doubled(database: Database, shift: int, *, new_first: bool) -> None:
    store = Store(database)
    store.pull(*series(), stream="calendar", complete=ALL)
    store.pull(
        *((*series(), *new_part(shift)) if new_first else old_part()),
        stream="calendar",
        now=NOW + HOUR,
        complete=ALL,
    )
    for hours in (1.2, 3, 5):
        store.pull(*old_part(), *new_part(shift), stream="calendar", now=NOW + hours * HOUR, complete=ALL)
    own, *occurrences = lives(store, "weekly")
    assert own == ["created"]
    assert occurrences == [["created"]] * KEPT + [["created", "superseded"]] * (len(WEEKLY) - KEPT)
    assert lives(store, "split") == [["created"]] * (len(WEEKLY) - KEPT + 1)


def test_a_split_that_is_told_by_tombstones_is_no_cancellation_either(database: Database) -> None:
    store = Store(database)
    store.pull(*series(), stream="calendar", complete=ALL)
    dropped = tuple(Gone(one.source_key) for one in series()[KEPT + 1 :])
    store.pull(*old_part(), *new_part(1), stream="calendar", now=NOW + HOUR, gone=dropped)
    store.pull(stream="calendar", now=NOW + 3 * HOUR)
    assert [life for uid in ("weekly", "split") for life in lives(store, uid) if "cancelled" in life] == []


def test_a_split_of_a_series_that_was_most_of_the_calendar_is_not_held_back(database: Database) -> None:
    store = Store(database)
    own, *_ = series()
    many = [own] + [
        replace(one, source_key=f"{one.source_key}{turn}", recurrence_id=f"{one.recurrence_id}{turn}")
        for turn in range(3)
        for one in series()[1:]
    ]
    store.pull(*many, stream="calendar", complete=ALL)
    for hours in (1, 3):
        store.pull(*old_part()[:1], *many[1:KEPT], stream="calendar", now=NOW + hours * HOUR, complete=ALL)
    told = {tuple(life) for life in lives(store, "weekly")}
    assert told == {("created",), ("created", "superseded")}
