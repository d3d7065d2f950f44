"""A full disk, or one that turned read-only, ended the daemon, or left a database that could not be read."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.daemon import end, running, until
from tests.keepwarm import Keepwarm
from tests.letters import ME, Note, write_maildir
from tests.small_disk import KeepwarmInside, SmallDisk, inside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SMALL, ROOMY = 4_000, 60_000  # kB: the first holds an empty database and its journal, and a little mail
FEW, MANY = 20, 3_000


def notes(first: int, last: int) -> list[Note]:
    """Give so many mails from as many people, with long subjects."""
    made = []
    for number in range(first, last):
        at = NOW - timedelta(days=200) + timedelta(minutes=number)
        author = f"person.{number}@acme{number % 40}.example"
        made.append(Note(at=at, author=author, subject=f"{number} {'long ' * 150}"))
    return made


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """Give a small disk."""
    made = SmallDisk(tmp_path / "disk", SMALL)
    yield made
    made.remove()


@pytest.fixture
def keepwarm(tmp_path: Path, disk: SmallDisk) -> KeepwarmInside:
    """Give the command with a database on the small disk, which has read a little mail."""
    write_maildir(tmp_path / "mail", notes(0, FEW))
    config = tmp_path / "config.toml"
    config.write_text(
        f'[owner]\ntimezone = "UTC"\n[database]\nurl = "sqlite:///{disk.at}/keepwarm.db"\n'
        f'[[account]]\nname = "mail"\nkind = "maildir"\npath = "mail"\naddress = "{ME}"\npoll = "10s"\n'
    )
    made = inside(Keepwarm(config), disk)
    made.run("sync")
    return made


def stored(disk: SmallDisk) -> int:
    """Count the messages; the database must be sound. It is looked at in a copy, which writes nothing there."""
    copy = disk.at.parent / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for suffix in ("", "-wal"):
        if (file := disk.path(f"keepwarm.db{suffix}")).exists():
            shutil.copy(file, copy / f"keepwarm.db{suffix}")
    with closing(sqlite3.connect(copy / "keepwarm.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return int(database.execute("SELECT count(*) FROM message").fetchone()[0])


def test_a_sync_onto_a_full_disk_says_so_and_goes_on_once_there_is_room(
    tmp_path: Path, disk: SmallDisk, keepwarm: KeepwarmInside
) -> None:
    write_maildir(tmp_path / "mail", notes(FEW, MANY))
    said = keepwarm.run("sync", status=1).err
    assert "The disk is full; what was stored before is intact." in said
    assert "Free some space" in said
    assert "Traceback" not in said
    assert FEW <= stored(disk) < MANY
    disk.resize(ROOMY)
    keepwarm.run("sync")
    assert stored(disk) == MANY
    assert keepwarm.json("db", "check")["sound"]


def test_a_disk_that_became_read_only_is_told_of_by_every_command(disk: SmallDisk, keepwarm: KeepwarmInside) -> None:
    disk.make_read_only()
    for arguments in (("sync",), ("run",), ("note", "person.1@acme1.example", "likes tea")):
        said = keepwarm.run(*arguments, status=1).err
        assert "read-only" in said or "cannot be opened" in said
        assert "writable for your user" in said
        assert "unexpected" not in said
    assert stored(disk) == FEW
    disk.make_writable()
    keepwarm.run("sync")
    assert stored(disk) == FEW


def test_a_file_that_may_not_grow_is_told_of(tmp_path: Path, keepwarm: KeepwarmInside, disk: SmallDisk) -> None:
    write_maildir(tmp_path / "mail", notes(FEW, MANY))
    most = disk.path("keepwarm.db").stat().st_size
    limited = KeepwarmInside(keepwarm.config, inside=(*disk.inside, "prlimit", f"--fsize={most}"))
    said = limited.run("sync", status=1).err
    assert "takes no larger file" in said
    assert FEW <= stored(disk) < MANY


def test_a_daemon_on_a_full_disk_tells_once_and_goes_on_once_there_is_room(
    tmp_path: Path, disk: SmallDisk, keepwarm: KeepwarmInside
) -> None:
    with running(keepwarm) as daemon:
        until(lambda: "started" in daemon.logged, daemon)
        disk.fill()
        write_maildir(tmp_path / "mail", notes(FEW, MANY))
        until(lambda: "cannot be stored" in daemon.logged, daemon)
        assert "The disk is full" in daemon.logged
        assert FEW <= stored(disk) < MANY
        disk.path("ballast").unlink()
        disk.resize(ROOMY)
        until(lambda: "can be stored again" in daemon.logged, daemon)
        until(lambda: keepwarm.json("status")["stored"]["messages"] == MANY, daemon)
        logged = end(daemon)
    assert logged.count("cannot be stored") == 1
    assert "Traceback" not in logged
    assert stored(disk) == MANY


def test_a_backup_that_finds_no_room_leaves_nothing_behind(disk: SmallDisk, keepwarm: KeepwarmInside) -> None:
    disk.fill()
    said = keepwarm.run("db", "backup", str(disk.at / "backup.db"), status=1).err
    assert "backup failed" in said or "cannot be written" in said
    assert "unexpected" not in said
    there = {file.name for file in disk.path("").iterdir()}
    assert there <= {"ballast", "keepwarm.db", "keepwarm.db-wal", "keepwarm.db-shm"}
