"""Peers: whose process is at the other end of a connection within this machine.

Loopback is shared by all users of a machine, and so are a browser's cookies by all ports of an address. Linux tells to
whom a socket belongs: another user's process is turned away, whatever it has got hold of.
"""

from __future__ import annotations

import ipaddress
import sys
from pathlib import Path

_TABLES = {4: Path("/proc/net/tcp"), 6: Path("/proc/net/tcp6")}
_GONE = frozenset({"06", "07", "0C"})  # TIME_WAIT, CLOSE, NEW_SYN_RECV: the table names no user for these


def user_of(peer: tuple[str, int], here: tuple[str, int]) -> int | None:
    """Give the number of the user whose socket ``peer`` is; None where that cannot be told.

    proc_net_tcp(5): "local_address", "rem_address" and "uid" are columns 2, 3 and 8.
    """
    wanted = [_hexadecimal(peer), _hexadecimal(here)]
    try:
        with _TABLES[ipaddress.ip_address(peer[0]).version].open("rb") as table:
            for line in table:
                fields = line.decode("ascii", "replace").split()
                if fields[1:3] == wanted and fields[3] not in _GONE:
                    return int(fields[7])
    except (OSError, ValueError, IndexError):  # another system, or one that hides it
        return None
    return None


def _hexadecimal(end: tuple[str, int]) -> str:
    """Write an address as the kernel's table does: words of four bytes in the machine's own order."""
    packed = ipaddress.ip_address(end[0]).packed
    words = (int.from_bytes(packed[at : at + 4], sys.byteorder) for at in range(0, len(packed), 4))
    return f"{''.join(f'{word:08X}' for word in words)}:{end[1]:04X}"
