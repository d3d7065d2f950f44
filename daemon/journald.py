"""The systemd journal: what the daemon logs goes there with its fields and priority, if stderr is a stream of it.

By the native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): one datagram an entry, one line a field. A value of several
lines is written with its length, so no text from a mailbox can end its field and begin another one.
"""

from __future__ import annotations

import os
import re
import socket
from typing import TYPE_CHECKING, Any, TextIO

import structlog

from keepwarm.outputs.safe_text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from structlog.typing import EventDict, WrappedLogger

SOCKET = "/run/systemd/journal/socket"

_PRIORITY = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}  # of syslog(3)
_ITS_OWN = {"timestamp", "level", "event", "exception"}
_NO_NAME = re.compile(r"[^A-Z0-9_]")
_LONGEST_NAME = 64
_PATIENCE = 1.0  # seconds that a journal which does not read may hold anybody up


def is_stderr(file: TextIO) -> bool:
    """Say whether what is written there goes to the journal, see systemd.exec(5), $JOURNAL_STREAM."""
    try:
        found = os.fstat(file.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


class JournalLogger:
    """Sends entries to the journal's socket; where that fails they go to stderr, which the journal reads by lines."""

    def __init__(self, file: TextIO, address: str) -> None:
        self._file = file
        self._address = address

    def msg(self, fields: Mapping[str, str]) -> None:
        """Send an entry; it never fails."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.settimeout(_PATIENCE)
                sender.sendto(_datagram(fields), self._address)
        except OSError:  # no such socket, or it takes nothing so long
            for line in fields["MESSAGE"].split("\n"):
                self._file.write(f"<{fields['PRIORITY']}>{line}\n")
            self._file.flush()

    debug = info = warning = error = critical = msg


def entry(_logger: WrappedLogger, method: str, event: EventDict) -> tuple[tuple[dict[str, str]], dict[str, Any]]:
    """Make the fields of an event, which has been made harmless before; the message shows them all."""
    level = str(event.get("level", method))
    rest = {key: value for key, value in event.items() if key not in _ITS_OWN and value is not None}
    shown = structlog.processors.LogfmtRenderer()(_logger, method, dict(rest))
    message = f"{event.get('event', '')}: {shown}" if shown else str(event.get("event", ""))
    if exception := event.get("exception"):
        message += f"\n{exception}"
    fields = {"MESSAGE": message, "PRIORITY": str(_PRIORITY.get(level, 6)), "SYSLOG_IDENTIFIER": "keepwarm"}
    fields |= {_name(key): one_line(str(value)) for key, value in rest.items()}
    return (fields,), {}


def _name(key: str) -> str:
    return _NO_NAME.sub("_", f"KEEPWARM_{key.upper()}")[:_LONGEST_NAME]


def _datagram(fields: Mapping[str, str]) -> bytes:
    return b"".join(_lines(fields))


def _lines(fields: Mapping[str, str]) -> Iterator[bytes]:
    for name, value in fields.items():
        content = value.encode("utf-8", errors="replace")
        if b"\n" in content:
            yield name.encode() + b"\n" + len(content).to_bytes(8, "little") + content + b"\n"
        else:
            yield name.encode() + b"=" + content + b"\n"
