"""Backups of the database, and looking for damage in it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from sqlalchemy import text

from keepwarm.storage.database import DatabaseError

if TYPE_CHECKING:
    from pathlib import Path

    from keepwarm.storage.database import Database


def backup(database: Database, target: Path) -> None:
    """Copy an SQLite database, as of one moment, while others read and write it.

    Raises DatabaseError: on PostgreSQL, if ``target`` exists, or cannot be written.
    """
    if database.path is None:
        raise DatabaseError("PostgreSQL makes its own backups.", "Use pg_dump.")
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError as error:
        raise DatabaseError(f"{target} exists already.", "Name another file; nothing is written over.") from error
    except OSError as error:
        raise DatabaseError(f"{target} cannot be written: {error.strerror}.") from error
    try:
        with closing(sqlite3.connect(database.path)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
    except sqlite3.Error as error:
        target.unlink(missing_ok=True)
        raise DatabaseError(f"The backup failed: {error}.") from error


def damage(database: Database) -> list[str]:
    """Give what SQLite's own check finds; empty for a sound database. PostgreSQL is asked whether it answers."""
    with database.reading() as connection:
        if database.path is None:
            connection.execute(text("SELECT 1"))
            return []
        found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(20)")]
        broken = [
            f"{row[0]}: a row of {row[2]} is missing" for row in connection.exec_driver_sql("PRAGMA foreign_key_check")
        ]
    return [line for line in found if line != "ok"] + broken
