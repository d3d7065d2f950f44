"""One daemon a database: a second one is told so, and a daemon that died holds nobody up.

The lock is the kernel's, or the PostgreSQL server's: it ends with the process that holds it, however that ends, so
there is no time to wait for and no clock to trust. What a process still does that has lost it all the same is refused
by the lease of each stream, whose epoch is checked in every transaction.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import text

from keepwarm.storage.database import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from keepwarm.storage.database import Database

_DAEMON_LOCK = 0x6B656572  # any fixed number, but that of the writers
_SUFFIX = ".daemon"  # of the file beside an SQLite database; it stays, and means nothing unless it is locked


class AnotherDaemonError(DatabaseError):
    """Another daemon works on this database."""

    def __init__(self, who: str = "") -> None:
        super().__init__(
            f"Another Keepwarm daemon{who} works on this database.",
            "Nothing, if that is meant to be; else stop it first (`keepwarm service status` tells of the service).",
        )


@contextmanager
def sole_daemon(database: Database) -> Iterator[None]:
    """Be the only daemon on this database until the end.

    Raises AnotherDaemonError, and DatabaseError if it cannot be told.
    """
    if database.path is not None:
        with _locked(database.path.with_name(database.path.name + _SUFFIX)):
            yield
        return
    with database.for_long() as connection:
        _lock(connection)
        yield


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    try:
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DatabaseError(
            f"{file} cannot be opened: {error.strerror}.", "Make the file and its folder writable for your user."
        ) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            process = os.read(handle, 20).decode(errors="replace").strip()
            raise AnotherDaemonError(f" (process {process})" if process.isdecimal() else "") from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)


def _lock(connection: Connection) -> None:
    # The connection stays open, and idle. Should its machine vanish from the network, the server finds that out soon.
    for name, value in (("idle", 30), ("interval", 10), ("count", 3)):
        connection.execute(text(f"SET tcp_keepalives_{name} = {value}"))
    if not connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _DAEMON_LOCK}).scalar_one():
        raise AnotherDaemonError
