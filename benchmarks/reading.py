"""Reads the accounts of a configuration without judging anybody: what ``keepwarm run`` does at each poll.

``python -m benchmarks.reading CONFIGURATION [POLLS]``
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from keepwarm.daemon.account_reader import AccountReader
from keepwarm.daemon.configuration import load
from keepwarm.daemon.workshop import Workshop

if TYPE_CHECKING:
    from keepwarm.storage.observations import Batch


class Silent:
    """Watches, and says nothing."""

    def reading(self, account: str, stream: str) -> None:
        """A stream begins."""

    def stored(self, batch: Batch) -> None:
        """A batch is stored."""


def _now() -> datetime:
    return datetime.now(UTC)


def main() -> int:
    """Read so many times; the status is 1 if anything went wrong."""
    file, polls = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    configuration = load(file)
    workshop = Workshop(configuration)
    try:
        reader = AccountReader(workshop, _now)
        for _ in range(polls):
            for account in configuration.accounts:
                outcome = reader.read(account, Silent())
                if outcome.problems:
                    print(outcome.problems, file=sys.stderr)
                    return 1
    finally:
        workshop.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
