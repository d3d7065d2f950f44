"""Calendars that are read whole: is one edition the last one's next, or one with other UIDs?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.edition import DISOWNED, SUSPECT, batches
from keepwarm.connectors.series import Window
from keepwarm.connectors.shelf import Shelf
from keepwarm.connectors.uid_sketch import SIZE, kinship, sketch_of
from tests.vcalendars import vcalendar, vevent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keepwarm.storage.observations import Batch, Cursor

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(days=30), NOW + timedelta(days=90))


def read(cursor: Cursor | None, uids: Iterable[tuple[int, str]], mark: str = "") -> list[Batch]:
    """Read an edition of events, each a number (when it is, and its title) and a UID."""
    events = [(number, uid) for number, uid in uids]
    shelf = Shelf(WINDOW, UTC)
    body = vcalendar(*(vevent(uid, NOW + timedelta(hours=number), f"Review {number}") for number, uid in events))
    shelf.put("x", BytesIO(body))
    return list(batches(shelf, cursor, mark or str(events)))


def generation(name: str, count: int) -> list[tuple[int, str]]:
    return [(number, f"{name}-{number}") for number in range(count)]


def state(found: list[Batch]) -> str:
    assert bool(found[-1].disowned) == bool(found[-1].rejected)
    assert not (found[-1].cursor["state"] and (found[-1].seen or found[-1].complete))
    return str(found[-1].cursor["state"])


@pytest.mark.parametrize("count", [3, 10, 5 * SIZE])
def test_new_uids_for_all_are_disowned_until_they_stay(count: int) -> None:
    first = read(None, generation("a", count))
    second = read(first[-1].cursor, generation("b", count))
    assert (state(first), state(second)) == ("", DISOWNED)
    assert "CalDAV" in second[-1].rejected[0].reason
    third = read(second[-1].cursor, generation("b", count))
    assert (state(third), len(third[-1].complete)) == ("", 1)


def test_a_feed_that_does_so_again_must_keep_its_uids_through_a_change() -> None:
    found = read(None, generation("a", 10))
    for name in "bc":
        found = read(found[-1].cursor, generation(name, 10))
    assert state(found) == DISOWNED
    cached = read(found[-1].cursor, generation("c", 10))
    assert state(cached) == DISOWNED
    changed = read(cached[-1].cursor, generation("c", 11))
    assert (state(changed), changed[-1].cursor["strikes"]) == ("", 0)


@pytest.mark.parametrize("count", [1, 2, 3, 10, 200])
def test_one_event_that_was_created_anew_is_no_reason(count: int) -> None:
    cursor = read(None, generation("a", count))[-1].cursor
    found = read(cursor, [(0, "anew"), *generation("a", count)[1:]])
    assert state(found) == (SUSPECT if count == 1 else "")
    assert not found[-1].disowned
    if count == 1:
        assert state(read(found[-1].cursor, [(0, "anew")])) == ""


@pytest.mark.parametrize("count", [1, 2])
def test_a_very_small_calendar_is_looked_at_twice_and_meanwhile_says_nothing(count: int) -> None:
    cursor = read(None, generation("a", count))[-1].cursor
    second = read(cursor, generation("b", count))
    assert (state(second), second[-1].disowned) == (SUSPECT, "")
    assert state(read(second[-1].cursor, generation("c", count))) == DISOWNED


def test_a_busy_month_is_no_reason() -> None:
    cursor = read(None, generation("a", 40))[-1].cursor
    assert state(read(cursor, [*generation("a", 80)[30:]])) == ""
    assert state(read(cursor, [(number + 1000, f"new-{number}") for number in range(40)])) == ""
    assert state(read(cursor, [])) == ""


def test_events_that_say_the_same_are_not_taken_for_one_another() -> None:
    busy = ("DTSTART:20260302T090000Z", "SUMMARY:Busy")
    twins = [("u1", busy), ("u2", busy), ("u3", ("DTSTART:20260303T090000Z",))]
    kin = kinship(sketch_of(twins), sketch_of([*reversed(twins)]))
    assert (kin.events, kin.alike, kin.same) == (1, 1, 1)


def test_a_sketch_confirms_no_guess_at_a_title() -> None:
    guesses = [(f"u{number}", (f"SUMMARY:{number}",)) for number in range(1000)]
    assert len({entry for guess in guesses for entry in sketch_of([("uid", guess[1])])}) <= 256


def test_a_sketch_is_small_whatever_it_is_of() -> None:
    events = [(f"u{number}", (f"DTSTART:{20260302 + number}",)) for number in range(10_000)]
    assert len(sketch_of(events)) == SIZE
    assert kinship(sketch_of(events), sketch_of(events[100:])).stayed
