"""Write a practice: ``python -m tests.practice FOLDER [--seed N] [--end YYYY-MM-DD]``."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from tests.practice.practice import write_practice


def main() -> int:
    """Write what the arguments say; the default end is today."""
    parser = argparse.ArgumentParser(prog="python -m tests.practice", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--end", type=date.fromisoformat, default=datetime.now(UTC).date())
    chosen = parser.parse_args()
    try:
        practice = write_practice(chosen.folder, seed=chosen.seed, end=chosen.end)
    except FileExistsError as error:
        sys.stderr.write(f"{error.filename} is there already; choose an empty folder\n")
        return 1
    sys.stdout.write(f"{practice.messages} messages and {practice.meetings} events in {practice.folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
