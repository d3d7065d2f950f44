"""The database: SQLite in a file of the user's own, or PostgreSQL by URL."""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from keepwarm.storage.turnstile import Turnstile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine import URL

# Any fixed number: with it, writers on PostgreSQL queue as they do on SQLite.
_WRITER_LOCK = 0x6B656570
_BUSY_TIMEOUT_MS = 30_000
_PATIENCE = _BUSY_TIMEOUT_MS / 1000  # seconds
# Other processes are left to SQLite, which has them look every tenth of a second at most. So whoever has written for
# long leaves a gap in which they find it free; and whoever waits does so in short bits, as signals are heard between.
_LONG = 0.5  # seconds
_GAP = 0.12  # seconds
_BIT_MS = 200


class DatabaseError(Exception):
    """The database cannot be used; the message is one sentence for the user, ``what_to_do`` the cure."""

    def __init__(self, why: str, what_to_do: str = "") -> None:
        super().__init__(why)
        self.what_to_do = what_to_do


class DamagedDatabaseError(DatabaseError):
    """It cannot be read."""


class PassingDatabaseError(DatabaseError):
    """Nothing could be stored now, and what was stored before is intact; it passes, by itself or by the owner."""


class DatabaseBusyError(PassingDatabaseError):
    """Another process has been writing all the time."""


class DatabaseFullError(PassingDatabaseError):
    """The disk takes nothing more: it is full, read-only, or it fails."""


class Database:
    """Gives out connections: ``reading()`` any number of them, ``writing()`` one at a time.

    ``read_only``: the database itself refuses every write, and none is made where there is none.

    Any thread may ask for one. Those that write queue here, in the order in which they came; only other processes are
    left to the database's own lock, and to its patience.
    """

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self.url = _checked(url)
        self.engine = _read_only_engine(self.url) if read_only else _engine(self.url)
        self._turnstile = Turnstile()

    @property
    def path(self) -> Path | None:
        """The file of an SQLite database; None on PostgreSQL."""
        return Path(self.url.database) if _is_sqlite(self.url) and self.url.database else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a connection that sees one consistent state and changes nothing.

        Raises DatabaseError.
        """
        with _told_plainly(self.url), self.engine.connect() as connection:
            if _is_sqlite(self.url):
                connection.exec_driver_sql("BEGIN")
            else:
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open the one writing transaction: committed at the end, rolled back by any exception.

        It must not be opened inside another one. Raises DatabaseError.
        """
        with self._turnstile:
            with _told_plainly(self.url), self.engine.connect() as connection:
                if _is_sqlite(self.url):
                    _begin_immediate(connection)
                else:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _WRITER_LOCK})
                began = time.monotonic()
                yield connection
                connection.commit()
            if _is_sqlite(self.url) and time.monotonic() - began > _LONG:
                time.sleep(_GAP)

    @contextmanager
    def for_long(self) -> Iterator[Connection]:
        """Open a connection of its own, without a transaction, for what is held as long as the process works: a lock.

        Raises DatabaseError.
        """
        with _told_plainly(self.url), self.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.detach()  # closed in the end, not kept for the next: a lock goes with it
            yield connection

    def told_plainly(self, error: DBAPIError) -> DatabaseError | None:
        """Give the user's sentence for a failure that is no bug of ours; None for all others."""
        return _plain(error, self.url)

    def compact(self) -> bool:
        """Write an SQLite file anew, so that no free page of it, nor its journal, holds what was deleted.

        False if another process, reading, has kept the journal from being emptied. PostgreSQL sees to its own files.

        Raises DatabaseError.
        """
        if not _is_sqlite(self.url):
            return True
        with _told_plainly(self.url), self.engine.connect() as connection:
            connection.exec_driver_sql("VACUUM")
            busy, *_pages = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        return not busy

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def sqlite_file(url: str) -> Path | None:
    """Give the file of an SQLite URL, whether it exists or not; None for all others. Raises DatabaseError."""
    checked = _checked(url)
    return Path(checked.database) if _is_sqlite(checked) and checked.database else None


