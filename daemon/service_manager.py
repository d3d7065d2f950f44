"""The service manager (systemd) is told that the daemon is ready, alive, taking over its settings, or stopping.

See sd_notify(3): a datagram to the socket that the environment names. Without one, nothing is told and nobody waits.
"""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from math import inf

from keepwarm.outputs.safe_text import one_line

_PATIENCE = 1.0  # seconds that a manager which does not read may hold up the daemon
_UPGRADE = 3600  # seconds that a database may need to be brought up to date
_BEATS = 3  # within the time after which the manager takes the daemon for hung


class ServiceManager:
    """Tells the manager, if there is one; it never fails. For the main thread alone: so a beat proves that one runs."""

    def __init__(self) -> None:
        self._every = _watchdog_seconds() / _BEATS
        self._beats_at = -inf  # by the clock that never jumps
        self._status = ""

    def opening(self) -> None:
        """The database is being opened, and perhaps brought up to date, which may take longer than a start may."""
        _tell("STATUS=Opening the database.", f"EXTEND_TIMEOUT_USEC={_UPGRADE * 1_000_000}")

    def ready(self, status: str) -> None:
        """It works; after ``reloading``: it works again."""
        self._status = one_line(status)
        _tell("READY=1", f"STATUS={self._status}")

    def status(self, status: str) -> None:
        """What ``systemctl status`` shows; told if it is another one."""
        if (line := one_line(status)) != self._status:
            self._status = line
            _tell(f"STATUS={line}")

    def reloading(self) -> None:
        """The settings are being taken over; ``ready`` ends it."""
        _tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """It ends."""
        _tell("STOPPING=1", "STATUS=Stopping.")

    def beat(self) -> None:
        """It is alive; to be called by the loop that does the work, at least whenever ``seconds_to_beat`` are over."""
        now = time.monotonic()
        if now >= self._beats_at:
            self._beats_at = now + self._every
            if self._every < inf:
                _tell("WATCHDOG=1")

    def seconds_to_beat(self) -> float:
        """Give the seconds until the next beat is due; infinite if nobody waits for one."""
        return max(0.0, self._beats_at - time.monotonic())


def _watchdog_seconds() -> float:
    """Give the seconds after which the manager takes a silent daemon for hung; infinite if it does not."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return inf  # that is meant for a process above this one
    with suppress(ValueError):
        return int(os.environ.get("WATCHDOG_USEC", "")) / 1_000_000 or inf
    return inf


def _tell(*lines: str) -> None:
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):  # none, or one of another kind: only virtual machines are given those
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    # Whoever does not listen has no harm of it; the daemon must have none either.
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.settimeout(_PATIENCE)
        sender.sendto("\n".join(lines).encode(), address)
