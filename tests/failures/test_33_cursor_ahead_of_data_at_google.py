"""Case 33, at Google: killed at any moment of reading and run again, the database is that of an undisturbed run.

A first reading is killed by the clock, judging included; a reading of what is new, before single writes,
a third of them, from the first to the last.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.storage.database import Database
from keepwarm.storage.schema import upgrade
from tests.dump import differences, dump
from tests.google import event, letter, moment
from tests.google_desk import ANA, ME, SignedIn, fill
from tests.servers.google_meet import guest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from tests.keepwarm import Keepwarm
    from tests.servers.google import Google

KILLS = 6
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def killed_after(keepwarm: Keepwarm, seconds: float) -> bool:
    process = keepwarm.start("sync")
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    return process.returncode == -signal.SIGKILL


@pytest.mark.timeout(600)
def test_a_first_reading_killed_at_any_moment_loses_and_doubles_nothing(google: Google, tmp_path: Path) -> None:
    fill(google, mails=240, meetings=20, first=NOW - timedelta(days=120))
    calm, killed = SignedIn(tmp_path / "calm", google), SignedIn(tmp_path / "killed", google)
    began = time.monotonic()
    calm.keepwarm(NOW).run("sync")
    whole = time.monotonic() - began
    disturbed, chance = killed.keepwarm(NOW), random.Random(33)
    for _ in range(KILLS):
        if not killed_after(disturbed, chance.uniform(0.3, 1.0) * whole):
            for file in killed.folder.glob("keepwarm.db*"):
                file.unlink()
    disturbed.run("sync")
    expected = dump(calm.database)
    assert differences(dump(killed.database), expected) == []
    assert (len(expected["message"]), len(expected["meeting"])) == (240, 20)


@dataclass(slots=True)
class Killed:
    """Reads an account again and again, each time from the same beginning."""

    desk: SignedIn
    process: subprocess.Popen[str]
    beginning: Path

    def read(self, kill_at: int = 0) -> bool:
        """Read once; tell whether it was killed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{kill_at}\n")
        self.process.stdin.flush()
        said = self.process.stdout.readline().strip()
        assert said in ("killed", "done")
        return said == "killed"

    def keep(self) -> None:
        """Let this be the beginning."""
        self.beginning.mkdir()
        for file in self.desk.folder.glob("keepwarm.db*"):
            shutil.copy(file, self.beginning)

    def begin_again(self) -> None:
        for file in self.desk.folder.glob("keepwarm.db*"):
            file.unlink()
        for file in self.beginning.iterdir():
            shutil.copy(file, self.desk.folder)


@pytest.fixture
def killed(google: Google, tmp_path: Path) -> Iterator[Killed]:
    desk = SignedIn(tmp_path / "desk", google)
    keepwarm = desk.keepwarm(NOW)
    config = keepwarm.config
    config.write_text(config.read_text() + "attendance = true\n")
    upgrade(Database(desk.database))
    command = [sys.executable, "-m", "tests.killed_at_write", str(config), NOW.isoformat()]
    environment = {**os.environ, **keepwarm.environment}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8", env=environment
    ) as process:
        yield Killed(desk, process, tmp_path / "beginning")
        assert process.stdin is not None
        process.stdin.close()


def with_ana(name: str, start: datetime, **others: Any) -> dict[str, Any]:
    people = [{"email": ANA, "responseStatus": "accepted"}, {"email": ME, "self": True, "responseStatus": "accepted"}]
    return event(name, start, **{"organizer": {"email": ANA}, "attendees": people} | others)


def happen(google: Google) -> None:
    """Let mail come, and some leave spam; let meetings be moved, deleted, declined and held, and one of a series go."""
    for number in range(300, 304):
        google.mail.deliver(letter(number, sender=ANA, to=ME, at=NOW), int(NOW.timestamp()))
    google.mail.relabel(next(iter(google.mail.messages)), remove=["SPAM"], add=["INBOX"])
    google.mail.delete(google.mail.deliver(letter(304), int(NOW.timestamp())))
    calendars, ahead = google.calendars, NOW + timedelta(days=2)
    calendars.put(ME, with_ana("m0", ahead, sequence=1, updated="2026-06-01T08:00:00.000Z"))
    calendars.delete(ME, "m1")
    declined = [{"email": ANA, "responseStatus": "accepted"}, {"email": ME, "self": True, "responseStatus": "declined"}]
    calendars.put(ME, with_ana("m2", NOW + timedelta(days=5), attendees=declined, updated="2026-06-01T08:00:00.000Z"))
    original = {"recurringEventId": "weekly", "originalStartTime": moment(ahead)}
    calendars.put(ME, {"id": f"weekly_{ahead:%Y%m%dT%H%M%SZ}", "status": "cancelled", **original})
    calendars.put(ME, with_ana("new", NOW + timedelta(days=9)))
    google.meet.call("abc-mnop-xyz", NOW - timedelta(days=1), NOW - timedelta(hours=23), guest("Sam", "101"))


@pytest.mark.timeout(900)
def test_a_reading_of_what_is_new_killed_before_writes_loses_and_doubles_nothing(
    google: Google, killed: Killed
) -> None:
    fill(google, mails=20, meetings=0, first=NOW - timedelta(days=20))
    google.mail.messages[next(iter(google.mail.messages))].labels = ["SPAM"]
    for number in range(3):
        google.calendars.put(ME, with_ana(f"m{number}", NOW + timedelta(days=3 + number)))
    google.calendars.put(ME, with_ana("weekly", NOW - timedelta(days=5), recurrence=["RRULE:FREQ=WEEKLY;COUNT=6"]))
    meet = {"conferenceId": "abc-mnop-xyz", "conferenceSolution": {"key": {"type": "hangoutsMeet"}}}
    google.calendars.put(ME, with_ana("call", NOW - timedelta(days=1), conferenceData=meet))
    assert not killed.read()
    killed.keep()
    happen(google)
    assert not killed.read()
    expected = dump(killed.desk.database)
    assert len(expected["message"]) == 24
    assert {"rescheduled", "cancelled", "declined", "no_show"} <= {
        one["change"] for one in expected["meeting_revision"]
    }
    write, chance = 0, random.Random(33)
    while True:
        write += chance.randint(1, 5)
        killed.begin_again()
        if not killed.read(kill_at=write):
            break
        assert not killed.read()
        assert differences(dump(killed.desk.database), expected) == [], f"killed before write {write}"
    assert write > 40
