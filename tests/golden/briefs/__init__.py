"""Briefs of the demo's mornings, as they are expected; ``python -m tests.golden.briefs`` writes them anew."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.keepwarm import Keepwarm

MORNINGS = ("2026-11-16", "2026-11-19", "2026-11-23")
SEED = 1


def expected(day: str) -> Path:
    """Give the file with the text that is expected of a day."""
    return Path(__file__).with_name(f"{day}.txt")


def found(keepwarm: Keepwarm, day: str) -> str:
    """Give the text that the real command writes on the morning of a day."""
    return keepwarm.at(f"{day}T07:30:00+01:00").run("brief").out
