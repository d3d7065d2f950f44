"""What vanishes from calendars: missing first, gone later, and held back if too much of it vanishes at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from keepwarm.storage import accounts, health
from keepwarm.storage.ingest import Ingest
from keepwarm.storage.messages import Keeping
from keepwarm.storage.observations import Attendee, Batch, Gone, Method, Rejected, Scope
from keepwarm.storage.prefixes import end_of
from keepwarm.storage.tables import meeting, meeting_copy, meeting_revision, rejected
from keepwarm.storage.vanishing import too_many
from tests.storage.world import ANA, BOB, DAY, HOUR, KEY, MEETING, NOW, SAM, WEEKLY, Store, event, invitation, series

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.storage.observations import MeetingSeen

ALL = (Scope(),)


def read(store: Store, *seen: MeetingSeen, hours: float, stream: str = "calendar", **more: Any) -> None:
    """Read a calendar whole, so many hours on."""
    store.pull(*seen, stream=stream, now=NOW + hours * HOUR, **({"complete": ALL} | more))


def poll(store: Store, *, hours: float, stream: str = "calendar", **more: Any) -> None:
    """Ask a calendar for what is new: nothing else is."""
    store.pull(stream=stream, now=NOW + hours * HOUR, **more)


def glance(store: Store, *, hours: float, stream: str = "calendar") -> None:
    """Find that a calendar has not changed: no batch at all."""
    store.ingest.finish(store.ingest.begin(store.stream(stream)), NOW + hours * HOUR)


def gone(store: Store) -> set[str]:
    return {key for (key,) in store.rows(select(meeting_copy.c.source_key).where(meeting_copy.c.gone))}


def missing(store: Store) -> set[str]:
    open_ones = meeting_copy.c.missing_since.is_not(None) & ~meeting_copy.c.gone
    return {key for (key,) in store.rows(select(meeting_copy.c.source_key).where(open_ones))}


def cancelled_at(store: Store) -> list[datetime]:
    return [at for (at,) in store.rows(select(meeting_revision.c.at).where(meeting_revision.c.change == "cancelled"))]


def changes(store: Store, uid: str = "weekly") -> dict[str, list[str]]:
    """Give the changes after the first, by RECURRENCE-ID, where there are any."""
    ids = [one for (one,) in store.rows(select(meeting.c.recurrence_id).where(meeting.c.ical_uid == uid))]
    return {one: life[1:] for one in ids if (life := store.life(uid, one))[1:]}


# Tombstones.


def test_a_tombstone_settles_too_and_tells_when_it_was_found(store: Store) -> None:
    read(store, event(), hours=0)
    poll(store, hours=1, gone=(Gone("uid/"), Gone("never-seen/"), Gone("neither"), Gone("uid/")))
    assert store.life() == ["created"]
    glance(store, hours=2)
    assert store.life() == ["created", "cancelled"]
    assert cancelled_at(store) == [NOW + HOUR]
    poll(store, hours=3, gone=(Gone("uid/"),))
    glance(store, hours=9)
    assert store.life() == ["created", "cancelled"]


def test_a_tombstone_that_ends_in_a_slash_stands_for_all_that_begins_with_it(store: Store) -> None:
    keys = ("a/", "a/1", "a/2/3", "A/1", "a", "b/a/", "a0", "a_/", "a%/1", "ä/1", "a.ics/1", "aa/1")
    read(store, *(event(f"u{key}", source_key=key) for key in keys), hours=0)
    poll(store, hours=1, gone=(Gone("a/"), Gone("a%"), Gone("a_")))
    assert missing(store) == {"a/", "a/1", "a/2/3"}


def test_a_tombstone_of_the_same_name_in_another_calendar_is_another_one(store: Store) -> None:
    read(store, event(), hours=0)
    poll(store, hours=1, gone=(Gone("uid/"),), stream="team")
    glance(store, hours=9)
    assert store.life() == ["created"]


def test_what_is_deleted_and_shown_again_in_the_same_pull_was_never_gone(store: Store) -> None:
    read(store, event(), hours=0)
    store.pull(event(), stream="calendar", now=NOW + HOUR, gone=(Gone("uid/"),))
    lease = store.ingest.begin(store.stream("calendar"))
    for batch in (Batch(gone=(Gone("uid/"),)), Batch(seen=(event(),))):
        store.ingest.store(lease, batch, NOW + 2 * HOUR)
    store.ingest.finish(lease, NOW + 2 * HOUR)
    assert missing(store) == set()
    lease = store.ingest.begin(store.stream("calendar"))
    for batch in (Batch(seen=(event(),)), Batch(gone=(Gone("uid/"),))):  # and the other way round
        store.ingest.store(lease, batch, NOW + 3 * HOUR)
    store.ingest.finish(lease, NOW + 3 * HOUR)
    assert missing(store) == {"uid/"}


@pytest.mark.parametrize("first", ["work", "team"])
def test_what_moves_to_another_calendar_is_not_cancelled_whichever_is_read_first(store: Store, first: str) -> None:
    read(store, event(), hours=0, stream="work")
    read(store, hours=0, stream="team")
    for calendar in (first, "team" if first == "work" else "work"):
        if calendar == "work":
            poll(store, hours=1, stream="work", gone=(Gone("uid/"),))
        else:
            store.pull(event(), stream="team", now=NOW + HOUR * 1.01)
    for hours in (3, 5):
        for calendar in ("work", "team"):
            glance(store, hours=hours, stream=calendar)
    assert len(gone(store)) == 1
    assert store.life() == ["created"]
    poll(store, hours=6, stream="team", gone=(Gone("uid/"),))
    glance(store, hours=8, stream="team")
    assert store.life() == ["created", "cancelled"]


def test_what_moves_to_another_resource_of_its_calendar_is_not_cancelled(store: Store) -> None:
    read(store, event(source_key="old.ics/"), hours=0)
    store.pull(event(source_key="new.ics/"), stream="calendar", now=NOW + HOUR, gone=(Gone("old.ics/"),))
    glance(store, hours=3)
    assert gone(store) == {"old.ics/"}
    assert store.life() == ["created"]


# Completeness of a part.


def test_what_one_whole_series_no_longer_shows_is_missing_and_nothing_else_is(store: Store) -> None:
    own, first, *rest = series()
    others = (event("weekly0"), event("weekly.1"), event("other"), event("Weekly", source_key="WEEKLY/x"))
    read(store, own, first, *rest, *others, hours=0)
    read(store, own, *rest, hours=1, complete=(Scope(within="weekly/"),))
    assert missing(store) == {first.source_key}
    glance(store, hours=3)
    assert changes(store) == {first.recurrence_id: ["cancelled"]}


def test_a_part_is_complete_only_in_its_span_of_time(store: Store) -> None:
    own, *occurrences = series()
    read(store, own, *occurrences, hours=0)
    scope = Scope(within="weekly/", since=WEEKLY[2], until=WEEKLY[4])
    read(store, own, hours=1, complete=(scope,))
    assert missing(store) == {one.source_key for one in occurrences[2:4]}


def test_a_part_says_nothing_about_what_could_not_be_read_elsewhere(store: Store) -> None:
    broken = Rejected(source_key="file:b.ics", reason="It is no calendar.")
    poll(store, hours=0, rejected=(broken,))
    read(store, event(), hours=1, complete=(Scope(within="uid/"),))
    assert store.rows(select(rejected.c.source_key)) == [("file:b.ics",)]


def test_a_broken_entry_is_there_with_all_its_occurrences(store: Store) -> None:
    read(store, *series(), event("Weekly"), hours=0)
    read(store, event("Weekly"), hours=1, rejected=(Rejected(source_key="weekly/", reason="Its rule is broken."),))
    assert missing(store) == set()


def test_a_series_that_began_before_the_window_is_missed_with_its_occurrences(store: Store) -> None:
    window = (Scope(since=NOW + 10 * DAY, until=NOW + 90 * DAY),)
    own, *occurrences = series()
    read(store, replace(own, start=NOW - 300 * DAY, end=NOW - 300 * DAY + HOUR), *occurrences, hours=0, complete=window)
    for hours in (1, 3):
        read(store, hours=hours, complete=window)
    inside = [one for one in occurrences if one.start >= NOW + 10 * DAY]
    assert changes(store) == {one.recurrence_id: ["superseded"] for one in inside[1:]} | {
        inside[0].recurrence_id: ["cancelled"]
    }


@pytest.mark.parametrize("prefix", ["a/", "/", "ä/", "a\ud7ff", "a\U0010ffff", "a\U0010ffff\U0010ffff"])
def test_the_end_of_a_prefix_comes_right_after_all_that_begin_with_it(prefix: str) -> None:
    end = end_of(prefix)
    assert prefix < prefix + "\U0010ffff" * 3 < end
    assert not end.startswith(prefix)
    end.encode()


def test_nothing_comes_after_the_last_of_all_characters() -> None:
    with pytest.raises(ValueError, match="nothing comes after it"):
        end_of("\U0010ffff")


# Series.


def test_an_occurrence_is_dropped_by_itself_though_the_title_and_sequence_of_its_series_change(store: Store) -> None:
    read(store, *series(), hours=0)
    own, first, *rest = series(summary="Renamed", sequence=3)
    for hours in (1, 3):
        read(store, own, *rest, hours=hours)
    assert changes(store)[first.recurrence_id] == ["cancelled"]
    assert all(life == [] for key, life in changes(store).items() if key != first.recurrence_id)


@pytest.mark.parametrize(
    ("sequence", "told"), [(3, (ANA, NOW + HOUR / 2)), (0, ("", NOW + HOUR))], ids=["anew", "silently"]
)
def test_who_wrote_the_series_anew_without_an_occurrence_took_it_out_of_it(
    store: Store, sequence: int, told: tuple[str, datetime]
) -> None:
    read(store, *series(), hours=0)
    own, first, *rest = series(sequence=sequence, written_at=NOW + HOUR / 2)
    for hours in (1, 3):
        read(store, own, *rest, hours=hours)
    cancelled = select(meeting_revision.c.actor, meeting_revision.c.at).where(meeting_revision.c.change == "cancelled")
    assert store.rows(cancelled) == [told]
    assert changes(store)[first.recurrence_id] == ["cancelled"]


def test_what_a_series_that_ends_sooner_drops_is_superseded_though_it_changes_again_at_once(store: Store) -> None:
    read(store, *series(), hours=0)
    own, *occurrences = series("RRULE:FREQ=WEEKLY;COUNT=4")
    read(store, own, *occurrences[:4], hours=1)
    again, *_ = series("RRULE:FREQ=WEEKLY;UNTIL=20260331T000000Z")
    read(store, again, *occurrences[:4], hours=1.5)
    read(store, again, *occurrences[:4], hours=3)
    assert changes(store) == {one.recurrence_id: ["superseded"] for one in occurrences[4:]}


def test_a_running_series_that_is_deleted_is_told_once_by_the_next_that_was_to_come(store: Store) -> None:
    read(store, *series(), hours=0)
    days = (WEEKLY[2] - NOW) / HOUR + 1
    poll(store, hours=days, gone=(Gone("weekly/"),))
    glance(store, hours=days + 2)
    _, *occurrences = series()
    assert changes(store) == {one.recurrence_id: ["superseded"] for one in occurrences[4:]} | {
        occurrences[3].recurrence_id: ["cancelled"]
    }


def test_a_deleted_series_whose_batches_came_apart_is_told_once(store: Store) -> None:
    read(store, *series(), hours=0)
    days = (WEEKLY[2] - NOW) / HOUR + 1
    lease = store.ingest.begin(store.stream("calendar"))
    for minute, one in enumerate(reversed(series())):
        tombstone = Gone(one.source_key) if one.recurrence_id else Gone("weekly/")
        store.ingest.store(lease, Batch(gone=(tombstone,)), NOW + (days + minute / 60) * HOUR)
    store.ingest.finish(lease, NOW + (days + 1) * HOUR)
    for minute in range(12):
        glance(store, hours=days + 1 + minute / 60)
    told = [life for life in changes(store).values() if "cancelled" in life]
    assert told == [["cancelled"]]
    assert len(changes(store)) == 5


def test_a_series_that_its_organiser_called_off_by_mail_is_not_cancelled_again_when_it_is_deleted(store: Store) -> None:
    own, *occurrences = series()
    read(store, replace(own, start=NOW - 300 * DAY, end=NOW - 300 * DAY + HOUR), *occurrences, hours=0)
    store.pull(invitation(replace(own, sequence=1), 30 * 24 + 1, method=Method.CANCEL))
    poll(store, hours=2, gone=(Gone("weekly/"),))
    glance(store, hours=4)
    found = changes(store)
    assert found.pop("") == ["cancelled"]
    assert set(map(tuple, found.values())) == {("cancelled",)}  # by the mail, which is about each of them


def test_a_deleted_series_that_comes_back_in_time_is_nothing(store: Store) -> None:
    read(store, *series(), hours=0)
    poll(store, hours=1, gone=(Gone("weekly/"),))
    for hours in (1.5, 3, 5):
        read(store, *series(), hours=hours)
    assert changes(store) == {}
    assert missing(store) == set()


# Created anew.


@pytest.mark.parametrize("later", [0.0, 0.9, -0.9])
def test_a_meeting_that_was_created_anew_under_another_uid_is_not_cancelled(store: Store, later: float) -> None:
    one, other = event("old", summary="Review"), event("new", summary="Review")
    read(store, one, hours=0)
    poll(store, hours=2, gone=(Gone("old/"),) if later >= 0 else ())
    store.pull(other, stream="calendar", now=NOW + (2 + max(0, later)) * HOUR)
    poll(store, hours=2.9, gone=(Gone("old/"),) if later < 0 else ())
    glance(store, hours=5)
    assert gone(store) == {"old/"}
    assert store.life("old") == ["created", "superseded"]
    assert store.life("new") == ["created"]


@pytest.mark.parametrize(
    "change",
    [
        {"summary": "Lunch"},
        {"start": MEETING + HOUR, "end": MEETING + 2 * HOUR},
        {"end": MEETING + 2 * HOUR},
        {"organizer": BOB, "attendees": (Attendee(address=BOB), Attendee(address=SAM))},
    ],
)
def test_another_meeting_in_the_place_of_one_is_not_the_same(store: Store, change: dict[str, Any]) -> None:
    read(store, event("old", summary="Review"), hours=0)
    for hours in (2, 4):
        read(store, event("new", **({"summary": "Review"} | change)), hours=hours)
    assert store.life("old") == ["created", "cancelled"]


def test_a_double_that_was_there_before_is_not_the_same_meeting_created_anew(store: Store) -> None:
    one, other = event("old", summary="Review"), event("new", summary="Review")
    read(store, one, other, hours=0)
    for hours in (0.5, 2):
        read(store, other, hours=hours)
    assert store.life("old") == ["created", "cancelled"]
    for hours in (5, 7):
        read(store, hours=hours)
    assert store.life("new") == ["created", "cancelled"]


def test_of_a_meeting_that_was_created_anew_and_then_dropped_the_last_is_cancelled(store: Store) -> None:
    for number, hours in enumerate((0, 1, 1.5)):
        read(store, event(f"uid-{number}", summary="Review"), hours=hours)
    for hours in (1.9, 3, 5):
        read(store, hours=hours)
    assert [store.life(f"uid-{number}")[1] for number in range(3)] == ["superseded", "superseded", "cancelled"]


def test_titles_that_are_not_kept_are_not_needed_to_know_a_meeting_again(store: Store) -> None:
    store.ingest = Ingest(store.database, Keeping(owner=store.owner, key=KEY, subjects=False))
    read(store, event("old"), event("lost"), hours=0)
    for hours in (1, 3):
        read(store, event("new"), event("other", start=MEETING + DAY), hours=hours)
    assert store.life("old") == ["created", "superseded"]


# Too many at once.


def crowd(number: int) -> list[MeetingSeen]:
    """Make coming meetings, an hour apart."""
    return [event(f"m{one}", start=MEETING + one * HOUR) for one in range(number)]


def held(store: Store) -> int:
    with store.database.reading() as connection:
        return {one.stream: one.held for one in health.streams(connection, ["work"])}["calendar"]


def cursor(store: Store) -> Any:
    with store.database.reading() as connection:
        return accounts.cursor_of(connection, store.stream("calendar"))


@pytest.mark.parametrize(
    ("vanished", "left", "much"), [(9, 0, False), (10, 0, True), (5, 5, False), (6, 4, True), (0, 10, False)]
)
def test_more_than_half_of_at_least_ten_is_too_many(vanished: int, left: int, *, much: bool) -> None:
    assert too_many(vanished, left) is much


@pytest.mark.parametrize("number", [9, 10])
@pytest.mark.parametrize("by_tombstones", [False, True])
def test_ten_that_vanish_at_once_are_held_and_nine_are_not(store: Store, number: int, *, by_tombstones: bool) -> None:
    read(store, *crowd(number), hours=0)
    tombstones = {"complete": (), "gone": tuple(Gone(one.source_key) for one in crowd(number))}
    read(store, hours=1, **(tombstones if by_tombstones else {}))
    glance(store, hours=3)
    assert len(gone(store)) == (9 if number == 9 else 0)
    assert held(store) == (0 if number == 9 else 10)


def test_half_of_many_go_the_normal_way_and_one_more_does_not(store: Store) -> None:
    read(store, *crowd(20), hours=0)
    for hours in (1, 3):
        read(store, *crowd(20)[10:], hours=hours)
    assert len(gone(store)) == 10
    read(store, *crowd(20)[16:], hours=4)
    glance(store, hours=6)
    assert (len(gone(store)), held(store)) == (10, 6)


def test_what_is_held_is_gone_when_a_second_complete_read_an_hour_on_agrees(store: Store) -> None:
    read(store, *crowd(12), hours=0)
    for hours in (1, 1.5, 1.9):
        read(store, hours=hours)  # too early to be the second
    assert held(store) == 12
    for hours in (2, 3, 9):
        glance(store, hours=hours)  # no read
    read(store, hours=10, complete=(Scope(within="m1/"),))  # not complete
    read(store, hours=11, complete=(Scope(since=MEETING + 4 * HOUR),))
    assert (len(gone(store)), held(store)) == (8, 4)
    read(store, hours=12)
    assert (len(gone(store)), held(store)) == (12, 0)
    assert cancelled_at(store) == [NOW + HOUR] * 12


def test_what_was_deleted_far_beyond_the_span_that_is_read_is_confirmed_too(store: Store) -> None:
    read(store, *crowd(12), hours=0)
    poll(store, hours=1, gone=tuple(Gone(one.source_key) for one in crowd(12)))
    read(store, hours=3, complete=(Scope(since=NOW - DAY, until=MEETING),))
    assert (len(gone(store)), held(store)) == (12, 0)


def test_what_is_held_and_comes_back_was_never_gone(store: Store) -> None:
    read(store, *crowd(12), hours=0)
    read(store, hours=1)
    read(store, *crowd(12), hours=50)
    assert (held(store), missing(store)) == (0, set())
    for hours in (51, 53):
        read(store, *crowd(12)[1:], hours=hours)
    assert gone(store) == {"m0/"}  # and what vanishes then goes the normal way


def test_what_does_not_come_back_with_the_others_is_confirmed(store: Store) -> None:
    read(store, *crowd(12), hours=0)
    read(store, hours=1)
    read(store, *crowd(12)[3:], hours=3)
    assert (held(store), gone(store)) == (0, {"m0/", "m1/", "m2/"})


def test_time_that_passes_lifts_no_hold(store: Store) -> None:
    read(store, *crowd(12), hours=0)
    read(store, hours=1)
    glance(store, hours=40 * 24)  # all of them are in the past by now
    assert (held(store), gone(store)) == (12, set())


def test_new_meetings_lift_no_hold(store: Store) -> None:
    read(store, *crowd(12), hours=0)
    read(store, hours=1)
    store.pull(*(event(f"new{one}") for one in range(20)), stream="calendar", now=NOW + 2 * HOUR)
    glance(store, hours=3)
    assert (held(store), gone(store)) == (12, set())


def test_a_full_read_is_asked_for_once_an_hour_while_it_is_needed(store: Store) -> None:
    mark = {"v": 1, "token": "t"}
    read(store, *crowd(12), hours=0, cursor=mark)
    read(store, hours=1, cursor=mark)
    glance(store, hours=1.5)
    assert cursor(store) == mark  # not before it could confirm anything
    glance(store, hours=2)
    assert cursor(store) is None
    read(store, hours=2.5, complete=(), cursor=mark)  # it could not be read to its end
    assert cursor(store) == mark
    glance(store, hours=2.9)
    assert cursor(store) == mark
    glance(store, hours=3)
    assert cursor(store) is None
    read(store, hours=3.1, cursor=mark)
    assert (held(store), len(gone(store)), cursor(store)) == (0, 12, mark)
    glance(store, hours=9)
    assert cursor(store) == mark


def test_occurrences_of_a_series_that_was_ended_or_split_are_no_crowd(store: Store) -> None:
    eight, more = series(), crowd(3)
    read(store, *eight, *more, hours=0)
    own, first, *_ = series("RRULE:FREQ=WEEKLY;COUNT=1")
    for hours in (1, 3):
        read(store, own, first, *more, hours=hours)
    assert held(store) == 0
    assert len(gone(store)) == 7


def test_a_great_series_that_is_deleted_whole_is_a_crowd_and_told_once_when_confirmed(store: Store) -> None:
    read(store, *series(), *crowd(3), hours=0)
    for hours in (1, 3):
        poll(store, hours=hours, gone=(Gone("weekly/"),))
    assert held(store) == 8
    assert changes(store) == {}
    read(store, *crowd(3), hours=4)
    found = changes(store)
    assert found.pop("") == ["cancelled"]
    assert set(map(tuple, found.values())) == {("superseded",)}


def test_meetings_that_are_over_are_no_crowd(store: Store) -> None:
    past = [event(f"p{one}", start=NOW - one * DAY) for one in range(1, 30)]
    read(store, *past, *crowd(5), hours=0)
    read(store, *crowd(5), hours=1)
    glance(store, hours=3)
    assert (held(store), len(gone(store))) == (0, 29)


def test_calendars_that_all_get_new_uids_at_once_cancel_nothing(store: Store) -> None:
    read(store, *crowd(12), hours=0)
    anew = [replace(one, ical_uid=f"x-{one.ical_uid}", source_key=f"x-{one.source_key}") for one in crowd(12)]
    for hours in (1, 3):
        read(store, *anew, hours=hours)
    assert (held(store), len(gone(store))) == (0, 12)
    assert cancelled_at(store) == []


# Mail beside the calendar.


def test_a_meeting_known_by_mail_too_is_cancelled_when_its_last_copy_vanishes(store: Store) -> None:
    store.pull(invitation(event(), 1))
    read(store, event(), hours=0)
    for hours in (1, 3):
        read(store, hours=hours)
    assert store.life() == ["created", "cancelled"]


def test_a_meeting_known_by_mail_alone_is_not_missed_by_any_calendar(store: Store) -> None:
    store.pull(invitation(event(), 1))
    for hours in (1, 3, 5):
        read(store, hours=hours)
    assert store.life() == ["created"]


def test_a_copy_stored_before_shapes_were_gets_its_shape_and_no_revision(store: Store) -> None:
    read(store, *series(), hours=0)
    with store.database.writing() as connection:
        connection.execute(meeting_copy.update().values(shape="", shown_since=None))
    assert store.pull(*series(), stream="calendar", now=NOW + HOUR, complete=ALL)[1].meetings == 0
    shapes = store.rows(select(meeting_copy.c.source_key).where(meeting_copy.c.shape != ""))
    assert shapes == [("weekly/",)]
    own, first, *rest = series()
    for hours in (2, 4):
        read(store, own, *rest, hours=hours)
    assert changes(store) == {first.recurrence_id: ["cancelled"]}
