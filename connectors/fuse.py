"""A fuse: a connection that takes too long is cut off, however busily it does so.

A time-out of a socket bounds each read of it. A server that sends one byte a minute is never late by that, and would
hold whoever listens to it for ever.
"""

from __future__ import annotations

import socket
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(slots=True)
class Fuse:
    """Watches over the connections of one client, which uses one at a time; ``current`` gives that one."""

    current: Callable[[], socket.socket | None]
    is_blown: bool = False  # the time that was allowed has run out, and the connection was cut

    @contextmanager
    def at_most(self, seconds: float) -> Iterator[None]:
        """Cut the connection after so long. What waits for it then fails as if the server had ended it."""
        self.is_blown = False
        timer = Timer(seconds, self._blow)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def cut(self) -> None:
        """Cut the connection now; another thread may be using it."""
        sock = self.current()
        if sock is not None:
            with suppress(OSError):
                # Not the method of a TLS socket, which would drop the state that the reader is using.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def _blow(self) -> None:
        self.is_blown = True
        self.cut()
