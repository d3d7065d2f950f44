"""Other settings: tried first, then the daemon begins anew by them, as the same process.

It is the program that begins, not a part of it: so nothing of the old settings is left, in no thread that hangs at a
server with them either, and whatever can be set can be changed.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import structlog

from keepwarm.daemon.commands.sync import chosen
from keepwarm.daemon.configuration import load
from keepwarm.daemon.failure import BadUsage
from keepwarm.daemon.workshop import Workshop
from keepwarm.storage.database import DatabaseError
from keepwarm.storage.sole_daemon import sole_daemon

if TYPE_CHECKING:
    from pathlib import Path

    from keepwarm.daemon.settings import Configuration

log = structlog.get_logger()


def settings_will_do(file: Path | None, present: Configuration) -> bool:
    """Say whether the settings in ``file`` can be worked by; what keeps them from that is logged, with the cure."""
    try:
        _try(load(file), present)
    except (BadUsage, DatabaseError) as error:
        log.warning("the settings are not taken over, and those before stay", why=str(error), cure=error.what_to_do)
        return False
    log.info("the settings are taken over")
    return True


def begin_anew() -> None:
    """Become the program anew, with its command line as it was. Raises OSError."""
    # Between here and there nobody would hear it, and it would end the process.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - it is this program


def _try(settings: Configuration, present: Configuration) -> None:
    """Open all that they name, short of the accounts. Raises BadUsage and DatabaseError."""
    chosen(settings.accounts, ())
    workshop = Workshop(settings)
    try:
        _ = workshop.engine  # the rules
        if settings.database.url != present.database.url:
            with sole_daemon(workshop.database):
                pass
    finally:
        workshop.close()
