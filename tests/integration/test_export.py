"""The export: one command, and a folder that is kept up to date, for whoever reads it whenever they like."""

from __future__ import annotations

import csv
import json
import os
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import vobject
from defusedxml.ElementTree import parse
from icalendar import Calendar
from sqlalchemy import select, update

from keepwarm.daemon import export_folder
from keepwarm.daemon.configuration import load
from keepwarm.daemon.exporting import FORMATS
from keepwarm.daemon.files import write_pieces
from keepwarm.daemon.workshop import Workshop
from keepwarm.storage import schema
from keepwarm.storage.database import Database
from keepwarm.storage.tables import feed_entry
from tests.feed import valid_lines
from tests.keepwarm import Keepwarm
from tests.letters import ME, Note, deliver, weekly_exchange, write_maildir
from tests.serving import serving, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from tests.practice.world import World

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ANA = "ana@kept.test"
ALL = "jsonl,csv,ics,vcard,atom"
FILES = {name for files in FORMATS.values() for name in files}
MANY = 100_000


@pytest.fixture(scope="module")
def unread(tmp_path_factory: pytest.TempPathFactory) -> Keepwarm:
    """A small world, read by nobody yet, with a folder to export to; it is shared."""
    folder = tmp_path_factory.mktemp("unread")
    write_maildir(folder / "mail", weekly_exchange(f"Ana Kept <{ANA}>", NOW - timedelta(weeks=40), weeks=30))
    config = folder / "config.toml"
    config.write_text(
        f'[owner]\ntimezone = "Europe/Berlin"\n[database]\nurl = "sqlite:///data/k.db"\n[export]\ndir = "out"\n'
        f'[[account]]\nname = "mail"\nkind = "maildir"\npath = "mail"\naddress = "{ME}"\n'
    )
    return Keepwarm(config, NOW.isoformat())


@pytest.fixture(scope="module")
def read_once(unread: Keepwarm, tmp_path_factory: pytest.TempPathFactory) -> Keepwarm:
    """The same after a sync; it is shared."""
    made = copied(unread, tmp_path_factory.mktemp("read"))
    made.run("sync")
    return made


@pytest.fixture
def keepwarm(unread: Keepwarm, tmp_path: Path) -> Keepwarm:
    """The small world, read by nobody yet, for one test."""
    return copied(unread, tmp_path)


@pytest.fixture
def synced(read_once: Keepwarm, tmp_path: Path) -> Keepwarm:
    """The small world after a sync, for one test."""
    return copied(read_once, tmp_path)


def copied(command: Keepwarm, folder: Path) -> Keepwarm:
    shutil.copytree(command.config.parent, folder, dirs_exist_ok=True)
    return replace(command, config=folder / "config.toml")


def out(keepwarm: Keepwarm) -> Path:
    return keepwarm.config.with_name("out")


def texts(folder: Path) -> dict[str, str]:
    return {file.name: file.read_bytes().decode() for file in folder.iterdir()}


def marks(folder: Path) -> dict[str, tuple[int, int]]:
    return {file.name: (file.stat().st_mtime_ns, file.stat().st_ino) for file in folder.iterdir()}


# The command.


