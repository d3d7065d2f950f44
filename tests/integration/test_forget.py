"""``keepwarm forget``: by the real command, over real sources, which still hold all that was forgotten."""

from __future__ import annotations

import json
import os
import pty
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from tests.keepwarm import Keepwarm
from tests.letters import ME, Note, deliver, weekly_exchange, write_maildir, write_mbox
from tests.vcalendars import vcalendar, vevent

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
MIA, HOME, BOB = "mia.moser@solo.example", "mia@home.example", "bob@acme.example"
MARK = "Zebra"
TRACES = (MIA, HOME, "Mia Moser", MARK, "solo.example")


def both(uid: str, start: datetime) -> str:
    return vevent(uid, start, f"{MARK} {uid}", f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{BOB}", who=MIA)


def invitation(at: datetime, uid: str = "mailed") -> bytes:
    """Give an invitation of Mia's to the owner and Bob, as a mail."""
    calendar = vcalendar(both(uid, at + timedelta(days=30))).replace(b"VERSION:2.0", b"VERSION:2.0\r\nMETHOD:REQUEST")
    head = (
        f"From: Mia Moser <{MIA}>\nTo: {ME}, {BOB}\nSubject: {MARK} invitation\nDate: {format_datetime(at)}\n"
        f"Message-ID: <{uid}@x.example>\nMIME-Version: 1.0\nContent-Type: text/calendar; method=REQUEST\n\n"
    )
    return head.encode() + calendar.replace(b"\r\n", b"\n")


@pytest.fixture
def keepwarm(tmp_path: Path) -> Keepwarm:
    """Mia in a Maildir, an mbox file, a calendar and an invitation; Bob in most of that, too."""
    since = NOW - timedelta(weeks=14)
    notes = [
        *weekly_exchange(f"Mia Moser <{MIA}>", since, 8),
        *weekly_exchange(f"Bob Brown <{BOB}>", since, 12),
        Note(at=NOW - timedelta(days=40), to=f"{MIA}, {BOB}", subject=f"{MARK} for both"),
        Note(at=NOW - timedelta(days=39), author=f"Bob Brown <{BOB}>", subject="Have you seen Mia Moser?"),
    ]
    write_maildir(tmp_path / "mail", notes)
    deliver(tmp_path / "mail", invitation(NOW - timedelta(days=50)), NOW - timedelta(days=50))
    write_mbox(tmp_path / "old.mbox", [Note(at=NOW - timedelta(days=300), to=HOME, subject=f"{MARK} of old")])
    alone = [vevent(f"alone {day}", NOW + timedelta(days=day), MARK, who=MIA) for day in (-60, -30, 7)]
    (tmp_path / "c.ics").write_bytes(vcalendar(*alone, both("both", NOW + timedelta(days=9))))
    config = tmp_path / "config.toml"
    config.write_text(
        f'[owner]\ntimezone = "UTC"\naddresses = ["{ME}"]\n[database]\nurl = "sqlite:///data/k.db"\n'
        f'[[account]]\nname = "mail"\nkind = "maildir"\npath = "mail"\naddress = "{ME}"\n'
        f'[[account]]\nname = "old"\nkind = "mbox"\npath = "old.mbox"\naddress = "{ME}"\n'
        f'[[account]]\nname = "calendar"\nkind = "ics"\npath = "c.ics"\n'
        f'[[label]]\nlabel = "client"\nmatch = ["{MIA}", "*@acme.example"]\n'
    )
    made = Keepwarm(config, as_of=NOW.isoformat())
    made.run("sync")
    made.run("contacts", "merge", MIA, HOME)
    made.run("note", MIA, f"{MARK} likes tea")
    return made


def database_of(keepwarm: Keepwarm) -> Path:
    return keepwarm.config.parent / "data" / "k.db"


def lose_cursors(keepwarm: Keepwarm) -> None:
    """Have everything read from its beginning."""
    with closing(sqlite3.connect(database_of(keepwarm))) as database, database:
        database.execute("UPDATE stream SET cursor = NULL")


def held(keepwarm: Keepwarm) -> str:
    files = database_of(keepwarm).parent.iterdir()
    return b"".join(file.read_bytes() for file in files).decode("utf-8", "replace").casefold()


def traces(keepwarm: Keepwarm) -> list[str]:
    found = held(keepwarm)
    return [trace for trace in TRACES if trace.casefold() in found]


def people(keepwarm: Keepwarm) -> set[str]:
    return {address for row in keepwarm.json("contacts") for address in row["addresses"]}


def feed(keepwarm: Keepwarm, since: int = 0) -> list[dict[str, Any]]:
    """Give the lines after ``since``; each must fit the schema."""
    schema = json.loads(keepwarm.run("export", "--schema").out)
    lines = [json.loads(line) for line in keepwarm.run("export", "--since", str(since)).out.splitlines()]
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    for line in lines:
        validator.validate(line)
    return lines


def test_nobody_comes_back_whatever_is_read_again(keepwarm: Keepwarm) -> None:
    assert traces(keepwarm) == list(TRACES)
    [bob] = [row for row in keepwarm.json("contacts") if BOB in row["addresses"]]
    said = keepwarm.json("forget", "mia moser", "--yes")
    assert said["addresses"] == [MIA, HOME]
    assert (said["removed"]["notes"], said["removed"]["meetings"], said["removed"]["shared_meetings"]) == (1, 3, 2)
    assert said["named_in_the_configuration"] == [f'[[label]] "client", match = "{MIA}"']
    assert said["file_written_anew"]
    assert traces(keepwarm) == []
    deliver(keepwarm.config.parent / "mail", Note(at=NOW, author=f"{MARK} <mia.moser+x@solo.example>").raw, NOW)
    lose_cursors(keepwarm)
    keepwarm.run("sync")
    assert traces(keepwarm) == []
    [left] = keepwarm.json("contacts")
    assert left == bob
    keepwarm.run("replay", "--check")
    assert keepwarm.json("db", "check") == {"sound": True, "flaws": []}


def test_the_feed_tells_of_it_once_and_of_others_nothing_twice(keepwarm: Keepwarm) -> None:
    cursor = feed(keepwarm)[-1]["seq"]
    ids = {address: row["id"] for row in keepwarm.json("contacts") for address in row["addresses"]}
    who = ids[MIA]
    keepwarm.run("forget", MIA, "--yes")
    told = [line for line in feed(keepwarm, cursor) if line["contact"]["id"] == who]
    assert [(line["type"], line["data"]) for line in told] == [("contact.forgotten", {})]
    of_bob = [line for line in feed(keepwarm, cursor) if line["contact"]["id"] == ids[BOB]]
    assert of_bob == []  # nothing that was told of him before is told again
    lines = feed(keepwarm)
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    of_them = [line["contact"] for line in lines if line["contact"]["id"] == who]
    assert len(of_them) > 2
    only = {"id": who, "name": "", "addresses": [], "organisation": None, "labels": []}
    assert all(contact == only for contact in of_them)


def test_it_is_told_before_and_asked_for(keepwarm: Keepwarm) -> None:
    refused = keepwarm.run("forget", MIA, status=2)
    assert "cannot be undone" in refused.out
    assert "1 note" in refused.out
    assert "Add --yes" in refused.err
    assert answer(keepwarm, "n\n") != 0
    assert MIA in people(keepwarm)
    assert answer(keepwarm, "y\n") == 0
    assert people(keepwarm) == {BOB}
    assert "Backups" in keepwarm.run("forget", BOB, "--yes").out


def answer(keepwarm: Keepwarm, words: str) -> int:
    """Answer on a terminal; give the exit status."""
    ours, theirs = pty.openpty()
    os.write(ours, words.encode())
    done = subprocess.run(keepwarm.command("forget", MIA), stdin=theirs, capture_output=True, timeout=120, check=False)
    os.close(ours)
    os.close(theirs)
    return done.returncode


def test_who_is_let_back_is_read_and_told_of_again_and_may_be_forgotten_again(keepwarm: Keepwarm) -> None:
    who = next(row["id"] for row in keepwarm.json("contacts") if MIA in row["addresses"])
    keepwarm.run("forget", HOME, "--yes")
    assert len(keepwarm.json("forget", "--list")) == 2
    assert MIA not in keepwarm.run("forget", "--list").out
    cursor = feed(keepwarm)[-1]["seq"]
    keepwarm.run("forget", "--allow", MIA)
    keepwarm.run("forget", "--allow", HOME)
    assert keepwarm.json("forget", "--list") == []
    lose_cursors(keepwarm)
    keepwarm.run("sync")
    assert people(keepwarm) == {BOB, MIA, HOME}
    assert "contact.added" in {line["type"] for line in feed(keepwarm, cursor) if line["contact"]["id"] == who}
    keepwarm.run("forget", MIA, "--yes")
    assert [line["type"] for line in feed(keepwarm) if line["contact"]["id"] == who].count("contact.forgotten") == 2


def test_who_cannot_be_forgotten_is_refused_with_the_cure(keepwarm: Keepwarm) -> None:
    keepwarm.run("forget", MIA, "--yes")
    for arguments, why in (
        ((ME,), "your own address"),
        (("nobody@at.all",), "Nobody is known"),
        (("mia.moser+more@solo.example",), "forgotten already"),
        ((), "Give WHO"),
        ((BOB, "--list"), "Give WHO"),
        (("--allow", BOB), "is not kept out"),
    ):
        assert why in keepwarm.run("forget", *arguments, status=2).err
    assert people(keepwarm) == {BOB}
