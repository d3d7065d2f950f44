"""Backups of the database: a copy as of one moment, whole or not at all."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from keepwarm.storage.database import DatabaseError

if TYPE_CHECKING:
    from keepwarm.storage.database import Database


def backup(database: Database, target: Path, *, overwrite: bool = False) -> None:
    """Copy an SQLite database, as of one moment, while others read and write it.

    The copy is checked, and only then gets its name; it is private to the user.

    Raises DatabaseError: on PostgreSQL, if ``target`` exists and may not be written over, or cannot be written.
    """
    if database.path is None:
        raise DatabaseError(
            "This database is PostgreSQL's, which makes its own backups.", "Use pg_dump with the URL of [database]."
        )
    if target.exists() and not overwrite:
        raise DatabaseError(f"{target} exists already.", "Name another file, or add --force to write over it.")
    if target.exists() and target.samefile(database.path):
        raise DatabaseError(f"{target} is the database itself.", "Name another file.")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # 0600
        os.close(handle)
    except OSError as error:
        raise DatabaseError(f"{target} cannot be written: {error.strerror}.") from error
    made = Path(name)
    try:
        _copy(database.path, made)
        _put(made, target, overwrite=overwrite)
    except sqlite3.Error as error:
        raise DatabaseError(
            f"The backup failed: {error}.", "Is there room for it, and is the database sound?"
        ) from error
    except OSError as error:
        raise DatabaseError(f"{target} cannot be written: {error.strerror}.") from error
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(f"{name}{suffix}").unlink(missing_ok=True)


def _copy(path: Path, made: Path) -> None:
    """Copy all pages in one step: of a copy in several every writer in between would make it begin again."""
    existing = f"{path.absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(existing, uri=True)) as source, closing(sqlite3.connect(made)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a journal beside it
        found = [row[0] for row in copy.execute("PRAGMA quick_check(1)")]
    if found != ["ok"]:
        raise sqlite3.DatabaseError(f"the copy is damaged, as the database may be: {found[0]}")


def _put(made: Path, target: Path, *, overwrite: bool) -> None:
    with made.open("rb") as written:
        os.fsync(written.fileno())
    if overwrite:
        made.replace(target)
    else:
        _put_beside(made, target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _put_beside(made: Path, target: Path) -> None:
    """Give the copy its name, unless a file of this name has come meanwhile: a rename would write over that."""
    try:
        target.hardlink_to(made)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        made.replace(target)