@pytest.fixture(scope="module")
def exported(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The practice's export, all formats in one folder."""
    folder = tmp_path_factory.mktemp("exported") / "new"
    said = world.keepwarm.run("export", "--format", ALL, "--out", str(folder)).out
    assert said.split() == [str(folder / name) for files in FORMATS.values() for name in files]
    return folder


def test_all_formats_come_into_one_folder_and_each_is_what_it_says(world: World, exported: Path) -> None:
    assert {file.name for file in exported.iterdir()} == FILES
    lines = valid_lines((exported / "feed.jsonl").read_text("utf-8"))
    people = {row["id"]: row for row in world.keepwarm.json("contacts")}
    tables = {
        name: list(csv.DictReader((exported / name).open(encoding="utf-8", newline=""), strict=True))
        for name in FORMATS["csv"]
    }
    assert {row["id"]: float(row["warmth"]) for row in tables["contacts.csv"]} == {
        one: row["warmth"] for one, row in people.items()
    }
    everything = world.keepwarm.json("signals", "--all")
    assert {row["id"] for row in tables["signals.csv"]} == {row["id"] for row in everything}
    assert {row["contact_id"] for row in tables["warmth.csv"]} <= people.keys()
    assert {row["contact_id"] for row in tables["meetings.csv"]} <= people.keys()
    assert len({(row["meeting_id"], row["contact_id"]) for row in tables["meetings.csv"]}) == len(
        tables["meetings.csv"]
    )
    cards = list(vobject.readComponents((exported / "contacts.vcf").read_text("utf-8")))
    assert {card.uid.value.partition("@")[0] for card in cards} == people.keys()
    feed: Element = parse(exported / "feed.atom").getroot()
    assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == min(200, len(everything))
    pings = {
        row["contact"]["id"] for row in world.keepwarm.json("signals") if row["rule"] in {"you_went_quiet", "add_value"}
    }
    events = Calendar.from_ical((exported / "keepwarm.ics").read_bytes()).walk("VEVENT")
    assert {str(event["UID"]) for event in events} == {f"ping-{who}@keepwarm" for who in pings}
    assert len(lines) > 1000


def test_weeks_tell_the_warmth_that_the_ledger_tells(world: World, exported: Path) -> None:
    rows = list(csv.DictReader((exported / "warmth.csv").open(encoding="utf-8", newline="")))
    lines = valid_lines((exported / "feed.jsonl").read_text("utf-8"))
    who = rows[0]["contact_id"]
    steps = sorted(
        (line["time"], line["data"]["after"])
        for line in lines
        if line["contact"]["id"] == who and line["type"] == "warmth.changed"
    )
    (last,) = [row for row in rows if row["contact_id"] == who][-1:]
    assert float(last["warmth"]) == [after for at, after in steps if at[:10] <= last["week_ends"]][-1]


def test_one_format_goes_to_stdout_without_a_folder(world: World, exported: Path) -> None:
    for kind in ("jsonl", "ics", "vcard", "atom"):
        (name,) = FORMATS[kind]
        said = subprocess.run(world.keepwarm.command("export", "--format", kind), capture_output=True, check=True)
        assert said.stdout == (exported / name).read_bytes()


def test_the_same_database_gives_the_same_files(world: World, exported: Path, tmp_path: Path) -> None:
    world.keepwarm.run("export", "--format", ALL, "--out", str(tmp_path))
    assert texts(tmp_path) == texts(exported)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "csv"), "--out"),
        (("--format", "ics,atom"), "--out"),
        (("--format", "jsonl,xml"), "There are: jsonl, csv, ics, vcard, atom."),
        (("--format", ","), "There are: jsonl, csv, ics, vcard, atom."),
        (("--format", "atom", "--since", "3"), "--since goes with the feed"),
        (("--since", "-1"), "-1"),
    ],
)
def test_what_cannot_be_had_is_refused_with_what_can(world: World, arguments: tuple[str, ...], said: str) -> None:
    done = world.keepwarm.run("export", *arguments, status=2)
    assert said in done.err
    assert done.out == ""


def test_a_cursor_beyond_the_end_is_told_and_not_met_with_silence(world: World, tmp_path: Path) -> None:
    last = len(world.keepwarm.run("export").out.splitlines())
    assert world.keepwarm.run("export", "--since", str(last)).out == ""
    for arguments in ((), ("--out", str(tmp_path / "new"))):
        said = world.keepwarm.run("export", "--since", str(last + 1), *arguments, status=2).err
        assert f"ends with line {last}" in said
        assert "--since 0" in said
    assert not (tmp_path / "new").exists()


# The folder.


def test_a_sync_writes_the_folder_and_only_its_owner_can_read_it(keepwarm: Keepwarm) -> None:
    keepwarm.run("sync")
    found = texts(out(keepwarm))
    assert found.keys() == FILES
    assert found["feed.jsonl"] == keepwarm.run("export").out
    assert "Ana Kept" in found["contacts.csv"]
    assert stat.S_IMODE(out(keepwarm).stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in out(keepwarm).iterdir()} == {0o600}
    assert keepwarm.json("status")["export"] == {
        "dir": str(out(keepwarm)),
        "problem": "",
        "what_to_do": "",
        "since": None,
    }


