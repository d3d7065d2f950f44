"""Connections that look where they have arrived before they say anything, and that can be cut off.

A name may resolve to one address when it is looked at and to another when it is called (DNS rebinding), and a
redirect may lead anywhere. So the address itself is looked at, of the very socket that is about to be used.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from keepwarm.connectors.contract import Refused
from keepwarm.connectors.fuse import Fuse

if TYPE_CHECKING:
    import socket

    from urllib3 import HTTPConnectionPool

# An IPv4 address in the clothes of IPv6: translated at the border (RFC 6052).
_TRANSLATED = ip_network("64:ff9b::/96")
# What Python, in some of its releases, calls global: local translation (RFC 8215), 6to4, Teredo, site-local.
_NEVER_PUBLIC = tuple(map(ip_network, ("64:ff9b:1::/48", "2002::/16", "2001::/32", "fec0::/10")))


def is_public(address: str) -> bool:
    """Tell whether an IP address belongs to the public Internet, not to this machine or some network of its own."""
    return _is_public(ip_address(address))


def _is_public(found: IPv4Address | IPv6Address) -> bool:
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return _is_public(found.ipv4_mapped)
        if found in _TRANSLATED:
            return _is_public(IPv4Address(int(found) & 0xFFFF_FFFF))
        if any(found in network for network in _NEVER_PUBLIC):
            return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


class PrivateAddress(Refused):
    """A connection has led to an address that is not public, and that was not allowed."""


@dataclass(slots=True)
class Dialler:
    """Watches over the connections of one client, which uses one at a time."""

    private: bool  # may they lead to addresses that are not public?
    home: tuple[str, int] | None = None  # host and port at which this machine itself may be talked to all the same
    fuse: Fuse = field(init=False)
    # The socket itself: a connection lets go of it once the answer has begun, if it is to be the last.
    _current: socket.socket | None = None

    def __post_init__(self) -> None:
        self.fuse = Fuse(lambda: self._current)

    def admit(self, connection: HTTPConnection, sock: socket.socket) -> None:
        """Let a connection be used; raises Refused if it has led where none may."""
        self.watch(sock)
        if self.private:
            return
        peer = str(sock.getpeername()[0])
        at_home = (connection.host, connection.port) == self.home and ip_address(peer).is_loopback
        if not at_home and not is_public(peer):
            raise PrivateAddress(
                f"{connection.host} leads to a private address of this machine or its network.",
                "If it is meant to, set allow_private = true for this account; else do not trust this address.",
            )

    def watch(self, sock: socket.socket) -> None:
        """Take this socket for the one that is used now; if it comes too late, it is cut at once."""
        self._current = sock
        if self.fuse.is_blown:
            self.fuse.cut()


class _Watched(HTTPConnection):
    """A connection that is admitted when it is made, and again at each request."""

    def __init__(self, *args: Any, dialler: Dialler, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._dialler = dialler

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        try:
            self._dialler.admit(self, sock)
        except BaseException:
            sock.close()
            raise
        return sock

    def connect(self) -> None:
        super().connect()
        if self.sock is not None:
            self._dialler.watch(self.sock)  # with TLS it is another one now

    def request(self, *args: Any, **settings: Any) -> None:
        if self.sock is not None:
            self._dialler.admit(self, self.sock)
        super().request(*args, **settings)


class _WatchedTls(_Watched, HTTPSConnection):
    """The same with TLS: admitted before its handshake."""


class Pools(PoolManager):
    """Connections by host, all watched over by one dialler."""

    def __init__(self, dialler: Dialler, **settings: Any) -> None:
        super().__init__(**settings)
        self._dialler = dialler

    def _new_pool(
        self, scheme: str, host: str, port: int, request_context: dict[str, Any] | None = None
    ) -> HTTPConnectionPool:
        pool = super()._new_pool(scheme, host, port, request_context)
        pool.ConnectionCls = _WatchedTls if scheme == "https" else _Watched
        pool.conn_kw["dialler"] = self._dialler
        return pool
