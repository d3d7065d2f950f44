"""The CalDAV connector against a real Radicale and a real Xandikos."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from keepwarm.connectors.contract import Later, Refused, SignInNeeded
from keepwarm.storage.observations import Stream
from tests.calendars import START, WEEKLY, WINDOW, claims, connector_to, event, gone, keys, poll
from tests.daemon import running, until
from tests.keepwarm import Keepwarm
from tests.servers.processes import free_port
from tests.servers.witness import Witness

if TYPE_CHECKING:
    from pathlib import Path

    from keepwarm.connectors.caldav import CaldavConnector
    from tests.servers.calendars import CalendarUser
    from tests.servers.radicale import Radicale

READING = {"PROPFIND", "REPORT", "GET", "OPTIONS"}
SERIES = ["s.ics/", *(f"s.ics/202603{day:02}T090000Z" for day in (2, 9, 16, 23))]


def connector(user: CalendarUser, url: str = "", **others: Any) -> CaldavConnector:
    return connector_to(url or user.url(), user.user, user.password, **others)


# Discovery


@pytest.mark.parametrize("start", ["server", "root", "principal", "home", "calendar", "calendar without a slash"])
def test_a_calendar_is_found_from_whatever_address_is_set(calendar_user: CalendarUser, start: str) -> None:
    calendar_user.make_calendar("work")
    calendar_user.put("work/a.ics", event("a"))
    paths = {
        "server": "",
        "root": "/",
        "principal": calendar_user.principal,
        "home": calendar_user.home,
        "calendar": f"{calendar_user.home}work/",
        "calendar without a slash": f"{calendar_user.home}work",
    }
    reading = connector(calendar_user, calendar_user.server.url + paths[start])
    assert list(reading.streams()) == [Stream("work", holds="calendar")]
    assert keys(poll(reading)) == ["a.ics/"]


def test_each_calendar_with_events_is_a_stream_and_a_list_of_tasks_is_none(calendar_user: CalendarUser) -> None:
    calendar_user.make_calendar("work", "Same name")
    calendar_user.make_calendar("home", "Same name")
    calendar_user.make_calendar("tasks", components=["VTODO"])
    assert [stream.name for stream in connector(calendar_user).streams()] == ["home", "work"]


@pytest.mark.parametrize(
    ("globs", "names"),
    [
        ({"include": ("Team*",)}, ["b"]),
        ({"exclude": ("Team*",)}, ["a"]),
        ({"include": ("a",)}, ["a"]),
        ({"include": ("*/b",)}, ["b"]),
    ],
)
def test_calendars_are_chosen_by_display_name_or_path(
    calendar_user: CalendarUser, globs: dict[str, tuple[str, ...]], names: list[str]
) -> None:
    calendar_user.make_calendar("a", "Private")
    calendar_user.make_calendar("b", "Team meetings")
    assert [stream.name for stream in connector(calendar_user, **globs).streams()] == names


def test_a_choice_of_no_calendar_is_refused_with_the_names_that_there_are(calendar_user: CalendarUser) -> None:
    calendar_user.make_calendar("a", "Private")
    with pytest.raises(Refused) as caught:
        connector(calendar_user, include=("Nothing",)).streams()
    assert "Private" in caught.value.what_to_do


def test_a_server_without_calendars_is_refused_with_a_cure(calendar_user: CalendarUser) -> None:
    with pytest.raises(Refused) as caught:
        connector(calendar_user).streams()
    assert "url" in caught.value.what_to_do


# What is read


def test_new_changed_and_deleted_resources_are_found_and_no_others(calendar_user: CalendarUser) -> None:
    calendar_user.make_calendar("work")
    for uid in "abc":
        calendar_user.put(f"work/{uid}.ics", event(uid))
    reading = connector(calendar_user)
    first = poll(reading)
    assert (keys(first), claims(first)) == (["a.ics/", "b.ics/", "c.ics/"], [""])
    calendar_user.put("work/b.ics", event("b", "SEQUENCE:1", start=START + timedelta(days=1)))
    calendar_user.put("work/d.ics", event("d"))
    calendar_user.delete("work/c.ics")
    second = poll(reading, first[-1].cursor)
    assert (keys(second), gone(second), claims(second)) == (["b.ics/", "d.ics/"], ["c.ics/"], ["b.ics/", "d.ics/"])
    assert poll(reading, second[-1].cursor) == []


def test_a_series_comes_with_its_exceptions_and_without_what_was_taken_out(calendar_user: CalendarUser) -> None:
    calendar_user.make_calendar("work")
    moved = event("s", "RECURRENCE-ID:20260316T090000Z", start=START + timedelta(days=15))
    calendar_user.put("work/s.ics", event("s", WEEKLY, "EXDATE:20260309T090000Z"), moved)
    batches = poll(connector(calendar_user))
    seen = {item.source_key: item for batch in batches for item in batch.seen}
    assert sorted(seen) == [key for key in SERIES if "0309" not in key]
    assert seen["s.ics/20260316T090000Z"].start == START + timedelta(days=15)


def test_names_with_odd_letters_are_the_same_each_time(calendar_user: CalendarUser) -> None:
    calendar_user.make_calendar("work")
    calendar_user.put("work/a%20%C3%BC@x+y.ics", event("a"))
    reading = connector(calendar_user)
    first = poll(reading)
    assert keys(first) == ["a%20%C3%BC@x+y.ics/"]
    calendar_user.delete("work/a%20%c3%bc%40x+y.ics")
    assert gone(poll(reading, first[-1].cursor)) == keys(first)


def test_many_resources_come_in_several_batches_of_which_the_last_moves_the_cursor(calendar_user: CalendarUser) -> None:
    calendar_user.make_calendar("work")
    calendar_user.fill("work", {f"{number}.ics": event(str(number)) for number in range(120)})
    batches = poll(connector(calendar_user))
    assert len(set(keys(batches))) == 120
    assert [batch.looked_at for batch in batches] == [50, 50, 20, 0]
    assert {str(batch.cursor) for batch in batches[:-1]} == {"{'v': 1}"}


def test_occurrences_that_come_into_the_window_are_found_though_nothing_changed(calendar_user: CalendarUser) -> None:
    calendar_user.make_calendar("work")
    calendar_user.put("work/s.ics", event("s", "RRULE:FREQ=WEEKLY"))
    calendar_user.put("work/a.ics", event("a"))
    since, until = WINDOW
    first = poll(connector(calendar_user))
    later = connector(calendar_user, window=lambda: (since, until + timedelta(days=7)))
    second = poll(later, first[-1].cursor)
    assert len(set(keys(second)) - set(keys(first))) == 1
    assert claims(second) == ["s.ics/"]
    assert poll(later, second[-1].cursor) == []


# What it costs, and what it leaves alone


def test_a_poll_with_nothing_new_costs_one_request_for_all_calendars(calendar_user: CalendarUser) -> None:
    for name in ("work", "home", "team"):
        calendar_user.make_calendar(name)
        calendar_user.put(f"{name}/s.ics", event("s", WEEKLY))
    with Witness(calendar_user.server.port) as witness:
        reading = connector(calendar_user, witness.url)
        cursors = {one.name: list(reading.pull(one, None))[-1].cursor for one in reading.streams()}
        for _ in range(3):
            reading.close()  # as the daemon does after each pass
            witness.heard.clear()
            assert [list(reading.pull(one, cursors[one.name])) for one in reading.streams()] == [[], [], []]
            assert witness.heard == [f"PROPFIND {calendar_user.home}"]
        calendar_user.make_calendar("new")
        assert "new" in [one.name for one in reading.streams()]


def test_nothing_is_ever_written(calendar_user: CalendarUser) -> None:
    calendar_user.make_calendar("work")
    calendar_user.put("work/s.ics", event("s", WEEKLY))
    with Witness(calendar_user.server.port) as witness:
        reading = connector(calendar_user, witness.url)
        cursor = poll(reading)[-1].cursor
        calendar_user.put("work/s.ics", event("s"))
        poll(reading, cursor)
        assert {line.partition(" ")[0] for line in witness.heard} <= READING
        assert len(witness.heard) > 5


def test_calendars_that_were_moved_are_looked_for_again(calendar_user: CalendarUser) -> None:
    calendar_user.make_calendar("work")
    reading = connector(calendar_user)
    [stream] = reading.streams()
    cursor = list(reading.pull(stream, None))[-1].cursor
    calendar_user.delete("work/")
    with pytest.raises(Later):
        list(reading.pull(stream, cursor))
    calendar_user.make_calendar("other")
    assert [one.name for one in reading.streams()] == ["other"]


# Signing in, end to end


def config(folder: Path, url: str, user: CalendarUser, password: str = "") -> Keepwarm:
    secret = folder / "secret"
    secret.write_text(f"{password or user.password}\n")
    secret.chmod(0o600)
    file = folder / "config.toml"
    file.write_text(
        f"""\