def test_the_daemon_writes_the_folder_after_it_has_judged(keepwarm: Keepwarm) -> None:
    with serving(keepwarm.config, NOW):
        until((out(keepwarm) / "feed.atom").exists)
        until(lambda: ANA in (out(keepwarm) / "contacts.csv").read_text("utf-8"))
    assert texts(out(keepwarm))["feed.jsonl"] == keepwarm.run("export").out


def test_files_that_stay_the_same_are_not_touched(synced: Keepwarm) -> None:
    before, held = marks(out(synced)), texts(out(synced))
    synced.run("sync")
    assert marks(out(synced)) == before
    synced.run("note", ANA, "her wedding", "--on", "2026-12-12")
    synced.run("sync")
    assert {name for name, mark in marks(out(synced)).items() if mark != before[name]} == {
        name for name, text in texts(out(synced)).items() if text != held[name]
    }
    assert "her wedding" in texts(out(synced))["keepwarm.ics"]


def test_whoever_comes_back_after_a_year_with_their_cursor_misses_nothing(synced: Keepwarm) -> None:
    known = valid_lines(synced.run("export").out)
    cursor = known[-1]["seq"]
    for week in range(0, 52, 13):
        later = NOW + timedelta(weeks=week)
        note = Note(at=later, author=f"Ana Kept <{ANA}>", subject=f"Week {week}")
        deliver(synced.config.with_name("mail"), note.raw, later)
        synced.at((later + timedelta(hours=1)).isoformat()).run("sync")
    year = synced.at((NOW + timedelta(weeks=52)).isoformat())
    missed = valid_lines(year.run("export", "--since", str(cursor)).out)
    whole = valid_lines(year.run("export").out)
    assert known + missed == whole
    assert [line["seq"] for line in whole] == list(range(1, len(whole) + 1))
    assert len({line["id"] for line in whole}) == len(whole)
    assert {line["type"] for line in missed} >= {"signal.opened", "signal.cleared", "warmth.changed"}
    # In the file they are found, too, behind what it had before.
    assert valid_lines(texts(out(synced))["feed.jsonl"])[: len(known)] == known


def test_the_folder_may_be_read_as_a_calendar_and_nothing_in_it_is_a_meeting(synced: Keepwarm) -> None:
    synced.run("note", ANA, "on vacation", "--on", "2026-12-01")
    synced.run("promise", ANA, "the draft", "--due", "2026-12-02")
    synced.run("sync")
    assert texts(out(synced))["keepwarm.ics"].count("BEGIN:VEVENT") >= 2
    before = synced.json("contacts")
    config = synced.config.read_text()
    synced.config.write_text(f'{config}[[account]]\nname = "calendar"\nkind = "ics"\npath = "out"\n')
    synced.run("sync")
    assert synced.json("status")["stored"]["meetings"] == 0
    assert synced.json("contacts") == before


# What can go wrong with it.


def test_a_folder_that_cannot_be_written_is_told_once_and_stops_nothing_else(keepwarm: Keepwarm) -> None:
    out(keepwarm).write_text("a file, where the folder should be")
    said = keepwarm.run("sync")
    assert said.err.count("the export folder cannot be written") == 1
    assert [row["name"] for row in keepwarm.json("contacts")] == ["Ana Kept"]
    assert keepwarm.run("export").out
    assert "export folder" not in keepwarm.run("sync").err
    export = keepwarm.json("status")["export"]
    assert str(out(keepwarm)) in export["problem"]
    assert export["what_to_do"]
    assert export["problem"] in keepwarm.run("status").out
    (bad,) = [row for row in keepwarm.json("doctor", status=1) if not row["well"]]
    assert (bad["about"], bad["what"]) == ("export", export["problem"])
    out(keepwarm).unlink()
    assert "the export folder is written again" in keepwarm.run("--verbose", "sync").err
    assert keepwarm.json("status")["export"]["problem"] == ""
    assert {"about": "export", "well": True, "what": str(out(keepwarm)), "cure": ""} in keepwarm.json("doctor")
    assert texts(out(keepwarm)).keys() == FILES


