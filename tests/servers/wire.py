"""A wire: a proxy before a server of a line protocol that remembers what clients send, and can be cut."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType


class Wire:
    """The running proxy; a context manager. ``heard`` has all lines of all clients, in their order.

    After ``cut_after`` bytes from the server all connections are cut, wherever that is, and new ones are not let in.
    """

    def __init__(self, port: int, cut_after: int | None = None) -> None:
        self._target = port
        self._left = cut_after
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = [self._listener]
        self._threads: list[threading.Thread] = []
        self.port = int(self._listener.getsockname()[1])
        self.heard: list[str] = []

    def commands(self) -> list[str]:
        """Give the IMAP commands that were heard, without their tags and without those of signing in and out."""
        told = (line.partition(" ")[2] for line in self.heard)
        usual = ("CAPABILITY", "AUTHENTICATE", "LOGIN", "ENABLE", "LOGOUT")
        return [line for line in told if line and not line.startswith(usual)]

    def __enter__(self) -> Wire:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cut()
        for thread in self._threads:
            thread.join()

    def _start(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._sockets += [client, server]
                self._start(self._listen, client, server)
                self._start(self._pass_back, server, client)

    def _listen(self, client: socket.socket, server: socket.socket) -> None:
        rest = b""
        with suppress(OSError):
            while data := client.recv(65536):
                *lines, rest = (rest + data).split(b"\r\n")
                self.heard += [line.decode("utf-8", "replace") for line in lines]
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def _pass_back(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data if self._left is None else data[: self._left])
                if self._left is not None:
                    self._left -= len(data)
                    if self._left <= 0:
                        self._cut()
            client.shutdown(socket.SHUT_WR)

    def _cut(self) -> None:
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
