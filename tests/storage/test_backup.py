"""Backups: of one moment, though somebody writes all the time; whole, private, and never over what is there."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from keepwarm.storage.backup import backup
from keepwarm.storage.database import DatabaseError
from keepwarm.storage.observations import Batch
from tests.storage.world import ANA, NOW, SAM, mail

if TYPE_CHECKING:
    from pathlib import Path

    from tests.storage.world import Store

COPIES, AT_ONCE = 6, 20


def test_a_copy_has_each_batch_with_its_cursor_or_neither(other_store: Store, tmp_path: Path) -> None:
    over, stored = Event(), Event()

    def write() -> None:
        lease = other_store.ingest.begin(other_store.stream())
        number = 0
        while not over.is_set():
            seen = tuple(mail(SAM, ANA, number=number + one) for one in range(AT_ONCE))
            number += AT_ONCE
            other_store.ingest.store(lease, Batch(seen=seen, cursor={"v": 1, "stored": number}), NOW)
            stored.set()

    writer = Thread(target=write)
    writer.start()
    try:
        stored.wait(60)
        for number in range(COPIES):
            target = tmp_path / f"{number}.db"
            backup(other_store.database, target)
            assert target.stat().st_mode & 0o777 == 0o600
            with closing(sqlite3.connect(target)) as copy:
                assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                (messages,) = copy.execute("SELECT count(*) FROM message").fetchone()
                (cursor,) = copy.execute("SELECT cursor FROM stream").fetchone()
            assert messages == json.loads(cursor)["stored"] > 0
    finally:
        over.set()
        writer.join()
    assert {file.name for file in tmp_path.iterdir()} == {"other", *(f"{number}.db" for number in range(COPIES))}


def test_what_is_there_is_written_over_only_if_that_is_wanted_and_never_the_database(
    other_store: Store, tmp_path: Path
) -> None:
    target, file = tmp_path / "b.db", other_store.database.path
    assert file is not None
    target.write_text("mine")
    with pytest.raises(DatabaseError, match="exists already"):
        backup(other_store.database, target)
    assert target.read_text() == "mine"
    with pytest.raises(DatabaseError, match="is the database itself"):
        backup(other_store.database, file, overwrite=True)
    backup(other_store.database, target, overwrite=True)
    assert target.read_bytes()[:15] == b"SQLite format 3"
    with pytest.raises(DatabaseError, match="cannot be written"):
        backup(other_store.database, tmp_path / "nowhere" / "b.db")


def test_postgresql_is_told_to_use_its_own(store: Store, tmp_path: Path) -> None:
    if store.database.path is None:
        with pytest.raises(DatabaseError) as refused:
            backup(store.database, tmp_path / "b.db")
        assert "pg_dump" in refused.value.what_to_do
        assert not (tmp_path / "b.db").exists()
