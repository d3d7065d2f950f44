"""What the exported files are made of, on both databases."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from keepwarm.outputs.feed import TYPES, line
from keepwarm.outputs.json_views import utc_text
from keepwarm.storage import feed, meeting_parts, next_pings, pings, warmth_weeks
from keepwarm.storage.contacts import views
from keepwarm.storage.logged_touches import LOGGED_TOUCHES
from keepwarm.storage.observations import Answer, Attendee, MeetingStatus
from keepwarm.storage.shelf import first_address
from keepwarm.storage.tables import feed_entry, meeting, meeting_copy, warmth_change
from tests.feed import valid_lines
from tests.storage.world import ANA, BOB, DAY, HOUR, MEETING, NOW, SAM, event, mail, series
from tests.unit import views_samples as samples

if TYPE_CHECKING:
    from tests.storage.world import Store

BERLIN = ZoneInfo("Europe/Berlin")
WITH_BOTH = (
    Attendee(address=ANA, answer=Answer.ACCEPTED),
    Attendee(address=BOB, answer=Answer.DECLINED),
    Attendee(address=SAM),
)


def known(store: Store, *, days_ago: float = 30) -> dict[str, str]:
    """Let Sam have written to Ana and Bob; give their ids by address."""
    store.pull(mail(SAM, ANA, BOB, at=NOW - days_ago * DAY))
    return {address: ref.id for address, ref in store.sort().items()}


def warmth(store: Store, who: str, *steps: tuple[datetime, float]) -> None:
    rows = [
        {"contact_id": who, "seq": seq, "at": at, "before": 0.0, "after": after, "band": "cool", "cause": "heard",
         "sentence": "", "signal_id": None}
        for seq, (at, after) in enumerate(steps, start=1)
    ]  # fmt: skip
    with store.database.writing() as connection:
        connection.execute(warmth_change.insert(), rows)


def weeks(store: Store, as_of: datetime = NOW) -> list[Any]:
    with store.database.reading() as connection:
        return list(warmth_weeks.of(connection, as_of, BERLIN))


def parts(store: Store, as_of: datetime = NOW) -> list[Any]:
    with store.database.reading() as connection:
        return list(meeting_parts.of(connection, as_of))


def test_a_week_has_the_warmth_at_its_end_in_the_owners_zone(store: Store) -> None:
    ana, bob = sorted(known(store).values())
    monday = datetime(2026, 2, 23, tzinfo=BERLIN).astimezone(UTC)  # NOW is the Monday after
    warmth(store, ana, (monday - 7 * DAY, 30.0), (monday, 40.0), (monday + HOUR, 50.0), (NOW - HOUR, 60.0))
    warmth(store, bob, (NOW - HOUR, 10.0))
    assert [(one.contact_id, one.week, one.ends, one.warmth) for one in weeks(store)] == [
        (ana, "2026-W07", date(2026, 2, 15), 30.0),
        (ana, "2026-W08", date(2026, 2, 22), 40.0),
        (ana, "2026-W09", date(2026, 3, 1), 50.0),
    ]


def test_two_years_of_weeks_are_given_and_what_was_before_is_known_at_their_beginning(store: Store) -> None:
    ana, bob = sorted(known(store).values())
    warmth(store, ana, (NOW - 3000 * DAY, 20.0), (NOW - 2000 * DAY, 70.0))
    warmth(store, bob, (NOW - 3000 * DAY, 33.0), (NOW - 10 * DAY, 44.0))
    found = weeks(store)
    assert [one.contact_id for one in found] == [ana] * 104 + [bob] * 104
    assert {one.warmth for one in found[:104]} == {70.0}
    assert [one.warmth for one in found[104:]] == [33.0] * 102 + [44.0] * 2
    assert [one.ends for one in found[:104]] == sorted(date(2026, 3, 1) - timedelta(weeks=back) for back in range(104))


def test_a_week_that_is_over_does_not_change_while_the_next_one_goes_on(store: Store) -> None:
    ana = known(store)[ANA]
    warmth(store, ana, (NOW - 20 * DAY, 30.0))
    before = weeks(store)
    warmth_later = {"contact_id": ana, "seq": 2, "at": NOW + HOUR, "before": 30.0, "after": 99.0, "band": "close"}
    with store.database.writing() as connection:
        connection.execute(
            warmth_change.insert(), [{**warmth_later, "cause": "heard", "sentence": "", "signal_id": None}]
        )
    assert weeks(store, NOW + 5 * DAY) == before
    assert weeks(store, NOW + 8 * DAY)[:-1] == before[-len(weeks(store, NOW + 8 * DAY)) + 1 :]
    assert weeks(store, NOW + 8 * DAY)[-1].warmth == 99.0


def test_each_contact_in_a_meeting_is_a_part_of_it(store: Store) -> None:
    ids = known(store)
    store.pull(event("one", attendees=WITH_BOTH), stream="calendar")
    store.sort()
    found = parts(store)
    assert [(one.contact_id, one.organised_by, one.declined) for one in found] == sorted(
        [(ids[ANA], "contact", False), (ids[BOB], "other", True)]
    )
    assert {(one.start, one.end, one.title, one.moved, one.cancelled) for one in found} == {
        (MEETING, MEETING + HOUR, "Meeting one", 0, False)
    }


def test_moves_and_a_cancellation_are_told_of_the_meeting_as_it_is_now(store: Store) -> None:
    known(store)
    seen = event("one", organizer=SAM)
    store.pull(seen, stream="calendar", now=NOW - 3 * DAY)
    store.pull(replace(seen, start=MEETING + DAY, end=MEETING + DAY + HOUR), stream="calendar", now=NOW - 2 * DAY)
    store.pull(
        replace(seen, start=MEETING + DAY, end=MEETING + DAY + HOUR, status=MeetingStatus.CANCELLED),
        stream="calendar",
        now=NOW - DAY,
    )
    store.sort()
    (one,) = parts(store)
    assert (one.start, one.moved, one.cancelled, one.organised_by) == (MEETING + DAY, 1, True, "owner")
    (before,) = parts(store, NOW - 2.5 * DAY)
    assert (before.start, before.moved, before.cancelled) == (MEETING, 0, False)


def test_a_series_counts_by_its_meetings_which_come_in_the_order_of_time(store: Store) -> None:
    known(store)
    store.pull(*series(), event("first", start=NOW + HOUR), stream="calendar")
    store.sort()
    found = parts(store)
    assert len(found) == 9
    assert [one.start for one in found] == sorted(one.start for one in found)


def test_a_ping_is_due_so_long_after_the_last_touch_of_any_kind(store: Store) -> None:
    ids = known(store, days_ago=40)
    store.pull(event("held", start=NOW - 20 * DAY), event("off", start=NOW - 5 * DAY, status=MeetingStatus.CANCELLED),
               stream="calendar", now=NOW - 25 * DAY)  # fmt: skip
    store.sort()
    with store.database.writing() as connection:
        for who in (ANA, BOB):
            pings.put(connection, ids[who], 21, NOW - DAY)
        pings.adopt(connection, list(ids.values()))
    assert due(store) == {ids[ANA]: NOW - 20 * DAY + HOUR + 21 * DAY, ids[BOB]: NOW - 40 * DAY + 21 * DAY}
    with store.database.writing() as connection:
        LOGGED_TOUCHES.add(connection, first_address(connection, ids[BOB]), at=NOW - DAY, kind="call", text="")
    assert due(store)[ids[BOB]] == NOW + 20 * DAY


def due(store: Store) -> dict[str, datetime]:
    with store.database.reading() as connection:
        return {one.contact.id: one.due for one in next_pings.of(connection, views(connection, NOW), NOW)}


def test_who_has_no_interval_of_the_owners_has_no_next_ping(store: Store) -> None:
    known(store)
    assert due(store) == {}


def test_what_keepwarm_wrote_into_a_calendar_is_no_meeting_wherever_it_is_read_back(store: Store) -> None:
    known(store)
    own = event("ping-c_0123@keepwarm", organizer=SAM, attendees=())
    store.pull(own, event("real"), stream="calendar")
    assert store.rows(select(meeting.c.ical_uid)) == [("real",)]
    assert store.rows(select(func.count()).select_from(meeting_copy)) == [(1,)]


def test_a_line_of_every_type_fits_the_schema_on_its_way_through_the_database(store: Store) -> None:
    who = known(store)[ANA]
    told = [
        {
            "id": f"line-{entry.seq}",
            "type": entry.type,
            "time": entry.time,
            "contact_id": who,
            "data": _stored(entry.data),
        }
        for entry in samples.feed_entries()
    ]
    with store.database.writing() as connection:
        feed.stage_more(connection, told)
        feed.publish(connection)
    with store.database.reading() as connection:
        text = "".join(f"{line(entry)}\n" for entry in feed.entries(connection))
    assert {one["type"] for one in valid_lines(text)} == set(TYPES)


def _stored(data: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(json.dumps(data, default=utc_text))
    return kept


def test_the_last_line_and_a_forgetting_after_a_line_are_known(store: Store) -> None:
    with store.database.reading() as connection:
        assert (feed.last(connection), feed.forgot(connection, 0)) == (0, False)
    rows = [
        {"seq": seq, "id": f"l{seq}", "type": kind, "time": NOW, "contact_id": "c", "data": {},
         "contact": {"id": "c", "name": "", "addresses": [], "organisation": None, "labels": []}}
        for seq, kind in enumerate(("contact.added", "contact.forgotten", "contact.added"), start=1)
    ]  # fmt: skip
    with store.database.writing() as connection:
        connection.execute(feed_entry.insert(), rows)
    with store.database.reading() as connection:
        assert feed.last(connection) == 3
        assert [feed.forgot(connection, since) for since in range(4)] == [True, True, False, False]
