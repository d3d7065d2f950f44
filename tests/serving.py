"""The daemon with a clock that stands still: in this process, or as one that is killed. For comparing databases.

``python -m tests.serving CONFIGURATION MOMENT``
"""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from keepwarm.daemon.configuration import load
from keepwarm.daemon.full_pass import run_pass
from keepwarm.daemon.progress import Silent
from keepwarm.daemon.service import Service
from keepwarm.daemon.workshop import Workshop
from keepwarm.storage import first_reads
from keepwarm.storage.tables import address, contact, feed_pending
from tests.daemon import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def serving(config: Path, now: datetime) -> Iterator[tuple[Service, Workshop]]:
    """Run the daemon in a thread; it is stopped in the end, and must stop."""
    workshop = Workshop(load(config))
    service = Service(workshop, lambda: now)
    thread = threading.Thread(target=service.run, daemon=True)
    thread.start()
    try:
        yield service, workshop
    finally:
        service.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()
        workshop.close()


def serve_once(config: Path, now: datetime) -> None:
    """Run the daemon until all is read, judged and told."""
    with serving(config, now) as (_, workshop):
        until(lambda: is_settled(workshop))


def sync_once(config: Path, now: datetime) -> None:
    """Read one account after the other, and judge."""
    workshop = Workshop(load(config))
    try:
        assert run_pass(workshop, workshop.configuration.accounts, lambda: now, Silent()).problems == []
    finally:
        workshop.close()


def is_settled(workshop: Workshop) -> bool:
    """Tell whether everything was read, and nothing is left to be judged or told."""
    with workshop.database.reading() as connection:
        if first_reads.unfinished(connection, workshop.configuration.account_names):
            return False
        left = (
            select(func.count()).select_from(address).where(address.c.dirty),
            select(func.count()).select_from(contact).where(contact.c.dirty | contact.c.evaluated_to.is_(None)),
            select(func.count()).select_from(feed_pending),
        )
        return not any(connection.execute(number).scalar_one() for number in left)


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


if __name__ == "__main__":
    Service(Workshop(load(Path(sys.argv[1]))), lambda: datetime.fromisoformat(sys.argv[2])).run()
