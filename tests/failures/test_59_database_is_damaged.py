"""A damaged database ended commands with a traceback, and was written over, or taken for an empty one."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.keepwarm import Keepwarm
from tests.letters import ME, weekly_exchange, write_maildir

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ANA = "ana@acme.example"
PAGE = 4096


@pytest.fixture
def keepwarm(tmp_path: Path) -> Keepwarm:
    """Give the command, with a year of mail in its database."""
    write_maildir(tmp_path / "mail", weekly_exchange(ANA, NOW - timedelta(weeks=40), 38))
    config = tmp_path / "config.toml"
    config.write_text(
        f'[owner]\ntimezone = "UTC"\n[database]\nurl = "sqlite:///data/k.db"\n'
        f'[[account]]\nname = "mail"\nkind = "maildir"\npath = "mail"\naddress = "{ME}"\n'
    )
    made = Keepwarm(config, as_of=NOW.isoformat())
    made.run("sync")
    return made


def truncated(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 3])


def all_garbage_but_the_first_page(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[:PAGE] + random.Random(7).randbytes(len(content) - PAGE))


def no_database(file: Path) -> None:
    file.write_bytes(b"These are my holiday plans.\n" * 1000)


def of_a_newer_version(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")


@pytest.mark.parametrize("damage", [truncated, all_garbage_but_the_first_page, no_database, of_a_newer_version])
def test_every_command_says_so_with_the_cure_and_leaves_the_file_as_it_is(
    keepwarm: Keepwarm, damage: Callable[[Path], None]
) -> None:
    file = keepwarm.config.parent / "data" / "k.db"
    damage(file)
    before = file.read_bytes()
    for arguments in (("sync",), ("run",), ("contacts",), ("db", "check")):
        said = keepwarm.at("").run(*arguments, status=1).err
        assert "unexpected" not in said
        assert "Traceback" not in said
        assert "estore a backup" in said or "newer Keepwarm" in said
    assert file.read_bytes() == before


def test_pages_of_garbage_are_found_by_the_check_and_are_not_backed_up(keepwarm: Keepwarm) -> None:
    file, target = keepwarm.config.parent / "data" / "k.db", keepwarm.config.parent / "backup.db"
    keepwarm.run("db", "check")
    keepwarm.run("db", "backup", str(target))
    content = bytearray(file.read_bytes())
    for page in range(len(content) // PAGE // 2, len(content) // PAGE):
        content[page * PAGE : page * PAGE + 64] = b"\xa5" * 64
    file.write_bytes(content)
    found = keepwarm.json("db", "check", status=1)
    assert not found["sound"]
    assert {flaw["kind"] for flaw in found["flaws"]} == {"damage"}
    before = target.read_bytes()
    assert "backup failed" in keepwarm.run("db", "backup", "--force", str(target), status=1).err
    assert target.read_bytes() == before
    file.write_bytes(before)
    assert keepwarm.json("db", "check") == {"sound": True, "flaws": []}
    assert keepwarm.json("contacts")[0]["addresses"] == [ANA]


FLAWS = {
    "UPDATE warmth_change SET after = after + 5 WHERE seq = 2": "ledger",
    "DELETE FROM warmth_change WHERE seq = 3": "ledger",
    "DELETE FROM feed_entry WHERE seq = 3": "feed",
    "INSERT INTO feed_pending SELECT id, type, time, contact_id, data, scope FROM feed_entry LIMIT 1": "feed",
    "INSERT INTO message_party VALUES (1, 99999, 'cc')": "reference",
    "UPDATE stream SET cursor = '[1]'": "stream",
    "DROP TABLE evidence": "schema",
    "UPDATE alembic_version SET version_num = '0001'": "schema",
}


def test_rows_that_cannot_be_are_found_by_the_check(keepwarm: Keepwarm) -> None:
    file = keepwarm.config.parent / "data" / "k.db"
    sound = file.read_bytes()
    for statement, kind in FLAWS.items():
        with closing(sqlite3.connect(file)) as database, database:
            database.execute(statement)
        found = keepwarm.json("db", "check", status=1)["flaws"]
        assert {flaw["kind"] for flaw in found} == {kind}, statement
        assert all(flaw["what_to_do"] for flaw in found)
        file.write_bytes(sound)


def test_where_there_is_no_database_none_is_made_by_looking(keepwarm: Keepwarm) -> None:
    file = keepwarm.config.parent / "data" / "k.db"
    file.unlink()
    for arguments in (("db", "check"), ("db", "backup", "b.db")):
        assert "There is no database" in keepwarm.run(*arguments, status=1).err
    assert not file.exists()
