"""``keepwarm noshow`` and ``keepwarm attribute``: what only the owner knows of a meeting, and its correction."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from keepwarm.storage.identity import meeting_id
from tests.keepwarm import Keepwarm

if TYPE_CHECKING:
    from pathlib import Path

ME, ANA, BOB = "me@keepwarm.test", "ana@acme.example", "bob@acme.example"
NOW = "2026-03-20T12:00:00+00:00"


def event(
    uid: str, day: str, title: str, *, organizer: str = ANA, sequence: int = 0, more: str = "", others: str = ANA
) -> str:
    """Write a meeting from 9 to 10 of that day, unchanged since the first of March."""
    people = "".join(f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{who}\r\n" for who in (ME, *others.split()))
    return (
        f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART:{day}T090000Z\r\nDTEND:{day}T100000Z\r\nSUMMARY:{title}\r\n"
        f"SEQUENCE:{sequence}\r\nCREATED:20260301T080000Z\r\nLAST-MODIFIED:202603{sequence + 1:02}T080000Z\r\n"
        f"ORGANIZER:mailto:{organizer}\r\n{people}{more}END:VEVENT\r\n"
    )


def write(folder: Path, *events: str) -> None:
    text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n" + "".join(events) + "END:VCALENDAR\r\n"
    (folder / "calendar.ics").write_text(text, "utf-8", newline="")


REVIEW = meeting_id("review", "")


@pytest.fixture
def keepwarm(tmp_path: Path) -> Keepwarm:
    config = tmp_path / "config.toml"
    config.write_text(
        f'[owner]\nname = "Me"\naddresses = ["{ME}"]\ntimezone = "Europe/Berlin"\n'
        f'[database]\nurl = "sqlite:///{tmp_path / "k.db"}"\n'
        '[[account]]\nname = "calendar"\nkind = "ics"\npath = "calendar.ics"\n',
        "utf-8",
    )
    still = (
        event("review", "20260312", "Quarterly review"),
        event("next", "20260402", "Quarterly review"),
        event("group", "20260313", "Round table", others=f"{ANA} {BOB}"),
        event("off", "20260311", "Lunch", sequence=1, more="STATUS:CANCELLED\r\n"),
        event("week", "20260303", "Weekly call", more="RRULE:FREQ=WEEKLY;COUNT=3\r\n"),
    )
    made = Keepwarm(config, as_of=NOW)
    write(tmp_path, event("moved", "20260310", "Kick-off"), *still)
    made.at("2026-03-01T12:00:00+00:00").run("sync")
    write(tmp_path, event("moved", "20260316", "Kick-off", sequence=1), *still)
    made.run("sync")
    return made


def lives(keepwarm: Keepwarm, change: str) -> list[tuple[str, str]]:
    """Give who is behind each change of this kind, and how that is known."""
    with closing(sqlite3.connect(keepwarm.config.with_name("k.db"))) as connection:
        rows = connection.execute("SELECT actor, why FROM meeting_revision WHERE change = ? ORDER BY at", (change,))
        return list(rows)


@pytest.mark.parametrize("named", [REVIEW, REVIEW[:9], REVIEW[3:9], "quarterly review", "review 2026-03-12"])
def test_a_meeting_is_named_by_its_id_or_its_title(keepwarm: Keepwarm, named: str) -> None:
    assert "did not come" in keepwarm.run("noshow", *named.split()).out
    assert lives(keepwarm, "no_show") == [(ANA, "you said so")]


def test_what_was_said_is_listed_corrected_and_taken_back(keepwarm: Keepwarm) -> None:
    [said] = keepwarm.json("noshow", "round table", "--who", BOB)
    assert keepwarm.json("noshow", "round table", "--who", BOB) == [said]
    assert keepwarm.json("noshow", "--list") == [said]
    assert (said["title"], said["who"], said["about"]) == ("Round table", BOB, "2026-03-13T09:00:00Z")
    assert "Round table" in keepwarm.run("noshow", "--list").out
    keepwarm.run("noshow", "--edit", str(said["id"]), "--who", ANA)
    assert lives(keepwarm, "no_show") == [(ANA, "you said so")]
    keepwarm.run("noshow", "--remove", str(said["id"]))
    assert (lives(keepwarm, "no_show"), keepwarm.json("noshow", "--list")) == ([], [])


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("quarterly review 2026-04-02",), "it has not ended"),
        (("lunch",), "it was cancelled"),
        ((meeting_id("week", ""),), "it is a whole series"),
        (("weekly call",), "may be any of 3 meetings"),
        (("round table",), BOB),
        (("round table", "--who", "eve@evil.example"), ANA),
        (("no such thing",), "No meeting is known"),
        ((), "--list"),
        (("--remove", "99"), "--list"),
        (("--edit", "99"), "--who"),
    ],
)
def test_nobody_missed_what_was_not_held_or_is_not_clear(
    keepwarm: Keepwarm, arguments: tuple[str, ...], why: str
) -> None:
    assert why in keepwarm.run("noshow", *arguments, status=2).err
    assert lives(keepwarm, "no_show") == []


def test_the_owner_says_who_moved_a_meeting_and_takes_it_back(keepwarm: Keepwarm) -> None:
    before = lives(keepwarm, "rescheduled")
    assert before == [(ANA, "the organiser changed it in the calendar")]
    [said] = keepwarm.json("attribute", "kick-off", "owner")
    assert lives(keepwarm, "rescheduled") == [(ME, "you said so")]
    keepwarm.run("attribute", "--edit", str(said["id"]), "them")
    assert lives(keepwarm, "rescheduled") == [(ANA, "you said so")]
    assert [row["id"] for row in keepwarm.json("attribute", "--list")] == [said["id"]]
    keepwarm.run("attribute", "--remove", str(said["id"]))
    assert lives(keepwarm, "rescheduled") == before


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("kick-off", "them", "--change", "2"), "has no change 2"),
        (("round table", "them"), "neither moved nor cancelled"),
        (("kick-off",), "`them` or `owner`"),
        (("them",), "MEETING"),
    ],
)
def test_who_was_behind_what_did_not_happen_is_refused(
    keepwarm: Keepwarm, arguments: tuple[str, ...], why: str
) -> None:
    assert why in keepwarm.run("attribute", *arguments, status=2).err


def test_signals_follow_at_once(keepwarm: Keepwarm) -> None:
    feed = keepwarm.run("export").out
    keepwarm.run("attribute", "kick-off", "owner")
    assert '"by": "owner"' in keepwarm.run("export").out.removeprefix(feed)
