"""The socket on which the page is served."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keepwarm.daemon.values import Listen

_WAITING = 64  # connections


def bound(listen: Listen) -> socket.socket:
    """Give a socket that listens there. Raises OSError."""
    family, kind, _, _, address = socket.getaddrinfo(listen.host, listen.port, type=socket.SOCK_STREAM)[0]
    found = socket.socket(family, kind)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
        found.listen(_WAITING)
    except BaseException:
        found.close()
        raise
    return found


def origin_of(listen: Listen, at: socket.socket) -> str:
    """Give what a browser writes before the path."""
    name = f"[{listen.host}]" if ":" in listen.host else listen.host
    port = at.getsockname()[1]
    return f"http://{name}" if port == 80 else f"http://{name}:{port}"
