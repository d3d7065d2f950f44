"""A bare socket that says the commands in a file to an IMAP server and throws the answers away: what the server costs.

``python -m benchmarks.bare_imap HOST PORT FILE``; each line of FILE is a command without its tag. The first has to
sign in.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

_TAG = b"bare-7f3a"  # in no mail
_CHUNK = 1 << 18


class BareError(Exception):
    """The server refused a command, or went away."""


def say(connection: socket.socket, command: bytes) -> None:
    """Say a command, and read to the end of its answer. Raises BareError."""
    connection.sendall(_TAG + b" " + command + b"\r\n")
    ending = b""
    while True:
        some = connection.recv(_CHUNK)
        if not some:
            raise BareError(command.decode(errors="replace"))
        ending = ending[-200:] + some
        last = ending[ending.rfind(b"\n", 0, -1) + 1 :]
        if last.startswith(_TAG) and last.endswith(b"\n"):
            if last[len(_TAG) :].split()[0] != b"OK":
                raise BareError(last.decode(errors="replace"))
            return


def main() -> int:
    """Say everything."""
    host, port, file = sys.argv[1:]
    with socket.create_connection((host, int(port))) as connection:
        connection.recv(_CHUNK)  # the greeting
        for command in Path(file).read_bytes().splitlines():
            say(connection, command)
    return 0


if __name__ == "__main__":
    sys.exit(main())
