"""Write the expected briefs anew, for a person to check by their difference."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.golden.briefs import MORNINGS, SEED, expected, found
from tests.practice.world import shared_world

with tempfile.TemporaryDirectory() as folder:
    world = shared_world(Path(folder) / "worlds", SEED)
    for day in MORNINGS:
        expected(day).write_text(found(world.keepwarm, day), "utf-8")
