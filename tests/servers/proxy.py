"""A proxy before a TCP server, which can stop forwarding without a word: what routers do to connections they forget."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType


class Proxy:
    """The running proxy; a context manager. ``connections`` counts those that were made.

    ``rate`` is how many bytes a second each connection forwards; 0 for as many as there are.
    """

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.connections = 0
        self.rate = 0
        self._target = port
        self._listener = socket.create_server((host, 0))
        self.port = int(self._listener.getsockname()[1])
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._held: set[socket.socket] = set()
        self._lock = threading.Lock()

    def hold(self) -> None:
        """Forward nothing more on the connections that there are; they stay open. New ones are served."""
        with self._lock:
            self._held.update(sock for pair in self._pairs for sock in pair)

    def cut(self) -> None:
        """End the connections that there are. New ones are served."""
        with self._lock:
            for pair in self._pairs:
                for sock in pair:
                    _end(sock)
            self._pairs.clear()

    def __enter__(self) -> Proxy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _end(self._listener)
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                client.close()
                continue
            with self._lock:
                self.connections += 1
                self._pairs.append((client, server))
            for pair in ((client, server), (server, client)):
                threading.Thread(target=self._forward, args=pair, daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while received := source.recv(4096 if self.rate else 65536):
                with self._lock:
                    if source in self._held:
                        continue
                if self.rate:
                    time.sleep(len(received) / self.rate)
                target.sendall(received)
            with self._lock:
                if source in self._held:
                    return
            _end(target)


def _end(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    sock.close()
