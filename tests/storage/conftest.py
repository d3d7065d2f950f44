"""Fixtures of the storage tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keepwarm.storage import schema
from keepwarm.storage.database import Database
from tests.storage.world import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def store(database: Database) -> Store:
    """Give Sam's database, of each kind in turn; nothing is stored yet."""
    return Store(database)


@pytest.fixture
def other_store(tmp_path: Path) -> Iterator[Store]:
    """Give a second database, on SQLite, to compare the first one with; nothing is stored in it yet."""
    database = Database(f"sqlite:///{tmp_path / 'other' / 'keepwarm.db'}")
    schema.upgrade(database)
    yield Store(database)
    database.close()
