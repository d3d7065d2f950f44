"""Core dumps, which would hold passwords: the daemon leaves none, and nobody may look into its memory."""

from __future__ import annotations

import resource
import sys
from contextlib import suppress

_PR_SET_DUMPABLE = 4


def forbid() -> None:
    """Leave no core dump of this process, nor of those that it starts."""
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # The limit does not count for a handler that cores are piped to, which is what most distributions have. This
        # does; and it also closes /proc/PID/mem and ptrace to other processes of the same user.
        import ctypes  # noqa: PLC0415 - for the daemon only

        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
