"""What our first read says to a server, written down for a bare socket to say; and what the server spends on it.

``python -m benchmarks.wire HOST PORT USER PASSWORD_FILE FOLDER``
"""

from __future__ import annotations

import base64
import imaplib
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.mailbox import SENT
from keepwarm.connectors.imap import BATCH
from keepwarm.connectors.imap_fetch import ROW_ITEMS, uid_set

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.dovecot import Dovecot, MailAccount

_SESSION, _TIMES = 3, slice(11, 15)  # in /proc/PID/stat, behind the name: user, system, and those of ended children
_ALL, _SIGN_IN = "all-commands", "sign-in"  # files


@dataclass(frozen=True, slots=True)
class Wire:
    """Processes that say the commands: ``fetch`` says all, ``greeting`` only signs in."""

    fetch: list[str]
    greeting: list[str]

    @classmethod
    def of(cls, account: MailAccount, password: Path, folder: Path) -> Wire:
        """Ask the server what there is; in a process of its own, for whoever measures has to stay small."""
        host, port = account.server.host, str(account.server.port)
        asking = ["benchmarks.wire", host, port, account.user, str(password), str(folder)]
        subprocess.run([sys.executable, "-m", *asking], check=True)
        saying = [sys.executable, "-m", "benchmarks.bare_imap", host, port]
        return cls([*saying, str(folder / _ALL)], [*saying, str(folder / _SIGN_IN)])


def processor_of(server: Dovecot) -> float:
    """Give the seconds of processor time that a server and all its processes have taken; 0 where that is not told."""
    run = server.ca_file.parent / "run" / "master.pid"
    master = run.read_text().strip() if run.exists() else ""
    ticks = 0
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile: then its parent has its time
            fields = file.read_text(errors="replace").rpartition(")")[2].split()
            if fields[_SESSION] == master:
                ticks += sum(map(int, fields[_TIMES]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _reading(connection: imaplib.IMAP4, folder: str) -> Iterator[str]:
    """Give the commands that read a folder: the header fields of all, then the structure of what has parts."""
    connection.select(folder, readonly=True)
    uids = _found(connection, "ALL")
    with_parts = frozenset(_found(connection, "HEADER", "Content-Type", "multipart"))
    yield f"EXAMINE {folder}"
    for start in range(0, len(uids), BATCH):
        some = uids[start : start + BATCH]
        yield f"UID FETCH {uid_set(some)} ({ROW_ITEMS})"
        if parted := [uid for uid in some if uid in with_parts]:
            yield f"UID FETCH {uid_set(parted)} (UID BODYSTRUCTURE)"


def _found(connection: imaplib.IMAP4, *criteria: str) -> list[int]:
    _, (line, *_) = connection.uid("SEARCH", *criteria)
    return sorted(int(uid) for uid in line.split())


def main() -> int:
    """Write the commands down."""
    host, port, user, password, folder = sys.argv[1:]
    secret = f"\0{user}\0{Path(password).read_text()}".encode()
    sign_in = "AUTHENTICATE PLAIN " + base64.b64encode(secret).decode()
    with imaplib.IMAP4(host, int(port)) as connection:
        connection.authenticate("PLAIN", lambda _: secret)
        commands = [command for name in ("INBOX", SENT) for command in _reading(connection, name)]
    Path(folder, _ALL).write_text("\n".join([sign_in, *commands, "LOGOUT"]))
    Path(folder, _SIGN_IN).write_text(f"{sign_in}\nLOGOUT")
    return 0


if __name__ == "__main__":
    sys.exit(main())
