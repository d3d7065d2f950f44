"""Case 33, at Google: killed at any moment of reading and run again, the database is that of an undisturbed run."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.dump import differences, dump
from tests.google_desk import SignedIn, fill

if TYPE_CHECKING:
    from pathlib import Path

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
