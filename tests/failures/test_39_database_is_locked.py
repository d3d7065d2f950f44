"""Two processes that wrote to one SQLite file at the same time failed with "database is locked"."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select

from keepwarm.storage.database import Database
from keepwarm.storage.tables import forgotten
from tests.dump import differences, dump
from tests.keepwarm import Keepwarm
from tests.practice import write_practice

if TYPE_CHECKING:
    from pathlib import Path

WRITERS, TURNS = 3, 150

# Writes in small transactions, and reads in between, as fast as it can, in step with the others.
WRITER = """
import sys
from datetime import UTC, datetime
from sqlalchemy import func, select
from keepwarm.storage.database import Database
from keepwarm.storage.tables import forgotten

database, name = Database(sys.argv[1]), sys.argv[2]
sys.stdout.write("ready\\n"), sys.stdout.flush(), sys.stdin.readline()
for turn in range(int(sys.argv[3])):
    with database.writing() as connection:
        number = connection.execute(select(func.count()).select_from(forgotten)).scalar_one()
        row = {"keyed_hash": f"{number:06} {name}", "at": datetime.now(UTC)}
        connection.execute(forgotten.insert().values(row))
    with database.reading() as connection:
        connection.execute(select(func.max(forgotten.c.at))).scalar_one()
"""


def start_writer(url: str, number: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, url, f"writer {number}", str(TURNS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def test_writers_wait_for_each_other_and_never_see_half_of_anothers_work(database: Database) -> None:
    url = database.url.render_as_string(hide_password=False)
    writers = [start_writer(url, number) for number in range(WRITERS)]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    told = [writer.communicate("go\n", timeout=120)[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * WRITERS, told
    with database.reading() as connection:
        rows = connection.execute(select(forgotten.c.keyed_hash).order_by(forgotten.c.keyed_hash)).scalars().all()
    # Each counted all rows before its own: no two have the same number.
    assert [int(row.split()[0]) for row in rows] == list(range(WRITERS * TURNS))


def test_two_syncs_at_the_same_time_end_in_what_one_stores(tmp_path: Path) -> None:
    alone, together = tmp_path / "alone", tmp_path / "together"
    as_of = write_practice(alone, seed=39, end=date(2026, 11, 16)).as_of.isoformat()
    shutil.copytree(alone, together)
    Keepwarm(alone / "config.toml", as_of).run("sync")
    both = Keepwarm(together / "config.toml", as_of)
    running = [both.start("sync") for _ in range(2)]
    told = [process.communicate(timeout=240)[1] for process in running]
    for process, errors in zip(running, told, strict=True):
        assert process.returncode in (0, 3), errors
        assert "locked" not in errors
        assert "busy" not in errors
        assert (process.returncode == 3) == ("another Keepwarm process is reading it" in errors)
    both.run("sync")  # whoever was overtaken left the rest to the other one
    found, expected = dump(f"sqlite:///{together / 'keepwarm.db'}"), dump(f"sqlite:///{alone / 'keepwarm.db'}")
    for dumped in (found, expected):
        for row in dumped["feed_entry"]:
            del row["seq"]  # what was told when the other one had judged everybody comes after it
    assert differences(found, expected) == []
    assert both.json("replay", "--check")["differ"] == []


# Writes as one who judges does: one long transaction after the other.
LONG_WRITER = """
import sys, time
from keepwarm.storage.database import Database

database = Database(sys.argv[1])
for turn in range(20):
    with database.writing():
        if turn == 1:
            sys.stdout.write("writing\\n"), sys.stdout.flush()
        time.sleep(0.6)
"""


def test_whoever_writes_for_long_lets_others_in_between(database: Database) -> None:
    url = database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", LONG_WRITER, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
        for _ in range(3):
            with database.writing():
                assert writer.poll() is None, "it had to wait to the end"
        writer.kill()


WAITER = """
import signal, sys
from keepwarm.storage.database import Database

signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
database = Database(sys.argv[1])
sys.stdout.write("waiting\\n"), sys.stdout.flush()
with database.writing():
    pass
"""


def test_whoever_waits_for_another_to_write_hears_that_it_is_to_stop(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'keepwarm.db'}"
    with Database(url).writing():
        command = [sys.executable, "-c", WAITER, url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as waiter:
            assert waiter.stdout is not None
            assert waiter.stdout.readline() == "waiting\n"
            time.sleep(0.5)  # now it waits
            waiter.send_signal(signal.SIGTERM)
            assert waiter.wait(15) == 7
