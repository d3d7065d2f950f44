"""Passes over one account that are killed at a certain write: ``python -m tests.killed_at_write CONFIG AS_OF``.

For each number on stdin, a process of its own reads the account and kills itself, without warning, right before that
many statements that write, or commits, were done; 0 lets it come to its end. "killed" or "done" is printed each time.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, event

from keepwarm.connectors import gmail, google_calendar, google_meet  # noqa: F401 - loaded once, for all that are forked
from keepwarm.daemon.account_pass import AccountPass
from keepwarm.daemon.configuration import load
from keepwarm.daemon.sources import connector_for
from keepwarm.storage.database import Database
from keepwarm.storage.ingest import Ingest
from keepwarm.storage.messages import Keeping

if TYPE_CHECKING:
    from keepwarm.storage.observations import Batch

_WRITES = ("INSERT", "UPDATE", "DELETE")


class Silent:
    """Watches a pass, and says nothing."""

    def reading(self, account: str, stream: str) -> None:
        """A stream begins."""

    def stored(self, batch: Batch) -> None:
        """A batch is stored."""


class Killer:
    """Ends its process, as kill -9 does, before the write with a number."""

    def __init__(self, at: int) -> None:
        self._left = at
        if at:
            event.listen(Engine, "before_cursor_execute", self._about_to_execute)
            event.listen(Engine, "commit", lambda _: self._count())

    def _about_to_execute(self, _connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        if statement.lstrip().upper().startswith(_WRITES):
            self._count()

    def _count(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def read(config: Path, as_of: datetime, kill_at: int) -> None:
    """Read the one account of a configuration into its database."""
    settings = load(config)
    [account] = settings.accounts
    database = Database(settings.database.url)
    ingest = Ingest(database, Keeping(owner=frozenset(settings.owner_addresses), key=b"k" * 32))
    Killer(kill_at)
    connector = connector_for(account, settings, lambda: as_of)
    outcome = AccountPass(account, connector, database, ingest, lambda: as_of).run(Silent())
    database.close()
    assert not outcome.problems, outcome.problems


def main(config: str, as_of: str) -> None:
    """Work until stdin ends."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            try:
                read(Path(config), datetime.fromisoformat(as_of), int(line))
            except Exception:  # noqa: BLE001 - a child that was forked must end here, whatever happens
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert status in (0, signal.SIGKILL), status
        sys.stdout.write("killed\n" if status else "done\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