def test_without_a_folder_nothing_is_written_or_told(keepwarm: Keepwarm) -> None:
    keepwarm.config.write_text(keepwarm.config.read_text().replace('[export]\ndir = "out"\n', ""))
    keepwarm.run("sync")
    assert not out(keepwarm).exists()
    assert keepwarm.json("status")["export"] is None
    assert "export" not in {row["about"] for row in keepwarm.json("doctor")}


def test_a_full_disk_leaves_the_file_as_it_was_and_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "feed.jsonl"
    file.write_text("whole\n")
    code = (
        "import resource, sys; from pathlib import Path; from keepwarm.daemon.files import write_pieces\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "write_pieces(Path(sys.argv[1]), ('x' * 1000 for _ in range(1000)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, encoding="utf-8", check=False)
    assert "Failure" in done.stderr
    assert "feed.jsonl cannot be written" in done.stderr
    assert texts(tmp_path) == {"feed.jsonl": "whole\n"}


def test_a_reader_sees_the_old_file_or_the_new_one_whole(tmp_path: Path) -> None:
    file = tmp_path / "feed.jsonl"
    file.write_text("one\n")
    seen = []

    def pieces() -> Iterator[str]:
        for _ in range(3):
            seen.append(file.read_text())
            yield "x" * 100_000 + "\n"

    assert write_pieces(file, pieces(), after=file) is True
    assert seen == ["one\n"] * 3
    assert file.read_text() == "one\n" + ("x" * 100_000 + "\n") * 3
    assert [path.name for path in tmp_path.iterdir()] == ["feed.jsonl"]


def test_what_a_killed_process_left_half_written_is_cleared_away(synced: Keepwarm) -> None:
    old, young, others = (out(synced) / name for name in (".feed.jsonl.a1", ".feed.jsonl.b2", ".mine.txt"))
    for file in (old, young, others):
        file.write_text("half")
    for file in (old, others):
        os.utime(file, (0, 0))
    synced.run("sync")
    assert (old.exists(), young.exists(), others.exists()) == (False, True, True)


# The feed's file: grown, or written anew.


@pytest.fixture
def workshop(synced: Keepwarm) -> Iterator[Workshop]:
    """The small world after a sync, with its export folder."""
    made = Workshop(load(synced.config))
    yield made
    made.close()


def _append(workshop: Workshop, kind: str, name: str = "Ana Kept") -> None:
    with workshop.database.writing() as connection:
        last = connection.execute(select(feed_entry).order_by(feed_entry.c.seq.desc()).limit(1)).one()
        contact = {"id": last.contact_id, "name": name, "addresses": [], "organisation": None, "labels": []}
        connection.execute(
            feed_entry.insert().values(
                seq=last.seq + 1, id=f"new-{last.seq}", type=kind, time=last.time, contact_id=last.contact_id,
                contact=contact, data={},
            )
        )  # fmt: skip


def _rename(workshop: Workshop, seq: int, name: str) -> None:
    with workshop.database.writing() as connection:
        mine = feed_entry.c.seq == seq
        contact = connection.execute(select(feed_entry.c.contact).where(mine)).scalar_one()
        connection.execute(update(feed_entry).where(mine).values(contact={**contact, "name": name}))


def test_only_new_lines_are_read_when_the_file_grows(workshop: Workshop, synced: Keepwarm) -> None:
    before = texts(out(synced))["feed.jsonl"]
    _rename(workshop, 2, "Not noticed: what was told never changes but by forgetting")
    _append(workshop, "contact.added", "New")
    assert export_folder.refresh(workshop, NOW)
    after = texts(out(synced))["feed.jsonl"]
    assert after.startswith(before)
    assert [line["contact"]["name"] for line in valid_lines(after.removeprefix(before))] == ["New"]


def test_after_somebody_was_forgotten_the_file_is_written_anew(workshop: Workshop, synced: Keepwarm) -> None:
    assert "Ana Kept" in texts(out(synced))["feed.jsonl"]
    lines = len(texts(out(synced))["feed.jsonl"].splitlines())
    with workshop.database.writing() as connection:
        nobody = {"id": "c", "name": "", "addresses": [], "organisation": None, "labels": []}
        connection.execute(update(feed_entry).values(contact=nobody))
    _append(workshop, "contact.forgotten", "")
    _append(workshop, "contact.added", "New")
    assert export_folder.refresh(workshop, NOW)
    after = texts(out(synced))["feed.jsonl"]
    assert [line["contact"]["name"] for line in valid_lines(after)] == [""] * (lines + 1) + ["New"]


def test_after_subjects_were_wiped_the_file_is_written_anew(synced: Keepwarm) -> None:
    assert "“" in texts(out(synced))["feed.jsonl"]
    synced.config.write_text(synced.config.read_text() + '[privacy]\nsubjects = "none"\n')
    synced.run("sync")
    assert texts(out(synced))["feed.jsonl"] == synced.run("export").out
    assert "“" not in texts(out(synced))["feed.jsonl"]


@pytest.mark.parametrize(
    "held",
    [
        b"",
        b"not json\n",
        b'{"seq": 3}\n',
        b'{"seq": 99999999}\n',
        b"[1]\n",
        "torn: the first line, and half of the second",
        "of another database: the first line differs",
        "only what came after a cursor",
    ],
    ids=str,
)
def test_a_file_that_holds_anything_else_is_written_anew(workshop: Workshop, synced: Keepwarm, held: Any) -> None:
    file = out(synced) / "feed.jsonl"
    whole = file.read_bytes()
    lines = whole.splitlines(keepends=True)
    match str(held).partition(":")[0]:
        case "torn":
            held = lines[0] + lines[1][:20]
        case "of another database":
            held = whole.replace(b"Ana Kept", b"Ann Kept", 1)
        case "only what came after a cursor":
            held = b"".join(lines[5:])
    file.write_bytes(held)
    assert export_folder.refresh(workshop, NOW)
    assert file.read_bytes() == whole


# Size.


@pytest.fixture(scope="module")
def long_feed(tmp_path_factory: pytest.TempPathFactory) -> Keepwarm:
    """A database with a feed of many lines, and nothing else."""
    folder = tmp_path_factory.mktemp("long")
    (folder / "config.toml").write_text('[database]\nurl = "sqlite:///k.db"\n')
    database = Database(f"sqlite:///{folder / 'k.db'}")
    schema.upgrade(database)
    contact = {"id": "c_1", "name": "Ana", "addresses": [ANA], "organisation": "kept.test", "labels": ["client"] * 5}
    data = {"before": 1.0, "after": 2.0, "band": "cold", "cause": "heard", "signal": None}
    row = {"type": "warmth.changed", "time": NOW, "contact_id": "c_1", "contact": contact, "data": data}
    with database.writing() as connection:
        for start in range(0, MANY, 10_000):
            rows = [{**row, "seq": seq, "id": f"wrm_{seq}"} for seq in range(start + 1, start + 10_001)]
            connection.execute(feed_entry.insert(), rows)
    database.close()
    return Keepwarm(folder / "config.toml", NOW.isoformat())


def _peak(keepwarm: Keepwarm, *arguments: str) -> int:
    """Give the most memory, in MiB, that a command has held."""
    with subprocess.Popen(keepwarm.command(*arguments), stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return used.ru_maxrss // 1024


def test_a_hundred_thousand_lines_are_never_held_all_at_once(long_feed: Keepwarm, tmp_path: Path) -> None:
    few = _peak(long_feed, "export", "--since", str(MANY - 100))
    assert _peak(long_feed, "export") < few + 12
    assert _peak(long_feed, "export", "--out", str(tmp_path)) < few + 12
    file = tmp_path / "feed.jsonl"
    assert file.stat().st_size > 25 * 1024 * 1024  # held whole it would show
    with file.open(encoding="utf-8") as lines:
        assert sum(1 for _ in lines) == MANY
    assert json.loads(file.read_bytes()[-1000:].splitlines()[-1])["seq"] == MANY
