"""Worlds: a practice on disk that was synced once by the real command, made once for all tests of a run."""

from __future__ import annotations

import fcntl
import pickle
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from tests.keepwarm import Keepwarm
from tests.practice.practice import Practice, write_practice

if TYPE_CHECKING:
    from pathlib import Path

END = date(2026, 11, 22)


@dataclass(frozen=True, slots=True)
class World:
    """A practice, and the command that reads it. It is shared: a test that changes anything takes a ``copy``."""

    practice: Practice

    @property
    def keepwarm(self) -> Keepwarm:
        """Give the command as of the end of the practice."""
        return Keepwarm(self.practice.config, self.practice.as_of.isoformat())

    @property
    def database(self) -> Path:
        """Give the path of the database."""
        return self.practice.folder / "keepwarm.db"

    def copy(self, folder: Path) -> World:
        """Give the same world in another folder."""
        copied = self.unread(folder)
        # Not as a file: others read it meanwhile, and its newest pages may lie beside it.
        with closing(sqlite3.connect(self.database)) as source, closing(sqlite3.connect(copied.database)) as target:
            source.backup(target)
        return copied

    def unread(self, folder: Path) -> World:
        """Give the same practice in another folder, without a database."""
        shutil.copytree(self.practice.folder, folder, ignore=shutil.ignore_patterns("keepwarm.db*"))
        return World(replace(self.practice, folder=folder))


def shared_world(folder: Path, seed: int) -> World:
    """Give the world of a seed; ``folder`` is one that the processes of a test run share, and the first makes it."""
    folder.mkdir(exist_ok=True)
    with (folder / f"{seed}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = folder / f"{seed}.pickle"
        if not made.exists():
            world = World(write_practice(folder / f"seed-{seed}", seed=seed, end=END))
            world.keepwarm.run("sync")
            made.write_bytes(pickle.dumps(world.practice))
        practice: Practice = pickle.loads(made.read_bytes())
        return World(practice)
