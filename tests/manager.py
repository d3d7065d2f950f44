"""A service manager, as the daemon sees it: the socket that it is told on, as sd_notify(3) has it."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Manager:
    """Hears what a daemon tells; ``environment`` is for the daemon's process."""

    def __init__(self, address: str, watchdog: float = 0.0) -> None:
        """``address`` is a path, or "@" and an abstract name. ``watchdog``: seconds, if it waits for beats."""
        self.environment = {"NOTIFY_SOCKET": address}
        if watchdog:
            self.environment["WATCHDOG_USEC"] = str(round(watchdog * 1_000_000))
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self._socket.setblocking(False)
        self._heard: list[str] = []

    def close(self) -> None:
        """Hear no more."""
        self._socket.close()

    @property
    def heard(self) -> list[str]:
        """Every line so far, in order."""
        while True:
            try:
                self._heard += self._socket.recv(4096).decode().split("\n")
            except BlockingIOError:
                return self._heard

    @property
    def beats(self) -> int:
        """How often the daemon has said that it is alive."""
        return self.heard.count("WATCHDOG=1")

    @property
    def status(self) -> str:
        """What the daemon has said of itself last."""
        return next((line.removeprefix("STATUS=") for line in reversed(self.heard) if line.startswith("STATUS=")), "")


@contextmanager
def managing(address: str, watchdog: float = 0.0) -> Iterator[Manager]:
    """Give a manager that listens at this address."""
    manager = Manager(address, watchdog)
    try:
        yield manager
    finally:
        manager.close()
