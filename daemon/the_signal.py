"""The signal that the command line means by an id, or by its beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.daemon.failure import BadUsage
from keepwarm.storage import signals

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.storage.views import SignalView


def the_signal(connection: Connection, now: datetime, signal_id: str) -> SignalView:
    """Find the one signal whose id is, or begins with, what was given.

    Raises BadUsage.
    """
    found = signals.find(connection, now, signal_id)
    if len(found) == 1:
        return found[0]
    if not found:
        raise BadUsage(f"There is no signal {signal_id!r}.", "`keepwarm signals --all` lists them.")
    raise BadUsage(f"{len(found)} signals begin with {signal_id!r}.", "Give more of the id.")
