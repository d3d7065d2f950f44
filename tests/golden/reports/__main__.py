"""Write the expected reports anew, for a person to check by their difference."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.golden.reports import SEED, WEEKS, expected, found
from tests.practice.world import shared_world

with tempfile.TemporaryDirectory() as folder:
    world = shared_world(Path(folder) / "worlds", SEED)
    for week in WEEKS:
        expected(week).write_text(found(world.keepwarm, week), "utf-8")