[owner]
timezone = "UTC"
addresses = ["me@example.com"]
[database]
url = "sqlite:///keepwarm.db"
[[account]]
name = "dav"
kind = "caldav"
url = "{url}"
user = "{user.user}"
password = {{ file = "secret" }}
"""
    )
    return Keepwarm(file, (START - timedelta(days=1)).isoformat())


def test_sync_reads_a_calendar_and_a_second_one_finds_nothing_new(tmp_path: Path, radicale: Radicale) -> None:
    user = radicale.add_user()
    user.make_calendar("work")
    people = ("ORGANIZER:mailto:me@example.com", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@acme.example")
    user.put("work/a.ics", event("a", *people))
    keepwarm = config(tmp_path, radicale.url, user)
    assert keepwarm.json("sync")["accounts"][0]["meetings"] == 1
    assert keepwarm.json("sync")["accounts"][0]["meetings"] == 0
    assert [one["addresses"] for one in keepwarm.json("contacts")] == [["ana@acme.example"]]
    with sqlite3.connect(tmp_path / "keepwarm.db") as database:
        assert database.execute("select source_key from meeting_copy").fetchall() == [("a.ics/",)]


def test_the_daemon_asks_once_a_poll_while_nothing_happens(tmp_path: Path, radicale: Radicale) -> None:
    user = radicale.add_user()
    user.make_calendar("work")
    user.make_calendar("home")
    user.put("work/s.ics", event("s", WEEKLY))
    with Witness(radicale.port) as witness:
        keepwarm = config(tmp_path, witness.url, user)
        keepwarm.config.write_text(keepwarm.config.read_text() + 'poll = "1s"\n')
        with running(Keepwarm(keepwarm.config)) as daemon:
            until(lambda: witness.heard[-3:] == [f"PROPFIND {user.home}"] * 3, daemon)
        assert witness.heard.count("PROPFIND /.well-known/caldav") == 1


def test_a_wrong_password_is_told_with_its_cure_and_the_password_is_not(tmp_path: Path, radicale: Radicale) -> None:
    user = radicale.add_user()
    done = config(tmp_path, radicale.url, user, "wrong-secret").run("sync", status=3)
    assert "refused the password" in done.err
    assert "Check user and password" in done.err
    assert "wrong-secret" not in done.out + done.err


def test_a_server_that_is_down_is_tried_again_later(calendar_user: CalendarUser) -> None:
    with pytest.raises(Later):
        connector(calendar_user, f"http://127.0.0.1:{free_port()}/").streams()


def test_a_password_that_was_mended_is_asked_for_again(radicale: Radicale) -> None:
    user = radicale.add_user()
    user.make_calendar("work")
    said = iter(["wrong", user.password])
    reading = connector_to(user.url(), user.user, password=lambda: next(said))
    with pytest.raises(SignInNeeded):
        reading.streams()
    assert len(reading.streams()) == 1
    assert user.password not in repr(vars(reading))
