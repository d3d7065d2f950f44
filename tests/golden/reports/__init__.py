"""The reports of the demo's last weeks, as they are expected; ``python -m tests.golden.reports`` writes them anew."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.keepwarm import Keepwarm

WEEKS = ("2026-W45", "2026-W46", "2026-W47")
SEED = 1


def expected(week: str) -> Path:
    """Give the file with the text that is expected of a week."""
    return Path(__file__).with_name(f"{week}.txt")


def found(keepwarm: Keepwarm, week: str) -> str:
    """Give the text that the real command writes of a week."""
    return keepwarm.run("report", "--week", week, "--text", "-").out
