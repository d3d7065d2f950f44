"""The calendar of pings, notes and promises: on the right day, in any calendar program, and in nobody's way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from keepwarm.outputs.dated_calendar import Remembered, calendar
from keepwarm.outputs.wording import wording
from keepwarm.storage.histories import By
from keepwarm.storage.next_pings import NextPing
from keepwarm.storage.notes import Note
from keepwarm.storage.promises import Promise
from tests.unit import views_samples as samples

ZONE = ZoneInfo("Pacific/Auckland")  # 13 hours ahead: the day in UTC would be another one
AS_OF = samples.AS_OF
SAID: dict[str, Any] = {"id": 1, "address": "ana@acme.example", "contact": "c_0001", "name": "Ana Brandt", "at": AS_OF}
NOTE = Note(**SAID, on=date(2026, 12, 12), text="her brother's wedding")
MINE = Promise(**SAID, by=By.OWNER, due=date(2026, 11, 30), text="the new draft", kept_at=None)
QUIET = next(one for one in samples.busy_signals() if one.rule == "you_went_quiet")


def made(language: str = "en", **remembered: Any) -> str:
    nothing: dict[str, Any] = {"signals": (), "pings": (), "notes": (), "promises": ()}
    return calendar(Remembered(**{**nothing, **remembered}), AS_OF, ZONE, wording(language))


def events(text: str) -> list[dict[str, Any]]:
    return [
        {name.lower(): event.decoded(name) for name in ("UID", "DTSTART", "DTEND", "DTSTAMP", "SUMMARY", "TRANSP")}
        for event in Calendar.from_ical(text).walk("VEVENT")
    ]


def test_a_due_ping_stands_on_the_day_on_which_it_became_due() -> None:
    (event,) = events(made(signals=samples.busy_signals()))
    assert event == {
        "uid": f"ping-{QUIET.contact.id}@keepwarm",
        "dtstart": date(2026, 11, 21),
        "dtend": date(2026, 11, 22),
        "dtstamp": QUIET.opened,
        "summary": "Write to Sam Okafor",
        "transp": "TRANSPARENT",
    }


def test_two_reasons_to_write_to_somebody_are_one_event_of_the_earlier_day() -> None:
    earlier = replace(QUIET, id="sig_other", rule="add_value", opened=QUIET.opened - timedelta(days=3))
    (event,) = events(made(signals=[QUIET, earlier]))
    assert event["dtstart"] == date(2026, 11, 18)


def test_a_ping_of_the_owners_interval_stands_there_ahead_unless_it_is_past_or_due_already() -> None:
    ahead = NextPing(contact=samples.ANA, last=AS_OF - timedelta(days=4), due=AS_OF + timedelta(days=10))
    past = NextPing(contact=samples.JO, last=AS_OF - timedelta(days=40), due=AS_OF - timedelta(days=10))
    due = NextPing(contact=samples.SAM, last=AS_OF - timedelta(days=40), due=AS_OF + timedelta(days=1))
    found = events(made(signals=[QUIET], pings=[ahead, past, due]))
    assert [(one["dtstart"], one["summary"]) for one in found] == [
        (date(2026, 11, 21), "Write to Sam Okafor"),
        (date(2026, 12, 3), "Write to Ana Brandt"),
    ]


def test_dated_notes_and_open_promises_stand_on_their_days() -> None:
    theirs = replace(MINE, id=2, by=By.THEM, due=date(2026, 12, 1))
    undated, nobodys = replace(NOTE, id=3, on=None), replace(NOTE, id=4, contact=None)
    found = events(made(notes=[NOTE, undated, nobodys], promises=[MINE, theirs]))
    assert [(one["dtstart"], one["summary"]) for one in found] == [
        (date(2026, 11, 30), "Promised to Ana Brandt: the new draft"),
        (date(2026, 12, 1), "Ana Brandt promised: the new draft"),
        (date(2026, 12, 12), "Ana Brandt: her brother's wedding"),
    ]
    assert "Versprochen von Ana Brandt" in made("de", promises=[theirs])


def test_nothing_rings_invites_or_takes_time_and_a_day_is_no_moment() -> None:
    text = made(signals=[QUIET], notes=[NOTE], promises=[MINE])
    for word in ("VALARM", "ATTENDEE", "ORGANIZER", "VTODO", "METHOD"):
        assert word not in text
    assert text.count("DTSTART;VALUE=DATE:") == text.count("TRANSP:TRANSPARENT") == text.count("BEGIN:VEVENT") == 3
    assert all(event["uid"].endswith("@keepwarm") for event in events(text))


def test_the_same_data_give_the_same_file_on_another_day() -> None:
    nothing = Remembered(signals=[QUIET], pings=(), notes=[NOTE], promises=[MINE])
    days = [AS_OF, AS_OF + timedelta(days=3)]
    assert len({calendar(nothing, day, ZONE, wording("en")) for day in days}) == 1


@pytest.mark.parametrize("bad", [samples.HOSTILE, "x\r\nEND:VEVENT\r\nBEGIN:VALARM", "a;b,c\\n\ud83d"])
def test_hostile_texts_add_no_line(bad: str) -> None:
    text = made(notes=[replace(NOTE, text=bad, name=bad)])
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert len(list(Calendar.from_ical(text).walk())) == 2
    assert str(event["SUMMARY"]).isprintable()
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75


def test_a_stamp_is_in_utc() -> None:
    (event,) = events(made(notes=[replace(NOTE, at=datetime(2026, 11, 20, 8, 0, 0, 5, tzinfo=UTC))]))
    assert event["dtstamp"] == datetime(2026, 11, 20, 8, tzinfo=UTC)