def _checked(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError as error:
        raise DatabaseError(
            "database.url is no database URL.", 'Use "sqlite:///PATH" or "postgresql+psycopg://...".'
        ) from error


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _engine(url: URL) -> Engine:
    if _is_sqlite(url):
        if not url.database or url.database == ":memory:":
            raise DatabaseError("The database must be a file.", 'Set database.url to "sqlite:///PATH".')
        _make_private(Path(url.database))
        # The connection used last is the next: its cache is warm, and several threads rarely need more than one.
        engine = create_engine(url, connect_args={"timeout": _PATIENCE}, max_overflow=-1, pool_use_lifo=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_nothing)
        return engine
    try:
        engine = create_engine(
            url, pool_pre_ping=True, isolation_level="READ COMMITTED", max_overflow=-1, pool_use_lifo=True
        )
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise DatabaseError(
            f"The driver for {url.get_backend_name()} is not installed.",
            "Install it: pip install 'keepwarm[postgresql]'",
        ) from error
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _read_only_engine(url: URL) -> Engine:
    if not _is_sqlite(url):
        engine = _engine(url)
        event.listen(engine, "connect", _forbid_writing_postgresql)
        return engine
    path = Path(url.database or "")
    if not path.is_file():
        raise DatabaseError(f"There is no database at {path} yet.", "Next: keepwarm sync")
    engine = create_engine(url, creator=partial(_connect_read_only, path), max_overflow=-1, pool_use_lifo=True)
    event.listen(engine, "begin", _begin_nothing)
    return engine


def _connect_read_only(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=_PATIENCE,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.execute("PRAGMA query_only = ON")
    return connection


def _forbid_writing_postgresql(connection: Any, _record: Any) -> None:
    connection.execute("SET default_transaction_read_only = on")
    connection.commit()


def _make_private(path: Path) -> None:
    """Create the folder 0700 and the file 0600; narrow a file that others could read."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        elif stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise DatabaseError(
            f"{path} cannot be used as the database: {error.strerror}.",
            "Set database.url to a file in a folder of your own.",
        ) from error


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # pysqlite's own transaction handling opens them late and only for some statements; ours are explicit.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {_BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = NORMAL",  # with WAL a killed process loses nothing; a power cut at most the last commits, whole
        "foreign_keys = ON",
        "wal_autocheckpoint = 4000",  # pages, 16 MB: a first read would wait for the disk at every second batch else
        "cache_size = -4000",  # KiB: twice that makes a first read no faster, and its peak 4 MiB higher
        "temp_store = FILE",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    # Times come back in the session's zone; in another one than UTC the last hours of year 9999 are in year 10000.
    connection.execute("SET TIME ZONE 'UTC'")
    connection.commit()


def _begin_nothing(_connection: Connection) -> None:
    """Leave BEGIN to ``reading`` and ``writing``, which know which kind it is."""


def _begin_immediate(connection: Connection) -> None:
    """Begin to write, as soon as no other process does. Raises OperationalError if that takes too long."""
    until = time.monotonic() + _PATIENCE
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {_BIT_MS}")
    try:
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            except OperationalError as error:
                if "database is locked" not in str(error.orig) or time.monotonic() >= until:
                    raise
            else:
                return
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")


@contextmanager
def _told_plainly(url: URL) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if (told := _plain(error, url)) is None:
            raise
        raise told from error


def _plain(error: DBAPIError, url: URL) -> DatabaseError | None:
    """Give the user's sentence for the failures that are no bug of ours; None for all others."""
    reason = str(error.orig)
    if "disk is full" in reason or "No space left" in reason:
        return DatabaseFullError(
            "The disk is full; what was stored before is intact.", "Free some space, then run again."
        )
    if "readonly database" in reason or "read-only" in reason:
        return DatabaseFullError(
            f"{url.database} is read-only; what was stored before is intact.",
            "Make the file, its folder and the disk that holds them writable for your user.",
        )
    if "unable to open database file" in reason:
        return DatabaseFullError(
            f"{url.database} cannot be opened.",
            "Is its disk there, and are the file and its folder readable and writable for your user?",
        )
    if "disk I/O error" in reason:
        return DatabaseFullError(
            f"{url.database}: its disk fails, or takes no larger file; what was stored before is intact.",
            "Look at the disk and at limits on the size of files, then run again.",
        )
    if "not a database" in reason or "malformed" in reason:
        return DamagedDatabaseError(
            f"{url.database} is damaged or no Keepwarm database.",
            "Restore a backup; `keepwarm db check` tells more.",
        )
    if "database is locked" in reason:
        return DatabaseBusyError(
            "The database was busy for 30 seconds.",
            "Is another program holding it open? Stop it and run again.",
        )
    if url.get_backend_name() == "postgresql" and error.connection_invalidated | ("connection" in reason):
        where = f"{url.host or 'local socket'}:{url.port or 5432}"
        return DatabaseError(
            f"PostgreSQL at {where} cannot be reached or refused the connection.",
            "Check database.url and the server.",
        )
    return None
