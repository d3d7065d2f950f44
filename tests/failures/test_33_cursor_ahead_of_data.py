"""A cursor was stored before the data that it stands for, and a crash in between lost them for ever.

The real command is killed, without warning, at many moments of reading and judging; then it is run to its end. All
that is stored must then be what one undisturbed run stores: nothing lost, nothing twice, the feed included.
"""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import time
from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.dump import differences, dump
from tests.keepwarm import Keepwarm
from tests.practice import write_practice

if TYPE_CHECKING:
    from pathlib import Path

KILLS = 16


def small_practice(folder: Path) -> str:
    """Write a small world: a part of the practice's mail, and all of its meetings; gives the moment to work as of."""
    practice = write_practice(folder, seed=5, end=date(2026, 11, 16))
    letters = sorted(path for path in (folder / "mail").rglob("*") if path.is_file() and path.parent.name == "cur")
    for number, letter in enumerate(letters):
        if number % 4:
            letter.unlink()
    archive = (folder / "archive.mbox").read_bytes()
    (folder / "archive.mbox").write_bytes(archive[: archive.index(b"\nFrom ", len(archive) // 5) + 1])
    return practice.as_of.isoformat()


def url_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'keepwarm.db'}"


def kill_after(keepwarm: Keepwarm, seconds: float) -> bool:
    """Start a sync and kill it; true if it was still at work."""
    process = keepwarm.start("sync")
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    return process.returncode == -signal.SIGKILL


@pytest.mark.timeout(600)
def test_a_sync_killed_at_any_moment_and_run_again_stores_what_an_undisturbed_one_does(tmp_path: Path) -> None:
    calm, killed = tmp_path / "calm", tmp_path / "killed"
    as_of = small_practice(calm)
    shutil.copytree(calm, killed)
    undisturbed, disturbed = Keepwarm(calm / "config.toml", as_of), Keepwarm(killed / "config.toml", as_of)
    began = time.monotonic()
    undisturbed.run("sync")
    whole = time.monotonic() - began
    chance, kills, rounds = random.Random(33), 0, 0
    while kills < KILLS:
        moment = chance.uniform(0.1, 1.0) * whole
        if not kill_after(disturbed, moment):
            # It has come to its end: kill it from the start again, at other moments.
            assert_equal(killed, calm, disturbed)
            for file in killed.glob("keepwarm.db*"):
                file.unlink()
            rounds += 1
            whole *= 0.8  # the machine is faster than it was
            assert rounds < 2 * KILLS
            continue
        kills += 1
    disturbed.run("sync")
    assert_equal(killed, calm, disturbed)


def assert_equal(killed: Path, calm: Path, disturbed: Keepwarm) -> None:
    found, expected = dump(url_of(killed)), dump(url_of(calm))
    assert differences(found, expected) == []
    assert len(expected["message"]) > 500
    assert len(expected["feed_entry"]) > 1000
    assert disturbed.json("replay", "--check")["differ"] == []
